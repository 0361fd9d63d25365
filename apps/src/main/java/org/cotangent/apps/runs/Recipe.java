package org.cotangent.apps.runs;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cotangent.apps.runs.RunConfig.OptimizerConfig;
import org.cotangent.apps.runs.RunConfig.ScheduleConfig;
import org.cotangent.autograd.Rng;
import org.cotangent.nn.Adagrad;
import org.cotangent.nn.Adam;
import org.cotangent.nn.AdamW;
import org.cotangent.nn.ClassOptions;
import org.cotangent.nn.Functional;
import org.cotangent.nn.Loss;
import org.cotangent.nn.MeanSquaredError;
import org.cotangent.nn.Module;
import org.cotangent.nn.Optimizer;
import org.cotangent.nn.RMSProp;
import org.cotangent.nn.SGD;
import org.cotangent.nn.Schedule;
import org.cotangent.nn.SoftmaxCrossEntropy;
import org.cotangent.nn.data.Batch;
import org.cotangent.nn.data.DataLoader;
import org.cotangent.nn.data.Transform;

/// What a configuration names, made.
final class Recipe {
  /// Batches that are made ahead while a step runs.
  private static final int PREFETCH = 2;

  private final RunConfig config;

  Recipe(RunConfig config) {
    this.config = config;
  }

  /// The generator of the first weights.
  Rng weights() {
    return Rng.of(config.seed()).split();
  }

  Loss loss() {
    RunConfig.LossConfig loss = config.loss();
    return switch (loss.kind()) {
      case CROSS_ENTROPY ->
          loss.labelSmoothing() == 0
              ? new SoftmaxCrossEntropy()
              : (y, t) ->
                  Functional.crossEntropy(
                      y, t, ClassOptions.DEFAULT.labelSmoothing(loss.labelSmoothing()));
      case MSE -> new MeanSquaredError();
    };
  }

  Optimizer optimizer(Module net) {
    OptimizerConfig o = config.optimizer();
    return switch (o.kind()) {
      case SGD -> {
        SGD sgd = new SGD(net, o.lr()).weightDecay(o.weightDecay());
        yield o.nesterov() ? sgd.nesterov(o.momentum()) : sgd.momentum(o.momentum());
      }
      case ADAM -> new Adam(net, o.lr()).betas(o.beta1(), o.beta2()).weightDecay(o.weightDecay());
      case ADAMW -> new AdamW(net, o.lr()).betas(o.beta1(), o.beta2()).weightDecay(o.weightDecay());
      case RMSPROP -> new RMSProp(net, o.lr()).momentum(o.momentum()).weightDecay(o.weightDecay());
      case ADAGRAD -> new Adagrad(net, o.lr()).weightDecay(o.weightDecay());
    };
  }

  /// The learning rate of each step of so many; empty if it is always the optimiser's own.
  Optional<Schedule> schedule(long steps) {
    ScheduleConfig s = config.schedule();
    double lr = config.optimizer().lr();
    // The warm-up comes out of the steps that there are.
    int left = (int) Math.max(1, Math.min(steps, Integer.MAX_VALUE) - s.warmUp());
    Schedule main =
        switch (s.kind()) {
          case CONSTANT -> Schedule.constant(lr);
          case STEP -> Schedule.step(lr, s.every(), s.factor());
          case EXPONENTIAL -> Schedule.exponential(lr, s.factor());
          case LINEAR -> Schedule.linear(lr, s.least(), left);
          case COSINE -> Schedule.cosine(lr, left, s.least());
          case ONE_CYCLE -> Schedule.oneCycle(lr, left);
        };
    if (s.warmUp() > 0) {
      return Optional.of(main.afterWarmUp(s.warmUp()));
    }
    return s.kind() == ScheduleConfig.Kind.CONSTANT ? Optional.empty() : Optional.of(main);
  }

  /// The batches to learn from. Those that are not full are left out: an epoch's order is new each
  /// time, so no sample is missed for long.
  DataLoader loader(Samples samples, Normalizer input) {
    List<Transform> transforms = new ArrayList<>();
    transforms.add((b, _) -> new Batch(input.apply(b.x()), b.y()));
    if (config.augment().crop() > 0) {
      transforms.add(Transform.randomCrop(config.augment().crop()));
    }
    if (config.augment().flip()) {
      transforms.add(Transform.randomHorizontalFlip());
    }
    DataLoader loader =
        DataLoader.of(samples.train(), Math.min(config.batch(), samples.train().size()))
            .shuffled(config.seed())
            .dropLast()
            .prefetch(PREFETCH);
    for (Transform t : transforms) {
      loader = loader.transform(t);
    }
    return loader;
  }
}
