package org.cotangent.nn.opinfo;

/// Calls for which PyTorch 1.13 gave numbers that are less exact than the bounds of [Check]. Each
/// was compared with the exact formula, and the reason found; ours are held to PyTorch's error.
final class Inexact {
  private Inexact() {}

  /// Relative errors of numbers that pass through a 32-bit float.
  private static final double FLOAT = Math.ulp(1f);

  /// The bound for a part of a call: `usual` but for the calls named here.
  static double bound(Recorded c, String part, double usual) {
    return switch (c.op()) {
      // The order is kept as a float: 0.9 counts as 0.89999998.
      case "norm", "linalg.vector_norm" -> hasRoundedOrder(c) ? 8 * FLOAT : usual;
      // The slope is the float nearest to 1/6.
      case "nn.functional.hardsigmoid" -> part.equals("result") ? usual : FLOAT;
      // The second backward pass divides by x(1 - x) + 1e-12; here x(1 - x) is above 1e-4.
      case "nn.functional.binary_cross_entropy" ->
          part.equals("jvp") || part.equals("gg") ? 1e-8 : usual;
      default -> usual;
    };
  }

  private static boolean hasRoundedOrder(Recorded c) {
    Object order = c.kwargs().get(c.op().equals("norm") ? "p" : "ord");
    if (order == null && c.args().size() > 1) {
      order = c.args().get(1);
    }
    return order instanceof Double p && (float) p.doubleValue() != p;
  }
}
