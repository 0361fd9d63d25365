package org.cotangent.autograd;

import static org.cotangent.autograd.Partial.Constant.MINUS_ONE;
import static org.cotangent.autograd.Partial.Constant.NONE;
import static org.cotangent.autograd.Partial.Constant.ONE;
import static org.cotangent.autograd.Partial.Constant.ZERO;

import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Op.Conv.Kind;
import org.cotangent.autograd.op.Recorded;
import org.cotangent.autograd.op.UserOp;
import org.cotangent.autograd.shape.Shape;

/// The table of derivatives: what each operation's result says about its operands.
///
/// Rows are written in tensors, so that a derivative can itself be differentiated, traced and
/// fused. `x` are the operands, `y` the result, `g` the incoming gradient. Un-broadcasting, sums
/// over several uses, dtypes and the choice of the operands that need a gradient are the caller's;
/// no row mentions them. Reverse mode ([#pullback]) and forward mode ([#pushforward]) read the same
/// rows.
final class Derivatives {
  private Derivatives() {}

  // ---- 1. Elementwise: the partial derivative, stated once for both modes

  /// ∂y/∂x_i.
  static Partial partial(Op.Elementwise op, int i, Tensor[] x, Tensor y) {
    return switch (op) {
      case Op.Unary f -> partial(f, x[0], y);
      case Op.Binary f -> partial(f, i, x[0], x[1], y);
      case Op.Where() ->
          switch (i) {
            case 0 -> NONE;
            case 1 -> x[0];
            default -> x[0].not();
          };
      case Op.Clamp(double lo, double hi) -> x[0].ge(lo).and(x[0].le(hi));
      case Op.Cast _ -> ONE;
      case Op.Compare _, Op.Logical _ -> NONE;
    };
  }

  private static Partial partial(Op.Unary f, Tensor x, Tensor y) {
    return switch (f) {
      case NEG -> MINUS_ONE;
      case ABS -> x.sign();
      case RECIPROCAL -> y.square().neg(); // -1/x²
      case SQUARE -> x.mul(2);
      case SQRT -> y.reciprocal().mul(0.5); // 1/(2√x)
      case EXP -> y;
      case EXPM1 -> x.exp();
      case LOG -> x.reciprocal();
      case LOG1P -> x.add(1).reciprocal();
      case SIN -> x.cos();
      case COS -> x.sin().neg();
      case TAN -> y.square().add(1); // 1 + tan²
      case ASIN -> x.square().rsub(1).sqrt().reciprocal(); // 1/√(1 - x²)
      case ACOS -> x.square().rsub(1).sqrt().reciprocal().neg();
      case ATAN -> x.square().add(1).reciprocal(); // 1/(1 + x²)
      case SINH -> x.cosh();
      case COSH -> x.sinh();
      case TANH -> y.square().rsub(1); // 1 - y²
      case SIGMOID -> y.mul(y.rsub(1)); // y(1 - y)
      case SOFTPLUS -> x.sigmoid();
      case RELU -> y.gt(0);
      case SIGN, FLOOR, CEIL, ROUND -> ZERO;
      case ERF -> x.square().neg().exp().mul(2 / Math.sqrt(Math.PI)); // 2/√π e^(-x²)
      case ERFC -> x.square().neg().exp().mul(-2 / Math.sqrt(Math.PI));
    };
  }

  private static Partial partial(Op.Binary f, int i, Tensor a, Tensor b, Tensor y) {
    return switch (f) {
      case ADD -> ONE;
      case SUB -> i == 0 ? ONE : MINUS_ONE;
      case MUL -> i == 0 ? b : a;
      case DIV -> i == 0 ? b.reciprocal() : y.div(b).neg(); // 1/b, -a/b²
      case POW -> i == 0 ? powBase(a, b) : powExponent(a, b, y);
      case MAXIMUM -> i == 0 ? larger(a, b) : larger(b, a);
      case MINIMUM -> i == 0 ? larger(b, a) : larger(a, b);
      case ATAN2 -> i == 0 ? perSquaredNorm(b, a, b) : perSquaredNorm(a, a, b).neg();
    };
  }

  /// b aᵇ⁻¹, and 0 where b = 0: a⁰ is 1 for every a, also for 0.
  private static Tensor powBase(Tensor a, Tensor b) {
    return Tensor.where(b.eq(0), b.mul(0), b.mul(a.pow(b.sub(1))));
  }

  /// aᵇ log a, and 0 where a = 0 and b ≥ 0: 0ᵇ is flat there from the right.
  private static Tensor powExponent(Tensor a, Tensor b, Tensor y) {
    return Tensor.where(a.eq(0).and(b.ge(0)), y.mul(0), y.mul(a.log()));
  }

