package org.cotangent.nn.train;

/// When something is done that is done again and again.
public sealed interface Every {
  /// After every so many steps.
  record Steps(long n) implements Every {
    /// @throws IllegalArgumentException if it is below 1
    public Steps {
      requirePositive("steps", n);
    }
  }

  /// After every so many epochs.
  record Epochs(long n) implements Every {
    /// @throws IllegalArgumentException if it is below 1
    public Epochs {
      requirePositive("epochs", n);
    }
  }

  /// After every so many steps, counted from the beginning of the run.
  ///
  /// @throws IllegalArgumentException if it is below 1
  static Every steps(long n) {
    return new Steps(n);
  }

  /// After every so many epochs, counted from the beginning of the run.
  ///
  /// @throws IllegalArgumentException if it is below 1
  static Every epochs(long n) {
    return new Epochs(n);
  }

  /// Whether it is time, after a step.
  default boolean isDue(Progress p) {
    return switch (this) {
      case Steps(long n) -> p.step() % n == 0;
      case Epochs(long n) -> p.batch() == 0 && p.epoch() % n == 0;
    };
  }

  private static void requirePositive(String what, long n) {
    if (n < 1) {
      throw new IllegalArgumentException("Every: %d %s; it must be 1 or more".formatted(n, what));
    }
  }
}
