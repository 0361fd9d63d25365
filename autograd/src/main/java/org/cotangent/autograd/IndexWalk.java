package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// One evaluation of [Indexing#get]: parts are taken from the left, and the tensors among them used
/// together at the end.
final class IndexWalk {
  private final Tensor of;
  private Tensor x;

  /// The axis of `x` that comes next.
  private int axis;

  /// The axes that tensors choose from, and for each its tensor.
  private final List<Integer> axes = new ArrayList<>();

  private final List<Tensor> chosen = new ArrayList<>();

  private IndexWalk(Tensor x) {
    this.of = x;
    this.x = x;
  }

  static Tensor get(Tensor x, Index... parts) {
    IndexWalk walk = new IndexWalk(x);
    int left = x.rank() - Arrays.stream(parts).mapToInt(IndexWalk::consumed).sum();
    long rests = Arrays.stream(parts).filter(p -> p instanceof Index.Rest).count();
    if (left < 0 || rests > 1) {
      throw new IndexOutOfBoundsException(
          "INDEX: %s of shape %s: %s"
              .formatted(
                  Arrays.toString(parts),
                  x.shape(),
                  left < 0 ? "more parts than axes" : "only one Rest can be worked out"));
    }
    for (Index p : parts) {
      walk.take(p, left);
    }
    return walk.axes.isEmpty() ? walk.x : walk.gathered();
  }

  private static int consumed(Index part) {
    return switch (part) {
      case Index.NewAxis _, Index.Rest _ -> 0;
      case Index.At _, Index.Range _ -> 1;
      case Index.Of(Tensor t) -> t.dtype() == DType.BOOL ? t.rank() : 1;
    };
  }

  private void take(Index part, int left) {
    switch (part) {
      case Index.At(int position) -> x = x.select(axis, position);
      case Index.Range(int start, int stop, int step) -> {
        x = x.slice(axis, start, stop, step);
        axis++;
      }
      case Index.NewAxis _ -> {
        x = x.unsqueeze(axis);
        axis++;
      }
      case Index.Rest _ -> axis += left;
      case Index.Of(Tensor t) when t.dtype() == DType.BOOL -> mask(t);
      case Index.Of(Tensor t) -> {
        if (!t.dtype().isInteger()) {
          throw new IllegalArgumentException(
              "INDEX: a tensor among the parts is %s; it must be I32, I64 or BOOL"
                  .formatted(t.dtype()));
        }
        choose(t.to(DType.I64));
      }
    }
  }

  private void choose(Tensor positions) {
    axes.add(axis);
    chosen.add(positions);
    axis++;
  }

  /// A mask lists a position on each of its axes for every place where it is true.
  private void mask(Tensor mask) {
    for (int i = 0; i < mask.rank(); i++) {
      if (mask.dim(i) != x.dim(axis + i)) {
        throw new IllegalArgumentException(
            "INDEX: the mask %s does not fit axis %d of %s: extents must be equal"
                .formatted(mask.shape(), axis, x.shape()));
      }
    }
    if (mask.rank() == 0) {
      throw new IllegalArgumentException("INDEX: a mask needs one axis or more; use where");
    }
    Tensor places = Tensor.of(Indexing.places(mask));
    int block = mask.size();
    for (int i = 0; i < mask.rank(); i++) {
      block = mask.dim(i) == 0 ? 1 : block / mask.dim(i);
      choose(quotient(places, block, mask.dim(i)));
    }
  }

  /// `⌊places/block⌋ mod extent` of numbers that are not negative.
  private static Tensor quotient(Tensor places, int block, int extent) {
    long[] p = places.toLongArray();
    long[] q = new long[p.length];
    Arrays.setAll(q, i -> p[i] / block % extent);
    return Tensor.of(q);
  }

  private Tensor gathered() {
    Shape each = Shape.SCALAR;
    for (Tensor t : chosen) {
      each = Shape.broadcast("INDEX", each, t.shape());
    }
    int k = axes.size();
    boolean together = axes.getLast() - axes.getFirst() == k - 1;
    int at = together ? axes.getFirst() : 0; // else the new axes come first, as in NumPy
    int[] from = axes.stream().mapToInt(i -> i).toArray();
    int[] to = new int[k];
    Arrays.setAll(to, i -> at + i);
    Tensor moved = together ? x : Rearrange.moveAxes(x, from, to);

    Tensor place = Tensor.scalar(0, DType.I64);
    Tensor valid = Tensor.of(Shape.SCALAR, new boolean[] {true});
    Shape merged = moved.shape();
    int extent = 1;
    for (int i = 0; i < k; i++) {
      int n = moved.dim(at + i);
      Tensor p = chosen.get(i);
      valid = valid.and(p.ge(-n)).and(p.lt(n));
      place = place.mul(n).add(Tensor.where(p.lt(0), p.add(n), p));
      extent *= n;
      merged = merged.without(at);
    }
    Shape result = merged;
    for (int i = 0; i < each.rank(); i++) {
      result = result.inserted(at + i, each.dim(i));
    }
    Tensor checked = Tensor.where(valid, place, Tensor.scalar(-1, DType.I64)).expand(each);
    try {
      return moved
          .reshape(merged.inserted(at, extent))
          .indexSelect(at, checked.flatten())
          .reshape(result);
    } catch (IndexOutOfBoundsException e) {
      throw new IndexOutOfBoundsException(
          "INDEX: a position that a tensor lists is on none of axes %s of %s"
              .formatted(axes, of.shape()));
    }
  }
}
