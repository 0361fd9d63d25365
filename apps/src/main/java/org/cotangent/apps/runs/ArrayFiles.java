package org.cotangent.apps.runs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.nn.data.BadDataException;
import org.cotangent.nn.data.Dataset;
import org.cotangent.nn.io.Npz;

/// NPZ files as samples: the arrays `x`, `[n, ..]`, and `y`, the class of each, or its numbers.
final class ArrayFiles {
  private ArrayFiles() {}

  /// Reads samples with classes, whole numbers `[n]` from 0.
  ///
  /// @throws BadDataException if the arrays are not that
  static Dataset classified(Path file) throws IOException {
    Map<String, Tensor> arrays = Npz.read(file);
    Tensor x = samples(file, arrays);
    Tensor y = array(file, arrays, "y");
    if (!y.dtype().isInteger() || y.rank() != 1 || y.dim(0) != x.dim(0)) {
      throw new BadDataException(
          file.toString(),
          "array 'y'",
          "classes, whole numbers [%d]".formatted(x.dim(0)),
          y.dtype() + " " + y.shape());
    }
    if (y.min().item() < 0) {
      throw new BadDataException(
          file.toString(), "array 'y'", "classes from 0", Long.toString((long) y.min().item()));
    }
    return Dataset.of(x, y.to(DType.I32));
  }

  /// Reads samples with numbers, `[n]` or `[n, k]`.
  ///
  /// @throws BadDataException if the arrays are not that
  static Dataset measured(Path file) throws IOException {
    Map<String, Tensor> arrays = Npz.read(file);
    Tensor x = samples(file, arrays);
    Tensor y = array(file, arrays, "y");
    if (y.rank() < 1 || y.rank() > 2 || y.dim(0) != x.dim(0)) {
      throw new BadDataException(
          file.toString(),
          "array 'y'",
          "numbers [%d] or [%d, k]".formatted(x.dim(0), x.dim(0)),
          y.shape().toString());
    }
    Tensor numbers = y.to(DType.F32);
    return Dataset.of(x, numbers.rank() == 1 ? numbers.unsqueeze(1) : numbers);
  }

  private static Tensor samples(Path file, Map<String, Tensor> arrays) {
    Tensor x = array(file, arrays, "x");
    if (x.rank() < 2 || x.dim(0) == 0) {
      throw new BadDataException(
          file.toString(), "array 'x'", "samples [n, ..]", x.shape().toString());
    }
    return x.to(DType.F32);
  }

  private static Tensor array(Path file, Map<String, Tensor> arrays, String name) {
    return Optional.ofNullable(arrays.get(name))
        .orElseThrow(() ->
            new BadDataException(
                file.toString(), "its arrays", "'x' and 'y'", arrays.keySet().toString()));
  }
}