  /// 1 where a > b, a half at ties, else 0.
  private static Tensor larger(Tensor a, Tensor b) {
    return a.gt(b).to(a.dtype()).add(a.eq(b).to(a.dtype()).mul(0.5));
  }

  /// u/(a² + b²), and 0 at the origin, where the angle has no derivative.
  private static Tensor perSquaredNorm(Tensor u, Tensor a, Tensor b) {
    Tensor r = a.square().add(b.square());
    Tensor origin = r.eq(0);
    return u.div(Tensor.where(origin, r.add(1), r)); // u is 0 at the origin
  }

  // ---- 2. Linear: the adjoint; forward mode is the operation itself

  /// The gradient of operand `i`, given the gradient `g` of the result.
  static Tensor adjoint(Op.Linear op, int i, Tensor[] x, Tensor g) {
    return switch (op) {
      case Op.Sum _ -> Recording.apply(new Op.Expand(x[0].shape()), g);
      case Op.Expand _ -> Recording.apply(new Op.Sum(x[0].shape()), g);
      case Op.Reshape _ -> Recording.apply(new Op.Reshape(x[0].shape()), g);
      case Op.Permute(var order) -> Recording.apply(new Op.Permute(order.inverse()), g);
      case Op.Slice s ->
          Recording.apply(
              new Op.Embed(s.axis(), s.start(), s.step(), x[0].shape().dim(s.axis())), g);
      case Op.Embed e ->
          Recording.apply(
              new Op.Slice(e.axis(), e.start(), x[0].shape().dim(e.axis()), e.step()), g);
      case Op.Concat(int axis) -> {
        int start = 0;
        for (int k = 0; k < i; k++) {
          start += x[k].shape().dim(axis);
        }
        yield Recording.apply(new Op.Slice(axis, start, x[i].shape().dim(axis), 1), g);
      }
      case Op.Gather(int axis) ->
          Recording.apply(new Op.ScatterAdd(axis, x[0].shape().dim(axis)), g, x[1]);
      case Op.ScatterAdd(int axis, _) -> Recording.apply(new Op.Gather(axis), g, x[1]);
      case Op.IndexSelect(int axis) ->
          Recording.apply(new Op.IndexAdd(axis, x[0].shape().dim(axis)), g, x[1]);
      case Op.IndexAdd(int axis, _) -> Recording.apply(new Op.IndexSelect(axis), g, x[1]);
      case Op.CumSum(int axis, boolean reverse) ->
          Recording.apply(new Op.CumSum(axis, !reverse), g);
      case Op.Windows(int axis, _, _, int step, int dilation) ->
          Recording.apply(new Op.OverlapAdd(axis, x[0].shape().dim(axis), step, dilation), g);
      case Op.OverlapAdd(int axis, _, int step, int dilation) -> {
        Shape windows = x[0].shape();
        int size = windows.dim(-1);
        yield Recording.apply(new Op.Windows(axis, windows.dim(axis), size, step, dilation), g);
      }
    };
  }

  // ---- 3. Bilinear: the adjoint in each operand; forward mode is the sum of two applications

  private static Tensor adjoint(Op.Bilinear op, int i, Tensor[] x, Tensor g) {
    return switch (op) {
      case Op.MatMul(boolean ta, boolean tb) -> {
        Tensor a = x[0];
        Tensor b = x[1];
        if (i == 0) {
          yield ta ? matmul(b, tb, g, true) : matmul(g, false, b, !tb); // B Gᵀ, or G Bᵀ
        }
        yield tb ? matmul(g, true, a, ta) : matmul(a, !ta, g, false); // Gᵀ A, or Aᵀ G
      }
      // Σ x w y is linear in all three: g takes the place of the result, x[i] is left out.
      case Op.Conv c ->
          switch (c.kind()) {
            case OUTPUT ->
                i == 0
                    ? Recording.apply(c.of(Kind.INPUT), g, x[1])
                    : Recording.apply(c.of(Kind.KERNEL), x[0], g);
            case INPUT ->
                i == 0
                    ? Recording.apply(c.of(Kind.OUTPUT), g, x[1])
                    : Recording.apply(c.of(Kind.KERNEL), g, x[0]);
            case KERNEL ->
                i == 0
                    ? Recording.apply(c.of(Kind.INPUT), x[1], g)
                    : Recording.apply(c.of(Kind.OUTPUT), x[0], g);
          };
    };
  }

  private static Tensor matmul(Tensor a, boolean ta, Tensor b, boolean tb) {
    return Recording.apply(new Op.MatMul(ta, tb), a, b);
  }

  // ---- 4. Reductions: y = f(x) a row; the weight ∂y/∂x, stated once for both modes

