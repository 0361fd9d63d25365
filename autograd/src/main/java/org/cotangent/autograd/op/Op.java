package org.cotangent.autograd.op;

import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;

/// Everything the engine can compute. An operation is a value: it says what, never how.
///
/// The sections mirror the table of derivatives. Adding a constant or a record here makes the
/// compiler name every other place that must learn of it: the result's shape, the backends, the
/// table of derivatives and the test samples.
public sealed interface Op extends Recorded {

  /// Computed element by element on operands stretched to a common shape.
  sealed interface Elementwise extends Op {}

  /// `y[i] = f(x[i])` on floating numbers (`NEG`, `ABS`, `SIGN`, `SQUARE` on integers also).
  enum Unary implements Elementwise {
    /// -x
    NEG,
    /// |x|
    ABS,
    /// -1, 0 or 1; NaN stays
    SIGN,
    /// 1/x
    RECIPROCAL,
    /// x²
    SQUARE,
    /// √x
    SQRT,
    /// eˣ
    EXP,
    /// eˣ - 1, exact for small x
    EXPM1,
    /// natural logarithm
    LOG,
    /// log(1 + x), exact for small x
    LOG1P,
    /// sine of radians
    SIN,
    /// cosine of radians
    COS,
    /// tangent of radians
    TAN,
    /// arc sine
    ASIN,
    /// arc cosine
    ACOS,
    /// arc tangent
    ATAN,
    /// hyperbolic sine
    SINH,
    /// hyperbolic cosine
    COSH,
    /// hyperbolic tangent
    TANH,
    /// 1/(1 + e⁻ˣ), without overflow
    SIGMOID,
    /// log(1 + eˣ) as log1p(e^-|x|) + max(x, 0)
    SOFTPLUS,
    /// max(x, 0)
    RELU,
    /// largest integer not above x
    FLOOR,
    /// smallest integer not below x
    CEIL,
    /// nearest integer, ties to even
    ROUND,
    /// the error function, 2/√π ∫₀ˣ e^(-s²) ds
    ERF,
    /// 1 - erf(x), accurate where that would cancel
    ERFC
  }

  /// `y[i] = f(a[i], b[i])` on two operands of one numeric dtype.
  enum Binary implements Elementwise {
    /// a + b
    ADD,
    /// a - b
    SUB,
    /// a · b
    MUL,
    /// a / b; integers truncate toward zero
    DIV,
    /// aᵇ, floating only
    POW,
    /// the larger; NaN if either is
    MAXIMUM,
    /// the smaller; NaN if either is
    MINIMUM,
    /// the angle of the point (b, a), floating only
    ATAN2
  }

  /// `y[i] = a[i] ~ b[i]`, a `BOOL`, on two operands of one dtype.
  enum Compare implements Elementwise {
    /// a = b
    EQ,
    /// a ≠ b
    NE,
    /// a < b
    LT,
    /// a ≤ b
    LE,
    /// a > b
    GT,
    /// a ≥ b
    GE
  }

  /// On `BOOL`s. `NOT` has one operand.
  enum Logical implements Elementwise {
    /// a ∧ b
    AND,
    /// a ∨ b
    OR,
    /// a ≠ b
    XOR,
    /// ¬a
    NOT
  }

  /// `y[i] = c[i] ? a[i] : b[i]` on a `BOOL` and two operands of one dtype. The branch not taken
  /// leaves no trace in the result or the gradients, not even a NaN.
  record Where() implements Elementwise {}

  /// `y[i] = min(max(x[i], lo), hi)`; NaN stays.
  record Clamp(double lo, double hi) implements Elementwise {}

  /// The same numbers in another dtype: rounded to nearest between floats, truncated toward zero to
  /// integers, `x != 0` to `BOOL`.
  record Cast(DType to) implements Elementwise {}

  /// Linear in their floating operands.
  sealed interface Linear extends Op {}

  /// Sums over the axes along which `to` must be stretched to give the operand's shape.
  record Sum(Shape to) implements Linear {}

  /// Stretches the operand to the shape `to` by broadcasting.
  record Expand(Shape to) implements Linear {}

  /// The same elements in row-major order under another shape.
  record Reshape(Shape to) implements Linear {}

  /// Axis `i` of the result is axis `order.get(i)` of the operand.
  record Permute(Axes order) implements Linear {}

  /// Elements `start, start + step, ...` of one axis, `length` of them; `step` may be negative.
  record Slice(int axis, int start, int length, int step) implements Linear {}

  /// Zeros, of extent `size` along one axis, with the operand at `start, start + step, ...`: the
  /// adjoint of [Slice].
  record Embed(int axis, int start, int step, int size) implements Linear {}

  /// All operands one after another along an axis.
  record Concat(int axis) implements Linear {}

  /// `y[.., i, ..] = x[.., index[.., i, ..], ..]` along an axis; the index has the rank of x, and
  /// the extents of x on the other axes.
  record Gather(int axis) implements Linear {}

  /// Zeros of extent `size` along an axis, to which `y[.., index[.., i, ..], ..] += x[.., i, ..]`:
  /// the adjoint of [Gather].
  record ScatterAdd(int axis, int size) implements Linear {}

  /// `y[.., i, ..] = x[.., index[i], ..]`: whole slices chosen by an index of rank 1.
  record IndexSelect(int axis) implements Linear {}

