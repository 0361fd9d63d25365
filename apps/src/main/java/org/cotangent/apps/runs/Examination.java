package org.cotangent.apps.runs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Locale.ROOT;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.cotangent.apps.support.CommandFailure;
import org.cotangent.apps.support.TextTable;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.Functional;
import org.cotangent.nn.Metrics;
import org.cotangent.nn.data.Batch;
import org.cotangent.nn.data.Cifar10;
import org.cotangent.nn.data.Csv;
import org.cotangent.nn.data.Dataset;
import org.cotangent.nn.io.AtomicFile;
import org.cotangent.nn.model.Model;

/// How a trained network does on samples whose targets are known.
public final class Examination {
  /// Samples whose results are held at a time.
  private static final int BLOCK = 1000;

  private final Map<String, Object> figures = new LinkedHashMap<>();
  private Optional<String> confusion = Optional.empty();

  private Examination(Model model, Dataset data, boolean classifies, int top) {
    List<Tensor> outputs = new ArrayList<>();
    List<Tensor> targets = new ArrayList<>();
    for (int from = 0; from < data.size(); from += BLOCK) {
      int to = Math.min(from + BLOCK, data.size());
      Batch b = data.batch(IntStream.range(from, to).toArray());
      outputs.add(model.predict(b.x()));
      targets.add(b.y());
    }
    Tensor y = Tensor.concat(0, outputs.toArray(Tensor[]::new));
    Tensor t = Tensor.concat(0, targets.toArray(Tensor[]::new));
    figures.put("samples", data.size());
    if (classifies) {
      classified(y, t, top, model.classes());
    } else {
      Tensor error = y.sub(t);
      figures.put("root_mean_squared_error", Math.sqrt(error.square().mean().item()));
      figures.put("mean_absolute_error", error.abs().mean().item());
    }
  }

  private void classified(Tensor y, Tensor t, int top, List<String> names) {
    int classes = y.dim(1);
    figures.put("loss", Functional.crossEntropy(y, t).item());
    figures.put("accuracy", Metrics.accuracy(y, t));
    if (top > 1 && top < classes) {
      figures.put("top_" + top, Metrics.topK(y, t, top));
    }
    long[] counts = Metrics.confusionMatrix(y, t).toLongArray();
    List<String> called =
        names.isEmpty() ? IntStream.range(0, classes).mapToObj(Integer::toString).toList() : names;
    figures.put("classes", called);
    List<List<Long>> rows = new ArrayList<>();
    for (int i = 0; i < classes; i++) {
      List<Long> row = new ArrayList<>();
      for (int k = 0; k < classes; k++) {
        row.add(counts[i * classes + k]);
      }
      rows.add(row);
    }
    figures.put("confusion", rows);
    confusion = Optional.of(table(called, rows));
  }

  private static String table(List<String> names, List<List<Long>> rows) {
    List<String> head = new ArrayList<>(List.of("is \\ taken for"));
    head.addAll(names);
    head.add("right");
    var table = new TextTable(head.toArray(String[]::new));
    for (int i = 0; i < rows.size(); i++) {
      List<Object> cells = new ArrayList<>(List.of(names.get(i)));
      cells.addAll(rows.get(i));
      long all = rows.get(i).stream().mapToLong(Long::longValue).sum();
      cells.add(all == 0 ? "-" : String.format(ROOT, "%.1f %%", 100.0 * rows.get(i).get(i) / all));
      table.row(cells.toArray());
    }
    return table.toString();
  }

  /// Examines a network.
  ///
  /// @param model the folder of a run, or the file of a model
  /// @param data the samples, if not those that the run was judged by
  /// @param target the column of a CSV with the targets, if not the run's
  /// @param top the k of the top-k accuracy
  /// @throws CommandFailure if there is nothing to examine, or nothing to examine it on
  public static Examination of(Path model, Optional<Path> data, Optional<String> target, int top)
      throws IOException {
    if (!RunFolder.holdsRun(model)) {
      Model m = Model.load(model);
      Path path =
          data.orElseThrow(() ->
              new CommandFailure(
                  "%s is a model without a run: say with --data what to measure it on"
                      .formatted(model)));
      boolean classifies = !m.classes().isEmpty();
      return new Examination(m, samples(path, target, m.classes()), classifies, top);
    }
    RunFolder folder = RunFolder.existing(model);
    RunConfig config = folder.config();
    if (!Files.exists(folder.file(RunFolder.MODEL))) {
      throw new CommandFailure(
          model + ": the run has no model yet; it is there after the first evaluation");
    }
    Model m = Model.load(folder.file(RunFolder.MODEL));
    boolean table = config.data().set() == DataConfig.Set.CSV;
    Dataset samples =
        data.isPresent()
            ? samples(data.get(), target.or(() -> config.data().target()), m.classes())
            : Samples.read(config).test();
    if (target.isPresent() && !table) {
      throw new CommandFailure("--target: only a CSV has columns");
    }
    return new Examination(m, samples, config.classifies(), top);
  }

  private static Dataset samples(Path path, Optional<String> target, List<String> classes)
      throws IOException {
    if (path.toString().endsWith(".csv")) {
      String column =
          target.orElseThrow(
              () -> new CommandFailure("--target: which column of " + path + " has the targets?"));
      Csv table = Tables.read(path, true);
      String[] inputs = Tables.inputs(table, column, path);
      return classes.isEmpty()
          ? Tables.measured(table, inputs, column)
          : Tables.classified(table, inputs, column, classes);
    }
    if (path.toString().endsWith(".npz")) {
      return Samples.arrays(path, !classes.isEmpty());
    }
    return Cifar10.read(Samples.cifar10Path(Optional.of(path), Optional.empty())).test();
  }

  /// The figures for the console.
  public String text() {
    var out = new StringBuilder();
    figures.forEach((name, value) -> {
      String shown =
          switch (value) {
            case Integer n -> String.format(ROOT, "%,d", n);
            case Double v when name.equals("accuracy") || name.startsWith("top_") ->
                String.format(ROOT, "%.2f %%", 100 * v);
            case Double v -> String.format(ROOT, "%.4f", v);
            default -> "";
          };
      if (!shown.isEmpty()) {
        out.append(String.format(ROOT, "%-24s %s%n", name.replace('_', ' '), shown));
      }
    });
    confusion.ifPresent(c -> out.append('\n').append(c));
    return out.toString();
  }

  /// Writes the figures as JSON.
  public void write(Path path) throws IOException {
    try (var file = AtomicFile.create(path)) {
      file.stream().write(JsonText.of(figures).getBytes(UTF_8));
      file.commit();
    }
  }
}
