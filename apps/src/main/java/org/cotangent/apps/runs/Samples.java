package org.cotangent.apps.runs;

import static java.util.Locale.ROOT;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.cotangent.apps.labs.Mnist;
import org.cotangent.apps.labs.Planar;
import org.cotangent.apps.support.CommandFailure;
import org.cotangent.apps.support.MnistOptions;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.data.Cifar10;
import org.cotangent.nn.data.Csv;
import org.cotangent.nn.data.Dataset;

/// The samples of a run. Pixels of images are numbers from 0 to 255.
///
/// @param train to learn from
/// @param test to judge by
/// @param classes the names of the classes, if there are any
/// @param description a line for the console
record Samples(Dataset train, Dataset test, List<String> classes, String description) {
  /// What all of CIFAR-10 has to learn from.
  private static final int CIFAR10_TRAIN = 50_000;

  private static final List<String> CIFAR10_PLACES =
      List.of("", "cifar-10-batches-bin", "cifar-10-binary.tar.gz", "cifar10");

  /// Copies the list.
  Samples {
    classes = List.copyOf(classes);
  }

  private Samples(String name, Dataset train, Dataset test, List<String> classes) {
    this(
        train,
        test,
        classes,
        String.format(
            ROOT, "%s: %,d training samples, %,d test samples", name, train.size(), test.size()));
  }

  /// Reads the samples that a configuration names.
  ///
  /// @throws CommandFailure if they are not to be had, or of no use
  static Samples read(RunConfig config) throws IOException {
    DataConfig data = config.data();
    return switch (data.set()) {
      case XOR -> planar("xor", Planar.labXor(), 2);
      case SPIRAL -> planar("spiral", Planar.labSpiral(), 3);
      case MNIST -> mnist(data);
      case CIFAR10 -> cifar10(data);
      case CSV -> csv(config);
      case NPZ -> npz(config);
    };
  }

  private static Samples planar(String name, Planar p, int classes) {
    return new Samples(
        name,
        Dataset.of(p.trainX().to(DType.F32), p.trainT().to(DType.I32)),
        Dataset.of(p.testX().to(DType.F32), p.testT().to(DType.I32)),
        numbered(classes));
  }

  private static List<String> numbered(int classes) {
    return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
  }

  private static Samples mnist(DataConfig data) {
    Mnist m = Mnist.read(MnistOptions.of(data.path()).find());
    // The labs want pixels from 0 to 1.
    return new Samples(
        "mnist",
        Dataset.of(m.trainX().mul(255).round().reshape(-1, 1, 28, 28), m.trainT()),
        Dataset.of(m.testX().mul(255).round().reshape(-1, 1, 28, 28), m.testT()),
        numbered(10));
  }

  private static Samples cifar10(DataConfig data) throws IOException {
    Cifar10 c = Cifar10.read(cifar10Path(data.path(), environment()));
    int n = c.train().size();
    String name =
        n == CIFAR10_TRAIN
            ? "cifar10"
            : String.format(
                ROOT, "cifar10 (%d of its 5 training batches)", Math.ceilDiv(n, CIFAR10_TRAIN / 5));
    return new Samples(name, c.train(), c.test(), c.classes());
  }

  private static Optional<Path> environment() {
    return Optional.ofNullable(System.getenv("COTANGENT_DATA"))
        .filter(v -> !v.isBlank())
        .map(Path::of);
  }

  /// The folder or archive of CIFAR-10: what was named, or what the environment names, or where it
  /// is usually called in there.
  ///
  /// @throws CommandFailure if it is nowhere; the message says what to put where
  static Path cifar10Path(Optional<Path> named, Optional<Path> environment) {
    Path place =
        named
            .or(() -> environment)
            .orElseThrow(() ->
                new CommandFailure(
                    "where is CIFAR-10? Name the folder cifar-10-batches-bin or the archive cifar-10-binary.tar.gz with --data (in a configuration: path), or with COTANGENT_DATA the folder that holds it"));
    return CIFAR10_PLACES.stream()
        .map(inside -> inside.isEmpty() ? place : place.resolve(inside))
        .filter(Samples::isCifar10)
        .findFirst()
        .orElse(place); // its reader tells what is wrong
  }

  private static boolean isCifar10(Path p) {
    return Files.isRegularFile(p)
        || Stream.of("test_batch.bin", "data_batch_1.bin")
            .anyMatch(f -> Files.isRegularFile(p.resolve(f)));
  }

  private static Samples csv(RunConfig config) throws IOException {
    DataConfig data = config.data();
    Path file = data.path().orElseThrow();
    String target = data.target().orElseThrow();
    Csv table = Tables.read(file, data.header());
    String[] inputs = Tables.inputs(table, target, file);
    List<String> classes = config.classifies() ? table.classes(target) : List.of();
    Dataset train = rows(table, inputs, target, classes);
    if (data.test().isEmpty()) {
      return divided(file.toString(), train, classes, config);
    }
    Csv other = Tables.read(data.test().get(), data.header());
    Tables.inputs(other, target, data.test().get());
    return new Samples(file.toString(), train, rows(other, inputs, target, classes), classes);
  }

  private static Dataset rows(Csv table, String[] inputs, String target, List<String> classes) {
    return classes.isEmpty()
        ? Tables.measured(table, inputs, target)
        : Tables.classified(table, inputs, target, classes);
  }

  private static Samples npz(RunConfig config) throws IOException {
    Path file = config.data().path().orElseThrow();
    Dataset train = arrays(file, config.classifies());
    List<String> classes = config.classifies() ? numbered(classes(train)) : List.of();
    if (config.data().test().isEmpty()) {
      return divided(file.toString(), train, classes, config);
    }
    Path other = config.data().test().get();
    Dataset test = arrays(other, config.classifies());
    if (config.classifies() && classes(test) > classes.size()) {
      throw new CommandFailure(
          "%s: class %d does not come in %s".formatted(other, classes(test) - 1, file));
    }
    return new Samples(file.toString(), train, test, classes);
  }

  static Dataset arrays(Path file, boolean classifies) throws IOException {
    return classifies ? ArrayFiles.classified(file) : ArrayFiles.measured(file);
  }

  private static int classes(Dataset data) {
    Tensor y = data.batch(IntStream.range(0, data.size()).toArray()).y();
    return 1 + (int) y.max().item();
  }

  /// A part of the samples, chosen by the seed, is held back to judge by.
  private static Samples divided(String name, Dataset all, List<String> classes, RunConfig config) {
    double share = config.data().heldOut().orElseThrow();
    int held = (int) Math.round(share * all.size());
    if (held == 0 || held == all.size()) {
      throw new CommandFailure(
          "%s: held_out: %s of %d samples leaves none to %s"
              .formatted(name, share, all.size(), held == 0 ? "judge by" : "learn from"));
    }
    int[] order = Rng.of(config.seed()).permutation(all.size()).toIntArray();
    return new Samples(
        name,
        all.subset(Arrays.copyOfRange(order, held, order.length)),
        all.subset(Arrays.copyOf(order, held)),
        classes);
  }

  /// The shape of a sample.
  Shape shape() {
    return train.batch(0).x().shape().without(0);
  }
}
