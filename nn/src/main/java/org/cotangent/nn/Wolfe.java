package org.cotangent.nn;

import java.util.function.DoubleFunction;
import org.cotangent.autograd.Tensor;

/// The line search of [LBFGS]: a length of step for which the strong conditions of Wolfe hold,
/// enough of a fall and a flat enough slope (Nocedal, Wright, 2006; algorithms 3.5 and 3.6).
final class Wolfe {
  private static final double FALL = 1e-4; // c₁ and c₂ for quasi-Newton directions, ibid. page 62
  private static final double FLATNESS = 0.9;
  private static final int EVALUATIONS = 25; // PyTorch's limit

  private Wolfe() {}

  /// A place on the line.
  ///
  /// @param t how far along the direction
  /// @param slope the gradient times the direction
  record Point(double t, double value, double slope, Tensor gradient, Tensor x) {
    Point along(Tensor direction, double length) {
      return new Point(length, value, LBFGS.dot(gradient, direction), gradient, x);
    }
  }

  /// A point for which both conditions hold, or the lowest found where none was.
  static Point search(DoubleFunction<Point> line, Point start, double first) {
    Point before = start;
    Point low = start;
    double t = first;
    for (int n = 1; n <= EVALUATIONS; n++) {
      Point p = line.apply(t);
      if (!(p.value <= start.value + FALL * t * start.slope)
          || (n > 1 && p.value >= before.value)) {
        return zoom(line, start, before, p, n);
      }
      low = p;
      if (Math.abs(p.slope) <= -FLATNESS * start.slope) {
        return p;
      }
      if (p.slope >= 0) {
        return zoom(line, start, p, before, n);
      }
      // Further, but neither hardly at all nor out of sight; the bounds are PyTorch's.
      t = Math.clamp(minimum(before, p), p.t + 0.01 * (p.t - before.t), 10 * p.t);
      before = p;
    }
    return low;
  }

  /// Narrows a stretch that holds a point for which both hold; `low` is its lower end.
  private static Point zoom(
      DoubleFunction<Point> line, Point start, Point low, Point high, int evaluated) {
    Point lo = low;
    Point hi = high;
    for (int n = evaluated; n < EVALUATIONS && Math.abs(hi.t - lo.t) > Math.ulp(lo.t); n++) {
      double from = Math.min(lo.t, hi.t);
      double width = Math.abs(hi.t - lo.t);
      // Not at the very ends, or a stretch could stay as it is.
      double t = Math.clamp(minimum(lo, hi), from + 0.1 * width, from + 0.9 * width);
      Point p = line.apply(t);
      if (!(p.value <= start.value + FALL * t * start.slope) || p.value >= lo.value) {
        hi = p;
        continue;
      }
      if (Math.abs(p.slope) <= -FLATNESS * start.slope) {
        return p;
      }
      if (p.slope * (hi.t - lo.t) >= 0) {
        hi = lo;
      }
      lo = p;
    }
    return lo;
  }

  /// Where the cubic through two values and slopes is least (equation 3.59); half-way if it has no
  /// minimum or an end is not finite.
  private static double minimum(Point a, Point b) {
    double d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.t - b.t);
    double d2 = Math.copySign(Math.sqrt(d1 * d1 - a.slope * b.slope), b.t - a.t);
    double t = b.t - (b.t - a.t) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
    return Double.isFinite(t) ? t : (a.t + b.t) / 2;
  }
}
