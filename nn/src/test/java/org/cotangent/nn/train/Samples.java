package org.cotangent.nn.train;

import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.data.Batch;

/// Noisy points of two classes, in a new order each epoch and with new noise, as the seed says.
record Samples(int batches, int size, long seed) implements Feed {
  @Override
  public int count() {
    return batches;
  }

  @Override
  public Epoch epoch(long epoch, int firstBatch) {
    return new Epoch() {
      private int next = firstBatch;

      @Override
      public boolean hasNext() {
        return next < batches;
      }

      @Override
      public Batch next() {
        Rng rng = Rng.of(seed * 1_000_003 + epoch * 1009 + next++);
        int[] classes = new int[size];
        for (int i = 0; i < size; i++) {
          classes[i] = rng.nextInt(2);
        }
        Tensor t = Tensor.of(classes);
        Tensor centre = t.to(DType.F32).mul(2).sub(1).unsqueeze(1);
        return new Batch(rng.normal(Shape.of(size, 4), DType.F32).add(centre), t);
      }
    };
  }
}
