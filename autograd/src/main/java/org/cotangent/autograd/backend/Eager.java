package org.cotangent.autograd.backend;

import java.util.Comparator;
import java.util.ServiceLoader;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Shapes;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Computes each operation as soon as it is applied, or, of large results, as soon as the numbers
/// are read: until then elementwise operations and matrix products wait, to be computed together
/// with what follows in one pass over memory. Views cost nothing; all else goes to the backend.
public final class Eager implements Interpreter {
  /// Results of fewer elements do not wait: a pass over them costs less than the waiting.
  private static final int LARGE = 4096;

  private final Backend backend;
  private final int large;
  private final boolean careful;
  private final Spares spares;

  /// Eager evaluation on the given backend.
  public Eager(Backend backend) {
    this(backend, LARGE, false);
  }

  /// Eager evaluation for tests: results of so many elements or more wait, and memory is
  /// overwritten when it is free for others.
  public static Eager careful(Backend backend, int large) {
    return new Eager(backend, large, true);
  }

  private Eager(Backend backend, int large, boolean careful) {
    this.backend = backend;
    this.large = large;
    this.careful = careful;
    this.spares = new Spares(careful);
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
    DType dtype = Shapes.dtype(op, values);
    Shape shape = Shapes.of(op, values);
    if (waits(op, values, dtype, shape)) {
      return deferred(op, values, dtype, shape);
    }
    Buffer[] in = numbers(values);
    return switch (op) {
      case Op.Cast _ when in[0].dtype() == dtype -> shared(in[0]);
      case Op.Elementwise f -> fused(Expr.of(f, dtype, in.length), in, shape);
      case Op.Reshape _ -> reshape(in[0], shape);
      case Op.Permute(var order) -> shared(in[0]).view(in[0].layout().permute(order));
      case Op.Expand _ -> shared(in[0]).view(in[0].layout().expand(shape));
      case Op.Slice s ->
          shared(in[0]).view(in[0].layout().slice(s.axis(), s.start(), s.length(), s.step()));
      case Op.Sum _ when in[0].shape().size() == shape.size() -> reshape(in[0], shape);
      case Op.Windows w ->
          shared(in[0])
              .view(in[0].layout().windows(w.axis(), w.count(), w.size(), w.step(), w.dilation()));
      default -> {
        Buffer out = Buffer.allocate(dtype, shape);
        compute(op, in, out);
        yield out;
      }
    };
  }

  /// Memory for a result of which every element will be written.
  public Buffer allocate(DType dtype, Shape shape) {
    Buffer b =
        isLarge(shape.size())
            ? spares.take(dtype, shape).orElseGet(() -> Buffer.allocate(dtype, shape))
            : Buffer.allocate(dtype, shape);
    if (careful) {
      b.poison();
    }
    return b;
  }

  /// Takes the memory of a value for results to come, unless somebody else can see it. The caller
  /// must forget it.
  public void recycle(Value v) {
    if (isLarge(v.shape().size()) && isOwned(v)) {
      spares.give(numbers(v));
    }
  }

  /// Whether results of so many elements may wait.
  public boolean isLarge(int size) {
    return size >= large;
  }

  /// Integers do not wait: they are few, and their division can fail, which belongs to its line.
  private boolean waits(Op op, Value[] in, DType dtype, Shape shape) {
    if (!isLarge(shape.size()) || dtype.isInteger()) {
      return false;
    }
    if (op instanceof Op.MatMul) {
      return shape.rank() == 2;
    }
    boolean floating = op instanceof Op.Elementwise;
    for (Value v : in) {
      floating &= !v.dtype().isInteger();
    }
    return floating && !(op instanceof Op.Cast && in[0].dtype() == dtype);
  }

  private Value deferred(Op op, Value[] values, DType dtype, Shape shape) {
    if (op instanceof Op.MatMul) {
      return new Deferred(this, op, numbers(values), dtype, shape);
    }
    int length = 1;
    for (Value v : values) {
      length += v instanceof Deferred d ? d.length() : 0;
    }
    Value[] in = values.clone();
    for (int i = 0; i < in.length; i++) {
      if (in[i] instanceof Deferred d && (length > Deferred.LONGEST || d.ready().isPresent())) {
        in[i] = d.numbers();
      }
    }
    return new Deferred(this, op, in, dtype, shape);
  }

