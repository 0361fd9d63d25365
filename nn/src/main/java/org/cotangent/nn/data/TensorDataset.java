package org.cotangent.nn.data;

import java.util.Objects;
import org.cotangent.autograd.Tensor;

/// Samples that are in memory as tensors.
record TensorDataset(Batch all) implements Dataset {
  @Override
  public int size() {
    return all.size();
  }

  @Override
  public Batch batch(int... indices) {
    boolean neighbours = true;
    for (int i = 0; i < indices.length; i++) {
      Objects.checkIndex(indices[i], size());
      neighbours &= indices[i] == indices[0] + i;
    }
    if (neighbours) {
      int start = indices.length == 0 ? 0 : indices[0];
      int stop = start + indices.length;
      return new Batch(all.x().slice(0, start, stop), all.y().slice(0, start, stop));
    }
    Tensor chosen = Tensor.of(indices);
    return new Batch(all.x().indexSelect(0, chosen), all.y().indexSelect(0, chosen));
  }
}
