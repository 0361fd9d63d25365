package org.cotangent.nn.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.cotangent.autograd.shape.Shape;

/// Layers in columns.
final class Table {
  private Table() {}

  /// A layer.
  ///
  /// @param name its dotted name in the network
  /// @param layer its text
  /// @param output the shape that it gives for a sample
  /// @param parameters how many numbers it learns
  record Row(String name, String layer, Shape output, long parameters) {}

  static String of(Shape input, List<Row> rows) {
    long total = rows.stream().mapToLong(Row::parameters).sum();
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.of("", "layer", "output", "parameters"));
    lines.add(List.of("", "input", input.toString(), ""));
    for (Row r : rows) {
      String count = r.parameters == 0 ? "" : grouped(r.parameters);
      lines.add(List.of(r.name, r.layer, r.output.toString(), count));
    }
    lines.add(List.of("", "total", "", grouped(total)));
    int[] widths = new int[4];
    for (List<String> line : lines) {
      for (int c = 0; c < widths.length; c++) {
        widths[c] = Math.max(widths[c], line.get(c).length());
      }
    }
    StringBuilder s = new StringBuilder();
    for (List<String> line : lines) {
      String text =
          ("%-" + widths[0] + "s  %-" + widths[1] + "s  %-" + widths[2] + "s  %" + widths[3] + "s")
              .formatted(line.get(0), line.get(1), line.get(2), line.get(3));
      s.append(text.stripTrailing()).append('\n');
    }
    return s.toString();
  }

  private static String grouped(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }
}
