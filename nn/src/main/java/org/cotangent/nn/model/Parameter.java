package org.cotangent.nn.model;

import java.util.Locale;

/// What may be written behind a layer's name.
///
/// @param name its word, or, of what must come first and has no word, what messages call it
/// @param takes what its values are
/// @param place whether it must be there
record Parameter(String name, Takes takes, Place place) {
  /// What values are.
  enum Takes {
    /// A whole number from 1.
    COUNT("a whole number from 1"),
    /// A number for each spatial axis, or one for all: `3`, `3x3`, from 1.
    SIZE("a size such as 3 or 3x3"),
    /// The same from 0.
    MARGIN("a size from 0 such as 1 or 1x1"),
    /// The same, or the word `same`.
    PADDING("a size from 0 such as 1 or 1x1, or 'same'"),
    /// Extents of a sample: `3x32x32`.
    SHAPE("a shape such as 3x32x32"),
    /// Any finite number.
    REAL("a number"),
    /// Any finite number from 0.
    POSITIVE("a number from 0"),
    /// From 0 to 1.
    PROBABILITY("a probability from 0 to 1"),
    /// A whole number from 0.
    INDEX("a whole number from 0"),
    /// What padding holds.
    MODE("zeros, reflect, replicate or circular"),
    /// What a recurrent network does to its sums.
    NONLINEARITY("tanh or relu"),
    /// Only the word.
    FLAG("nothing"),
    /// How weights start.
    WEIGHT(
        "pytorch, he, he-uniform, glorot, glorot-uniform, normal NUMBER, uniform NUMBER or a number"),
    /// How weights start that are not of a matrix or of kernels.
    TABLE("pytorch, normal NUMBER, uniform NUMBER or a number"),
    /// How biases start.
    BIAS("pytorch, normal NUMBER, uniform NUMBER, a number, or none");

    private final String text;

    Takes(String text) {
      this.text = text;
    }

    /// For messages.
    String text() {
      return text;
    }
  }

  /// Where it stands.
  enum Place {
    /// Behind the name, without a word.
    FIRST,
    /// Behind the name, without a word, or left out.
    FIRST_OR_ABSENT,
    /// Behind its word, or left out.
    NAMED
  }

  /// For messages: `CHANNELS`, `[stride SIZE]`.
  @Override
  public String toString() {
    String value = takes == Takes.FLAG ? "" : " " + takes.name().toLowerCase(Locale.ROOT);
    return switch (place) {
      case FIRST -> name.toUpperCase(Locale.ROOT);
      case FIRST_OR_ABSENT -> "[" + name.toUpperCase(Locale.ROOT) + "]";
      case NAMED -> "[" + name + value.toUpperCase(Locale.ROOT) + "]";
    };
  }
}
