package org.cotangent.bench;

import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Linear;
import org.cotangent.nn.Loss;
import org.cotangent.nn.Module;
import org.cotangent.nn.Optimizer;
import org.cotangent.nn.ReLU;
import org.cotangent.nn.SGD;
import org.cotangent.nn.Sequential;
import org.cotangent.nn.SoftmaxCrossEntropy;

/// The whole of a small program: three spirals, a 2-100-3 network, gradient descent on all points.
final class Start {
  private static final int CLASSES = 3;
  private static final int POINTS = 100; // of a class
  private static final int STEPS = 1000;
  private static final double NOISE = 0.2; // of the angle

  private Start() {}

  /// The time from the launch to the end of the first step, and of the thousandth.
  ///
  /// @param launched when this process was started, in milliseconds since 1970
  static String milliseconds(long launched) {
    Rng rng = Rng.of(0);
    Tensor x = spirals(rng);
    Tensor labels = labels();
    Module net = new Sequential(new Linear(2, 100, rng), new ReLU(), new Linear(100, 3, rng));
    Optimizer sgd = new SGD(net, 1);
    Loss crossEntropy = new SoftmaxCrossEntropy();
    Tensor loss = Tensor.scalar(Double.NaN);
    long first = 0;
    for (int step = 0; step < STEPS; step++) {
      sgd.zeroGrad();
      loss = crossEntropy.of(net.forward(x), labels);
      loss.backward();
      sgd.step();
      if (step == 0) {
        first = System.currentTimeMillis() - launched;
      }
    }
    long last = System.currentTimeMillis() - launched;
    return "first_step_ms=%d steps_%d_ms=%d loss=%.4f".formatted(first, STEPS, last, loss.item());
  }

  private static Tensor spirals(Rng rng) {
    float[] noise = rng.normal(Shape.of(CLASSES * POINTS), DType.F32).toFloatArray();
    float[] points = new float[2 * CLASSES * POINTS];
    for (int i = 0; i < CLASSES * POINTS; i++) {
      double radius = (double) (i % POINTS) / (POINTS - 1);
      double angle = 4 * (i / POINTS) + 4 * radius + NOISE * noise[i];
      points[2 * i] = (float) (radius * Math.sin(angle));
      points[2 * i + 1] = (float) (radius * Math.cos(angle));
    }
    return Tensor.of(Shape.of(CLASSES * POINTS, 2), points);
  }

  private static Tensor labels() {
    int[] labels = new int[CLASSES * POINTS];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i / POINTS;
    }
    return Tensor.of(labels);
  }
}
