package org.cotangent.autograd;

/// What a row of the table of derivatives says about one operand of an elementwise operation: the
/// partial derivative as a tensor, or one of the constants below.
///
/// A `BOOL` tensor is a mask: the gradient passes where it is true and is exactly 0 elsewhere, even
/// if the gradient is infinite or NaN there.
sealed interface Partial permits Tensor, Partial.Constant {
  /// Partial derivatives that need no arithmetic.
  enum Constant implements Partial {
    /// The gradient passes as it is.
    ONE,
    /// The gradient passes with the other sign.
    MINUS_ONE,
    /// Flat almost everywhere: the gradient is 0.
    ZERO,
    /// The operand is an integer, a condition or the like: nothing may ask for its gradient.
    NONE
  }
}
