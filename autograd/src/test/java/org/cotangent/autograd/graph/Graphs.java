package org.cotangent.autograd.graph;

import java.util.List;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Small graphs by hand.
final class Graphs {
  final Trace trace = new Trace();

  Value input(int... dims) {
    return trace.input(Shape.of(dims), DType.F64);
  }

  Value number(double v) {
    return trace.constant(v, DType.F64);
  }

  Value apply(Op op, Value... in) {
    return trace.apply(op, in);
  }

  static Op transposition(Value x) {
    return new Op.Permute(Axes.permutation(x.shape(), 1, 0));
  }

  Graph graph(Value... results) {
    return trace.graph(List.of(results));
  }

  Graph simplified(Value... results) {
    return Simplify.of(graph(results), Eager.standard());
  }

  static Buffer numbers(Shape shape, double... data) {
    Buffer b = Buffer.allocate(DType.F64, shape);
    System.arraycopy(data, 0, b.f64(), 0, data.length);
    return b;
  }
}
