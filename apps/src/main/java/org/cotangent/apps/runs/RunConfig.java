package org.cotangent.apps.runs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.cotangent.apps.support.CommandFailure;

/// What a run is asked to do: the fields of a configuration file. docs/apps.md explains each.
///
/// @param model the description of the network ([org.cotangent.nn.model.Architecture])
/// @param data what is learnt from, and judged by
/// @param loss what is made small
/// @param optimizer how
/// @param schedule how the learning rate goes
/// @param length how long the run is
/// @param batch samples in a step
/// @param seed of the weights, of the order of samples and of all that is drawn
/// @param augment how samples are varied
/// @param clipNorm the largest norm of all gradients together
/// @param average the decay of a moving average of the weights, which is then what is evaluated
/// @param evaluateEvery steps between two evaluations; an epoch if empty
/// @param checkpointEvery steps between two checkpoints; an epoch if empty
/// @param keep how many checkpoints stay
/// @param eager whether steps run without being compiled
public record RunConfig(
    String model,
    DataConfig data,
    LossConfig loss,
    OptimizerConfig optimizer,
    ScheduleConfig schedule,
    Length length,
    int batch,
    long seed,
    Augment augment,
    OptionalDouble clipNorm,
    OptionalDouble average,
    OptionalInt evaluateEvery,
    OptionalInt checkpointEvery,
    int keep,
    boolean eager) {

  /// What is made small.
  ///
  /// @param kind the loss
  /// @param labelSmoothing ε of cross-entropy
  public record LossConfig(LossConfig.Kind kind, double labelSmoothing) {
    /// The losses.
    public enum Kind {
      /// of logits, for classes
      CROSS_ENTROPY,
      /// the mean squared error, for numbers
      MSE
    }
  }

  /// An optimiser and its settings.
  public record OptimizerConfig(
      OptimizerConfig.Kind kind,
      double lr,
      double momentum,
      boolean nesterov,
      double weightDecay,
      double beta1,
      double beta2) {
    /// The optimisers.
    public enum Kind {
      SGD,
      ADAM,
      ADAMW,
      RMSPROP,
      ADAGRAD
    }
  }

  /// How the learning rate goes, counted in steps.
  ///
  /// @param every of [Kind#STEP]: steps between two falls; 0 otherwise
  /// @param factor of [Kind#STEP] and [Kind#EXPONENTIAL]
  /// @param least of [Kind#LINEAR] and [Kind#COSINE]: where the rate ends
  /// @param warmUp steps of a linear rise before it all
  public record ScheduleConfig(ScheduleConfig.Kind kind, int every, double factor, double least, int warmUp) {
    /// The schedules.
    public enum Kind {
      CONSTANT,
      STEP,
      EXPONENTIAL,
      LINEAR,
      COSINE,
      ONE_CYCLE
    }
  }

  /// How long a run is: one of the two.
  public record Length(OptionalInt epochs, OptionalInt steps) {
    /// In steps, for so many batches an epoch.
    public long steps(int batches) {
      return steps.isPresent() ? steps.getAsInt() : (long) epochs.orElse(0) * batches;
    }
  }

  /// How samples are varied each time they are seen.
  ///
  /// @param crop how far images are shifted at most, after padding with zeros
  /// @param flip whether half of them are mirrored
  public record Augment(int crop, boolean flip) {}

  /// Reads a file.
  ///
  /// @throws CommandFailure that lists every mistake in it
  public static RunConfig read(Path file) {
    var mistakes = new Mistakes(file.toString());
    RunConfig config = of(Fields.read(file, mistakes));
    mistakes.throwIfAny();
    return config;
  }

  /// Reads a text; messages call it `name`.
  ///
  /// @throws CommandFailure that lists every mistake in it
  public static RunConfig parse(String text, String name) {
    var mistakes = new Mistakes(name);
    RunConfig config = of(Fields.parse(text, name, mistakes));
    mistakes.throwIfAny();
    return config;
  }

  private static RunConfig of(Fields f) {
    LossConfig loss = loss(f.section("loss"));
    var config =
        new RunConfig(
            f.text("model"),
            DataConfig.of(f.section("data"), loss.kind()),
            loss,
            optimizer(f.section("optimizer")),
            schedule(f.section("schedule")),
            length(f),
            f.whole("batch", 1).orElse(32),
            f.seed("seed", 1),
            augment(f.section("augment")),
            f.number("clip_norm", Fields.Range.POSITIVE),
            f.number("average", Fields.Range.INSIDE_ONE),
            f.whole("evaluate_every", 1),
            f.whole("checkpoint_every", 1),
            f.whole("keep", 1).orElse(2),
            f.flag("eager"));
    f.done();
    return config;
  }

  private static LossConfig loss(Fields f) {
    LossConfig.Kind kind = f.choice("name", LossConfig.Kind.class, LossConfig.Kind.CROSS_ENTROPY);
    OptionalDouble smoothing = f.number("label_smoothing", Fields.Range.BELOW_ONE);
    if (smoothing.isPresent() && kind != LossConfig.Kind.CROSS_ENTROPY) {
      f.wrong("label_smoothing", "only cross-entropy has it");
    }
    f.done();
    return new LossConfig(kind, smoothing.orElse(0));
  }

  private static OptimizerConfig optimizer(Fields f) {
    OptimizerConfig.Kind kind =
        f.choice("name", OptimizerConfig.Kind.class, OptimizerConfig.Kind.ADAM);
    if (!f.has("lr")) {
      f.wrong("lr", "it is missing");
    }
    boolean adam = kind == OptimizerConfig.Kind.ADAM || kind == OptimizerConfig.Kind.ADAMW;
    boolean momentum = kind == OptimizerConfig.Kind.SGD || kind == OptimizerConfig.Kind.RMSPROP;
    double lr = f.number("lr", Fields.Range.POSITIVE).orElse(1);
    double mu = only(f, "momentum", momentum, "sgd and rmsprop").orElse(0);
    double beta1 = only(f, "beta1", adam, "adam and adamw").orElse(0.9);
    double beta2 = only(f, "beta2", adam, "adam and adamw").orElse(0.999);
    boolean nesterov = f.flag("nesterov");
    if (nesterov && (kind != OptimizerConfig.Kind.SGD || mu == 0)) {
      f.wrong("nesterov", "expected only with sgd and a momentum");
    }
    double decay =
        f.number("weight_decay", Fields.Range.NOT_NEGATIVE)
            .orElse(kind == OptimizerConfig.Kind.ADAMW ? 0.01 : 0);
    f.done();
    return new OptimizerConfig(kind, lr, mu, nesterov, decay, beta1, beta2);
  }

  private static OptionalDouble only(Fields f, String key, boolean fits, String whose) {
    OptionalDouble value = f.number(key, Fields.Range.BELOW_ONE);
    if (value.isPresent() && !fits) {
      f.wrong(key, "only " + whose + " have it");
    }
    return value;
  }

  private static ScheduleConfig schedule(Fields f) {
    ScheduleConfig.Kind kind =
        f.choice("name", ScheduleConfig.Kind.class, ScheduleConfig.Kind.CONSTANT);
    OptionalInt every = f.whole("every", 1);
    OptionalDouble factor = f.number("factor", Fields.Range.POSITIVE);
    OptionalDouble least = f.number("least", Fields.Range.NOT_NEGATIVE);
    boolean steps = kind == ScheduleConfig.Kind.STEP;
    boolean falls = steps || kind == ScheduleConfig.Kind.EXPONENTIAL;
    boolean ends = kind == ScheduleConfig.Kind.LINEAR || kind == ScheduleConfig.Kind.COSINE;
    if (every.isPresent() != steps) {
      f.wrong("every", "expected with name: step, and only there");
    }
    if (factor.isPresent() != falls) {
      f.wrong("factor", "expected with name: step or exponential, and only there");
    }
    if (least.isPresent() && !ends) {
      f.wrong("least", "expected only with name: linear or cosine");
    }
    OptionalInt warmUp = f.whole("warm_up", 0);
    f.done();
    return new ScheduleConfig(
        kind, every.orElse(0), factor.orElse(1), least.orElse(0), warmUp.orElse(0));
  }

  private static Length length(Fields f) {
    OptionalInt epochs = f.whole("epochs", 1);
    OptionalInt steps = f.whole("steps", 1);
    if (epochs.isPresent() == steps.isPresent()) {
      f.wrong(epochs.isPresent() ? "steps" : "epochs", "expected either epochs or steps");
    }
    return new Length(epochs, steps);
  }

  private static Augment augment(Fields f) {
    var augment = new Augment(f.whole("crop", 0).orElse(0), f.flag("flip"));
    f.done();
    return augment;
  }

  /// How a file writes an enum's constant.
  public static String word(Enum<?> e) {
    return Fields.word(e);
  }

  /// How a file writes a text that may have any letters.
  public static String quoted(String text) {
    return JsonText.quoted(text);
  }

  /// The fields in which this run and another differ, of those that decide its numbers. A run that
  /// is resumed may be longer, and be measured and saved more or less often.
  List<String> differences(RunConfig other) {
    List<String> names = new ArrayList<>();
    differ(names, "model", model, other.model);
    differ(names, "data", data, other.data);
    differ(names, "loss", loss, other.loss);
    differ(names, "optimizer", optimizer, other.optimizer);
    differ(names, "schedule", schedule, other.schedule);
    differ(names, "batch", batch, other.batch);
    differ(names, "seed", seed, other.seed);
    differ(names, "augment", augment, other.augment);
    differ(names, "clip_norm", clipNorm, other.clipNorm);
    differ(names, "average", average, other.average);
    boolean scheduled =
        switch (schedule.kind) {
          case CONSTANT, STEP, EXPONENTIAL -> false;
          case LINEAR, COSINE, ONE_CYCLE -> true; // reaches its end with the last step
        };
    if (scheduled) {
      differ(names, "epochs or steps", length, other.length);
    }
    return names;
  }

  private static void differ(List<String> names, String name, Object a, Object b) {
    if (!a.equals(b)) {
      names.add(name);
    }
  }

  /// The number of steps between two evaluations, for so many batches an epoch.
  int evaluateEvery(int batches) {
    return evaluateEvery.orElse(batches);
  }

  /// The number of steps between two checkpoints, for so many batches an epoch.
  int checkpointEvery(int batches) {
    return checkpointEvery.orElse(batches);
  }

  /// What classes are told apart by, if there are classes.
  boolean classifies() {
    return loss.kind == LossConfig.Kind.CROSS_ENTROPY;
  }
}
