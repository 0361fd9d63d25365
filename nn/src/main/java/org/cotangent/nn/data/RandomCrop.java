package org.cotangent.nn.data;

import java.util.List;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;

/// Images `[n, channels, height, width]` moved by up to `padding` pixels; zeros come in.
record RandomCrop(int padding) implements Transform {
  RandomCrop {
    if (padding < 0) {
      throw new IllegalArgumentException(
          "randomCrop: the padding %d is negative".formatted(padding));
    }
  }

  @Override
  public Batch apply(Batch batch, List<Rng> random) {
    Tensor x = batch.x();
    if (x.rank() != 4) {
      throw new IllegalArgumentException(
          "randomCrop: samples %s must be images [n, channels, height, width]"
              .formatted(x.shape()));
    }
    if (batch.size() == 0) {
      return batch;
    }
    int height = x.dim(2);
    int width = x.dim(3);
    Tensor padded = x.pad(2, padding, padding).pad(3, padding, padding);
    Tensor[] cut = new Tensor[batch.size()];
    for (int i = 0; i < cut.length; i++) {
      int top = random.get(i).nextInt(2 * padding + 1);
      int left = random.get(i).nextInt(2 * padding + 1);
      cut[i] = padded.slice(0, i, i + 1).slice(2, top, top + height).slice(3, left, left + width);
    }
    return new Batch(Tensor.concat(0, cut), batch.y());
  }
}
