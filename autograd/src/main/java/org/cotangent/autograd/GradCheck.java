package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Compares the gradients of a function with finite differences: reverse mode, forward mode, and
/// any order.
///
/// Order 2 checks the gradient function itself: it differentiates `<vjp(u), w>` by the inputs and
/// by the cotangent `u`, for fixed random `u` and `w`; order 3 does so once more. Everything is
/// computed in `F64`; the function must be smooth at the given point.
///
/// ```java
/// GradCheck.standard().order(2).check(in -> in.getFirst().tanh(), List.of(x)).requirePassed();
/// ```
///
/// @param order the highest derivative to check, 1 or more
/// @param fivePoint differences from four values (error `O(h⁴)`) instead of two (`O(h²)`)
/// @param full every element of the Jacobian, instead of its product with two random vectors
/// @param tolerance the largest allowed `|analytic - numeric| / max(1, |analytic|, |numeric|)`
/// @param seed of the random vectors
public record GradCheck(int order, boolean fivePoint, boolean full, double tolerance, long seed) {

  /// Where analytic and numeric derivatives differ most.
  ///
  /// @param what which derivative, such as `reverse, order 1`
  /// @param input the number of the input
  /// @param index the row-major position in the input, or -1 if along a random direction
  /// @param analytic the derivative by the rules
  /// @param numeric the derivative by differences
  /// @param error their relative distance
  public record Mismatch(
      String what, int input, int index, double analytic, double numeric, double error) {}

  /// The outcome.
  ///
  /// @param name the function's
  /// @param comparisons how many numbers were compared
  /// @param tolerance the largest error allowed
  /// @param worst the comparison with the largest error
  public record Report(String name, int comparisons, double tolerance, Mismatch worst) {
    /// Whether all comparisons were within the tolerance.
    public boolean passed() {
      return worst.error <= tolerance;
    }

    /// Throws if a comparison failed.
    ///
    /// @throws AssertionError naming the worst one
    public void requirePassed() {
      if (!passed()) {
        throw new AssertionError(toString());
      }
    }

    @Override
    public String toString() {
      return "%s: gradient check %s: %d comparisons, worst relative error %.3g (allowed %.3g) in %s, input %d%s: analytic %s, numeric %s"
          .formatted(
              name,
              passed() ? "passed" : "FAILED",
              comparisons,
              worst.error,
              tolerance,
              worst.what,
              worst.input,
              worst.index < 0 ? " along a random direction" : ", index " + worst.index,
              worst.analytic,
              worst.numeric);
    }
  }

  /// @throws IllegalArgumentException if the order is below 1 or the tolerance is not positive
  public GradCheck {
    if (order < 1 || !(tolerance > 0)) {
      throw new IllegalArgumentException(
          "GradCheck: order %d and tolerance %s: the order starts at 1, the tolerance above 0"
              .formatted(order, tolerance));
    }
  }

  /// First order, every element, five points, relative error up to 1e-7.
  public static GradCheck standard() {
    return new GradCheck(1, true, true, 1e-7, 0);
  }

  /// The same check up to another order.
  public GradCheck order(int n) {
    return new GradCheck(n, fivePoint, full, tolerance, seed);
  }

  /// The same check along one random direction instead of every element: two evaluations for any
  /// number of elements.
  public GradCheck projected(long seed) {
    return new GradCheck(order, fivePoint, false, tolerance, seed);
  }

  /// The same check with another tolerance.
  public GradCheck tolerance(double t) {
    return new GradCheck(order, fivePoint, full, t, seed);
  }

  /// The same check with two-point differences.
  public GradCheck twoPoint() {
    return new GradCheck(order, false, full, tolerance, seed);
  }

  /// Checks a user's operation at its sample operands: its rules, and that vmap gives what it gives
  /// one by one, as [CustomOp#batchable] promises.
  public Report check(CustomOp op) {
    Function<List<Tensor>, Tensor> f = in -> op.apply(in.toArray(Tensor[]::new));
    List<Tensor> at = op.sample();
    Run run = run(op.name(), f, at);
    run.batch(f, at);
    return new Report(op.name(), run.comparisons, tolerance, run.worst);
  }

  /// Checks a function at the given inputs.
  public Report check(Function<List<Tensor>, Tensor> f, List<Tensor> inputs) {
    return check("function", f, inputs);
  }

