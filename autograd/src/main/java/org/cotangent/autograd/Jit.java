package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.graph.Program;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A compiled function of tensors: a forward pass, a gradient, or a whole training step.
///
/// The first call with operands of new shapes or dtypes runs the function once on tensors without
/// numbers, to see what it does; this and later calls then do the same without running it.
///
/// ```java
/// Tensor w = Tensor.parameter(Tensor.of(1.0, 2.0));
/// Jit step = Jit.compile(x -> {
///   w.zeroGrad();
///   Tensor loss = w.mul(x).sum().square();
///   loss.backward();
///   w.assign(w.sub(w.grad().mul(0.01)).detach());
///   return loss;
/// });
/// Tensor loss = step.apply(Tensor.of(0.5, 0.25));
/// ```
///
/// What is read and what is fixed:
/// - Parameters and what optimisers remember are read in each call, and moved by it.
/// - Tensors drawn from an [Rng] inside are drawn anew in each call, the same as without compiling.
/// - Other tensors from outside, and Java values, are as they were when the function was traced;
///   for a number that changes there is [#number].
/// - Java code in the function runs when it is traced, not in each call; see [#effect].
/// - Results have no history: compile the gradient, not what is to be differentiated. A parameter
///   has no gradient after a call; return gradients that are wanted.
///
/// If a call fails, parameters and generators are as they were before it. Threads may share a
/// compiled function, but one waits for the other; parameters belong to one thread at a time as
/// always.
public final class Jit {
  private static final Logger LOG = LoggerFactory.getLogger(Jit.class);

  /// Programs that one function keeps: the one that was not used for longest goes first.
  private static final int MOST = 32;

  /// After so many traces a function is probably given ever new shapes.
  private static final int MANY = 8;

  /// For functions of any number of operands.
  private static final int ANY = -1;

  private final Function<List<Tensor>, List<Tensor>> f;
  private final int arity;
  private final Map<Key, Compiled> programs = new LinkedHashMap<>(16, 0.75f, true);
  private int traces;
  private volatile @Nullable Compiled last;

  private record Key(List<Shape> shapes, List<DType> dtypes, boolean recording, Interpreter on) {
    /// Whether it is the key of these operands here; makes nothing.
    @SuppressWarnings("ReferenceEquality") // that interpreter
    boolean fits(Tensor[] in) {
      if (shapes.size() != in.length
          || recording != Recording.isOn()
          || on != Recording.interpreter()) {
        return false;
      }
      for (int i = 0; i < in.length; i++) {
        if (in[i].dtype() != dtypes.get(i) || !in[i].shape().equals(shapes.get(i))) {
          return false;
        }
      }
      return true;
    }
  }

  /// A program and what belongs to it.
  private static final class Compiled {
    final Key key;
    final Program program;
    final Node[] gathered;
    final Runnable[] effects;
    final Rng.Mark[] generators;
    final Value[] operands;

    Compiled(Key key, Program program, Tracing tracing) {
      this.key = key;
      this.program = program;
      this.gathered = tracing.gathered().toArray(Node[]::new);
      this.effects = tracing.effects().toArray(Runnable[]::new);
      this.generators = tracing.generators().stream().map(Rng.Mark::new).toArray(Rng.Mark[]::new);
      this.operands = new Value[key.shapes.size()];
    }

    void run(Tensor[] in) {
      for (int i = 0; i < in.length; i++) {
        operands[i] = in[i].peek();
      }
      runOrGoBack();
      for (Node n : gathered) {
        n.forgetGrad();
      }
      for (Runnable r : effects) {
        r.run();
      }
    }

    /// A step that fails draws nothing: made again, it gets the same numbers.
    private void runOrGoBack() {
      for (Rng.Mark m : generators) {
        m.set();
      }
      try {
        program.run(operands);
      } catch (Throwable e) {
        for (Rng.Mark m : generators) {
          m.goBack();
        }
        throw e;
      }
    }
  }

  private Jit(int arity, Function<List<Tensor>, List<Tensor>> f) {
    this.arity = arity;
    this.f = f;
  }

  // ---- Making one

  /// Compiles a function of any number of tensors with any number of results.
  public static Jit compileAll(Function<List<Tensor>, List<Tensor>> f) {
    return new Jit(ANY, f);
  }

  /// Compiles a function of no tensor, which works on parameters and captured tensors.
  public static Jit compile(Supplier<Tensor> f) {
    return new Jit(0, in -> List.of(f.get()));
  }

  /// Compiles a function of one tensor.
  public static Jit compile(UnaryOperator<Tensor> f) {
    return new Jit(1, in -> List.of(f.apply(in.getFirst())));
  }

  /// Compiles a function of two tensors, such as a training step on inputs and targets.
  public static Jit compile(BinaryOperator<Tensor> f) {
    return new Jit(2, in -> List.of(f.apply(in.get(0), in.get(1))));
  }

  // ---- Calling it

  /// The first result for the given operands.
  public Tensor apply(Tensor... in) {
    return applyAll(in).getFirst();
  }

