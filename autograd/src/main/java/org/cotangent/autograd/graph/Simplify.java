package org.cotangent.autograd.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.graph.Vertex.Origin;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Shapes;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Makes a graph smaller without changing a bit of its results: what is known now is computed now,
/// what is written twice is computed once, what nobody needs is left out, and what changes nothing
/// disappears.
///
/// Rules that would change roundings or the sign of a zero, such as x + 0 → x, are not here.
final class Simplify {
  private final Eager eager;
  private final Map<Key, Vertex> known = new HashMap<>();
  private final IdentityHashMap<Vertex, Vertex> now = new IdentityHashMap<>();
  private int made;

  /// The same origin from the same operands is the same value.
  private record Key(Origin origin, List<Integer> in, DType dtype, Shape shape) {}

  private Simplify(Eager eager) {
    this.eager = eager;
  }

  static Graph of(Graph g, Eager eager) {
    return new Simplify(eager).graph(g);
  }

  private Graph graph(Graph g) {
    for (Vertex v : g.vertices()) {
      now.put(v, rebuilt(v));
    }
    List<Drawing> drawings = new ArrayList<>();
    for (Drawing d : g.drawings()) {
      drawings.add(new Drawing(now(d.vertex()), d.fill()));
    }
    List<Graph.Assignment> assignments = new ArrayList<>();
    for (Graph.Assignment a : g.assignments()) {
      assignments.add(new Graph.Assignment(a.state(), now(a.value())));
    }
    return new Graph(now(g.inputs()), g.states(), drawings, now(g.outputs()), assignments);
  }

  private Vertex now(Vertex v) {
    Vertex n = now.get(v);
    if (n == null) {
      throw new AssertionError("not yet rebuilt: " + Graph.name(v));
    }
    return n;
  }

  private List<Vertex> now(List<Vertex> all) {
    return all.stream().map(this::now).toList();
  }

  private Vertex rebuilt(Vertex v) {
    List<Vertex> in = now(v.in());
    return v.origin() instanceof Origin.Applied(Op op)
        ? applied(op, in)
        : vertex(v.origin(), in, v.shape(), v.dtype());
  }

  /// A vertex, the one that is there if there is one.
  private Vertex vertex(Origin origin, List<Vertex> in, Shape shape, DType dtype) {
    Key key = new Key(origin, in.stream().map(Vertex::id).toList(), dtype, shape);
    return known.computeIfAbsent(key, k -> new Vertex(made++, origin, in, shape, dtype));
  }

  private Vertex applied(Op op, List<Vertex> in) {
    Vertex[] x = in.toArray(Vertex[]::new);
    Shape shape = Shapes.of(op, x);
    DType dtype = Shapes.dtype(op, x);
    return simpler(op, x, shape).orElseGet(() -> vertex(new Origin.Applied(op), in, shape, dtype));
  }

  private Vertex applied(Op op, Vertex... in) {
    return applied(op, List.of(in));
  }

  // ---- The rules

  /// Something simpler with the same numbers, if a rule knows it.
  private Optional<Vertex> simpler(Op op, Vertex[] x, Shape shape) {
    return switch (op) {
      case Op.Elementwise f -> elementwise(f, x, shape);
      // A view that changes nothing, and views of views
      case Op.Reshape _, Op.Expand _, Op.Sum _ when x[0].shape().equals(shape) -> Optional.of(x[0]);
      case Op.Reshape _, Op.Permute _, Op.Slice _ when isRepeated(x[0]) ->
          Optional.of(repeated(x[0].in().getFirst(), shape));
      case Op.Reshape _ when inner(x[0]) instanceof Op.Reshape ->
          Optional.of(applied(op, x[0].in().getFirst()));
      case Op.Reshape _ when isNumber(x[0]) -> Optional.of(repeated(x[0], shape));
      case Op.Expand _ when inner(x[0]) instanceof Op.Expand ->
          Optional.of(applied(op, x[0].in().getFirst()));
      case Op.Permute(Axes order) when order.isIdentity() -> Optional.of(x[0]);
      case Op.Permute(Axes order) when inner(x[0]) instanceof Op.Permute(Axes before) ->
          Optional.of(applied(new Op.Permute(order.after(before)), x[0].in().getFirst()));
      // A transposed operand is a flag of the product
      case Op.MatMul(boolean ta, boolean tb) when isTransposition(x[0]) ->
          Optional.of(applied(new Op.MatMul(!ta, tb), x[0].in().getFirst(), x[1]));
      case Op.MatMul(boolean ta, boolean tb) when isTransposition(x[1]) ->
          Optional.of(applied(new Op.MatMul(ta, !tb), x[0], x[1].in().getFirst()));
      default -> Optional.empty();
    };
  }