  /// Checks a function at the given inputs, under a name for the report. Integer and `BOOL` inputs
  /// are held fixed.
  ///
  /// @throws IllegalArgumentException if a floating input is not `F64`, or none is floating
  public Report check(String name, Function<List<Tensor>, Tensor> f, List<Tensor> inputs) {
    Run run = run(name, f, inputs);
    return new Report(name, run.comparisons, tolerance, run.worst);
  }

  private Run run(String name, Function<List<Tensor>, Tensor> f, List<Tensor> inputs) {
    if (inputs.stream().noneMatch(t -> t.dtype().isFloating())
        || inputs.stream().anyMatch(t -> t.dtype() == DType.F32)) {
      throw new IllegalArgumentException(
          "%s: gradient check needs one F64 input or more and no F32, but has %s"
              .formatted(name, inputs.stream().map(Tensor::dtype).toList()));
    }
    var run = new Run(this, Rng.of(seed));
    Function<List<Tensor>, Tensor> g = f;
    List<Tensor> at = new ArrayList<>(inputs.stream().map(Tensor::detach).toList());
    for (int n = 1; n <= order; n++) {
      run.compare("order " + n, g, at);
      if (n < order) {
        g = run.gradientOf(g, at);
      }
    }
    return run;
  }

  /// One check under way: what has been compared so far.
  private static final class Run {
    private final GradCheck config;
    private final Rng rng;
    private int comparisons;
    private Mismatch worst = new Mismatch("nothing", 0, -1, 0, 0, 0);

    Run(GradCheck config, Rng rng) {
      this.config = config;
      this.rng = rng;
    }

    /// The scalar `<vjp(u), w>` as a function of the inputs and, last, of the cotangent `u`, whose
    /// value is appended to `at`.
    Function<List<Tensor>, Tensor> gradientOf(Function<List<Tensor>, Tensor> f, List<Tensor> at) {
      Tensor y = Grad.without(() -> f.apply(at));
      int n = at.size();
      List<Tensor> w = at.stream().map(t -> rng.normal(t.shape(), DType.F64)).toList();
      at.add(rng.normal(y.shape(), DType.F64));
      return in -> {
        var gs = Grad.vjp(f, in.subList(0, n)).pull().apply(in.get(n));
        Tensor sum = Tensor.zeros(Shape.SCALAR, DType.F64);
        for (int i = 0; i < n; i++) {
          if (in.get(i).dtype().isFloating()) {
            sum = sum.add(gs.get(i).mul(w.get(i)).sum());
          }
        }
        return sum;
      };
    }

    void compare(String what, Function<List<Tensor>, Tensor> f, List<Tensor> at) {
      for (int i = 0; i < at.size(); i++) {
        if (!at.get(i).dtype().isFloating() || at.get(i).size() == 0) {
          continue;
        }
        if (config.full) {
          elements(what, f, at, i);
        } else {
          projection(what, f, at, i);
        }
      }
    }

    private void elements(String what, Function<List<Tensor>, Tensor> f, List<Tensor> at, int i) {
      Tensor x = at.get(i);
      Function<Tensor, Tensor> of = t -> f.apply(replaced(at, i, t));
      int columns = x.size();
      double[] reverse = byRows(of, x);
      for (int j = 0; j < columns; j++) {
        double[] direction = new double[columns];
        direction[j] = 1;
        Tensor d = Tensor.of(x.shape(), direction);
        double[] numeric = differences(of, x, d, Math.abs(x.toDoubleArray()[j]));
        double[] forward =
            Grad.jvp(in -> of.apply(in.getFirst()), List.of(x), List.of(d))
                .tangent()
                .toDoubleArray();
        for (int r = 0; r < numeric.length; r++) {
          note("reverse, " + what, i, j, reverse[r * columns + j], numeric[r]);
          note("forward, " + what, i, j, forward[r], numeric[r]);
        }
      }
    }

    /// The Jacobian by one walk a row, without vmap: what is checked are the rules alone.
    private static double[] byRows(Function<Tensor, Tensor> f, Tensor x) {
      var back = Grad.vjp(f, x);
      Tensor y = back.value();
      double[] all = new double[y.size() * x.size()];
      for (int r = 0; r < y.size(); r++) {
        double[] unit = new double[y.size()];
        unit[r] = 1;
        Tensor g = Tensor.of(y.shape(), unit).to(y.dtype());
        System.arraycopy(back.pull().apply(g).toDoubleArray(), 0, all, r * x.size(), x.size());
      }
      return all;
    }