  private void compute(Op op, Buffer[] in, Buffer out) {
    switch (op) {
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
      case Op.OverlapAdd o -> backend.overlapAdd(in[0], o.axis(), o.step(), o.dilation(), out);
      case Op.Conv c -> backend.conv(c, in[0], in[1], out);
      case Op.ArgMaxPool p -> backend.argMaxPool(in[0], p.rows(), p.columns(), out);
      case Op.Elementwise _, Op.Reshape _, Op.Permute _, Op.Expand _, Op.Slice _, Op.Windows _ ->
          throw new AssertionError("not computed here: " + op);
    }
  }

  /// The result of a fused chain of elementwise operations, of the given shape, to which all
  /// operands stretch.
  public Value fused(Expr program, Buffer[] in, Shape shape) {
    Buffer out = allocate(program.resultDtype(0), shape);
    backend.elementwise(program, in, out);
    return out;
  }

  /// The gradient of the logits `x` of a softmax cross-entropy, given that of the losses.
  public Value softmaxCrossEntropyGrad(Value x, Value t, Value g) {
    Buffer out = allocate(x.dtype(), x.shape());
    backend.softmaxCrossEntropyGrad(numbers(x), numbers(t), numbers(g), out);
    return out;
  }

  /// A buffer that somebody will see in another layout.
  private static Buffer shared(Buffer x) {
    x.share();
    return x;
  }

  private Buffer reshape(Buffer x, Shape to) {
    var view = x.layout().reshape(to);
    if (view.isPresent()) {
      return shared(x).view(view.get());
    }
    Buffer copy = Buffer.allocate(x.dtype(), x.shape());
    backend.copy(x, copy);
    return copy.view(Layout.of(to));
  }

  /// Whether [#numbers] has an answer.
  public static boolean hasNumbers(Value v) {
    return v instanceof Buffer || v instanceof Deferred;
  }

  /// Says that the numbers of a value will be read later, so that they are kept if they are
  /// computed on the way to others.
  public static void keep(Value v) {
    if (v instanceof Deferred d) {
      d.keep();
    }
  }

  /// Whether nobody but the one who asks can see the numbers of a value.
  public static boolean isOwned(Value v) {
    return v instanceof Buffer b
        ? b.isOwned()
        : v instanceof Deferred d && d.ready().map(Buffer::isOwned).orElse(false);
  }

  /// Says that somebody may read the numbers of a value at any time from now on.
  public static void share(Value v) {
    if (v instanceof Buffer b) {
      b.share();
    } else if (v instanceof Deferred d) {
      d.share();
    }
  }

  /// Says that somebody will read the numbers of a value until [#giveBack].
  public static void lend(Value v) {
    if (v instanceof Buffer b) {
      b.lend();
    }
  }

  /// Ends what [#lend] began.
  public static void giveBack(Value v) {
    if (v instanceof Buffer b) {
      b.giveBack();
    }
  }

  /// Whether a value waits for a matrix product.
  public static boolean awaitsProduct(Value v) {
    return v instanceof Deferred d && d.ready().isEmpty() && d.multiplies();
  }

  private static Buffer[] numbers(Value[] values) {
    Buffer[] in = new Buffer[values.length];
    for (int i = 0; i < in.length; i++) {
      in[i] = numbers(values[i]);
    }
    return in;
  }

  /// The buffer behind a value, computed now if it waited.
  ///
  /// @throws IllegalStateException if it is being traced and has no numbers yet
  public static Buffer numbers(Value v) {
    if (v instanceof Buffer b) {
      return b;
    }
    if (v instanceof Deferred d) {
      return d.numbers();
    }
    throw new IllegalStateException(
        "a tensor of shape %s, dtype %s has no numbers here: %s"
            .formatted(v.shape(), v.dtype(), v));
  }
}
