package org.cotangent.apps.runs;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.cotangent.autograd.Jit;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.Loss;
import org.cotangent.nn.Metrics;
import org.cotangent.nn.Module;
import org.cotangent.nn.data.Batch;
import org.cotangent.nn.data.Dataset;

/// Measures a network on the samples that it is judged by.
final class Judge {
  static final String LOSS = "test_loss";
  static final String ACCURACY = "test_accuracy";

  /// Samples at a time: what a convolutional network makes of them should not fill the memory.
  private static final int BLOCK = 250;

  private final Dataset data;
  private final Normalizer input;
  private final Loss loss;
  private final boolean classifies;
  private final UnaryOperator<Tensor> forward;

  /// @param classifies whether targets are classes
  /// @param eager whether the network runs without being compiled
  Judge(Module net, Dataset data, Normalizer input, Loss loss, boolean classifies, boolean eager) {
    this.data = data;
    this.input = input;
    this.loss = loss;
    this.classifies = classifies;
    if (eager) {
      this.forward = net::forward;
    } else {
      Jit jit = Jit.compile(net::forward);
      this.forward = jit::apply;
    }
  }

  /// The mean loss, and of a classifier the accuracy. The network must be in evaluation mode.
  SequencedMap<String, Double> measure() {
    double sum = 0;
    double right = 0;
    for (int from = 0; from < data.size(); from += BLOCK) {
      int to = Math.min(from + BLOCK, data.size());
      Batch batch = data.batch(IntStream.range(from, to).toArray());
      Tensor y = forward.apply(input.apply(batch.x()));
      sum += batch.size() * loss.of(y, batch.y()).item();
      right += classifies ? batch.size() * Metrics.accuracy(y, batch.y()) : 0;
    }
    SequencedMap<String, Double> metrics = new LinkedHashMap<>();
    metrics.put(LOSS, sum / data.size());
    if (classifies) {
      metrics.put(ACCURACY, Math.rint(right) / data.size());
    }
    return metrics;
  }
}
