package org.cotangent.autograd.backend;

import java.util.Comparator;
import java.util.ServiceLoader;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Shapes;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Computes each operation as soon as it is applied. Views cost nothing; all else goes to the
/// backend.
public final class Eager implements Interpreter {
  private final Backend backend;

  /// Eager evaluation on the given backend.
  public Eager(Backend backend) {
    this.backend = backend;
  }

  private static final class Default {
    static final Eager INSTANCE =
        new Eager(
            ServiceLoader.load(BackendProvider.class, Eager.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .max(Comparator.comparingInt(BackendProvider::priority))
                .orElseThrow(() ->
                    new IllegalStateException(
                        "no backend found: META-INF/services of the autograd jar is missing;"
                            + " merge service files when building a fat jar"))
                .create());
  }

  /// Eager evaluation on the best backend of this machine.
  public static Eager standard() {
    return Default.INSTANCE;
  }

  /// Where operations run.
  public Backend backend() {
    return backend;
  }

  @Override
  public Value constant(double v, DType dtype) {
    return Buffer.full(dtype, Shape.SCALAR, v);
  }

  @Override
  public Value apply(Op op, Value... values) {
    Buffer[] in = new Buffer[values.length];
    for (int i = 0; i < in.length; i++) {
      in[i] = numbers(values[i]);
    }
    DType dtype = Shapes.dtype(op, values);
    Shape shape = Shapes.of(op, values);
    return switch (op) {
      case Op.Reshape _ -> reshape(in[0], shape);
      case Op.Permute(var order) -> in[0].view(in[0].layout().permute(order));
      case Op.Expand _ -> in[0].view(in[0].layout().expand(shape));
      case Op.Slice s ->
          in[0].view(in[0].layout().slice(s.axis(), s.start(), s.length(), s.step()));
      case Op.Sum _ when in[0].shape().size() == shape.size() -> reshape(in[0], shape);
      case Op.Cast _ when in[0].dtype() == dtype -> in[0];
      default -> {
        Buffer out = Buffer.allocate(dtype, shape);
        compute(op, in, out);
        yield out;
      }
    };
  }

  private void compute(Op op, Buffer[] in, Buffer out) {
    switch (op) {
      case Op.Elementwise f -> backend.elementwise(Expr.of(f, out.dtype(), in.length), in, out);
      case Op.Sum _ -> backend.sum(in[0], out);
      case Op.Max _ -> backend.max(in[0], out);
      case Op.LogSumExp _ -> backend.logSumExp(in[0], out);
      case Op.SoftmaxCrossEntropy() -> backend.softmaxCrossEntropy(in[0], in[1], out);
      case Op.Softmax(int axis) -> backend.softmax(in[0], axis, out);
      case Op.ArgMax(int axis) -> backend.argMax(in[0], axis, out);
      case Op.MatMul(boolean ta, boolean tb) -> backend.matmul(in[0], ta, in[1], tb, out);
      case Op.Gather(int axis) -> backend.gather(in[0], in[1], axis, false, out);
      case Op.IndexSelect(int axis) -> backend.gather(in[0], in[1], axis, true, out);
      case Op.ScatterAdd(int axis, _) -> backend.scatterAdd(in[0], in[1], axis, false, out);
      case Op.IndexAdd(int axis, _) -> backend.scatterAdd(in[0], in[1], axis, true, out);
      case Op.Embed e ->
          backend.copy(
              in[0],
              out.view(
                  out.layout().slice(e.axis(), e.start(), in[0].shape().dim(e.axis()), e.step())));
      case Op.Concat(int axis) -> {
        int start = 0;
        for (Buffer x : in) {
          int n = x.shape().dim(axis);
          backend.copy(x, out.view(out.layout().slice(axis, start, n, 1)));
          start += n;
        }
      }
      case Op.Reshape _, Op.Permute _, Op.Expand _, Op.Slice _ ->
          throw new AssertionError("views are not computed: " + op);
    }
  }

  /// The result of a fused chain of elementwise operations, of the given shape, to which all
  /// operands stretch.
  public Value fused(Expr program, Buffer[] in, Shape shape) {
    Buffer out = Buffer.allocate(program.steps().getLast().dtype(), shape);
    backend.elementwise(program, in, out);
    return out;
  }

  private Buffer reshape(Buffer x, Shape to) {
    var view = x.layout().reshape(to);
    if (view.isPresent()) {
      return x.view(view.get());
    }
    Buffer copy = Buffer.allocate(x.dtype(), x.shape());
    backend.copy(x, copy);
    return copy.view(Layout.of(to));
  }

  /// The buffer behind a value.
  ///
  /// @throws IllegalStateException if it is being traced and has no numbers yet
  public static Buffer numbers(Value v) {
    if (v instanceof Buffer b) {
      return b;
    }
    throw new IllegalStateException(
        "a tensor of shape %s, dtype %s has no numbers here: %s"
            .formatted(v.shape(), v.dtype(), v));
  }
}
