package org.cotangent.autograd.graph;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Consumer;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.graph.Vertex.Origin;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Shapes;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Writes operations down instead of computing them.
///
/// Tensors from outside are constants, except for states: what these hold is read anew in each run,
/// and what they are assigned here they are assigned in each run.
public final class Trace implements Interpreter {
  private final List<Vertex> inputs = new ArrayList<>();
  private final List<Held> states = new ArrayList<>();
  private final IdentityHashMap<State, Held> held = new IdentityHashMap<>();
  private final List<Drawing> drawings = new ArrayList<>();
  private final IdentityHashMap<Value, Vertex> constants = new IdentityHashMap<>();
  private int made;

  /// A state and what it holds at this point of the function.
  private static final class Held {
    final State state;
    final Vertex first;
    Vertex now;

    Held(State state, Vertex first) {
      this.state = state;
      this.first = first;
      this.now = first;
    }
  }

  private Vertex vertex(Origin origin, List<Vertex> in, Shape shape, DType dtype) {
    return new Vertex(made++, origin, in, shape, dtype);
  }

  /// The next operand of the function.
  public Value input(Shape shape, DType dtype) {
    Vertex v = vertex(new Origin.Input(inputs.size()), List.of(), shape, dtype);
    inputs.add(v);
    return v;
  }

  /// What a state holds at this point of the function.
  public Value read(State state) {
    return held(state).now;
  }

  /// Gives a state other numbers from this point of the function on.
  public void assign(State state, Value v) {
    held(state).now = lift(v);
  }

  private Held held(State state) {
    return held.computeIfAbsent(
        state,
        s -> {
          Value v = s.get();
          Vertex first = vertex(new Origin.State(states.size()), List.of(), v.shape(), v.dtype());
          Held h = new Held(s, first);
          states.add(h);
          return h;
        });
  }

  /// Numbers that are asked for at the beginning of each run.
  ///
  /// @param fill writes them into memory of the given shape and dtype
  public Value drawn(Consumer<Buffer> fill, Shape shape, DType dtype) {
    Vertex v = vertex(new Origin.Drawn(drawings.size()), List.of(), shape, dtype);
    drawings.add(new Drawing(v, fill));
    return v;
  }

  @Override
  public Value constant(double v, DType dtype) {
    return vertex(new Origin.Known(v), List.of(), Shape.SCALAR, dtype);
  }

  @Override
  public Value apply(Op op, Value... in) {
    List<Vertex> operands = new ArrayList<>();
    for (Value v : in) {
      operands.add(lift(v));
    }
    DType dtype = Shapes.dtype(op, in);
    return vertex(new Origin.Applied(op), operands, Shapes.of(op, in), dtype);
  }

  /// The gradient of the logits `x` of a softmax cross-entropy, given that of the losses.
  public Value softmaxCrossEntropyGrad(Value x, Value t, Value g) {
    List<Vertex> in = List.of(lift(x), lift(t), lift(g));
    return vertex(new Origin.LogitsGrad(), in, x.shape(), x.dtype());
  }

  /// A value from outside as a constant of the function.
  public Value constant(Value v) {
    return lift(v);
  }

  private Vertex lift(Value v) {
    if (v instanceof Vertex own) {
      return own;
    }
    return constants.computeIfAbsent(
        v,
        value -> {
          Buffer numbers = Eager.numbers(value); // an error if it belongs to another trace
          Eager.share(numbers);
          Shape s = numbers.shape();
          return vertex(new Origin.Constant(numbers), List.of(), s, numbers.dtype());
        });
  }

  /// The function that was written down, given its results.
  public Graph graph(List<Value> results) {
    List<Graph.Assignment> assignments = new ArrayList<>();
    List<State> all = new ArrayList<>();
    List<Vertex> outputs = results.stream().map(this::lift).toList();
    for (Held h : states) {
      if (h.now.id() != h.first.id()) {
        assignments.add(new Graph.Assignment(all.size(), h.now));
      }
      all.add(h.state);
    }
    return new Graph(List.copyOf(inputs), all, drawings, outputs, assignments);
  }
}
