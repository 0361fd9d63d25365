package org.cotangent.apps.runs;

import static java.util.Locale.ROOT;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.cotangent.apps.support.Charts;
import org.cotangent.apps.support.CommandFailure;
import org.cotangent.apps.support.MetricsCsv;
import org.cotangent.apps.support.OutputFolder;
import org.cotangent.apps.support.Panel;
import org.cotangent.apps.support.Series;
import org.cotangent.apps.support.TextTable;

/// Runs side by side, the best first.
public final class Comparison {
  /// A run, as its folder tells.
  private record Entry(
      String name, RunConfig config, List<MetricsLog.Row> rows, List<Summary.Evaluation> marks) {
    Optional<Summary.Evaluation> best() {
      return Summary.best(marks);
    }

    Optional<Summary.Evaluation> last() {
      return marks.isEmpty() ? Optional.empty() : Optional.of(marks.getLast());
    }

    double epochs() {
      return rows.isEmpty() ? 0 : rows.getLast().epoch();
    }
  }

  private final List<Entry> entries;

  private Comparison(List<Entry> entries) {
    this.entries = entries;
  }

  /// Reads the folders of runs.
  ///
  /// @throws CommandFailure if one holds no run
  public static Comparison of(List<Path> folders) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (Path path : folders) {
      RunFolder folder = RunFolder.existing(path);
      List<MetricsLog.Row> rows = MetricsLog.read(path);
      entries.add(new Entry(path.toString(), folder.config(), rows, Summary.evaluations(rows)));
    }
    entries.sort(Comparator.comparing(Entry::best, Comparison::betterFirst));
    return new Comparison(entries);
  }

  private static int betterFirst(Optional<Summary.Evaluation> a, Optional<Summary.Evaluation> b) {
    if (a.isEmpty() || b.isEmpty()) {
      return Boolean.compare(a.isEmpty(), b.isEmpty());
    }
    return a.get().isBetterThan(b.get()) ? -1 : b.get().isBetterThan(a.get()) ? 1 : 0;
  }

  /// The table, a line for each run.
  public String table() {
    var table =
        new TextTable(
            "run",
            "optimizer",
            "lr",
            "batch",
            "seed",
            "steps",
            "epochs",
            "best",
            "at step",
            "last",
            "test loss");
    for (Entry e : entries) {
      RunConfig c = e.config;
      table.row(
          e.name,
          Fields.word(c.optimizer().kind()),
          c.optimizer().lr(),
          c.batch(),
          c.seed(),
          e.rows.size(),
          String.format(ROOT, "%.1f", e.epochs()),
          accuracy(e.best()),
          e.best().map(b -> Long.toString(b.step())).orElse("-"),
          accuracy(e.last()),
          e.last().map(l -> String.format(ROOT, "%.4f", l.loss())).orElse("-"));
    }
    return table.toString();
  }

  private static String accuracy(Optional<Summary.Evaluation> e) {
    OptionalDouble share = e.map(Summary.Evaluation::accuracy).orElseGet(OptionalDouble::empty);
    return share.isPresent() ? String.format(ROOT, "%.2f %%", 100 * share.getAsDouble()) : "-";
  }

  /// Draws the curves and writes the table.
  ///
  /// @return what was written
  public List<Path> write(OutputFolder folder) {
    List<Path> written = new ArrayList<>();
    Path csv = folder.file("compare.csv");
    try (var table =
        MetricsCsv.create(
            csv,
            "run",
            "steps",
            "epochs",
            "best_step",
            "best_loss",
            "best_accuracy",
            "last_loss",
            "last_accuracy")) {
      for (Entry e : entries) {
        table.row(
            e.name,
            e.rows.size(),
            e.epochs(),
            cell(e.best(), Summary.Evaluation::step),
            cell(e.best(), Summary.Evaluation::loss),
            cell(e.best(), b -> text(b.accuracy())),
            cell(e.last(), Summary.Evaluation::loss),
            cell(e.last(), b -> text(b.accuracy())));
      }
      table.commit();
    }
    written.add(csv);
    Path picture = folder.file("compare.png");
    if (Charts.write(picture, "", panels())) {
      written.add(picture);
    }
    return written;
  }

  private static Object cell(
      Optional<Summary.Evaluation> e, Function<Summary.Evaluation, Object> of) {
    return e.map(of).orElse("");
  }

  private static Object text(OptionalDouble v) {
    return v.isPresent() ? v.getAsDouble() : "";
  }

  private Panel[] panels() {
    List<Series> train = new ArrayList<>();
    List<Series> test = new ArrayList<>();
    List<Series> accuracy = new ArrayList<>();
    for (Entry e : entries) {
      var curves = new Curves(e.rows);
      train.add(curves.trainLoss(e.name));
      test.add(curves.testLoss(e.name));
      if (curves.hasAccuracy()) {
        accuracy.add(curves.testAccuracy(e.name));
      }
    }
    List<Panel> panels = new ArrayList<>();
    panels.add(panel("loss of the training batches", "loss", train));
    panels.add(panel("loss on the test samples", "loss", test));
    if (!accuracy.isEmpty()) {
      panels.add(panel("accuracy on the test samples", "accuracy", accuracy));
    }
    return panels.toArray(Panel[]::new);
  }

  private static Panel panel(String title, String label, List<Series> series) {
    return Panel.lines(title, "step", label, series.toArray(Series[]::new)).withXFrom(0);
  }
}
