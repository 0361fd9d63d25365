package org.cotangent.nn;

/// How an image gets another size.
public enum InterpolateMode {
  /// Each element is that of the place below it. As in PyTorch, places are computed in single
  /// precision.
  NEAREST,
  /// Linear along each axis, so bilinear for images, with pixels as small squares: the outer edges
  /// of the corners stay where they are.
  LINEAR,
  /// The same with pixels as points: the corners themselves stay.
  LINEAR_ALIGN_CORNERS
}
