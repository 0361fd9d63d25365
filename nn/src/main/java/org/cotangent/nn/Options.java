package org.cotangent.nn;

/// What the numbers of options must obey.
final class Options {
  private Options() {}

  static void require(Pair p, int least, String what) {
    if (p.height() < least || p.width() < least) {
      throw new IllegalArgumentException(
          "%s %s: each number must be %d or more".formatted(what, p, least));
    }
  }

  static void require(int n, int least, String what) {
    if (n < least) {
      throw new IllegalArgumentException("%s %d must be %d or more".formatted(what, n, least));
    }
  }

  static void atMostHalf(Pair padding, Pair kernel) {
    require(padding, 0, "padding");
    if (padding.height() > kernel.height() / 2 || padding.width() > kernel.width() / 2) {
      throw new IllegalArgumentException(
          "padding %s is above half the kernel %s, so a window could lie in it"
              .formatted(padding, kernel));
    }
  }
}
