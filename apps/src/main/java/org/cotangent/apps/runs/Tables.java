package org.cotangent.apps.runs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.cotangent.apps.support.CommandFailure;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.nn.data.Csv;
import org.cotangent.nn.data.CsvOptions;
import org.cotangent.nn.data.Dataset;

/// CSV files as samples: one column is to be predicted, all others are numbers to predict it from.
final class Tables {
  private Tables() {}

  /// Reads a table.
  static Csv read(Path file, boolean header) throws IOException {
    CsvOptions options = CsvOptions.defaults();
    return Csv.read(file, header ? options : options.withoutHeader());
  }

  /// The columns other than the target.
  ///
  /// @throws CommandFailure if there is no such column, or no other
  static String[] inputs(Csv table, String target, Path file) {
    if (!table.columns().contains(target)) {
      throw new CommandFailure(
          "%s: no column '%s' to predict%s; there are %s"
              .formatted(
                  file,
                  target,
                  Mistakes.nearest(target, table.columns())
                      .map(n -> " (did you mean " + n + "?)")
                      .orElse(""),
                  String.join(", ", table.columns())));
    }
    String[] others =
        table.columns().stream().filter(c -> !c.equals(target)).toArray(String[]::new);
    if (others.length == 0) {
      throw new CommandFailure(file + ": it has no column to predict '" + target + "' from");
    }
    return others;
  }

  /// The rows as samples with classes.
  static Dataset classified(Csv table, String[] inputs, String target, List<String> classes) {
    return Dataset.of(table.numbers(DType.F32, inputs), table.labels(target, classes));
  }

  /// The rows as samples with numbers, `[1]` each.
  static Dataset measured(Csv table, String[] inputs, String target) {
    Tensor x = table.numbers(DType.F32, inputs);
    return Dataset.of(x, table.numbers(DType.F32, target));
  }
}