  /// Zeros of extent `size` along an axis, to which `y[.., index[i], ..] += x[.., i, ..]`: the
  /// adjoint of [IndexSelect].
  record IndexAdd(int axis, int size) implements Linear {}

  /// `y[i] = x[0] + ... + x[i]` along an axis; `reverse` sums from the end, which is the adjoint.
  record CumSum(int axis, boolean reverse) implements Linear {}

  /// `y[.., i, .., k] = x[.., i step + k dilation, ..]`: `count` windows of `size` elements along
  /// an axis, the elements of a window along a new last axis. Windows may overlap.
  record Windows(int axis, int count, int size, int step, int dilation) implements Linear {}

  /// Zeros of extent `extent` along an axis, to which `y[.., i step + k dilation, ..] += x[.., i,
  /// .., k]`: the adjoint of [Windows].
  record OverlapAdd(int axis, int extent, int step, int dilation) implements Linear {}

  /// Linear in each operand.
  sealed interface Bilinear extends Op {}

  /// The matrix product of the last two axes, each operand transposed first if asked; the leading
  /// axes broadcast as batches.
  record MatMul(boolean transA, boolean transB) implements Bilinear {}

  /// The convolution of images `x [n, c, h, w]` with kernels `w [o, c/groups, kh, kw]` to `y [n, o,
  /// yh, yw]`, without turning the kernels round, and its two adjoints: the three ways to sum the
  /// products `x w y` over all that meets, by which of the three is left out of the sum.
  record Conv(Kind kind, Sliding rows, Sliding columns, int groups) implements Bilinear {
    /// Which of the three is the result; the other two are the operands.
    public enum Kind {
      /// `(x, w)` to `y`: the convolution.
      OUTPUT,
      /// `(y, w)` to `x`: the transposed convolution, the gradient of the input.
      INPUT,
      /// `(x, y)` to `w`: the gradient of the kernels.
      KERNEL
    }

    /// The same geometry with another result.
    public Conv of(Kind other) {
      return new Conv(other, rows, columns, groups);
    }
  }

  /// `y = f(x)` over rows: each element of `y` depends on one group of elements of the first
  /// operand, the group that `y`'s shape stretches to.
  sealed interface Reduction extends Op {}

  /// The largest along the axes that `to` stretches over; NaN if one is.
  record Max(Shape to) implements Reduction {}

  /// log Σ eˣ along the axes that `to` stretches over, shifted by the largest.
  record LogSumExp(Shape to) implements Reduction {}

  /// `-Σ_c t_c log softmax(x)_c` for each row of logits `x`; the second operand holds a class index
  /// a row (integers, shape of x without its last axis) or a weight a class (floats, shape of x).
  /// The result has one element a row, with the last axis kept as extent 1.
  record SoftmaxCrossEntropy() implements Reduction {}

  /// eˣ / Σ eˣ along one axis, shifted by the largest.
  record Softmax(int axis) implements Op {}

  /// The first position of the largest element along an axis (which is kept as extent 1), as `I64`;
  /// a NaN counts as the largest.
  record ArgMax(int axis) implements Op {}

  /// Square matrices in factors, and systems solved with them; the leading axes are batches. Their
  /// rules are in a file of their own. `F32` is computed in double and rounded once.
  sealed interface Factorization extends Op {}

  /// The lower triangular `L` with a positive diagonal and `L Lᵀ = (x + xᵀ)/2`.
  ///
  /// So it is defined, and has a derivative, for operands that are not symmetric too; for symmetric
  /// ones it is the usual factor, with the symmetric gradient.
  record Cholesky() implements Factorization {}

  /// The `y` with `T y = b` or `Tᵀ y = b`, where `T` is one triangle of the first operand, with
  /// ones on the diagonal if `unit`; nothing else of it is read. Batches broadcast.
  record TriangularSolve(boolean upper, boolean transposed, boolean unit)
      implements Factorization {}

  /// `x[r, c] = L U` for an order `r` of rows and `c` of columns chosen for accuracy, of shape
  /// `[.., n + 2, n]`: `L` below the diagonal (its own is 1) and `U`, then `r`, then `c`, as whole
  /// floating numbers; an array index is one exactly in `F32` too.
  ///
  /// The last `left` columns are not eliminated, nor are columns from the first pivot that is 0 on;
  /// it is so only when all that is left is 0. There `L` is the identity, and what is left stands
  /// in place of `U`, not triangular.
  record Lu(int left) implements Factorization {}

  /// The `y` with `a y = b` or `aᵀ y = b` for the operands `a, f, b`, where `f` is [Lu] of `a` or
  /// of a matrix near it: where the search begins, not where it ends, so that `y` does not depend
  /// on it. Batches broadcast.
  record Solve(boolean transposed) implements Factorization {}

  /// The positions, as `I64`, that put the elements along an axis into order: equal ones stay in
  /// theirs, and a NaN counts as the largest.
  record ArgSort(int axis, boolean descending) implements Op {}

  /// Windows over the last two axes, `h` by `w`: for each the place `row w + column` of its first
  /// largest element, as `I64`; a NaN counts as the largest. What lies outside is in no window.
  record ArgMaxPool(Sliding rows, Sliding columns) implements Op {}

  /// The mean and the mean squared deviation from it, along the axes that `to` stretches over, one
  /// behind the other along a new first axis.
  record Moments(Shape to) implements Op {}
}
