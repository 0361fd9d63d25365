package org.cotangent.apps.runs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import org.cotangent.nn.data.BadDataException;
import org.cotangent.nn.io.AtomicFile;

/// The metrics of a run, `metrics.csv`: a row for each step, which grows while the run goes on.
///
/// A run that is resumed drops the rows of steps that are made again, also half a row that a crash
/// left, and goes on below the others. So the file of a run that was interrupted has the bytes of
/// one that was not.
final class MetricsLog implements Closeable {
  /// What was measured at a step.
  ///
  /// @param step counted from 1
  /// @param epoch how many times through the samples, with its fraction
  /// @param learningRate that the step was made with
  /// @param trainLoss of the step's batch, before the step
  /// @param testLoss where the run was evaluated after the step
  /// @param testAccuracy the same, of a classifier
  record Row(
      long step,
      double epoch,
      double learningRate,
      double trainLoss,
      OptionalDouble testLoss,
      OptionalDouble testAccuracy) {
    boolean evaluated() {
      return testLoss.isPresent();
    }
  }

  static final String NAME = "metrics.csv";
  private static final String HEAD =
      "step,epoch,learning_rate,train_loss,test_loss,test_accuracy\n";

  private final FileChannel file;
  private final List<Row> rows;

  /// Where the last row begins.
  private long last;

  private MetricsLog(FileChannel file, List<Row> rows) {
    this.file = file;
    this.rows = rows;
  }

  /// Opens the log of a folder after `steps` steps, 0 for a new run.
  ///
  /// @throws BadDataException if a row that counts is damaged or missing
  static MetricsLog open(Path folder, long steps) throws IOException {
    Path path = folder.resolve(NAME);
    List<Row> rows = new ArrayList<>();
    for (Row row : steps == 0 ? List.<Row>of() : read(folder)) {
      if (row.step <= steps) {
        rows.add(row);
      }
    }
    if (rows.size() != steps) {
      throw new BadDataException(
          path.toString(),
          "its rows",
          "one for each of the %d steps made".formatted(steps),
          rows.size() + " of them");
    }
    try (var whole = AtomicFile.create(path)) {
      whole.stream().write(HEAD.getBytes(UTF_8));
      for (Row row : rows) {
        whole.stream().write(line(row).getBytes(UTF_8));
      }
      whole.commit();
    }
    FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE);
    file.position(file.size());
    var log = new MetricsLog(file, rows);
    log.last = rows.isEmpty() ? file.size() : file.size() - line(rows.getLast()).length();
    return log;
  }

  /// The rows of a folder's log, except half a row at its end.
  ///
  /// @throws BadDataException if it is not such a log
  static List<Row> read(Path folder) throws IOException {
    Path path = folder.resolve(NAME);
    String text;
    try {
      text = Files.readString(path);
    } catch (NoSuchFileException e) {
      throw new NoSuchFileException(path.toString(), null, "no such file: the folder holds no run");
    }
    List<String> lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    String head = lines.isEmpty() ? "" : lines.getFirst();
    if (!HEAD.strip().equals(head)) {
      throw new BadDataException(path.toString(), "line 1", HEAD.strip(), "'" + head + "'");
    }
    List<Row> rows = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      rows.add(parse(path, i, lines.get(i)));
    }
    return rows;
  }

  private static Row parse(Path path, int i, String line) {
    List<String> cells = List.of(line.split(",", -1));
    try {
      if (cells.size() == 6 && Long.parseLong(cells.get(0)) == i) {
        return new Row(
            i,
            Double.parseDouble(cells.get(1)),
            Double.parseDouble(cells.get(2)),
            Double.parseDouble(cells.get(3)),
            optional(cells.get(4)),
            optional(cells.get(5)));
      }
    } catch (NumberFormatException _) {
      // told below
    }
    throw new BadDataException(
        path.toString(), "line " + (i + 1), "six cells, the first of them " + i, line);
  }

  private static OptionalDouble optional(String cell) {
    return cell.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(cell));
  }

  private static String line(Row r) {
    return "%d,%s,%s,%s,%s,%s\n"
        .formatted(
            r.step, r.epoch, r.learningRate, r.trainLoss, text(r.testLoss), text(r.testAccuracy));
  }

  private static String text(OptionalDouble v) {
    return v.isPresent() ? Double.toString(v.getAsDouble()) : "";
  }

  /// Adds the row of the next step.
  void add(Row row) {
    try {
      last = file.position();
      write(row);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    rows.add(row);
  }

  /// Adds to the last row what was measured after its step.
  void evaluated(double loss, OptionalDouble accuracy) {
    Row r = rows.removeLast();
    var whole =
        new Row(r.step, r.epoch, r.learningRate, r.trainLoss, OptionalDouble.of(loss), accuracy);
    try {
      file.position(last);
      write(whole);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    rows.add(whole);
  }

  private void write(Row row) throws IOException {
    ByteBuffer bytes = UTF_8.encode(line(row));
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  /// Waits until all rows are on the disk: a checkpoint must not know of steps that the log may
  /// lose.
  void force() {
    try {
      file.force(false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// All rows so far.
  List<Row> rows() {
    return Collections.unmodifiableList(rows);
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
