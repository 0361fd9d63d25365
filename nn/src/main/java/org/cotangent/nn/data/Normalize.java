package org.cotangent.nn.data;

import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;

/// `(x - mean)/std` of `[n, channels, ..]`, channel by channel; both F64, `[channels]`.
record Normalize(Tensor mean, Tensor std) implements Transform {
  Normalize {
    if (!mean.shape().equals(std.shape())) {
      throw new IllegalArgumentException(
          "normalize: %d means and %d standard deviations; each channel needs one of both"
              .formatted(mean.size(), std.size()));
    }
    for (double s : std.toDoubleArray()) {
      if (!(s > 0)) {
        throw new IllegalArgumentException(
            "normalize: a standard deviation of %s; each must be positive".formatted(s));
      }
    }
  }

  @Override
  public Batch apply(Batch batch, List<Rng> random) {
    Tensor x = batch.x();
    if (x.rank() < 2 || x.dim(1) != mean.size()) {
      throw new IllegalArgumentException(
          "normalize: %d means do not fit samples %s: [n, channels, ..] needs one for each channel"
              .formatted(mean.size(), x.shape()));
    }
    if (!x.dtype().isFloating()) {
      throw new IllegalArgumentException(
          "normalize: samples of %s would be cut to whole numbers; convert them with to(DType.F32)"
              .formatted(x.dtype()));
    }
    return new Batch(
        x.sub(perChannel(mean, x.rank(), x.dtype())).div(perChannel(std, x.rank(), x.dtype())),
        batch.y());
  }

  private static Tensor perChannel(Tensor t, int rank, DType dtype) {
    int[] dims = new int[rank - 1];
    Arrays.fill(dims, 1);
    dims[0] = t.size();
    return t.to(dtype).reshape(dims);
  }
}
