package org.cotangent.nn;

import java.util.Arrays;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;

/// Windows that cover an axis: the `i`-th of `m` over `n` elements reaches from `⌊i n/m⌋` to `⌈(i +
/// 1) n/m⌉`, so that sizes differ by one at most.
record Bins(int extent, int count) {
  /// @throws IllegalArgumentException if the axis is empty or the count negative
  static Bins over(String op, Tensor x, int axis, int count) {
    if (count < 0 || x.dim(axis) == 0) {
      throw new IllegalArgumentException(
          "%s: axis %d of the input %s cannot be covered by %d windows"
              .formatted(op, axis, x.shape(), count));
    }
    return new Bins(x.dim(axis), count);
  }

  private int first(int i) {
    return (int) ((long) i * extent / count);
  }

  private int end(int i) {
    return (int) (((i + 1L) * extent + count - 1) / count);
  }

  private int longest() {
    int n = 0;
    for (int i = 0; i < count; i++) {
      n = Math.max(n, end(i) - first(i));
    }
    return n;
  }

  private boolean isEven() {
    return count > 0 && extent % count == 0;
  }

  /// The average of each bin along an axis.
  Tensor averages(Tensor x, int axis) {
    int a = x.shape().axis("bins", axis);
    if (isEven()) {
      return x.unfold(a, extent / count, extent / count).mean(-1);
    }
    double[] sizes = new double[count];
    Arrays.setAll(sizes, i -> end(i) - first(i));
    Tensor each = Tensor.of(along(a, x.rank()), sizes).to(x.dtype());
    return members(x, a, 0).sum(-1).div(each);
  }

  /// The place of the first largest element of each bin along an axis.
  Tensor largest(Tensor x, int axis) {
    int a = x.shape().axis("bins", axis);
    long[] starts = new long[count];
    Arrays.setAll(starts, this::first);
    Tensor first = Tensor.of(along(a, x.rank()), starts);
    Tensor all =
        isEven()
            ? x.unfold(a, extent / count, extent / count)
            : members(x, a, Double.NEGATIVE_INFINITY);
    return all.argmax(-1).add(first);
  }

  /// The elements of each bin along a new last axis, with a number in the place of the missing last
  /// one.
  private Tensor members(Tensor x, int axis, double missing) {
    int most = longest();
    long[] places = new long[count * most];
    boolean[] isThere = new boolean[places.length];
    for (int i = 0; i < places.length; i++) {
      int place = first(i / most) + i % most;
      isThere[i] = place < end(i / most);
      places[i] = Math.min(place, extent - 1);
    }
    Tensor all = x.indexSelect(axis, Tensor.of(places));
    int[] d = all.shape().with(axis, count).inserted(axis + 1, most).dims();
    int[] order = new int[d.length]; // the new axis comes last
    Arrays.setAll(order, i -> i <= axis ? i : i + 1);
    order[order.length - 1] = axis + 1;
    Tensor apart = all.reshape(Shape.of(d)).permute(order);
    int[] mask = new int[d.length];
    Arrays.fill(mask, 1);
    mask[axis] = count;
    mask[d.length - 1] = most;
    Tensor present = Tensor.of(Shape.of(mask), isThere);
    return Tensor.where(present, apart, Tensor.scalar(missing, x.dtype()));
  }

  /// The shape of one number a bin that broadcasts over all else.
  private Shape along(int axis, int rank) {
    int[] d = new int[rank];
    Arrays.fill(d, 1);
    d[axis] = count;
    return Shape.of(d);
  }
}
