package org.cotangent.apps.support;

import java.util.ArrayList;
import java.util.List;

/// A table for the console: the first column to the left, the others to the right.
public final class TextTable {
  private final List<String[]> rows = new ArrayList<>();

  /// A table with the names of its columns.
  public TextTable(String... head) {
    rows.add(head.clone());
  }

  /// Adds a row.
  ///
  /// @param cells one for each column
  public void row(Object... cells) {
    String[] texts = new String[cells.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = String.valueOf(cells[i]);
    }
    if (texts.length != rows.getFirst().length) {
      throw new IllegalArgumentException(
          "a row of %d cells in a table of %d columns"
              .formatted(texts.length, rows.getFirst().length));
    }
    rows.add(texts);
  }

  /// The lines, each with a line break after it.
  @Override
  public String toString() {
    int[] widths = new int[rows.getFirst().length];
    for (String[] row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    var out = new StringBuilder();
    for (String[] row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String gap = " ".repeat(widths[i] - row[i].length());
        line.append(i == 0 ? row[i] + gap : "  " + gap + row[i]);
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
    return out.toString();
  }
}