  /// ∂y/∂x_i, of the shape of `x[i]`, for the element of `y` that stretches over it.
  private static Tensor weight(Op.Reduction op, int i, Tensor[] x, Tensor y) {
    return switch (op) {
      case Op.Max _ -> {
        // Ties share evenly; a NaN result came from the NaNs.
        Tensor hit = x[0].eq(y).or(x[0].isNaN()).to(y.dtype());
        yield hit.div(Recording.apply(new Op.Sum(y.shape()), hit));
      }
      // e^(x-y); nothing flows to -∞, also where all of a row is and x - y would be NaN: chosen
      // before
      // the exponential, whose own derivative is then 0 too.
      case Op.LogSumExp _ -> {
        Tensor never = Tensor.scalar(Double.NEGATIVE_INFINITY, y.dtype());
        yield Tensor.where(x[0].eq(never), never, x[0].sub(y)).exp();
      }
      case Op.SoftmaxCrossEntropy() -> {
        if (i == 1) {
          yield x[0].logSoftmax(-1).neg();
        }
        Tensor p = x[0].softmax(-1);
        if (x[1].dtype().isInteger()) {
          yield p.sub(x[1].oneHot(x[0].shape().dim(-1), x[0].dtype()));
        }
        yield p.mul(x[1].sum(-1, true)).sub(x[1]); // p Σt - t
      }
    };
  }

  /// The Jacobian of a row of softmax, diag(y) - y yᵀ, is symmetric: both modes multiply by it.
  private static Tensor softmax(int axis, Tensor y, Tensor g) {
    Tensor gy = g.mul(y);
    return gy.sub(y.mul(gy.sum(axis, true)));
  }

  /// The mean moves by the mean of the tangents, the mean of (x - mean)² by that of 2 (x - mean)
  /// times them: what the mean's own move would add is nothing, for deviations add up to 0.
  private static Tensor moments(Tensor x, Tensor y, Tensor g) {
    double n = 2.0 * x.size() / y.size();
    Tensor deviations = x.sub(y.select(0, 0));
    return deviations.mul(g.select(0, 1).mul(2 / n)).add(g.select(0, 0).div(n));
  }

  private static Tensor movedMoments(Op.Moments op, Tensor x, Tensor y, Tensor t) {
    double n = 2.0 * x.size() / y.size();
    Tensor squares = x.sub(y.select(0, 0)).mul(t).mul(2);
    Tensor mean = Recording.apply(new Op.Sum(op.to()), t).div(n);
    return Tensor.stack(0, mean, Recording.apply(new Op.Sum(op.to()), squares).div(n));
  }

  // ---- The two readings of the table

  /// The gradient of operand `i`, given the gradient `g` of the result. It may still have the
  /// result's shape or dtype where the operand was broadcast or converted.
  static Tensor pullback(Recorded op, int i, Tensor[] x, Tensor y, Tensor g) {
    return switch (op) {
      case Op.Elementwise f ->
          FusedRules.pullback(f, i, x, y, g).orElseGet(() -> elementwisePullback(f, i, x, y, g));
      case Op.Linear f -> adjoint(f, i, x, g);
      case Op.Bilinear f -> adjoint(f, i, x, g);
      case Op.Reduction f ->
          FusedRules.pullback(f, i, x, g).orElseGet(() -> g.mul(weight(f, i, x, y)));
      case Op.Softmax(int axis) -> softmax(axis, y, g);
      case Op.ArgMax f -> throw notDifferentiable(f);
      case Op.Factorization f -> Factorizations.pullback(f, i, x, y, g);
      case Op.ArgSort f -> throw notDifferentiable(f);
      case Op.ArgMaxPool f -> throw notDifferentiable(f);
      case Op.Moments _ -> moments(x[0], y, g);
      case UserOp f -> ((CustomOp) f).pullback(i, x, y, g);
    };
  }

  /// The same for elementwise operations, always one operation after the other.
  static Tensor elementwisePullback(Op.Elementwise op, int i, Tensor[] x, Tensor y, Tensor g) {
    return times(partial(op, i, x, y), g, op);
  }

