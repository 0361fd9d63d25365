package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Random operands in every kind of layout.
final class Buffers {
  private static final double[] SPECIAL = {
    0,
    -0.0,
    1,
    -1,
    0.5,
    2,
    1e-8,
    20,
    -20,
    88.5,
    -95,
    -103.5,
    709,
    -740,
    1000,
    -1000,
    1e-40,
    -1e-40,
    1e-310,
    3e38,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY
  };

  private final Random random;
  private final boolean special;

  /// Numbers of a normal distribution, among them every special one if asked.
  Buffers(long seed, boolean special) {
    random = new Random(seed);
    this.special = special;
  }

  int below(int n) {
    return random.nextInt(n);
  }

  boolean coin() {
    return random.nextBoolean();
  }

  /// Up to three axes, some empty, some as long as a few tiles.
  Shape shape() {
    int[] d = new int[below(4)];
    for (int i = 0; i < d.length; i++) {
      int n = below(12);
      d[i] = n == 0 ? 0 : n < 3 ? 1 + below(200) : 1 + below(9);
    }
    if (d.length == 1 && below(4) == 0) {
      d[0] = Scratch.TILE * below(3) + below(35);
    }
    return Shape.of(d);
  }

  /// A shape that stretches to `s`.
  Shape stretching(Shape s) {
    int cut = below(3) == 0 ? below(s.rank() + 1) : 0;
    int[] d = new int[s.rank() - cut];
    for (int i = 0; i < d.length; i++) {
      d[i] = below(4) == 0 ? 1 : s.dim(i + cut);
    }
    return Shape.of(d);
  }

  /// New numbers, seen through a view of the given shape: row-major, permuted, sliced with gaps or
  /// backwards, or stretched.
  Buffer view(DType dtype, Shape s) {
    int rank = s.rank();
    int kind = below(5);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      order.add(i);
    }
    if (kind == 0) {
      Collections.shuffle(order, random);
    }
    int[] base = new int[rank];
    int[] step = new int[rank];
    int[] start = new int[rank];
    for (int i = 0; i < rank; i++) {
      int axis = order.get(i);
      int n = s.dim(i);
      step[axis] = kind != 1 ? 1 : below(3) == 0 ? -1 : 1 + below(2);
      int span = n == 0 ? 0 : (n - 1) * Math.abs(step[axis]) + 1;
      int gap = kind == 1 || kind == 2 ? below(3) : 0;
      base[axis] = kind == 3 && n > 1 && coin() ? 1 : span + gap;
      start[axis] = n == 0 ? 0 : step[axis] > 0 ? below(gap + 1) : span - 1;
    }
    Buffer x = fill(Buffer.allocate(dtype, Shape.of(base)));
    Layout layout = x.layout();
    for (int i = 0; i < rank; i++) {
      int axis = order.get(i);
      if (base[axis] != 1 || s.dim(i) == 1) {
        layout = layout.slice(axis, start[axis], s.dim(i), step[axis]);
      }
    }
    int[] axes = order.stream().mapToInt(Integer::intValue).toArray();
    return x.view(layout.permute(Axes.permutation(layout.shape(), axes)).expand(s));
  }

  /// In the middle of an array of garbage, in row-major order.
  static Buffer inside(DType dtype, Shape s) {
    Buffer x = Buffer.allocate(dtype, Shape.of(s.size() + 7));
    x.poison();
    return x.view(x.layout().slice(0, 3, s.size(), 1).reshape(s).orElseThrow());
  }

  /// Overwrites all elements of a row-major buffer.
  Buffer fill(Buffer x) {
    for (int i = 0; i < x.shape().size(); i++) {
      int whole = below(10) == 0 ? random.nextInt() : below(21) - 10;
      switch (x.dtype()) {
        case BOOL -> x.bool()[i] = coin();
        case I32 -> x.i32()[i] = whole;
        case I64 -> x.i64()[i] = below(10) == 0 ? random.nextLong() : whole;
        case F32 -> x.f32()[i] = (float) number();
        case F64 -> x.f64()[i] = number();
      }
    }
    return x;
  }

  private double number() {
    return special && below(4) == 0 ? SPECIAL[below(SPECIAL.length)] : random.nextGaussian() * 3;
  }

  /// Indices below `n`, as either dtype.
  Buffer indices(Shape s, int n) {
    Buffer x = Buffer.allocate(coin() ? DType.I32 : DType.I64, s);
    for (int i = 0; i < s.size(); i++) {
      if (x.dtype() == DType.I32) {
        x.i32()[i] = below(n);
      } else {
        x.i64()[i] = below(n);
      }
    }
    return x;
  }
}
