package org.cotangent.autograd;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.jspecify.annotations.Nullable;

/// An array of numbers of any rank that remembers how it was made, so that its gradient can be
/// taken.
///
/// Values never change; only a parameter ([#parameter]) can be assigned another. Operations on
/// operands of different shapes broadcast as in NumPy; on different dtypes they work in the later
/// of `BOOL, I32, I64, F32, F64`; a Java number takes the tensor's dtype. Axes may be negative to
/// count from the end. Operands that do not fit throw `IllegalArgumentException` naming the
/// operation, the shapes and the rule.
///
/// ```java
/// Tensor x = Tensor.parameter(Tensor.of(1.0, 2.0, 3.0));
/// Tensor y = x.square().sum();
/// y.backward();
/// System.out.println(x.grad());   // [2.0, 4.0, 6.0]
/// ```
public final class Tensor extends TensorViews implements Partial {
  private Value value;
  private final @Nullable Node node;
  private boolean lent;

  Tensor(Value value, @Nullable Node node) {
    this.value = value;
    this.node = node;
  }

  /// The numbers, to be kept or seen by others from now on.
  Value value() {
    if (isState()) {
      return Tracing.now().read(this);
    }
    Eager.share(value);
    return value;
  }

  /// Whether a function is being traced and this is a parameter from outside of it.
  @SuppressWarnings("ReferenceEquality") // that tensor, not one with equal numbers
  private boolean isState() {
    return node instanceof Node.Leaf leaf
        && leaf.owner == this
        && Eager.hasNumbers(value)
        && Tracing.isOn();
  }

  /// The numbers, to be read and let go at once, or lent.
  Value peek() {
    return value;
  }

  /// [#assign] of numbers that were made for nobody else.
  void assignOwned(Value v) {
    value = v;
  }

  /// The same numbers for the length of a call: see [#endLoan].
  Tensor lend() {
    Tensor t = new Tensor(value, null);
    t.lent = true;
    return t;
  }

  /// Takes the numbers of a lent tensor away, unless somebody else can see their memory anyway.
  void endLoan() {
    if (Eager.isOwned(value)) {
      value = new Node.Ended(shape(), dtype());
    }
  }

  @Nullable Node node() {
    return node;
  }

  // ---- Making tensors

  /// A vector of `F64`.
  public static Tensor of(double... data) {
    return of(Shape.of(data.length), data);
  }

  /// A vector of `F32`.
  public static Tensor of(float... data) {
    return of(Shape.of(data.length), data);
  }

  /// A vector of `I32`.
  public static Tensor of(int... data) {
    return of(Shape.of(data.length), data);
  }

  /// A vector of `I64`.
  public static Tensor of(long... data) {
    return of(Shape.of(data.length), data);
  }

  /// A vector of `BOOL`.
  public static Tensor of(boolean... data) {
    return of(Shape.of(data.length), data);
  }

  /// A matrix or more, of rectangular nested Java arrays of one primitive type: `double[][]` gives
  /// `F64`, `float[][]` `F32`, `int[][]` `I32`, `long[][]` `I64`, `boolean[][]` `BOOL`.
  ///
  /// @throws IllegalArgumentException if it is ragged or no array of these types
  public static Tensor of(Object[] nested) {
    return Creation.nested(nested);
  }

  /// A tensor of the given shape from a copy of row-major data: a `double[]` (`F64`), `float[]`
  /// (`F32`), `int[]`, `long[]` or `boolean[]`.
  ///
  /// @throws IllegalArgumentException if the number of elements differs from the shape's
  public static Tensor of(Shape shape, Object data) {
    return Creation.of(shape, data);
  }

  /// A single number of the default dtype `F32`.
  public static Tensor scalar(double v) {
    return scalar(v, DType.F32);
  }

  /// A single number.
  public static Tensor scalar(double v, DType dtype) {
    return new Tensor(Recording.interpreter().constant(v, dtype), null);
  }

  static Tensor zeros(DType dtype) {
    return scalar(0, dtype);
  }

  /// Zeros of `F32`.
  public static Tensor zeros(int... dims) {
    return zeros(Shape.of(dims), DType.F32);
  }

  /// Zeros.
  public static Tensor zeros(Shape shape, DType dtype) {
    return full(shape, 0, dtype);
  }

  /// Ones of `F32`.
  public static Tensor ones(int... dims) {
    return ones(Shape.of(dims), DType.F32);
  }

  /// Ones.
  public static Tensor ones(Shape shape, DType dtype) {
    return full(shape, 1, dtype);
  }

  /// The same number everywhere; takes the memory of one.
  public static Tensor full(Shape shape, double v, DType dtype) {
    return scalar(v, dtype).expand(shape);
  }

