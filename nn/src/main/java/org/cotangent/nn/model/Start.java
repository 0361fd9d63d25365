package org.cotangent.nn.model;

import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Init;

/// How weights or biases start.
///
/// @param kind the distribution
/// @param value its number, if it has one
record Start(Kind kind, double value) {
  /// As PyTorch does.
  static final Start PYTORCH = new Start(Kind.PYTORCH, 0);

  /// The distributions; `takesNumber` says whether a number follows the word.
  enum Kind {
    PYTORCH("pytorch", false),
    HE("he", false),
    HE_UNIFORM("he-uniform", false),
    GLOROT("glorot", false),
    GLOROT_UNIFORM("glorot-uniform", false),
    /// Mean 0 and the given standard deviation.
    NORMAL("normal", true),
    /// Between plus and minus the given bound.
    UNIFORM("uniform", true),
    /// The given number everywhere; has no word.
    CONSTANT("", true),
    /// No bias at all.
    NONE("none", false);

    private final String word;
    private final boolean takesNumber;

    Kind(String word, boolean takesNumber) {
      this.word = word;
      this.takesNumber = takesNumber;
    }

    String word() {
      return word;
    }

    boolean takesNumber() {
      return takesNumber;
    }

    /// Whether it needs a matrix or kernels, with inputs and outputs.
    boolean needsFans() {
      return switch (this) {
        case HE, HE_UNIFORM, GLOROT, GLOROT_UNIFORM -> true;
        case PYTORCH, NORMAL, UNIFORM, CONSTANT, NONE -> false;
      };
    }
  }

  /// Numbers of a shape.
  ///
  /// @param fan how many inputs one output has
  Tensor make(Shape shape, int fan, DType dtype, Rng rng) {
    double bound = 1 / Math.sqrt(fan);
    Init init =
        switch (kind) {
          // What PyTorch writes as He's uniform distribution with the gain of a leaky ReLU of slope
          // √5 is uniform in ±1/√fan.
          case PYTORCH -> Init.uniform(-bound, bound);
          case HE -> Init.heNormal();
          case HE_UNIFORM -> Init.heUniform();
          case GLOROT -> Init.glorotNormal();
          case GLOROT_UNIFORM -> Init.glorotUniform();
          case NORMAL -> Init.normal(0, value);
          case UNIFORM -> Init.uniform(-value, value);
          case CONSTANT -> Init.constant(value);
          case NONE -> throw new AssertionError("there is nothing to start");
        };
    return init.make(shape, dtype, rng);
  }

  @Override
  public String toString() {
    String number = kind.takesNumber ? Numbers.text(value) : "";
    return (kind.word + " " + number).strip();
  }
}
