package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// The same elements cut, joined, moved or repeated, where [Tensor] has no method of its own.
public final class Rearrange {
  private Rearrange() {}

  // ---- Cutting

  /// `length` positions of an axis from `start` on.
  ///
  /// @throws IndexOutOfBoundsException if they are not all on the axis
  public static Tensor narrow(Tensor x, int axis, int start, int length) {
    int n = x.dim(axis);
    int from = start < 0 ? start + n : start;
    if (from < 0 || length < 0 || from > n - length) {
      throw new IndexOutOfBoundsException(
          "NARROW: %d elements from %d do not lie in axis %d of %s"
              .formatted(length, start, axis, x.shape()));
    }
    return x.slice(axis, from, from + length);
  }

  /// Pieces of the given extent along an axis; the last one may be shorter.
  ///
  /// @throws IllegalArgumentException if the extent is not positive
  public static List<Tensor> split(Tensor x, int extent, int axis) {
    if (extent <= 0) {
      throw new IllegalArgumentException(
          "SPLIT: the extent %d of the pieces must be positive".formatted(extent));
    }
    int n = x.dim(axis);
    List<Tensor> pieces = new ArrayList<>();
    for (int from = 0; from < n || from == 0; from += extent) {
      pieces.add(x.slice(axis, from, Math.min(n, from + extent)));
    }
    return List.copyOf(pieces);
  }

  /// Pieces of the given extents along an axis.
  ///
  /// @throws IllegalArgumentException if they do not make up the axis
  public static List<Tensor> split(Tensor x, int[] extents, int axis) {
    if (Arrays.stream(extents).sum() != x.dim(axis)
        || Arrays.stream(extents).anyMatch(e -> e < 0)) {
      throw new IllegalArgumentException(
          "SPLIT: pieces of %s do not make up axis %d of %s"
              .formatted(Arrays.toString(extents), axis, x.shape()));
    }
    List<Tensor> pieces = new ArrayList<>();
    int from = 0;
    for (int extent : extents) {
      pieces.add(x.slice(axis, from, from + extent));
      from += extent;
    }
    return List.copyOf(pieces);
  }

  /// At most `count` pieces along an axis, equal but for a shorter last one.
  ///
  /// @throws IllegalArgumentException if the count is not positive
  public static List<Tensor> chunk(Tensor x, int count, int axis) {
    if (count <= 0) {
      throw new IllegalArgumentException(
          "CHUNK: the number %d of pieces must be positive".formatted(count));
    }
    int n = x.dim(axis);
    return n == 0 ? split(x, new int[count], axis) : split(x, (n - 1) / count + 1, axis);
  }

  /// Each position of an axis, which disappears.
  public static List<Tensor> unbind(Tensor x, int axis) {
    List<Tensor> all = new ArrayList<>();
    for (int i = 0; i < x.dim(axis); i++) {
      all.add(x.select(axis, i));
    }
    return List.copyOf(all);
  }

  /// Windows of an axis: `y[.., i, .., k] = x[.., i step + k, ..]`, with `size` neighbours along a
  /// new last axis. Windows may overlap; gradients of what they share add up.
  ///
  /// @throws IllegalArgumentException if the axis is shorter than a window or a number not positive
  public static Tensor unfold(Tensor x, int axis, int size, int step) {
    int a = x.shape().axis("UNFOLD", axis);
    int n = x.dim(a);
    if (size < 0 || size > n || step <= 0) {
      throw new IllegalArgumentException(
          "UNFOLD: windows of %d by steps of %d do not fit axis %d of %s"
              .formatted(size, step, axis, x.shape()));
    }
    int windows = (n - size) / step + 1;
    Tensor starts = Tensor.arange(windows).mul(step).unsqueeze(1);
    Tensor places = starts.add(Tensor.arange(size)).flatten();
    Shape split = x.shape().with(a, windows).inserted(a + 1, size);
    return moveAxis(x.indexSelect(a, places).reshape(split), a + 1, -1);
  }

  // ---- Joining

  /// Side by side: along the second axis, vectors along the first.
  public static Tensor hstack(Tensor... parts) {
    Tensor[] p = Arrays.stream(parts).map(x -> atLeast(x, 1)).toArray(Tensor[]::new);
    return Tensor.concat(p.length > 0 && p[0].rank() == 1 ? 0 : 1, p);
  }

  /// One below the other: along the first axis; vectors become rows.
  public static Tensor vstack(Tensor... parts) {
    return Tensor.concat(0, Arrays.stream(parts).map(x -> atLeast(x, 2)).toArray(Tensor[]::new));
  }

  private static Tensor atLeast(Tensor x, int rank) {
    Tensor y = x;
    while (y.rank() < rank) {
      y = y.unsqueeze(0);
    }
    return y;
  }

  // ---- Moving

  /// An axis at another place; the others keep their order.
  public static Tensor moveAxis(Tensor x, int from, int to) {
    return moveAxes(x, new int[] {from}, new int[] {to});
  }

