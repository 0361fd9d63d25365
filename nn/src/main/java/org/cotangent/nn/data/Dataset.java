package org.cotangent.nn.data;

import java.util.Arrays;
import java.util.Objects;
import org.cotangent.autograd.Tensor;

/// Samples that are read by their numbers, and never change. [DataLoader] makes batches of them.
///
/// An implementation may be asked by a thread other than the one that made it, and by several at
/// once.
public interface Dataset {
  /// The number of samples.
  int size();

  /// The samples of these numbers, in this order; a number may come more than once.
  ///
  /// @throws IndexOutOfBoundsException if a number is below 0 or not below [#size]
  Batch batch(int... indices);

  /// Samples and targets that are in memory. Batches of neighbours in their order are views:
  /// nothing is copied.
  ///
  /// @param x samples along the first axis
  /// @param y as many targets along the first axis
  /// @throws IllegalArgumentException if the first axes differ
  static Dataset of(Tensor x, Tensor y) {
    return new TensorDataset(new Batch(x, y));
  }

  /// A part of the samples, such as those that are held back to judge by:
  /// `data.subset(IntStream.range(0, 45_000).toArray())`.
  ///
  /// @param indices the numbers here of what are samples 0, 1, 2, ... there
  /// @throws IndexOutOfBoundsException if a number is below 0 or not below [#size]
  default Dataset subset(int... indices) {
    int[] chosen = indices.clone();
    for (int i : chosen) {
      Objects.checkIndex(i, size());
    }
    Dataset all = this;
    return new Dataset() {
      @Override
      public int size() {
        return chosen.length;
      }

      @Override
      public Batch batch(int... wanted) {
        return all.batch(Arrays.stream(wanted).map(i -> chosen[i]).toArray());
      }
    };
  }
}
