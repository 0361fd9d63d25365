package org.cotangent.apps.labs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.cotangent.apps.support.MnistFiles;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.ReLU;
import org.cotangent.nn.SGD;
import org.cotangent.nn.Sequential;
import org.cotangent.nn.SoftmaxCrossEntropy;
import org.cotangent.nn.TrainingStep;
import org.cotangent.nn.data.DataLoader;
import org.cotangent.nn.data.Dataset;
import org.cotangent.nn.io.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/// The deep MNIST lab on the real images from the recorded first weights, against the figures of a
/// NumPy run in F32. The order in which sums are formed moves the last digits, and 2000 steps
/// magnify them; the tolerances are what the issue of this lab allows.
@EnabledIfEnvironmentVariable(named = "COTANGENT_DATA", matches = ".+")
class MnistLabTest {
  private static final String INIT = "mnist-init.safetensors"; // the values are exact in F32

  private static Map<String, Tensor> start() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(MnistLabTest.class.getResourceAsStream(INIT), INIT)) {
      return Mlp.startOf(Tensors.read(in, INIT), 6);
    }
  }

  @Test
  void hundredEpochsGiveTheFiguresOfTheReport() throws IOException {
    Path folder = Path.of(System.getenv("COTANGENT_DATA"), "mnist");
    MnistFiles files =
        new MnistFiles(
            folder.resolve("train-images-idx3-ubyte.gz"),
            folder.resolve("train-labels-idx1-ubyte.gz"),
            folder.resolve("t10k-images-idx3-ubyte.gz"),
            folder.resolve("t10k-labels-idx1-ubyte.gz"));
    Mnist data = Mnist.read(files).standardized();
    Sequential net = Mlp.of(start(), ReLU::new);
    var loss = new SoftmaxCrossEntropy();
    var sgd = new SGD(net, 0.1);
    var amplitudes = new Amplitudes(net);
    DataLoader loader = DataLoader.of(Dataset.of(data.trainX(), data.trainT()), 3000);

    Score first = Score.of(net, loss, data.trainX(), data.trainT());
    assertThat(first.loss()).isCloseTo(8.204305648803711, within(1e-4));
    assertThat(first.accuracy()).isCloseTo(0.08881666666666667, within(2.5 / 60000)); // 2 images

    TrainingStep step = TrainingStep.compiled(net, loss, sgd);
    train(step, loader, 5);
    double fifth = Score.of(net, loss, data.trainX(), data.trainT()).loss();
    assertThat(fifth).isCloseTo(0.29034656286239624, within(0.01 * 0.29034656286239624));

    train(step, loader, 95);
    Score train = Score.of(net, loss, data.trainX(), data.trainT());
    Score test = Score.of(net, loss, data.testX(), data.testT());
    assertThat(train.loss()).isCloseTo(0.0203, within(0.0007));
    assertThat(train.accuracy()).isCloseTo(0.996, within(0.001));
    assertThat(test.accuracy()).isCloseTo(0.960, within(0.003));
    double[] expected = {1.030, 1.028, 1.032, 1.047, 1.070, 1.514};
    assertThat(amplitudes.relative()).containsExactly(expected, within(0.01));
  }

  private static void train(TrainingStep step, DataLoader loader, int epochs) {
    for (int i = 0; i < epochs; i++) {
      Epochs.run(step, loader.batches(i), (_, _) -> {});
    }
  }
}
