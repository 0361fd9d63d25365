package org.cotangent.nn.data;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.cotangent.autograd.Fused;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Shifts and scales each column so that the training set has mean 0 and standard deviation 1.
///
/// The standard deviation is that of the population (divided by n). A column without spread is only
/// centred. Statistics are kept and applied in F64; results are F32.
///
/// ```java
/// Standardizer s = Standardizer.fit(train);
/// Tensor x = s.apply(train);
/// Tensor unseen = s.apply(test);    // with the training set's statistics
/// ```
public final class Standardizer {
  /// The number of elements that are held in F64 at a time: 32 MB.
  private static final int BLOCK = 1 << 22;

  private final Tensor mean;
  private final Tensor std;
  private final Tensor divisor;

  private Standardizer(Tensor mean, Tensor std) {
    this.mean = mean;
    this.std = std;
    this.divisor = Tensor.where(std.gt(0), std, Tensor.scalar(1, DType.F64));
  }

  /// Measures a training set.
  ///
  /// @param x samples along the first axis, `[n, columns..]`, of any dtype
  /// @throws IllegalArgumentException if there is no sample
  public static Standardizer fit(Tensor x) {
    if (x.rank() == 0 || x.dim(0) == 0) {
      throw new IllegalArgumentException(
          "Standardizer: the training set %s needs samples along its first axis"
              .formatted(x.shape()));
    }
    return Grad.without(() -> {
      Tensor mean = columnMeans(x, in -> in.get(0).to(DType.F64), Tensor.scalar(0, DType.F64));
      // Two passes: the mean of squares minus the square of the mean would cancel. The equality
      // finds columns without spread although their mean may be rounded.
      Tensor spread = columnMeans(x, in -> in.get(0).ne(in.get(1)).to(DType.F64), x.select(0, 0));
      Tensor std =
          columnMeans(x, in -> in.get(0).to(DType.F64).sub(in.get(1)).square(), mean).sqrt();
      Tensor none = Tensor.scalar(0, DType.F64);
      return new Standardizer(mean, Tensor.where(spread.gt(0), std, none));
    });
  }

  /// The mean over the samples of an elementwise function of them and of one row.
  private static Tensor columnMeans(Tensor x, Function<List<Tensor>, Tensor> of, Tensor row) {
    Tensor sum = Tensor.zeros(x.shape().without(0), DType.F64);
    for (Tensor block : blocks(x)) {
      sum = sum.add(Fused.apply(of, block, row).sum(0));
    }
    return sum.div(x.dim(0));
  }

  private static List<Tensor> blocks(Tensor x) {
    int rows = Math.max(1, BLOCK / Math.max(1, x.shape().without(0).size()));
    List<Tensor> blocks = new ArrayList<>();
    for (int start = 0; start < x.dim(0); start += rows) {
      blocks.add(x.slice(0, start, Math.min(start + rows, x.dim(0))));
    }
    return blocks;
  }

  /// The mean of each column of the training set, F64.
  public Tensor mean() {
    return mean;
  }

  /// The population's standard deviation of each column of the training set, F64.
  public Tensor std() {
    return std;
  }

  /// `(x - mean)/std` column by column, or `x - mean` where std is 0.
  ///
  /// @param x samples along the first axis with the training set's columns, of any dtype
  /// @return F32, of x's shape
  /// @throws IllegalArgumentException if the columns differ from the training set's
  public Tensor apply(Tensor x) {
    Shape columns = mean.shape();
    if (x.rank() == 0 || !x.shape().without(0).equals(columns)) {
      throw new IllegalArgumentException(
          "Standardizer: each sample must have shape %s as in the training set, but the samples are %s"
              .formatted(columns, x.shape()));
    }
    return Grad.without(() -> {
      Tensor[] parts =
          blocks(x).stream()
              .map(b ->
                  Fused.apply(
                      in -> in.get(0).to(DType.F64).sub(in.get(1)).div(in.get(2)).to(DType.F32),
                      b,
                      mean,
                      divisor))
              .toArray(Tensor[]::new);
      return switch (parts.length) {
        case 0 -> x.to(DType.F32);
        case 1 -> parts[0];
        default -> Tensor.concat(0, parts);
      };
    });
  }
}
