package org.cotangent.apps.support;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.LongSupplier;

/// One line on the terminal that tells how far long work is, how fast it goes and how long it will
/// still take:
///
/// ```
/// mnist  42% [========>           ]  420/1000 epochs  61 epochs/s  0:09 left  loss 0.1234
/// ```
///
/// It is redrawn at most ten times a second and cleared when closed. Silent where nobody watches:
/// when the output is no terminal. For one thread.
public final class Progress implements AutoCloseable {
  private static final int BAR = 20;

  /// Terminals are at least this wide; a longer line would wrap and could not be redrawn.
  private static final int WIDTH = 79;

  private static final long REDRAW_NANOS = 100_000_000L;

  /// The rate shown is a mean that forgets what lies further back than this many seconds, so that
  /// slow first steps (the JIT compiler at work) do not spoil the time left.
  private static final double RATE_MEMORY = 3;

  private final String task;
  private final long total;
  private final String unit;
  private final PrintStream out;
  private final boolean shown;
  private final LongSupplier nanoTime;
  private long lastNanos;
  private long lastDone;
  private double recentUnits;
  private double recentSeconds;
  private boolean drawn;
  private int lineLength;

  /// For tests, which bring their own terminal and clock.
  Progress(
      String task, long total, String unit, PrintStream out, boolean shown, LongSupplier clock) {
    this.task = task;
    this.total = total;
    this.unit = unit;
    this.out = out;
    this.shown = shown;
    this.nanoTime = clock;
    this.lastNanos = clock.getAsLong();
  }

  /// Begins on standard error.
  ///
  /// @param task what is done, such as `train`
  /// @param total how many units make the whole work; 0 if nobody knows
  /// @param unit the plural of what is counted, such as `epochs`
  public static Progress start(String task, long total, String unit) {
    return new Progress(task, total, unit, System.err, standardErrorIsTerminal(), System::nanoTime);
  }

  /// Tells how many units are done by now.
  ///
  /// @param message what else to show, such as `loss 0.12`; may be empty
  public void update(long done, String message) {
    if (!shown) {
      return;
    }
    long now = nanoTime.getAsLong();
    if (now - lastNanos < REDRAW_NANOS) {
      return; // also keeps work that is over at once from flashing
    }
    double seconds = (now - lastNanos) / 1e9;
    double keep = Math.exp(-seconds / RATE_MEMORY);
    recentUnits = keep * recentUnits + (done - lastDone);
    recentSeconds = keep * recentSeconds + seconds;
    lastNanos = now;
    lastDone = done;
    draw(line(done, message));
    drawn = true;
  }

  /// Clears the line.
  @Override
  public void close() {
    clear();
  }

  /// Clears the line for other output; the next update draws it again.
  public void clear() {
    if (drawn) {
      out.print("\r" + " ".repeat(lineLength) + "\r");
      out.flush();
      drawn = false;
      lineLength = 0;
    }
  }

  private void draw(String line) {
    String fitting = line.length() <= WIDTH ? line : line.substring(0, WIDTH);
    int erase = Math.max(0, lineLength - fitting.length());
    out.print("\r" + fitting + " ".repeat(erase));
    out.flush();
    lineLength = fitting.length();
  }

  private String line(long done, String message) {
    var counts = new StringBuilder();
    counts.append(done).append(total > 0 ? "/" + total : "").append(' ').append(unit);
    double rate = recentSeconds > 0 ? recentUnits / recentSeconds : 0;
    if (rate > 0) {
      String shape = rate < 10 ? "  %.1f %s/s" : "  %.0f %s/s";
      counts.append(String.format(Locale.ROOT, shape, rate, unit));
      if (total > done) {
        counts.append("  ").append(duration((total - done) / rate)).append(" left");
      }
    }
    counts.append(message.isEmpty() ? "" : "  ").append(message);
    if (total <= 0) {
      return task + "  " + counts;
    }
    double part = Math.clamp((double) done / total, 0, 1);
    String head = String.format(Locale.ROOT, "%s %3d%%", task, (int) (100 * part));
    // The bar gives way to the message.
    int length = Math.min(BAR, WIDTH - head.length() - " [] ".length() - counts.length());
    return head + (length < 4 ? " " : " [" + bar(part, length) + "] ") + counts;
  }

  private static String bar(double part, int length) {
    int filled = (int) (part * length);
    return filled == length
        ? "=".repeat(length)
        : "=".repeat(filled) + ">" + " ".repeat(length - filled - 1);
  }

  /// A duration as a person reads it: `0:09`, `12:34` or `1:02:03`.
  static String duration(double seconds) {
    long s = (long) Math.ceil(seconds);
    return s < 3600
        ? "%d:%02d".formatted(s / 60, s % 60)
        : "%d:%02d:%02d".formatted(s / 3600, s / 60 % 60, s % 60);
  }

  /// Java only tells whether standard input *and* output are a terminal; Linux also shows where
  /// standard error goes, which is what counts when either is redirected.
  @SuppressWarnings("SystemConsoleNull") // it still is null under -Djdk.console=java.base
  private static boolean standardErrorIsTerminal() {
    if ("dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    Path standardError = Path.of("/proc/self/fd/2");
    try {
      if (Files.isSymbolicLink(standardError)) {
        String device = Files.readSymbolicLink(standardError).toString();
        return device.startsWith("/dev/pts/")
            || device.startsWith("/dev/tty")
            || device.equals("/dev/console");
      }
    } catch (IOException e) {
      return false; // somebody else's process table: be silent
    }
    Console console = System.console();
    return console != null && console.isTerminal();
  }
}
