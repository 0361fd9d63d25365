package org.cotangent.nn;

/// What stands beyond the ends of an axis that is padded; `abcd` in the examples.
public enum PadMode {
  /// A number, 0 unless said otherwise.
  CONSTANT,
  /// Mirrored at the last element: `cb|abcd|cb`.
  REFLECT,
  /// The last element again: `aa|abcd|dd`.
  REPLICATE,
  /// From the other end: `cd|abcd|ab`.
  CIRCULAR
}
