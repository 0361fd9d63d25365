package org.cotangent.apps;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The command line.
@Command(
    name = "cotangent",
    mixinStandardHelpOptions = true,
    description = "Trains the models of the lab reports.")
public final class Main implements Runnable {
  private Main() {}

  /// Runs the command that `args` name.
  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }
}
