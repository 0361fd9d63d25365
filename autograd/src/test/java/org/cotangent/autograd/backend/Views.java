package org.cotangent.autograd.backend;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Random layouts and numbers for tests of what must hold for any strides.
public final class Views {
  private Views() {}

  /// A random shape of rank 0 to 4 with extents 0 to 5, zeros being rare.
  public static Shape shape(Random random) {
    int[] d = new int[random.nextInt(5)];
    for (int i = 0; i < d.length; i++) {
      d[i] = random.nextInt(20) == 0 ? 0 : 1 + random.nextInt(5);
    }
    return Shape.of(d);
  }

  /// A shape that broadcasts to `to`: leading axes are dropped and others set to 1 at random.
  public static Shape stretchable(Shape to, Random random) {
    int drop = random.nextInt(3) == 0 ? random.nextInt(to.rank() + 1) : 0;
    int[] d = Arrays.copyOfRange(to.dims(), drop, to.rank());
    for (int i = 0; i < d.length; i++) {
      d[i] = random.nextInt(3) == 0 ? 1 : d[i];
    }
    return Shape.of(d);
  }

  /// A view of the given shape of a larger array: axes are stored in any order, with gaps,
  /// backwards, or once for all positions.
  public static Buffer strided(DType dtype, Shape shape, Random random) {
    int rank = shape.rank();
    int[] order = new int[rank]; // axis i of the view is axis order[i] of the array
    for (int i = 0; i < rank; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    int[] stored = new int[rank];
    int[] steps = new int[rank];
    int[] starts = new int[rank];
    int[] lengths = new int[rank];
    for (int i = 0; i < rank; i++) {
      int n = shape.dim(i);
      int axis = order[i];
      lengths[axis] = n > 1 && random.nextInt(6) == 0 ? 1 : n;
      steps[axis] = random.nextInt(3) == 0 ? (1 + random.nextInt(2)) : 1;
      int span = Math.max(0, lengths[axis] - 1) * steps[axis] + Math.min(1, lengths[axis]);
      int before = random.nextInt(3) == 0 ? 1 : 0;
      stored[axis] = before + span + (random.nextInt(3) == 0 ? 1 : 0);
      starts[axis] = before;
      if (random.nextInt(3) == 0 && span > 0) {
        starts[axis] += span - 1;
        steps[axis] = -steps[axis];
      }
    }
    Buffer array = Buffer.allocate(dtype, Shape.of(stored));
    fill(array, random);
    Layout layout = array.layout();
    for (int axis = 0; axis < rank; axis++) {
      layout = layout.slice(axis, starts[axis], lengths[axis], steps[axis]);
    }
    return array.view(layout.permute(Axes.permutation(layout.shape(), order)).expand(shape));
  }

  /// Small numbers, of which few are alike.
  private static void fill(Buffer array, Random random) {
    for (int i = 0; i < array.shape().size(); i++) {
      switch (array.dtype()) {
        case BOOL -> array.bool()[i] = random.nextBoolean();
        case I32 -> array.i32()[i] = random.nextInt(1, 1000);
        case I64 -> array.i64()[i] = random.nextLong(1, 1000);
        case F32 -> array.f32()[i] = random.nextFloat(-3, 3);
        case F64 -> array.f64()[i] = random.nextDouble(-3, 3);
      }
    }
  }

  /// A buffer holding these numbers in row-major order.
  public static Buffer buffer(DType dtype, Shape shape, double... v) {
    if (v.length != shape.size()) {
      throw new IllegalArgumentException(v.length + " numbers for shape " + shape);
    }
    Buffer x = Buffer.allocate(dtype, shape);
    for (int i = 0; i < v.length; i++) {
      switch (dtype) {
        case BOOL -> x.bool()[i] = v[i] != 0;
        case I32 -> x.i32()[i] = (int) v[i];
        case I64 -> x.i64()[i] = (long) v[i];
        case F32 -> x.f32()[i] = (float) v[i];
        case F64 -> x.f64()[i] = v[i];
      }
    }
    return x;
  }

  /// The numbers of a buffer in row-major order.
  public static double[] numbers(Buffer x) {
    double[] v = new double[x.shape().size()];
    for (int i = 0; i < v.length; i++) {
      v[i] = x.getDouble(x.layout().at(i));
    }
    return v;
  }

  /// The same numbers without gaps, made without the code under test but for [Layout#at].
  public static Buffer contiguous(Buffer x) {
    return buffer(x.dtype(), x.shape(), numbers(x));
  }

  /// A view by index arithmetic: where each element lies, listed in row-major order.
  record Model(Shape shape, int... places) {

    static Model of(Shape shape) {
      int[] p = new int[shape.size()];
      Arrays.setAll(p, i -> i);
      return new Model(shape, p);
    }

    /// The model under another shape, where element `index` of the new is element `from(index)`.
    private Model mapped(Shape to, IndexMap from) {
      int[] p = new int[to.size()];
      for (int i = 0; i < p.length; i++) {
        p[i] = places[number(shape, from.of(index(to, i)))];
      }
      return new Model(to, p);
    }

    Model permute(Axes order) {
      return mapped(
          order.apply(shape),
          to -> {
            int[] from = new int[to.length];
            for (int i = 0; i < to.length; i++) {
              from[order.get(i)] = to[i];
            }
            return from;
          });
    }

    Model slice(int axis, int start, int length, int step) {
      return mapped(
          shape.with(axis, length),
          to -> {
            to[axis] = start + to[axis] * step;
            return to;
          });
    }

    Model expand(Shape wide) {
      return mapped(
          wide,
          to -> {
            int[] from = Arrays.copyOfRange(to, to.length - shape.rank(), to.length);
            for (int i = 0; i < from.length; i++) {
              from[i] = shape.dim(i) == 1 ? 0 : from[i];
            }
            return from;
          });
    }

    Model reshape(Shape to) {
      return new Model(to, places);
    }

    /// The strides by which these places can be told, if there are any.
    Optional<int[]> strides() {
      int[] s = new int[shape.rank()];
      for (int axis = 0; axis < s.length; axis++) {
        if (shape.size() > 0 && shape.dim(axis) > 1) {
          int[] second = new int[s.length];
          second[axis] = 1;
          s[axis] = places[number(shape, second)] - places[0];
        }
      }
      for (int i = 0; i < places.length; i++) {
        int at = places[0];
        int[] index = index(shape, i);
        for (int axis = 0; axis < s.length; axis++) {
          at += index[axis] * s[axis];
        }
        if (at != places[i]) {
          return Optional.empty();
        }
      }
      return Optional.of(s);
    }

    private interface IndexMap {
      int[] of(int... to);
    }

    static int[] index(Shape shape, int number) {
      int[] index = new int[shape.rank()];
      int rest = number;
      for (int axis = index.length - 1; axis >= 0; axis--) {
        index[axis] = rest % shape.dim(axis);
        rest /= shape.dim(axis);
      }
      return index;
    }

    static int number(Shape shape, int... index) {
      int n = 0;
      for (int axis = 0; axis < index.length; axis++) {
        n = n * shape.dim(axis) + index[axis];
      }
      return n;
    }
  }
}
