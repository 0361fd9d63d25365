package org.cotangent.nn.train;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Adam;
import org.cotangent.nn.BatchNorm;
import org.cotangent.nn.Conv2d;
import org.cotangent.nn.ConvOptions;
import org.cotangent.nn.Dropout;
import org.cotangent.nn.Flatten;
import org.cotangent.nn.Linear;
import org.cotangent.nn.Module;
import org.cotangent.nn.MovingAverage;
import org.cotangent.nn.ReLU;
import org.cotangent.nn.Schedule;
import org.cotangent.nn.Sequential;
import org.cotangent.nn.SoftmaxCrossEntropy;
import org.cotangent.nn.data.DataLoader;
import org.cotangent.nn.data.Dataset;
import org.cotangent.nn.data.Transform;

/// A program that trains with everything that has state, and goes on from its checkpoints if there
/// are any; a checkpoint takes 1 MB, some milliseconds to write. It prints a line for each step,
/// and before and after each checkpoint.
///
/// Arguments: the folder of the checkpoints, and how many steps to make.
final class TrainingRun {
  private TrainingRun() {}

  private static DataLoader loader() {
    Rng rng = Rng.of(3);
    Tensor x = rng.normal(Shape.of(52, 1, 8, 8), DType.F32);
    Tensor t = x.flatten(1).sum(1).gt(0).to(DType.I32);
    return DataLoader.of(Dataset.of(x, t), 8) // six whole batches, and one of four
        .shuffled(5)
        .transform(Transform.randomCrop(1).then(Transform.randomHorizontalFlip()))
        .prefetch(2);
  }

  private static Module net() {
    Rng rng = Rng.of(7);
    return new Sequential(
        new Conv2d(1, 4, 3, ConvOptions.defaults().padding(1), rng),
        new BatchNorm(4),
        new ReLU(),
        new Dropout(0.2, rng),
        new Flatten(),
        new Linear(4 * 8 * 8, 256, rng),
        new ReLU(),
        new Dropout(0.5, rng),
        new Linear(256, 2, rng));
  }

  private static final class Lines implements TrainingListener {
    @Override
    public void stepped(Step s) {
      say("step " + s.at().step());
    }

    @Override
    public void saved(Progress at, Path file) {
      say("saved " + at.step());
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  public static void main(String[] args) throws IOException {
    Module net = net();
    Trainer trainer =
        new Trainer(net, new SoftmaxCrossEntropy(), new Adam(net, 1e-2))
            .scheduleSteps(Schedule.cosine(1e-2, Integer.parseInt(args[1]), 0))
            .clipNorm(1)
            .average(new MovingAverage(net, 0.9))
            .evaluate(
                Every.epochs(1),
                () -> Map.of("w", net.parameters().firstEntry().getValue().sum().item()))
            .metadata(() -> {
              say("saving");
              return Map.of();
            })
            .save(Checkpoints.in(Path.of(args[0])).keep(2), Every.steps(4))
            .stopOnShutdown(Duration.ofMinutes(1))
            .listen(new Lines());
    trainer
        .resume()
        .ifPresent(
            found -> say("resumed " + found.checkpoint().step() + " " + found.skipped().size()));
    say(trainer.runSteps(loader(), Long.parseLong(args[1])).toString());
  }
}