  private Optional<Vertex> elementwise(Op.Elementwise op, Vertex[] x, Shape shape) {
    if (Arrays.stream(x).allMatch(Simplify::isNumber)) {
      return Optional.of(computed(op, x));
    }
    return switch (op) {
      case Op.Cast(DType to) when x[0].dtype() == to -> Optional.of(x[0]);
      case Op.Binary f when f == Op.Binary.MUL && is(x[1], 1) && x[0].shape().equals(shape) ->
          Optional.of(x[0]);
      case Op.Binary f when f == Op.Binary.MUL && is(x[0], 1) && x[1].shape().equals(shape) ->
          Optional.of(x[1]);
      case Op.Binary f when f == Op.Binary.DIV && is(x[1], 1) && x[0].shape().equals(shape) ->
          Optional.of(x[0]);
      case Op.Unary f when f == Op.Unary.NEG && inner(x[0]) == Op.Unary.NEG ->
          Optional.of(x[0].in().getFirst());
      default -> withoutExpansion(op, x, shape);
    };
  }

  /// Elementwise operations stretch operands themselves. What is one number everywhere is computed
  /// once; not so what repeats otherwise, since the order of a sum over it depends on its layout.
  private Optional<Vertex> withoutExpansion(Op.Elementwise op, Vertex[] x, Shape shape) {
    Vertex[] small = new Vertex[x.length];
    boolean any = false;
    for (int i = 0; i < x.length; i++) {
      boolean expanded = inner(x[i]) instanceof Op.Expand;
      small[i] = expanded ? x[i].in().getFirst() : x[i];
      any |= expanded;
    }
    if (!any) {
      return Optional.empty();
    }
    Shape smallest = Shapes.of(op, small);
    if (smallest.equals(shape)) {
      return Optional.of(applied(op, small));
    }
    return smallest.size() == 1
        ? Optional.of(applied(new Op.Expand(shape), applied(op, small)))
        : Optional.empty();
  }

  /// The result of an operation on numbers that are known.
  private Vertex computed(Op.Elementwise op, Vertex[] x) {
    Buffer[] numbers = new Buffer[x.length];
    for (int i = 0; i < x.length; i++) {
      double v = x[i].origin() instanceof Origin.Known(double d) ? d : Double.NaN;
      numbers[i] = Buffer.full(x[i].dtype(), Shape.SCALAR, v);
    }
    Buffer y = Eager.numbers(eager.apply(op, numbers));
    double v = y.getDouble(y.layout().at(0));
    return vertex(new Origin.Known(v), List.of(), Shape.SCALAR, y.dtype());
  }

  private Vertex repeated(Vertex number, Shape shape) {
    return shape.equals(Shape.SCALAR) ? number : applied(new Op.Expand(shape), number);
  }

  /// One number everywhere.
  private static boolean isRepeated(Vertex v) {
    return inner(v) instanceof Op.Expand && isNumber(v.in().getFirst());
  }

  private static boolean isNumber(Vertex v) {
    return v.origin() instanceof Origin.Known;
  }

  private static boolean is(Vertex v, double number) {
    return v.origin() instanceof Origin.Known(double d) && d == number;
  }

  /// The operation that made a value, or nothing that any rule looks for.
  private static Op inner(Vertex v) {
    return v.origin() instanceof Origin.Applied(Op op) ? op : Op.Logical.NOT;
  }

  private static boolean isTransposition(Vertex v) {
    if (!(inner(v) instanceof Op.Permute(Axes order)) || order.rank() < 2) {
      return false;
    }
    int last = order.rank() - 1;
    for (int i = 0; i < last - 1; i++) {
      if (order.get(i) != i) {
        return false;
      }
    }
    return order.get(last) == last - 1;
  }
}
