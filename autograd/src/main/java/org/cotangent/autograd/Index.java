package org.cotangent.autograd;

/// One part of an index as [Indexing#get] takes it, as between the brackets of NumPy's `x[...,
/// 1:3]`.
public sealed interface Index {

  /// One position; the axis disappears.
  record At(int position) implements Index {}

  /// Every `step`-th position from `start` up to but without `stop`, both as in [Tensor#slice].
  record Range(int start, int stop, int step) implements Index {}

  /// A new axis of extent 1.
  record NewAxis() implements Index {}

  /// As many whole axes as are left.
  record Rest() implements Index {}

  /// The positions that an integer tensor lists, negative ones from the end, or the places where a
  /// `BOOL` tensor of one or more axes is true.
  record Of(Tensor tensor) implements Index {}

  /// One position.
  static Index at(int position) {
    return new At(position);
  }

  /// A whole axis.
  static Index all() {
    return from(0);
  }

  /// All positions from `start` on.
  static Index from(int start) {
    return range(start, Integer.MAX_VALUE);
  }

  /// The positions from `start` up to but without `stop`.
  static Index range(int start, int stop) {
    return range(start, stop, 1);
  }

  /// Every `step`-th of them.
  static Index range(int start, int stop, int step) {
    return new Range(start, stop, step);
  }

  /// A new axis of extent 1.
  static Index newAxis() {
    return new NewAxis();
  }

  /// As many whole axes as are left.
  static Index rest() {
    return new Rest();
  }

  /// Listed positions, or a mask.
  static Index of(Tensor tensor) {
    return new Of(tensor);
  }
}
