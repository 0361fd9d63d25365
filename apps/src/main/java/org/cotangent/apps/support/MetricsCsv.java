package org.cotangent.apps.support;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.cotangent.nn.io.AtomicFile;

/// A table of metrics written as CSV (RFC 4180, but with `\n`), one row at a time. Until [#commit]
/// the rows lie in a temporary file beside the final one; a run that fails or is stopped by Ctrl-C
/// leaves no file. A whole number or fraction is written with the digits that give it back exactly.
public final class MetricsCsv implements Closeable {
  private final AtomicFile file;
  private final int columns;

  private MetricsCsv(AtomicFile file, int columns) {
    this.file = file;
    this.columns = columns;
  }

  /// Opens the table and writes its first line.
  ///
  /// @throws IllegalArgumentException if there are no columns
  /// @throws UncheckedIOException if the file cannot be created
  public static MetricsCsv create(Path path, String... columns) {
    if (columns.length == 0) {
      throw new IllegalArgumentException(path + ": a table needs at least one column");
    }
    try {
      var csv = new MetricsCsv(AtomicFile.create(path), columns.length);
      csv.write(List.of((Object[]) columns));
      return csv;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Writes a row and hands it to the operating system, so that a person can follow the run.
  ///
  /// @param values numbers or texts, one for each column
  /// @throws IllegalArgumentException if there are more or fewer values than columns
  public void row(Object... values) {
    if (values.length != columns) {
      throw new IllegalArgumentException(
          "a row of %d values in a table of %d columns".formatted(values.length, columns));
    }
    write(List.of(values));
  }

  /// Makes the table appear under its name.
  public void commit() {
    try {
      file.commit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Drops the table unless it was committed.
  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A line of such a table, with its line break.
  public static String line(Collection<?> values) {
    return values.stream().map(v -> quote(v.toString())).collect(Collectors.joining(",", "", "\n"));
  }

  private void write(List<Object> values) {
    try {
      file.stream().write(line(values).getBytes(StandardCharsets.UTF_8));
      file.stream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String quote(String text) {
    boolean special = text.isEmpty() || text.chars().anyMatch(c -> ",\"\r\n".indexOf(c) >= 0);
    return special ? '"' + text.replace("\"", "\"\"") + '"' : text;
  }
}
