package org.cotangent.apps.runs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cotangent.apps.support.CommandFailure;
import org.cotangent.apps.support.MetricsCsv;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.data.Csv;
import org.cotangent.nn.io.AtomicFile;
import org.cotangent.nn.io.Npy;
import org.cotangent.nn.model.Model;

/// What a trained network makes of the inputs in some files.
///
/// Of a classifier each line has the likeliest class, its probability, and the probabilities of all
/// classes; of another network the numbers that it gives.
public final class Prediction {
  /// A line: cells by the names of their columns.
  private final List<Map<String, Object>> lines = new ArrayList<>();

  private Prediction() {}

  /// Predicts.
  ///
  /// @param model the folder of a run, or the file of a model
  /// @param drop columns of a CSV to leave out; if empty, the one that the run predicts
  /// @param resize whether pictures of another size are brought to that of the samples
  /// @throws CommandFailure if there is no such model, or an input does not fit it
  public static Prediction of(Path model, List<Path> inputs, List<String> drop, boolean resize)
      throws IOException {
    List<String> left = new ArrayList<>(drop);
    Path file = model;
    if (RunFolder.holdsRun(model)) {
      RunFolder folder = RunFolder.existing(model);
      file = folder.file(RunFolder.MODEL);
      if (drop.isEmpty()) {
        folder.config().data().target().ifPresent(left::add);
      }
    }
    Model m = Model.load(file);
    var prediction = new Prediction();
    for (Path input : inputs) {
      prediction.add(m, input, read(input, m.input(), left, resize));
    }
    return prediction;
  }

  private static Tensor read(Path input, Shape sample, List<String> drop, boolean resize)
      throws IOException {
    if (!Files.isRegularFile(input)) {
      throw new CommandFailure(input + ": no such file");
    }
    String name = input.toString();
    if (name.endsWith(".csv")) {
      return table(input, sample, drop);
    }
    if (name.endsWith(".npy")) {
      return array(input, sample);
    }
    return Picture.read(input, sample, resize).unsqueeze(0);
  }

  private static Tensor table(Path input, Shape sample, List<String> drop) throws IOException {
    Csv table = Tables.read(input, true);
    String[] columns =
        table.columns().stream().filter(c -> !drop.contains(c)).toArray(String[]::new);
    if (columns.length != sample.size()) {
      throw new CommandFailure(
          "%s: %d columns of numbers (%s), but the network takes %s; --drop leaves columns out"
              .formatted(input, columns.length, String.join(", ", columns), sample));
    }
    return table.numbers(DType.F32, columns).reshape(batch(table.rows(), sample));
  }

  private static Tensor array(Path input, Shape sample) throws IOException {
    Tensor x = Npy.read(input);
    if (x.shape().equals(sample)) {
      return x.unsqueeze(0);
    }
    if (x.rank() == 0 || !x.shape().without(0).equals(sample)) {
      throw new CommandFailure(
          "%s: an array %s, but the network takes samples %s: expected that, or [n, ..] of it"
              .formatted(input, x.shape(), sample));
    }
    return x;
  }

  private static int[] batch(int n, Shape sample) {
    return sample.inserted(0, n).dims();
  }

  private void add(Model model, Path input, Tensor x) {
    boolean classifies = !model.classes().isEmpty();
    Tensor y = classifies ? model.probabilities(x) : model.predict(x).flatten(1);
    List<Model.Guess> guesses = classifies ? model.classify(x) : List.of();
    double[] numbers = y.toDoubleArray();
    int width = y.dim(1);
    for (int i = 0; i < x.dim(0); i++) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("input", input.toString());
      line.put("row", i);
      if (classifies) {
        line.put("class", guesses.get(i).name());
        line.put("probability", shortest(model, guesses.get(i).probability()));
      }
      for (int k = 0; k < width; k++) {
        String name = classifies ? "p(" + model.classes().get(k) + ")" : "y" + (k + 1);
        line.put(name, shortest(model, numbers[i * width + k]));
      }
      lines.add(line);
    }
  }

  /// A number with the digits that the network's dtype has.
  private static Number shortest(Model model, double v) {
    return model.dtype() == DType.F32 ? (Number) (float) v : (Number) v;
  }

  /// The lines as CSV with a header.
  public String csv() {
    var out = new StringBuilder();
    if (!lines.isEmpty()) {
      out.append(MetricsCsv.line(lines.getFirst().keySet()));
    }
    lines.forEach(line -> out.append(MetricsCsv.line(line.values())));
    return out.toString();
  }

  /// The lines as a JSON list of objects.
  public String json() {
    return JsonText.of(lines);
  }

  /// Writes a text to a file, which appears whole or not at all.
  public static void write(Path path, String text) throws IOException {
    try (var file = AtomicFile.create(path)) {
      file.stream().write(text.getBytes(UTF_8));
      file.commit();
    }
  }
}