  /// All results for the given operands.
  ///
  /// @throws IllegalArgumentException if the function takes another number of operands
  /// @throws IllegalStateException if the function, when traced, reads numbers of a tensor, or does
  ///   something else that would be fixed by tracing
  public List<Tensor> applyAll(Tensor... in) {
    checkCount(in);
    if (!(Recording.interpreter() instanceof Eager) || isDifferentiated(in)) {
      return List.copyOf(f.apply(List.of(in))); // part of something larger
    }
    Compiled c = compiled(in);
    List<Value> results;
    synchronized (c.program) {
      c.run(in);
      results = c.program.results();
    }
    return results.stream().map(v -> new Tensor(v, null)).toList();
  }

  /// A call for what it does to parameters; makes no tensors. See [#result].
  ///
  /// @throws IllegalArgumentException if the function takes another number of operands
  /// @throws IllegalStateException see [#applyAll]; or if operands ask for gradients, or another
  ///   function is being traced
  public void run(Tensor... in) {
    checkCount(in);
    if (isDifferentiated(in) || !(Recording.interpreter() instanceof Eager)) {
      throw new IllegalStateException(
          "Jit.run: inside another traced function, or with operands that ask for gradients, call apply(...)");
    }
    Compiled c = compiled(in);
    synchronized (c.program) {
      c.run(in);
    }
  }

  /// The number that the first result of the last [#run] was.
  ///
  /// @throws IllegalStateException if there was none
  public double result() {
    Compiled c = last;
    if (c == null) {
      throw new IllegalStateException("Jit.result: there was no run(...) yet");
    }
    return c.program.number(0);
  }

  private void checkCount(Tensor[] in) {
    if (arity != ANY && in.length != arity) {
      throw new IllegalArgumentException(
          "Jit: this function was compiled as one of %d operands, but %d were given; compileAll takes any number"
              .formatted(arity, in.length));
    }
  }

  private static boolean isDifferentiated(Tensor[] in) {
    return Recording.isOn() && Arrays.stream(in).anyMatch(Tensor::isTracked);
  }

  private Compiled compiled(Tensor[] in) {
    Compiled c = last;
    if (c == null || !c.key.fits(in)) {
      c = lookUp(in);
      last = c;
    }
    return c;
  }

  private synchronized Compiled lookUp(Tensor[] in) {
    List<Shape> shapes = new ArrayList<>();
    List<DType> dtypes = new ArrayList<>();
    for (Tensor t : in) {
      shapes.add(t.shape());
      dtypes.add(t.dtype());
    }
    Key key = new Key(shapes, dtypes, Recording.isOn(), Recording.interpreter());
    Compiled known = programs.get(key);
    if (known != null) {
      return known;
    }
    if (++traces == MANY) {
      LOG.warn(
          "a compiled function was traced {} times, now for {}; each new shape costs a compilation: pad batches to"
              + " one size, or do not compile it",
          traces,
          shapes);
    }
    if (programs.size() >= MOST) {
      programs.remove(programs.keySet().iterator().next());
    }
    Compiled made = trace(key, in, (Eager) Recording.interpreter());
    programs.put(key, made);
    return made;
  }

  private Compiled trace(Key key, Tensor[] in, Eager eager) {
    var tracing = new Tracing(eager);
    List<Value> results =
        tracing.run(() -> {
          List<Tensor> traced = new ArrayList<>();
          for (Tensor t : in) {
            traced.add(new Tensor(tracing.trace().input(t.shape(), t.dtype()), null));
          }
          return f.apply(List.copyOf(traced)).stream().map(Tensor::value).toList();
        });
    Program p = Program.of(tracing.trace().graph(results), eager);
    return new Compiled(key, p, tracing);
  }

  /// What compiling made of the function for such operands: the graph as traced, simplified and
  /// fused, and how much memory it takes.
  public String explain(Tensor... in) {
    checkCount(in);
    return compiled(in).program.explain();
  }

  // ---- For code that is traced

  /// A number that Java code may change from call to call, such as a learning rate: asked for at
  /// the beginning of each call of the compiled function; at once if none is being traced.
  public static Tensor number(DoubleSupplier v, DType dtype) {
    return Tracing.isOn()
        ? drawn(b -> b.set(v.getAsDouble()), Shape.SCALAR, dtype)
        : Tensor.scalar(v.getAsDouble(), dtype);
  }

  /// Does something to Java state after each call of the compiled function; at once if none is
  /// being traced. It must not fail.
  public static void effect(Runnable r) {
    if (Tracing.isOn()) {
      Tracing.now().effect(r);
    } else {
      r.run();
    }
  }

  /// Runs something outside of the function that is being traced: to make a tensor that stays from
  /// call to call.
  public static <T> T outside(Supplier<T> body) {
    return Tracing.isOn() ? Tracing.now().outside(body) : body.get();
  }

  /// A tensor that is made anew for each call, of a generator's numbers.
  ///
  /// @param fill writes all of an array of the dtype's type, from its beginning
  static Tensor each(Rng rng, Shape shape, DType dtype, Consumer<Buffer> fill) {
    if (Tracing.isOn()) {
      Tracing.now().draws(rng);
      return drawn(fill, shape, dtype);
    }
    Buffer numbers = Buffer.allocate(dtype, shape);
    fill.accept(numbers);
    return new Tensor(numbers, null);
  }

  private static Tensor drawn(Consumer<Buffer> fill, Shape shape, DType dtype) {
    return new Tensor(Tracing.now().trace().drawn(fill, shape, dtype), null);
  }
}
