package org.cotangent.apps.labs;

import java.util.function.IntConsumer;
import org.cotangent.apps.support.EagerOption;
import org.cotangent.nn.Module;
import org.cotangent.nn.ReLU;
import org.cotangent.nn.SGD;
import org.cotangent.nn.SoftmaxCrossEntropy;
import org.cotangent.nn.TrainingStep;

/// Plain gradient descent on all samples at once: the loop of the xor and spiral labs.
public final class FullBatch {
  /// A trained network and what was measured on the way.
  public record Result(Module net, History history) {}

  private FullBatch() {}

  /// Trains a network of ReLUs from the data's first weights.
  ///
  /// @param every how many epochs lie between two measurements; the first is before any step
  /// @param progress told after each epoch
  public static Result train(
      Planar data,
      double learningRate,
      int epochs,
      int every,
      EagerOption form,
      IntConsumer progress) {
    Module net = Mlp.of(data.start(), ReLU::new);
    var loss = new SoftmaxCrossEntropy();
    TrainingStep step = form.step(net, loss, new SGD(net, learningRate));
    var history = new History();
    for (int epoch = 0; ; epoch++) {
      if (epoch % every == 0 || epoch == epochs) {
        Score train = Score.of(net, loss, data.trainX(), data.trainT());
        Score test = Score.of(net, loss, data.testX(), data.testT());
        history.add(new History.Point(epoch, train, test));
      }
      if (epoch == epochs) {
        return new Result(net, history);
      }
      step.apply(data.trainX(), data.trainT());
      progress.accept(epoch + 1);
    }
  }
}
