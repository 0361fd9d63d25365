package org.cotangent.autograd.graph;

import java.util.List;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// A value of a traced function: what it is, and of which others it is made. It has no numbers
/// before a [Program] runs.
final class Vertex implements Value {
  /// Where a value comes from.
  sealed interface Origin {
    /// An operand of the function, by its place.
    record Input(int place) implements Origin {}

    /// What a state holds when a run begins.
    record State(int place) implements Origin {}

    /// What Java code says at the beginning of each run.
    record Drawn(int place) implements Origin {}

    /// One number, known now.
    record Known(double value) implements Origin {}

    /// Numbers from outside that never change.
    record Constant(Buffer numbers) implements Origin {}

    /// The result of an operation.
    record Applied(Op op) implements Origin {}

    /// The gradient of the logits of a softmax cross-entropy, given logits, target and gradient.
    record LogitsGrad() implements Origin {}
  }

  private final int id;
  private final Origin origin;
  private final List<Vertex> in;
  private final Shape shape;
  private final DType dtype;

  Vertex(int id, Origin origin, List<Vertex> in, Shape shape, DType dtype) {
    this.id = id;
    this.origin = origin;
    this.in = List.copyOf(in);
    this.shape = shape;
    this.dtype = dtype;
  }

  /// Its number in the order of making: operands have smaller ones.
  int id() {
    return id;
  }

  Origin origin() {
    return origin;
  }

  List<Vertex> in() {
    return in;
  }

  @Override
  public Shape shape() {
    return shape;
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  /// Whether it is the result of an elementwise operation.
  boolean isElementwise() {
    return origin instanceof Origin.Applied(Op.Elementwise _);
  }

  /// Whether something has to be computed for it.
  boolean isComputed() {
    return origin instanceof Origin.Applied || origin instanceof Origin.LogitsGrad;
  }

  /// Why it has no numbers, for the error that says so.
  @Override
  public String toString() {
    return "it is being traced by Jit, when only shapes are known; decide with Tensor.where, return the tensor and"
        + " read it outside, or do not compile this function";
  }
}