  /// The tangent of the result that comes from the tangent `t` of operand `i`.
  static Tensor pushforward(Recorded op, int i, Tensor[] x, Tensor y, Tensor t) {
    return switch (op) {
      case Op.Elementwise f -> times(partial(f, i, x, y), t, f).to(y.dtype()).expand(y.shape());
      case Op.Concat f -> {
        Tensor[] parts = new Tensor[x.length];
        for (int k = 0; k < parts.length; k++) {
          parts[k] = k == i ? t : Tensor.zeros(x[k].dtype()).expand(x[k].shape());
        }
        yield Recording.apply(f, parts);
      }
      case Op.Linear f -> x.length == 1 ? Recording.apply(f, t) : Recording.apply(f, t, x[1]);
      case Op.Bilinear f -> i == 0 ? Recording.apply(f, t, x[1]) : Recording.apply(f, x[0], t);
      case Op.Reduction f -> Recording.apply(new Op.Sum(y.shape()), t.mul(weight(f, i, x, y)));
      case Op.Softmax(int axis) -> softmax(axis, y, t);
      case Op.ArgMax f -> throw notDifferentiable(f);
      case Op.Factorization f -> Factorizations.pushforward(f, i, x, y, t);
      case Op.ArgSort f -> throw notDifferentiable(f);
      case Op.ArgMaxPool f -> throw notDifferentiable(f);
      case Op.Moments f -> movedMoments(f, x[0], y, t);
      case UserOp f -> ((CustomOp) f).pushforward(i, x, y, t);
    };
  }

  private static Tensor times(Partial d, Tensor g, Op op) {
    return switch (d) {
      case ONE -> g;
      case MINUS_ONE -> g.neg();
      case ZERO -> Tensor.zeros(g.dtype()).expand(g.shape());
      case NONE -> throw notDifferentiable(op);
      case Tensor mask when mask.dtype() == org.cotangent.autograd.shape.DType.BOOL ->
          Tensor.where(mask, g, Tensor.zeros(g.dtype()));
      case Tensor factor -> g.mul(factor);
    };
  }

  private static IllegalStateException notDifferentiable(Op op) {
    return new IllegalStateException(
        "%s: has no derivative in this operand; nothing should have asked for it"
            .formatted(Node.name(op)));
  }

  // ---- What the rows read, so that all else can be collected

  /// The bit that says a rule reads the numbers of its result.
  static final int RESULT = 1 << 31;

  /// The bit that says a rule reads the numbers of operand `i` (all beyond the 30th share one).
  static int input(int i) {
    return 1 << Math.min(i, 30);
  }

  /// Which numbers the rows of `op` read for the operands that ask for gradients. Shapes and dtypes
  /// may always be read.
  static int reads(Recorded op, Tensor[] x) {
    return switch (op) {
      case Op.Unary f ->
          switch (f) {
            case NEG, SIGN, FLOOR, CEIL, ROUND -> 0;
            case RECIPROCAL, SQRT, EXP, TAN, TANH, SIGMOID, RELU -> RESULT;
            case ABS, SQUARE, EXPM1, LOG, LOG1P, SIN, COS, ASIN, ACOS, ATAN, SINH, COSH, SOFTPLUS ->
                input(0);
            case ERF, ERFC -> input(0);
          };
      case Op.Binary f ->
          switch (f) {
            case ADD, SUB -> 0;
            case MUL -> others(x);
            case DIV -> input(1) | (x[1].isTracked() ? RESULT : 0);
            case POW -> input(0) | input(1) | (x[1].isTracked() ? RESULT : 0);
            case MAXIMUM, MINIMUM, ATAN2 -> input(0) | input(1);
          };
      case Op.Where() -> input(0);
      case Op.Clamp _ -> input(0);
      case Op.Cast _, Op.Compare _, Op.Logical _ -> 0;
      case Op.Sum _, Op.Expand _, Op.Reshape _, Op.Permute _ -> 0;
      case Op.Slice _, Op.Embed _, Op.Concat _ -> 0;
      case Op.Gather _, Op.ScatterAdd _, Op.IndexSelect _, Op.IndexAdd _ -> input(1);
      case Op.MatMul _ -> others(x);
      case Op.Max _, Op.LogSumExp _ -> input(0) | RESULT;
      case Op.SoftmaxCrossEntropy() -> input(0) | input(1);
      case Op.Softmax _ -> RESULT;
      case Op.ArgMax _ -> 0;
      case Op.Cholesky _, Op.Lu _ -> RESULT;
      case Op.TriangularSolve _ -> input(0) | (x[0].isTracked() ? RESULT : 0);
      case Op.Solve _ -> input(0) | input(1) | (x[0].isTracked() ? RESULT : 0);
      case Op.CumSum _, Op.ArgSort _ -> 0;
      case UserOp f -> ((CustomOp) f).reads();
      case Op.Windows _, Op.OverlapAdd _, Op.ArgMaxPool _ -> 0;
      case Op.Conv _ -> others(x);
      case Op.Moments _ -> input(0) | RESULT;
    };
  }

  /// The first operand if the second asks for a gradient, and the other way round.
  private static int others(Tensor[] x) {
    return (x[1].isTracked() ? input(0) : 0) | (x[0].isTracked() ? input(1) : 0);
  }
}
