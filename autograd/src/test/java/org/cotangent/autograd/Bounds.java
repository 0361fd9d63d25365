package org.cotangent.autograd;

import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.cpu.ReferenceBackend;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// How far the result of an operation may be from the specification's, element by element.
///
/// 0 wherever one rounding decides or numbers only move. For sums of n terms in any order the bound
/// is that of Higham, Accuracy and Stability of Numerical Algorithms, eq. 4.4: n ε Σ|x| (twice it,
/// for ε is two units of rounding).
final class Bounds {
  private static final Eager REFERENCE = new Eager(new ReferenceBackend());

  private Bounds() {}

  /// Runs on the specification.
  static Tensor byReference(OpSample s) {
    return ScopedValue.where(Interpreter.CURRENT, REFERENCE).call(s::apply);
  }

  /// The largest distance allowed from each element of the specification's result `y`.
  static double[] of(OpSample s, Tensor y) {
    double[] bounds = new double[y.size()];
    if (!y.dtype().isFloating()) {
      return bounds;
    }
    double eps = y.dtype() == DType.F32 ? Math.ulp(1f) : Math.ulp(1.0);
    double[] v = y.toDoubleArray();
    Tensor x = s.in().getFirst();
    int terms = y.size() == 0 ? 0 : x.size() / y.size();
    switch (s.op()) {
      case Op.Unary f -> Arrays.setAll(bounds, i -> ulps(f) * ulp(v[i], y.dtype()));
      case Op.Binary f when f == Op.Binary.POW || f == Op.Binary.ATAN2 ->
          Arrays.setAll(bounds, i -> 3 * ulp(v[i], y.dtype()));
      case Op.Binary _, Op.Compare _, Op.Logical _, Op.Where _, Op.Clamp _, Op.Cast _ -> {}
      case Op.Sum _ -> scaled(bounds, terms * eps, magnitudes(s));
      case Op.Expand _, Op.Reshape _, Op.Permute _, Op.Slice _, Op.Embed _, Op.Concat _ -> {}
      case Op.Gather _, Op.IndexSelect _ -> {}
      case Op.ScatterAdd _, Op.IndexAdd _ -> scaled(bounds, x.size() * eps, magnitudes(s));
      case Op.MatMul(boolean transA, _) ->
          scaled(bounds, x.dim(transA ? -2 : -1) * eps, magnitudes(s));
      case Op.Max _, Op.ArgMax _ -> {}
      case Op.CumSum _, Op.ArgSort _ -> {} // one order of summing, always in double
      // Of the sum: n roundings, and a few in each exponential and the logarithm, where the error
      // of
      // x - max, ε|x - max|/2, weighs e^-|x - max| and so counts less than one.
      case Op.LogSumExp _ -> Arrays.setAll(bounds, i -> eps * (terms + 8 + 2 * Math.abs(v[i])));
      case Op.Softmax(int axis) -> {
        int n = x.dim(axis);
        // The exponential of a rounded x - max, which is at most |log y| in size.
        Arrays.setAll(
            bounds,
            i -> v[i] == 0 ? Float.MIN_NORMAL : eps * v[i] * (n + 8 + Math.abs(Math.log(v[i]))));
      }
      case Op.SoftmaxCrossEntropy() -> {
        int classes = x.dim(-1);
        double[] logits = x.toDoubleArray();
        double spread = 2 * Numbers.largest(logits) + Math.log(classes);
        Tensor t = s.in().get(1);
        double weights = t.dtype().isFloating() ? t.size() : 1;
        Arrays.fill(bounds, eps * (classes + 8) * (1 + spread) * weights);
      }
      case Op.Factorization _ -> {} // all backends share one implementation
      case Op.Windows _, Op.ArgMaxPool _ -> {}
      case Op.OverlapAdd _ -> scaled(bounds, x.dim(-1) * eps, magnitudes(s));
      case Op.Conv c -> scaled(bounds, convTerms(c, s) * eps, magnitudes(s));
      case Op.Moments _ -> moments(bounds, 2 * terms, eps, x);
    }
    return bounds;
  }

  /// Of the mean: a rounding for each term, of the size of the largest. A deviation is off by as
  /// much, twice over in its square.
  private static void moments(double[] bounds, double terms, double eps, Tensor x) {
    double largest = Numbers.largest(x.toDoubleArray());
    double mean = eps * (terms + 2) * largest;
    for (int i = 0; i < bounds.length; i++) {
      bounds[i] = i < bounds.length / 2 ? mean : 4 * mean * largest;
    }
  }

  /// How many products make up an element of the result at most.
  private static int convTerms(Op.Conv c, OpSample s) {
    Tensor a = s.in().getFirst();
    int taps = c.rows().kernel() * c.columns().kernel();
    return switch (c.kind()) {
      case OUTPUT -> s.in().get(1).dim(1) * taps;
      case INPUT -> s.in().get(1).dim(0) / c.groups() * taps;
      case KERNEL -> a.dim(0) * c.rows().output() * c.columns().output();
    };
  }

  /// Measured against correctly rounded values: 1 for exp and log, 2 for the others; the
  /// specification itself (fdlibm) is up to 1 off.
  private static int ulps(Op.Unary op) {
    return switch (op) {
      case NEG, ABS, SIGN, RECIPROCAL, SQUARE, SQRT, RELU, FLOOR, CEIL, ROUND -> 0;
      case ERF, ERFC -> 1;
      case EXP, LOG -> 2;
      case EXPM1, LOG1P, TANH, SIGMOID, SOFTPLUS -> 3;
      case SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH -> 3;
    };
  }

  private static double ulp(double v, DType dtype) {
    return dtype == DType.F32 ? Math.ulp((float) v) : Math.ulp(v);
  }

  private static void scaled(double[] bounds, double factor, Tensor magnitudes) {
    double[] m = magnitudes.toDoubleArray();
    Arrays.setAll(bounds, i -> factor * m[i]);
  }

  /// The operation on the sizes of the numbers, in `F64`.
  private static Tensor magnitudes(OpSample s) {
    List<Tensor> sizes =
        s.in().stream().map(t -> t.dtype().isFloating() ? t.to(DType.F64).abs() : t).toList();
    return byReference(s.with(sizes));
  }

  /// A tensor's numbers in row-major order in an array of its own.
  static Tensor copy(Tensor x) {
    Shape s = x.shape();
    return switch (x.dtype()) {
      case BOOL -> Tensor.of(s, x.toBooleanArray());
      case I32 -> Tensor.of(s, x.toIntArray());
      case I64 -> Tensor.of(s, x.toLongArray());
      case F32 -> Tensor.of(s, x.toFloatArray());
      case F64 -> Tensor.of(s, x.toDoubleArray());
    };
  }
}
