package org.cotangent.apps.runs;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;

/// What a run learns from, and is judged by.
///
/// @param set which data set
/// @param path the folder, archive or file with the samples to learn from; for the sets that travel
///   with the program there is none
/// @param test the file with the samples to judge by, of [Set#CSV] and [Set#NPZ]
/// @param target the column of a CSV that is to be predicted, by name; by number, from 1, without a
///   header
/// @param header whether the first line of a CSV has the columns' names
/// @param heldOut the share of the samples that are held back to judge by, where there is no `test`
/// @param input what is done to inputs first
public record DataConfig(
    Set set,
    Optional<Path> path,
    Optional<Path> test,
    Optional<String> target,
    boolean header,
    OptionalDouble heldOut,
    Input input) {
  /// The data sets.
  public enum Set {
    /// four points
    XOR,
    /// three spirals
    SPIRAL,
    /// handwritten digits
    MNIST,
    /// photographs in ten classes
    CIFAR10,
    /// tables of the user's own
    CSV,
    /// arrays `x` and `y` of the user's own
    NPZ
  }

  /// What is done to inputs before the network sees them, with what was measured on the samples
  /// learnt from.
  public enum Input {
    /// nothing
    RAW,
    /// less the mean of each number of a sample
    CENTERED,
    /// less the mean of each number of a sample, divided by its standard deviation
    STANDARDIZED,
    /// the same for each channel of images
    CHANNELS
  }

  /// The same with other samples to judge by.
  DataConfig judgedBy(Path other) {
    boolean own = set == Set.CSV || set == Set.NPZ;
    return own
        ? new DataConfig(
            set, path, Optional.of(other), target, header, OptionalDouble.empty(), input)
        : new DataConfig(set, Optional.of(other), test, target, header, heldOut, input);
  }

  static DataConfig of(Fields f, RunConfig.LossConfig.Kind loss) {
    if (!f.has("set")) {
      f.wrong("set", "it is missing");
    }
    Set set = f.choice("set", Set.class, Set.XOR);
    Optional<Path> path = f.optionalText("path").map(Path::of);
    Optional<Path> test = f.optionalText("test").map(Path::of);
    Optional<String> target = f.optionalText("target");
    boolean header = f.flag("header", true);
    OptionalDouble heldOut = f.number("held_out", Fields.Range.INSIDE_ONE);
    Input input = f.choice("input", Input.class, Input.RAW);
    boolean own = set == Set.CSV || set == Set.NPZ;
    boolean images = set == Set.MNIST || set == Set.CIFAR10;
    if (own && path.isEmpty()) {
      f.wrong("path", "it is missing: the file to learn from");
    }
    if (path.isPresent() && !own && !images) {
      f.wrong("path", "these samples travel with the program");
    }
    if (own && test.isPresent() == heldOut.isPresent()) {
      f.wrong("test", "expected either test, a file to judge by, or held_out, a share of path");
    }
    if (!own && (test.isPresent() || heldOut.isPresent())) {
      f.wrong(test.isPresent() ? "test" : "held_out", "this set has its own samples to judge by");
    }
    if (target.isPresent() != (set == Set.CSV)) {
      f.wrong("target", "expected with set: csv, and only there: the column to predict");
    }
    if (input == Input.CHANNELS && !images && set != Set.NPZ) {
      f.wrong("input", "channels are for images");
    }
    if (!own && loss == RunConfig.LossConfig.Kind.MSE) {
      f.wrong("set", "it has classes: its loss is cross-entropy");
    }
    f.done();
    return new DataConfig(set, path, test, target, header, heldOut, input);
  }
}