  /// The `I64` numbers 0 to n - 1.
  public static Tensor arange(int n) {
    return arange(0, n, 1, DType.I64);
  }

  /// `start, start + step, ...` up to but without `stop`.
  public static Tensor arange(double start, double stop, double step, DType dtype) {
    return Creation.arange(start, stop, step, dtype);
  }

  /// `n` evenly spaced numbers from `first` to `last`, both included.
  public static Tensor linspace(double first, double last, int n, DType dtype) {
    return Creation.linspace(first, last, n, dtype);
  }

  /// The identity matrix.
  public static Tensor eye(int n, DType dtype) {
    return arange(n).unsqueeze(1).eq(arange(n)).to(dtype);
  }

  /// A leaf with the numbers of `init` that asks for gradients and can be assigned.
  ///
  /// @throws IllegalArgumentException if the dtype is not floating
  public static Tensor parameter(Tensor init) {
    if (!init.dtype().isFloating()) {
      throw new IllegalArgumentException(
          "parameter: only F32 and F64 can carry gradients, but this is %s; convert with to(...)"
              .formatted(init.dtype()));
    }
    Node.Leaf leaf = new Node.Leaf();
    Value v = Recording.here(init).detach().value();
    boolean traced = Tracing.isOn() && !(v instanceof Example);
    Tensor p = new Tensor(traced ? Tracing.now().local(v) : v, leaf);
    leaf.owner = p;
    return p;
  }

  // ---- Looking at them

  /// The extents.
  @Override
  public Shape shape() {
    return value.shape();
  }

  /// The element type.
  @Override
  public DType dtype() {
    return value.dtype();
  }

  /// The number of axes.
  public int rank() {
    return shape().rank();
  }

  /// The number of elements.
  public int size() {
    return shape().size();
  }

  /// The extent of one axis.
  public int dim(int axis) {
    return shape().dim(axis);
  }

  /// The number in a tensor of one element; a `BOOL` gives 0 or 1.
  public double item() {
    return Reading.item(this);
  }

  /// The element at the given place.
  public double get(int... index) {
    return Reading.get(this, index);
  }

  /// All elements in row-major order as doubles, in an array of the caller's own.
  public double[] toDoubleArray() {
    return Reading.doubles(this);
  }

  /// All elements in row-major order, rounded to floats.
  public float[] toFloatArray() {
    return Reading.floats(this);
  }

  /// All elements in row-major order as longs; fractions are cut off.
  public long[] toLongArray() {
    return Reading.longs(this);
  }

  /// All elements in row-major order as ints.
  ///
  /// @throws ArithmeticException if one does not fit
  public int[] toIntArray() {
    return Reading.ints(this);
  }

  /// All elements in row-major order; true where not 0.
  public boolean[] toBooleanArray() {
    return Reading.booleans(ne(0));
  }

  /// The numbers as NumPy shows them, long axes shortened.
  @Override
  public String toString() {
    return Printing.show(this);
  }

  // ---- Gradients

  /// Whether gradients flow through here: a parameter, or computed from one while recording.
  public boolean isTracked() {
    return node != null;
  }

  /// Whether this is a parameter.
  public boolean isLeaf() {
    return node instanceof Node.Leaf;
  }

  /// Adds the gradient of this scalar to [#grad] of every parameter it was computed from, and
  /// releases the graph unless told to keep it.
  ///
  /// @throws IllegalStateException if this is not a scalar, or not computed from a parameter, or
  ///   the graph was released before
  public void backward(Grad.Option... options) {
    Grad.backward(this, List.of(), options);
  }

  /// The same from a gradient of this tensor, of its shape: adds `cotangentᵀ ∂this/∂p` to each
  /// parameter `p`.
  public void backward(Tensor cotangent, Grad.Option... options) {
    Grad.backward(this, List.of(cotangent), options);
  }

  /// The gradient gathered so far.
  ///
  /// @throws IllegalStateException if there is none
  public Tensor grad() {
    Tensor g = node == null ? null : node.giveGrad();
    if (g == null) {
      throw new IllegalStateException(
          node == null
              ? "grad: this tensor (%s) asks for no gradient; make it with Tensor.parameter(...)"
                  .formatted(shape())
              : "grad: no gradient has come to this tensor (%s): no backward() reached it yet%s"
                  .formatted(shape(), isLeaf() ? "" : ", or call retainGrad() on it before"));
    }
    return g;
  }

  /// Whether [#grad] has something to give.
  public boolean hasGrad() {
    return node != null && node.hasGrad();
  }

  /// Forgets the gathered gradient.
  public void zeroGrad() {
    if (node != null) {
      node.forgetGrad();
    }
  }

