package org.cotangent.apps;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/// A command, run as a person runs it, inside this process.
record CommandRun(int code, String out, String err) {
  static CommandRun of(Object... args) {
    var out = new StringWriter();
    var err = new StringWriter();
    CommandLine main = Main.commandLine();
    main.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    String[] texts = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      texts[i] = args[i].toString();
    }
    int code = main.execute(texts);
    return new CommandRun(code, out.toString(), err.toString());
  }
}
