package org.cotangent.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.cotangent.autograd.Jit;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Adam;
import org.cotangent.nn.Linear;
import org.cotangent.nn.Loss;
import org.cotangent.nn.Module;
import org.cotangent.nn.Optimizer;
import org.cotangent.nn.ReLU;
import org.cotangent.nn.SGD;
import org.cotangent.nn.Sequential;
import org.cotangent.nn.Sigmoid;
import org.cotangent.nn.SoftmaxCrossEntropy;
import org.cotangent.nn.Tanh;

/// Training steps of a network on random batches that are taken in turn.
final class Training implements Work {
  private record Batch(Tensor x, Tensor labels) {}

  private final Module net;
  private final Optimizer optimizer;
  private final List<Batch> batches;
  private final Loss loss = new SoftmaxCrossEntropy();
  private final double firstLoss;
  private final Optional<Jit> compiled;
  private Tensor lastLoss = Tensor.scalar(Double.NaN);

  private Training(
      Rng rng,
      Module net,
      Function<Module, Optimizer> optimizer,
      Shape input,
      int classes,
      int batchCount,
      boolean compile) {
    this.net = net;
    this.optimizer = optimizer.apply(net);
    this.batches =
        IntStream.range(0, batchCount).mapToObj(_ -> batch(rng, input, classes)).toList();
    this.compiled = compile ? Optional.of(Jit.compile(this::train)) : Optional.empty();
    step(0);
    this.firstLoss = loss();
  }

  private static Training ofLayers(
      Rng rng,
      int batchSize,
      int[] sizes,
      Supplier<Module> activation,
      Function<Module, Optimizer> optimizer,
      int batchCount,
      boolean compile) {
    List<Module> layers = new ArrayList<>();
    for (int i = 1; i < sizes.length; i++) {
      if (i > 1) {
        layers.add(activation.get());
      }
      layers.add(new Linear(sizes[i - 1], sizes[i], rng));
    }
    return new Training(
        rng,
        new Sequential(layers.toArray(Module[]::new)),
        optimizer,
        Shape.of(batchSize, sizes[0]),
        sizes[sizes.length - 1],
        batchCount,
        compile);
  }

  /// XOR's size: 4 samples, 2-8-2.
  static Training w1(Rng rng, boolean compile) {
    return ofLayers(rng, 4, new int[] {2, 8, 2}, Tanh::new, net -> new SGD(net, 0.1), 1, compile);
  }

  /// The spiral's size: 300 samples, 2-100-3.
  static Training w2(Rng rng, boolean compile) {
    return ofLayers(rng, 300, new int[] {2, 100, 3}, ReLU::new, net -> new SGD(net, 1), 1, compile);
  }

  /// The MNIST lab's size: batches of 50, 784-300-10.
  static Training w3(Rng rng, boolean compile) {
    return ofLayers(
        rng, 50, new int[] {784, 300, 10}, Sigmoid::new, net -> new SGD(net, 0.1), 8, compile);
  }

  /// A larger MNIST network: batches of 128, 784-512-512-10.
  static Training w4(Rng rng, boolean compile) {
    return ofLayers(
        rng, 128, new int[] {784, 512, 512, 10}, ReLU::new, net -> new Adam(net, 1e-3), 8, compile);
  }

  /// A network for 32 x 32 colour images: batches of 200, 3072-700-700-700-10.
  static Training w5(Rng rng, boolean compile) {
    return ofLayers(
        rng,
        200,
        new int[] {3072, 700, 700, 700, 10},
        ReLU::new,
        net -> new Adam(net, 1e-3),
        8,
        compile);
  }

  /// A convolutional network on 32 small colour images.
  static Training w6(Rng rng, boolean compile) {
    return new Training(
        rng, Vgg.network(rng), net -> new Adam(net, 1e-3), Shape.of(32, 3, 32, 32), 10, 4, compile);
  }

  private static Batch batch(Rng rng, Shape input, int classes) {
    int[] labels = IntStream.range(0, input.dim(0)).map(_ -> rng.nextInt(classes)).toArray();
    return new Batch(rng.uniform(input, DType.F32), Tensor.of(labels));
  }

  @Override
  public void step(int n) {
    Batch batch = batches.get(n % batches.size());
    if (compiled.isPresent()) {
      compiled.get().run(batch.x, batch.labels);
    } else {
      lastLoss = train(batch.x, batch.labels);
    }
  }

  private Tensor train(Tensor x, Tensor labels) {
    optimizer.zeroGrad();
    Tensor l = loss.of(net.forward(x), labels);
    l.backward();
    optimizer.step();
    return l;
  }

  private double loss() {
    return compiled.map(Jit::result).orElseGet(lastLoss::item);
  }

  /// Shows that it learned: the loss of the first step and of the last.
  @Override
  public String facts(double stepsPerSecond) {
    return " loss0=%.4f loss=%.4f".formatted(firstLoss, loss());
  }
}
