package org.cotangent.nn.opinfo;

import java.util.ArrayList;
import java.util.List;
import org.cotangent.autograd.Index;
import org.cotangent.autograd.Indexing;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;

/// What stands between the brackets of `x[...]` in Python.
final class IndexReplay {
  private IndexReplay() {}

  static Tensor get(Args a) {
    Tensor x = a.tensor(0, "input");
    List<Index> parts = new ArrayList<>();
    if (a.find(1, "index").orElse(new Arg.None()) instanceof Arg.Items(List<Arg> items)
        && isTuple(items)) {
      items.forEach(i -> parts.add(part(i)));
    } else {
      parts.add(part(a.find(1, "index").orElse(new Arg.None())));
    }
    return Indexing.get(x, parts.toArray(Index[]::new));
  }

  /// A list of integers alone lists positions; with anything else in it, it is a tuple.
  private static boolean isTuple(List<Arg> items) {
    return items.isEmpty() || items.stream().anyMatch(i -> !(i instanceof Arg.Whole));
  }

  private static Index part(Arg a) {
    return switch (a) {
      case Arg.Whole(long v) -> Index.at(Math.toIntExact(v));
      case Arg.OfTensor(Tensor t) -> Index.of(t);
      case Arg.Slice(var start, var stop, var step) ->
          Index.range(start.orElse(0), stop.orElse(Integer.MAX_VALUE), step.orElse(1));
      case Arg.Items(List<Arg> items) -> Index.of(listed(items));
      case Arg.Ellipsis _ -> Index.rest();
      case Arg.None _ -> Index.newAxis();
      case Arg.Text(String s) when s.equals("...") || s.equals("Ellipsis") -> Index.rest();
      case Arg.Text _, Arg.Real _, Arg.Flag _, Arg.Type _ ->
          throw new IllegalArgumentException("no index: " + a);
    };
  }

  private static Tensor listed(List<Arg> items) {
    if (!items.isEmpty() && items.getFirst() instanceof Arg.Flag) {
      boolean[] mask = new boolean[items.size()];
      for (int i = 0; i < mask.length; i++) {
        mask[i] = items.get(i) instanceof Arg.Flag(boolean b) && b;
      }
      return Tensor.of(mask);
    }
    if (!items.isEmpty() && items.getFirst() instanceof Arg.Items) {
      return Tensor.stack(
          0, items.stream().map(i -> listed(((Arg.Items) i).items())).toArray(Tensor[]::new));
    }
    long[] places = items.stream().mapToLong(i -> ((Arg.Whole) i).value()).toArray();
    return Tensor.of(Shape.of(places.length), places);
  }
}
