package org.cotangent.autograd.backend;

import java.lang.reflect.Array;
import java.util.Comparator;
import java.util.ServiceLoader;
import java.util.function.Predicate;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Shapes;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Computes each operation as soon as it is applied, or, of large results, as soon as the numbers
/// are read: until then elementwise operations and matrix products wait, to be computed together
/// with what follows in one pass over memory. Viewing cost nothing; all else goes to the backend.
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
      default -> {
        var view = Viewing.of(op, in[0].layout(), shape);
        yield view.isPresent() ? in[0].lentView(view.get()) : computed(op, in, dtype, shape);
      }
    };
  }

  /// Memory for a result of which every element will be written.
  public Buffer allocate(DType dtype, Shape shape) {
    Buffer b = isLarge(shape.size()) ? spares.take(dtype, shape) : Buffer.allocate(dtype, shape);
    if (careful) {
      b.poison();
    }
    return b;
  }

  /// Whether memory is overwritten when it is free for others.
  public boolean isCareful() {
    return careful;
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
      boolean waits = in[i] instanceof Deferred d && d.ready().isEmpty();
      if (!waits || length > Deferred.LONGEST) {
        in[i] = numbers(in[i]);
      }
    }
    return new Deferred(this, op, in, dtype, shape);
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

  private Buffer computed(Op op, Buffer[] in, DType dtype, Shape shape) {
    if (Viewing.isReshape(op, in[0].shape(), shape)) {
      Buffer copy = allocate(dtype, in[0].shape());
      backend.copy(in[0], copy);
      return copy.view(Layout.of(shape));
    }
    Buffer out = allocate(dtype, shape);
    if (!(op instanceof Op.MatMul) && (careful || isLarge(shape.size()))) {
      out.clear(); // see Backend; others are new, hence zeros
    }
    Primitives.compute(backend, op, in, out);
    return out;
  }

  /// Whether [#numbers] has an answer.
  public static boolean hasNumbers(Value v) {
    return v instanceof Buffer || v instanceof Deferred;
  }

  /// What all values over one array have in common, for counting memory; itself while it waits.
  public static Object memory(Value v) {
    return v instanceof Buffer b
        ? b.array()
        : v instanceof Deferred d && d.ready().isPresent() ? d.ready().get().array() : v;
  }

  /// How many bytes [#memory] takes, or will take.
  public static long bytes(Value v) {
    Object m = memory(v);
    return (long) v.dtype().bytes() * (m instanceof Value ? v.shape().size() : Array.getLength(m));
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
    } else if (v instanceof Deferred d) {
      d.lend();
    }
  }

  /// Ends what [#lend] began.
  public static void giveBack(Value v) {
    if (v instanceof Buffer b) {
      b.giveBack();
    } else if (v instanceof Deferred d) {
      d.giveBack();
    }
  }

  /// Whether the memory of a value may serve others after [#donate]: only large results' does.
  private static boolean isReusable(Value v) {
    return v instanceof Deferred || (v instanceof Buffer b && b.hasHome());
  }

  /// As [#lend], where only [#donate] asks.
  public static void hold(Value v) {
    if (isReusable(v)) {
      lend(v);
    }
  }

  /// Ends what [#hold] began.
  public static void release(Value v) {
    if (isReusable(v)) {
      giveBack(v);
    }
  }

  /// Says that nobody will read the numbers of a value but those to whom they are lent: when these
  /// have given them back, the memory serves results to come.
  public static void donate(Value v) {
    if (v instanceof Buffer b) {
      b.donate();
    } else if (v instanceof Deferred d) {
      d.donate();
    }
  }

  /// Donates the waiting values of which a value is made, down to the given ones.
  public static void donateBehind(Value v, Predicate<Value> last) {
    if (v instanceof Deferred d) {
      for (Value x : d.in()) {
        if (x instanceof Deferred && !last.test(x)) {
          donateBehind(x, last);
          donate(x);
        }
      }
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
