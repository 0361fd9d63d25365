package org.cotangent.apps.runs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.cotangent.apps.support.CommandFailure;
import org.cotangent.nn.io.AtomicFile;

/// What came out of a run: `summary.json`.
///
/// @param finished whether the run made all its steps
/// @param steps how many it made
/// @param epochs how many times through the samples
/// @param parameters how many numbers the network learns
/// @param seconds how long the run took, with all its interruptions left out
/// @param trainLoss the mean loss of the last 100 steps
/// @param last the last evaluation, if there was one
/// @param best the best evaluation, whose weights are in `model.safetensors`
public record Summary(
    boolean finished,
    long steps,
    double epochs,
    long parameters,
    double seconds,
    double trainLoss,
    Optional<Evaluation> last,
    Optional<Evaluation> best) {
  static final String NAME = "summary.json";

  /// How the network did on the samples to judge by.
  ///
  /// @param step after how many steps
  /// @param accuracy of a classifier
  public record Evaluation(long step, double loss, OptionalDouble accuracy) {
    /// Whether this one is better: more samples right, or, where there is nothing to be right, a
    /// smaller loss. Never if the loss is NaN.
    boolean isBetterThan(Evaluation other) {
      return accuracy.isPresent()
          ? accuracy.getAsDouble() > other.accuracy.orElse(Double.NEGATIVE_INFINITY)
          : loss < other.loss;
    }

    private Map<String, Object> fields() {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("step", step);
      fields.put("test_loss", loss);
      accuracy.ifPresent(a -> fields.put("test_accuracy", a));
      return fields;
    }

    private static Optional<Evaluation> read(Fields f, String key) {
      if (!f.has(key)) {
        return Optional.empty();
      }
      Fields e = f.section(key);
      return Optional.of(
          new Evaluation(
              e.seed("step", 0),
              e.measured("test_loss"),
              e.has("test_accuracy")
                  ? OptionalDouble.of(e.measured("test_accuracy"))
                  : OptionalDouble.empty()));
    }
  }

  /// The evaluations of a log, in order.
  static List<Evaluation> evaluations(List<MetricsLog.Row> rows) {
    return rows.stream()
        .filter(MetricsLog.Row::evaluated)
        .map(r -> new Evaluation(r.step(), r.testLoss().orElse(Double.NaN), r.testAccuracy()))
        .toList();
  }

  /// The best of some evaluations, of equal ones the first.
  static Optional<Evaluation> best(List<Evaluation> evaluations) {
    return evaluations.stream().reduce((a, b) -> b.isBetterThan(a) ? b : a);
  }

  void write(Path folder) throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("finished", finished);
    fields.put("steps", steps);
    fields.put("epochs", epochs);
    fields.put("parameters", parameters);
    fields.put("seconds", seconds);
    fields.put("train_loss", trainLoss);
    last.ifPresent(e -> fields.put("last", e.fields()));
    best.ifPresent(e -> fields.put("best", e.fields()));
    try (var file = AtomicFile.create(folder.resolve(NAME))) {
      file.stream().write(JsonText.of(fields).getBytes(UTF_8));
      file.commit();
    }
  }

  /// Reads that of a folder.
  ///
  /// @throws CommandFailure if it is none
  static Summary read(Path folder) {
    Path file = folder.resolve(NAME);
    var mistakes = new Mistakes(file.toString());
    Fields f = Fields.read(file, mistakes);
    var summary =
        new Summary(
            f.flag("finished"),
            f.seed("steps", 0),
            f.measured("epochs"),
            f.seed("parameters", 0),
            f.measured("seconds"),
            f.measured("train_loss"),
            Evaluation.read(f, "last"),
            Evaluation.read(f, "best"));
    mistakes.throwIfAny();
    return summary;
  }
}