    private void projection(String what, Function<List<Tensor>, Tensor> f, List<Tensor> at, int i) {
      Tensor x = at.get(i);
      Function<Tensor, Tensor> of = t -> f.apply(replaced(at, i, t));
      Tensor v = rng.normal(x.shape(), DType.F64);
      var back = Grad.vjp(in -> of.apply(in.getFirst()), List.of(x));
      Tensor u = rng.normal(back.value().shape(), DType.F64);
      double scale = x.size() == 0 ? 0 : x.abs().max().item();
      double[] numeric = differences(of, x, v, scale);
      double expected = dot(numeric, u.toDoubleArray());
      double reverse = back.pull().apply(u).getFirst().mul(v).sum().item();
      Tensor tangent = Grad.jvp(in -> of.apply(in.getFirst()), List.of(x), List.of(v)).tangent();
      note("reverse, " + what, i, -1, reverse, expected);
      note("forward, " + what, i, -1, tangent.mul(u).sum().item(), expected);
    }

    /// Compares gradients of a batch of two equal examples with those of one.
    void batch(Function<List<Tensor>, Tensor> f, List<Tensor> at) {
      Function<List<Tensor>, List<Tensor>> gradients =
          in -> Grad.valueAndGrad(x -> f.apply(x).sum(), in).grads();
      List<Tensor> one = gradients.apply(at);
      List<Tensor> two = Grad.vmap(gradients, at.stream().map(x -> Tensor.stack(0, x, x)).toList());
      for (int i = 0; i < at.size(); i++) {
        double[] expected = one.get(i).toDoubleArray();
        double[] actual = two.get(i).toDoubleArray();
        for (int k = 0; k < actual.length; k++) {
          int index = k % expected.length;
          note("a batch by vmap", i, index, actual[k], expected[index]);
        }
      }
    }

    private static List<Tensor> replaced(List<Tensor> at, int i, Tensor x) {
      List<Tensor> in = new ArrayList<>(at);
      in.set(i, x);
      return in;
    }

    private static double dot(double[] a, double[] b) {
      double s = 0;
      for (int i = 0; i < a.length; i++) {
        s += a[i] * b[i];
      }
      return s;
    }

    /// The derivative of every element of f along a direction, by central differences. The step
    /// balances rounding `ε/h` against truncation `h²` or `h⁴`: `∛ε` or `ε^(1/5)`, times the size
    /// of x; no element moves further, however long the direction.
    private double[] differences(Function<Tensor, Tensor> f, Tensor x, Tensor d, double scale) {
      double power = config.fivePoint ? 1.0 / 5 : 1.0 / 3;
      double longest = Math.max(1, d.abs().max().item());
      double h = Math.pow(Math.ulp(1.0), power) * Math.max(1, scale) / longest;
      double[] p1 = values(f, x, d, h);
      double[] m1 = values(f, x, d, -h);
      double[] out = new double[p1.length];
      if (!config.fivePoint) {
        Arrays.setAll(out, k -> (p1[k] - m1[k]) / (2 * h));
        return out;
      }
      double[] p2 = values(f, x, d, 2 * h);
      double[] m2 = values(f, x, d, -2 * h);
      Arrays.setAll(out, k -> (8 * (p1[k] - m1[k]) - (p2[k] - m2[k])) / (12 * h));
      return out;
    }

    private static double[] values(Function<Tensor, Tensor> f, Tensor x, Tensor d, double h) {
      return Grad.without(() -> f.apply(x.add(d.mul(h)))).toDoubleArray();
    }

    private void note(String what, int input, int index, double analytic, double numeric) {
      comparisons++;
      double distance = Math.abs(analytic - numeric);
      double size = Math.max(1, Math.max(Math.abs(analytic), Math.abs(numeric)));
      // Equal infinities agree; a NaN never does.
      double error = analytic == numeric ? 0 : distance / size;
      if (Double.isNaN(error)) {
        error = Double.POSITIVE_INFINITY;
      }
      if (error > worst.error) {
        worst = new Mismatch(what, input, index, analytic, numeric, error);
      }
    }
  }
}