  /// Asks that [#backward] leave the gradient of this intermediate result here too.
  public Tensor retainGrad() {
    if (node instanceof Node.Step s) {
      s.keepsGrad = true;
    }
    return this;
  }

  /// Calls `hook` with the gradient of this tensor in every backward pass that reaches it, whole:
  /// summed over all uses, before it goes on, into [#grad] or out of [Grad#grad]. What the hook
  /// returns goes on instead; return what came to leave it.
  ///
  /// Hooks of one tensor run in the order in which they were registered, each on what the one
  /// before returned; those of a result before those of what it was computed from. With
  /// `CREATE_GRAPH` what a hook does is recorded. Forward mode passes by.
  ///
  /// ```java
  /// GradHook clip = h.onGrad(g -> g.clamp(-1, 1));
  /// clip.remove();
  /// ```
  ///
  /// @throws IllegalStateException if this tensor asks for no gradient
  public GradHook onGrad(UnaryOperator<Tensor> hook) {
    if (node == null) {
      throw new IllegalStateException(
          "onGrad: this tensor (%s) asks for no gradient; make it with Tensor.parameter(...), or compute it from one"
              .formatted(shape()));
    }
    return new GradHook(node, hook);
  }

  /// The graph behind this tensor, to be printed or drawn.
  ///
  /// @throws IllegalStateException if it was released by [#backward]
  public GraphView graph() {
    return graph(Map.of());
  }

  /// The graph behind this tensor, with names for tensors in it: a module's `parameters()`, or
  /// intermediate results too.
  ///
  /// @throws IllegalStateException if it was released by [#backward]
  public GraphView graph(Map<String, Tensor> names) {
    return GraphView.of(this, names);
  }

  /// The same numbers without history.
  public Tensor detach() {
    return Recording.here(this).cut();
  }

  /// At all levels of [Vmap].
  private Tensor cut() {
    if (value instanceof Example e) {
      return new Tensor(new Example(e.vmap(), e.all().cut(), e.isMapped()), null);
    }
    return node == null && !lent ? this : new Tensor(value(), null);
  }

  /// Says that nobody will read this tensor again, so that its memory serves later results as soon
  /// as what was computed from it does not need it any more: at the latest when [#backward]
  /// releases the graph, where it would else wait for the garbage collector. Reading its numbers or
  /// computing with it afterwards throws `IllegalStateException`. Gradients still flow through it.
  ///
  /// Never needed, and of use for large results in loops only, that a function makes on the way and
  /// nobody else sees. While a function is traced, under `vmap` and in a `Checkpoint` it does
  /// nothing.
  ///
  /// @throws IllegalStateException if this is a parameter, or lent ([Grad#lend])
  public void donate() {
    if (isLeaf()) {
      throw new IllegalStateException(
          "donate: a parameter of shape %s belongs to those who train it; only results can be donated"
              .formatted(shape()));
    }
    if (lent) {
      throw new IllegalStateException(
          "donate: this gradient of shape %s is lent for the length of a call and still the parameter's; zeroGrad() ends it"
              .formatted(shape()));
    }
    if (Recording.interpreter() instanceof Eager && Eager.hasNumbers(value)) {
      Value v = value;
      value = new Node.Donated(v.shape(), v.dtype());
      Eager.donate(v);
    }
  }

  /// Gives this parameter the numbers of `t`. Graphs recorded before keep the old ones.
  ///
  /// @throws IllegalStateException if this is not a parameter
  /// @throws IllegalArgumentException if shape or dtype differ
  public void assign(Tensor t) {
    checkAssign(t.shape(), t.dtype());
    if (t.value instanceof Example && !(value instanceof Example)) {
      throw new IllegalStateException(
          "assign: inside vmap a result stands for each of many examples, which a parameter from outside cannot hold; return it and assign outside");
    }
    if (isState()) {
      Tracing.now().assign(this, t.value());
    } else {
      value = t.value();
    }
  }

  void checkAssign(Shape shape, DType dtype) {
    if (!isLeaf()) {
      throw new IllegalStateException(
          "assign: only a parameter can be assigned; values are immutable");
    }
    if (!shape.equals(shape()) || dtype != dtype()) {
      throw new IllegalArgumentException(
          "assign: a parameter of shape %s, dtype %s cannot become %s, %s"
              .formatted(shape(), dtype(), shape, dtype));
    }
  }

  /// `a` where the condition holds, else `b`; nothing of the other branch leaks, not even a NaN.
  public static Tensor where(Tensor condition, Tensor a, Tensor b) {
    DType d = DType.promote(a.dtype(), b.dtype());
    return apply(new Op.Where(), condition, a.to(d), b.to(d));
  }

  @Override
  Tensor self() {
    return this;
  }
}
