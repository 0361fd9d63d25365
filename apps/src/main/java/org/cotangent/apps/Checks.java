package org.cotangent.apps;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/// What options must be, beyond their types.
final class Checks {
  private Checks() {}

  static void positive(CommandSpec command, String option, int v) {
    if (v < 1) {
      throw new ParameterException(
          command.commandLine(),
          "Invalid value for option '%s': %d is below 1".formatted(option, v));
    }
  }

  static void below(CommandSpec command, String option, int v, int bound) {
    if (v >= bound) {
      throw new ParameterException(
          command.commandLine(),
          "Invalid value for option '%s': %d is not below %d".formatted(option, v, bound));
    }
  }

  static void learningRate(CommandSpec command, double v) {
    if (!(v > 0 && v < Double.POSITIVE_INFINITY)) {
      throw new ParameterException(
          command.commandLine(),
          "Invalid value for option '--lr': %s is not a positive number".formatted(v));
    }
  }
}
