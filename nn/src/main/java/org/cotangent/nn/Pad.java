package org.cotangent.nn;

import java.util.Arrays;
import org.cotangent.autograd.Tensor;

/// Padding as a layer: PyTorch's `ZeroPad2d`, `ConstantPad1d`, `ReflectionPad2d`,
/// `ReplicationPad2d` and so on in one. See [Functional#pad(Tensor, PadMode, int...)] for the order
/// of the numbers.
public final class Pad extends Module {
  private final PadMode mode;
  private final double v;
  private final int[] padding;

  /// What the mode says, or zeros; two numbers an axis, before and after, the last axis first.
  public Pad(PadMode mode, int... padding) {
    this(mode, 0, padding);
  }

  private Pad(PadMode mode, double v, int[] padding) {
    this.mode = mode;
    this.v = v;
    this.padding = padding.clone();
  }

  /// A number around.
  public static Pad constant(double v, int... padding) {
    return new Pad(PadMode.CONSTANT, v, padding);
  }

  /// @throws IllegalArgumentException if the numbers do not fit
  @Override
  public Tensor forward(Tensor x) {
    return Padding.apply(mode, x, v, padding);
  }

  @Override
  protected String details() {
    return "%s, padding=%s%s"
        .formatted(mode, Arrays.toString(padding), v == 0 ? "" : ", value=" + v);
  }
}
