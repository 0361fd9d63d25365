package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.List;
import org.cotangent.autograd.shape.DType;

/// Short arrays for intermediate results, used over and over by one thread at a time.
///
/// Integers of both widths are held as `long`.
final class Scratch {
  /// Elements in a tile: three tiles of floats fit into a first-level cache of 32 KB, and the cost
  /// of choosing a kernel, some ten nanoseconds, is spread over enough of them.
  static final int TILE = 2048;

  private final List<boolean[]> bools = new ArrayList<>();
  private final List<long[]> wholes = new ArrayList<>();
  private final List<float[]> floats = new ArrayList<>();
  private final List<double[]> doubles = new ArrayList<>();

  /// An array of [#TILE] elements with arbitrary content; give it back.
  Object take(DType dtype) {
    return switch (dtype) {
      case BOOL -> bools.isEmpty() ? new boolean[TILE] : bools.removeLast();
      case I32, I64 -> wholes.isEmpty() ? new long[TILE] : wholes.removeLast();
      case F32 -> floats.isEmpty() ? new float[TILE] : floats.removeLast();
      case F64 -> doubles.isEmpty() ? new double[TILE] : doubles.removeLast();
    };
  }

  /// Takes an array back.
  void give(Object array) {
    switch (array) {
      case boolean[] z -> bools.add(z);
      case long[] w -> wholes.add(w);
      case float[] f -> floats.add(f);
      case double[] d -> doubles.add(d);
      default -> throw new IllegalArgumentException(array.getClass().getName());
    }
  }
}
