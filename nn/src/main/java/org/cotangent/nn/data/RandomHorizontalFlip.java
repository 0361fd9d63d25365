package org.cotangent.nn.data;

import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.Rearrange;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;

/// Each sample mirrored along its last axis with probability 1/2.
enum RandomHorizontalFlip implements Transform {
  INSTANCE;

  @Override
  public Batch apply(Batch batch, List<Rng> random) {
    Tensor x = batch.x();
    if (x.rank() < 2) {
      throw new IllegalArgumentException(
          "randomHorizontalFlip: samples %s have no width: expected [n, .., width]"
              .formatted(x.shape()));
    }
    boolean[] mirrored = new boolean[batch.size()];
    for (int i = 0; i < mirrored.length; i++) {
      mirrored[i] = random.get(i).nextInt(2) == 1;
    }
    int[] one = new int[x.rank()];
    Arrays.fill(one, 1);
    one[0] = mirrored.length;
    Tensor chosen = Tensor.of(mirrored).reshape(one);
    return new Batch(Tensor.where(chosen, Rearrange.flip(x, -1), x), batch.y());
  }
}
