package org.cotangent.autograd.cpu;

/// What is done to finished rows of a matrix product: a bias and an activation, say.
interface Epilogue {
  /// No more than the product.
  Epilogue NONE = (_, _) -> {};

  /// Called before a product begins, by one thread.
  default void before() {}

  /// Works on `count` rows from `first` on, whose columns are all done. Each row comes up once, in
  /// some thread, which has just computed it if that could be arranged.
  void rows(int first, int count);
}
