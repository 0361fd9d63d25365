package org.cotangent.nn;

/// A number for each axis of an image. In one dimension the width counts.
///
/// @param height along the rows, the last axis but one
/// @param width along the columns, the last axis
public record Pair(int height, int width) {
  /// The same for both axes.
  public static Pair of(int both) {
    return new Pair(both, both);
  }

  /// For images, or in one dimension.
  String text(int axes) {
    return axes == 1 ? Integer.toString(width) : toString();
  }

  @Override
  public String toString() {
    return "(%d, %d)".formatted(height, width);
  }
}