  /// Axes `from[i]` at the places `to[i]`; the others keep their order.
  ///
  /// @throws IllegalArgumentException if one is named twice or the numbers differ
  public static Tensor moveAxes(Tensor x, int[] from, int[] to) {
    int rank = x.rank();
    int[] order = new int[rank];
    Arrays.fill(order, -1);
    boolean[] taken = new boolean[rank];
    boolean valid = from.length == to.length;
    for (int i = 0; valid && i < from.length; i++) {
      int f = x.shape().axis("MOVE_AXES", from[i]);
      int t = x.shape().axis("MOVE_AXES", to[i]);
      valid = !taken[f] && order[t] < 0;
      taken[f] = true;
      order[t] = f;
    }
    if (!valid) {
      throw new IllegalArgumentException(
          "MOVE_AXES: %s to %s of shape %s: as many places as axes, each once"
              .formatted(Arrays.toString(from), Arrays.toString(to), x.shape()));
    }
    int next = 0;
    for (int t = 0; t < rank; t++) {
      if (order[t] < 0) {
        while (taken[next]) {
          next++;
        }
        order[t] = next++;
      }
    }
    return x.permute(order);
  }

  /// Without all axes of extent 1.
  public static Tensor squeeze(Tensor x) {
    return x.reshape(Arrays.stream(x.shape().dims()).filter(n -> n != 1).toArray());
  }

  /// Several axes in reverse order.
  public static Tensor flip(Tensor x, int... axes) {
    Tensor y = x;
    for (int axis : axes) {
      y = y.flip(axis);
    }
    return y;
  }

  /// The elements of an axis moved on by `shift` positions; what leaves at an end returns at the
  /// other.
  public static Tensor roll(Tensor x, int shift, int axis) {
    int a = x.shape().axis("ROLL", axis);
    int n = x.dim(a);
    int k = n == 0 ? 0 : Math.floorMod(shift, n);
    return k == 0 ? x : Tensor.concat(a, x.slice(a, n - k, n), x.slice(a, 0, n - k));
  }

  /// The same along several axes.
  ///
  /// @throws IllegalArgumentException if the numbers of shifts and axes differ
  public static Tensor roll(Tensor x, int[] shifts, int[] axes) {
    if (shifts.length != axes.length) {
      throw new IllegalArgumentException(
          "ROLL: %d shifts for %d axes: give one for each".formatted(shifts.length, axes.length));
    }
    Tensor y = x;
    for (int i = 0; i < axes.length; i++) {
      y = roll(y, shifts[i], axes[i]);
    }
    return y;
  }

  // ---- Repeating

  /// The whole tensor again and again: `times[i]` times along axis i. More numbers than axes mean
  /// new axes in front.
  ///
  /// @throws IllegalArgumentException if there are fewer numbers than axes
  public static Tensor repeat(Tensor x, int... times) {
    if (times.length < x.rank()) {
      throw new IllegalArgumentException(
          "REPEAT: %s for shape %s: one number for each axis or more"
              .formatted(Arrays.toString(times), x.shape()));
    }
    Tensor y = atLeast(x, times.length);
    // [n] -> [1, n] -> [times, n] -> [times n]
    int[] apart = new int[2 * times.length];
    int[] stretched = new int[2 * times.length];
    int[] joined = new int[times.length];
    for (int i = 0; i < times.length; i++) {
      apart[2 * i] = 1;
      stretched[2 * i] = times[i];
      apart[2 * i + 1] = stretched[2 * i + 1] = y.dim(i);
      joined[i] = times[i] * y.dim(i);
    }
    return y.reshape(Shape.of(apart)).expand(Shape.of(stretched)).reshape(Shape.of(joined));
  }

  /// [#repeat], where fewer numbers than axes count for the last axes.
  public static Tensor tile(Tensor x, int... times) {
    int missing = Math.max(0, x.rank() - times.length);
    int[] all = new int[missing + times.length];
    Arrays.fill(all, 0, missing, 1);
    System.arraycopy(times, 0, all, missing, times.length);
    return repeat(x, all);
  }

  /// Each position of an axis `times` times in a row.
  public static Tensor repeatInterleave(Tensor x, int times, int axis) {
    int a = x.shape().axis("REPEAT_INTERLEAVE", axis);
    Tensor y = x.unsqueeze(a + 1);
    Tensor stretched = y.expand(y.shape().with(a + 1, times));
    return stretched.reshape(x.shape().with(a, x.dim(a) * times));
  }

  /// Position i of an axis `times[i]` times in a row. The result's extent depends on the numbers,
  /// so they are read.
  ///
  /// @throws IllegalArgumentException if there is not one number a position, 0 or more
  public static Tensor repeatInterleave(Tensor x, Tensor times, int axis) {
    int a = x.shape().axis("REPEAT_INTERLEAVE", axis);
    int[] each = times.toIntArray();
    if (times.rank() != 1 || each.length != x.dim(a) || Arrays.stream(each).anyMatch(t -> t < 0)) {
      throw new IllegalArgumentException(
          "REPEAT_INTERLEAVE: %s times for axis %d of %s: one number a position, 0 or more"
              .formatted(Arrays.toString(each), axis, x.shape()));
    }
    int[] places = new int[Arrays.stream(each).sum()];
    int to = 0;
    for (int i = 0; i < each.length; i++) {
      Arrays.fill(places, to, to += each[i], i);
    }
    return x.indexSelect(a, Tensor.of(places).to(DType.I64));
  }
}
