package org.cotangent.nn.model;

import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// `(x - mean)/std` in F64, as [org.cotangent.nn.data.Standardizer] computes it.
///
/// @param mean F64
/// @param std F64, from 0
record Standardisation(Tensor mean, Tensor std) {
  /// @throws IllegalArgumentException if one does not broadcast to a sample, is not finite, or std
  ///   is negative
  static Standardisation of(Tensor mean, Tensor std, Shape sample) {
    return new Standardisation(
        checked("mean", mean, sample, -Double.MAX_VALUE), checked("std", std, sample, 0));
  }

  private static Tensor checked(String name, Tensor t, Shape sample, double least) {
    if (!t.shape().broadcastsTo(sample)) {
      throw new IllegalArgumentException(
          "Model: the %s %s must broadcast to the shape of a sample, %s"
              .formatted(name, t.shape(), sample));
    }
    Tensor f = t.detach().to(DType.F64);
    for (double v : f.toDoubleArray()) {
      if (!(v >= least && v <= Double.MAX_VALUE)) {
        throw new IllegalArgumentException(
            "Model: the %s holds %s, but must be finite%s"
                .formatted(name, v, least == 0 ? " and 0 or more" : ""));
      }
    }
    return f;
  }

  Tensor apply(Tensor x, DType dtype) {
    Tensor divisor = Tensor.where(std.gt(0), std, Tensor.scalar(1, DType.F64));
    return x.to(DType.F64).sub(mean).div(divisor).to(dtype);
  }
}
