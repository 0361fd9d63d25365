package org.cotangent.nn;

import java.util.Arrays;

/// How the learning rate goes from step to step: a function of the number of the step or epoch, 0
/// for the first. It has no state, so a run that goes on needs to know its step only.
///
/// ```java
/// Schedule schedule = Schedule.cosine(0.1, 100, 0).afterWarmUp(5);
/// for (int epoch = 0; epoch < 105; epoch++) {
///   sgd.learningRate(schedule.rate(epoch));
///   ..
/// }
/// ```
///
/// The formulas are the closed forms of PyTorch's schedulers of these names.
@FunctionalInterface
public interface Schedule {
  /// The learning rate of a step, counted from 0.
  double rate(int step);

  /// Always the same.
  static Schedule constant(double rate) {
    return _ -> rate;
  }

  /// `StepLR`: times γ after every `every` steps.
  ///
  /// @throws IllegalArgumentException if `every` is below 1
  static Schedule step(double rate, int every, double gamma) {
    requirePositive("step", every);
    return step -> rate * Math.pow(gamma, Math.floorDiv(step, every));
  }

  /// `MultiStepLR`: times γ at each of the given steps.
  ///
  /// @throws IllegalArgumentException if the steps are negative or not in rising order
  static Schedule multiStep(double rate, double gamma, int... milestones) {
    int[] at = milestones.clone();
    for (int i = 0; i < at.length; i++) {
      if (at[i] < (i == 0 ? 0 : at[i - 1])) {
        throw new IllegalArgumentException(
            "multiStep: steps %s must be 0 or more, in rising order"
                .formatted(Arrays.toString(at)));
      }
    }
    return step ->
        rate * Math.pow(gamma, (double) Arrays.stream(at).filter(m -> m <= step).count());
  }

  /// `ExponentialLR`: times γ after each step.
  static Schedule exponential(double rate, double gamma) {
    return step -> rate * Math.pow(gamma, step);
  }

  /// `LinearLR`: from `first` to `last` within `steps` steps, in a straight line, then `last`.
  ///
  /// @throws IllegalArgumentException if `steps` is below 1
  static Schedule linear(double first, double last, int steps) {
    requirePositive("linear", steps);
    return step -> first + (last - first) * Math.min(step, steps) / steps;
  }

  /// `CosineAnnealingLR` (Loshchilov, Hutter, 2017): from `rate` to `least` within `steps` steps,
  /// along half a cosine, then back up.
  ///
  /// @throws IllegalArgumentException if `steps` is below 1
  static Schedule cosine(double rate, int steps, double least) {
    requirePositive("cosine", steps);
    return step -> between(rate, least, (double) step / steps);
  }

  /// `CosineAnnealingWarmRestarts` (Loshchilov, Hutter, 2017): down along half a cosine within
  /// `first` steps, from the top again within `factor` times as many, and so on.
  ///
  /// @throws IllegalArgumentException if `first` or `factor` is below 1
  static Schedule cosineWithRestarts(double rate, int first, int factor, double least) {
    requirePositive("cosineWithRestarts", first);
    requirePositive("cosineWithRestarts", factor);
    return step -> {
      long length = first;
      long at = step;
      if (factor == 1) {
        at %= length;
      }
      while (at >= length) {
        at -= length;
        length *= factor;
      }
      return between(rate, least, (double) at / length);
    };
  }

  /// `OneCycleLR` (Smith, Topin, 2018) with PyTorch's defaults: up from 1/25 of the largest rate
  /// within the first 30 % of the steps, then down to 1/10,000 of where it began.
  ///
  /// @throws IllegalArgumentException if `steps` is below 2
  static Schedule oneCycle(double largest, int steps) {
    return oneCycle(largest, steps, 0.3, 25, 1e4);
  }

  /// The same with the share of steps that go up, and the two quotients; along cosines.
  ///
  /// @throws IllegalArgumentException if `steps` is below 2 or the share is not in (0, 1)
  static Schedule oneCycle(
      double largest, int steps, double up, double startQuotient, double endQuotient) {
    if (steps < 2 || !(up > 0 && up < 1)) {
      throw new IllegalArgumentException(
          "oneCycle: %d steps of which %s go up: there must be 2 steps or more and a share in (0, 1)"
              .formatted(steps, up));
    }
    double first = largest / startQuotient;
    double turn = up * steps - 1;
    return step ->
        step <= turn
            ? between(first, largest, step / turn)
            : between(
                largest,
                first / endQuotient,
                (Math.min(step, steps - 1) - turn) / (steps - 1 - turn));
  }

  /// This schedule, later: before it the rate rises in a straight line within `steps` steps to what
  /// this one begins with.
  ///
  /// @throws IllegalArgumentException if `steps` is below 1
  default Schedule afterWarmUp(int steps) {
    requirePositive("afterWarmUp", steps);
    return step -> step < steps ? rate(0) * (step + 1) / (steps + 1) : rate(step - steps);
  }

  private static double between(double a, double b, double share) {
    return b + (a - b) * (1 + Math.cos(Math.PI * share)) / 2;
  }

  private static void requirePositive(String what, int steps) {
    if (steps < 1) {
      throw new IllegalArgumentException(
          "%s: %d steps; there must be 1 or more".formatted(what, steps));
    }
  }
}
