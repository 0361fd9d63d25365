package org.cotangent.apps;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import org.cotangent.apps.support.Failures;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command line. Exit codes: 0 done, 1 failed, 2 wrong arguments, 130 stopped by Ctrl-C (which
/// the JVM sees to, and running shutdown hooks, which delete files that are half written).
@Command(
    name = "cotangent",
    description = "Trains and explains small neural networks, on a pure-Java autodiff engine.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    usageHelpAutoWidth = true,
    footer = {
      "",
      "'cotangent COMMAND --help' explains a command and its options.",
      "Exit codes: 0 done, 1 failed, 2 wrong arguments, 130 stopped by Ctrl-C."
    })
public final class Main implements Runnable {
  private static final List<Class<?>> COMMANDS =
      List.of(
          XorCommand.class,
          SpiralCommand.class,
          TwoLayerCommand.class,
          MnistCommand.class,
          MnistSigmoidCommand.class,
          Cifar10Command.class,
          TrainCommand.class,
          EvalCommand.class,
          PredictCommand.class,
          CompareCommand.class,
          GraphCommand.class,
          HelpCommand.class);

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "show the stack trace of a failure")
  private boolean verbose;

  private Main() {}

  /// Runs the command that `args` name and ends the program with its exit code.
  public static void main(String[] args) {
    System.exit(commandLine(args).execute(args));
  }

  /// The command line with its subcommands and the rules for errors.
  ///
  /// If the first word is the name of a subcommand, the others are left out: picocli reads each by
  /// reflection, which took a tenth of a second for all.
  static CommandLine commandLine(String... args) {
    var main = new Main();
    var line = new CommandLine(main);
    String first = args.length > 0 ? args[0] : "";
    boolean known = COMMANDS.stream().anyMatch(c -> isNamed(c, first));
    COMMANDS.stream().filter(c -> !known || isNamed(c, first)).forEach(line::addSubcommand);
    return line.setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Main::wrongArguments)
        .setExecutionExceptionHandler(main::failed);
  }

  private static boolean isNamed(Class<?> command, String name) {
    return !command.equals(HelpCommand.class)
        && command.getAnnotation(Command.class).name().equals(name);
  }

  /// Without a command: says which there are.
  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }

  private static int wrongArguments(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String message = Optional.ofNullable(e.getMessage()).orElse("wrong arguments");
    String hint = "";
    if (e instanceof UnmatchedArgumentException unmatched) {
      List<String> similar = unmatched.getSuggestions();
      hint = similar.isEmpty() ? "" : " (did you mean " + String.join(" or ", similar) + "?)";
    }
    String name = command.getCommandSpec().qualifiedName();
    command
        .getErr()
        .printf(
            "%s: %s%s; see '%s --help'%n",
            name, message.replaceAll("\\s*\\R\\s*", " "), hint, name);
    return CommandLine.ExitCode.USAGE;
  }

  private int failed(Exception e, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    String name = command.getCommandSpec().qualifiedName();
    Optional<String> known = Failures.known(e);
    if (known.isPresent()) {
      err.println(name + ": " + known.get());
    } else {
      err.println(
          name + ": failed unexpectedly; this is a fault of the program, please report it:");
    }
    if (known.isEmpty() || verbose) {
      e.printStackTrace(err);
    }
    err.flush();
    return CommandLine.ExitCode.SOFTWARE;
  }

  /// What `--version` prints.
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      Module module = Main.class.getModule();
      String version =
          module.isNamed()
              ? module.getDescriptor().rawVersion().orElse("(unknown)")
              : "(unpackaged)";
      return new String[] {
        "cotangent " + version,
        "Java %s, %s %s"
            .formatted(
                Runtime.version(), System.getProperty("os.name"), System.getProperty("os.arch"))
      };
    }
  }
}
