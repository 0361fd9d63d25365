package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class InitTest {
  private static final int IN = 300;
  private static final int OUT = 200;

  private static Tensor make(Init init) {
    return init.make(Shape.of(IN, OUT), DType.F64, Rng.of(11));
  }

  /// Of 60,000 numbers: the standard error of the mean is std/245, of the standard deviation
  /// std/346 at most; four of them are allowed.
  private static void assertNormal(Init init, double mean, double std) {
    Tensor w = make(init);
    assertThat(w.mean().item()).isCloseTo(mean, within(4 * std / 245));
    assertThat(w.sub(mean).square().mean().sqrt().item()).isCloseTo(std, within(4 * std / 346));
    // The share within one standard deviation is 68.27 % for a normal, 57.7 % for a uniform one.
    double inside = w.sub(mean).abs().lt(std).to(DType.F64).mean().item();
    assertThat(inside).isCloseTo(0.6827, within(0.01));
  }

  private static void assertUniform(Init init, double low, double high) {
    Tensor w = make(init);
    double width = high - low;
    double std = width / Math.sqrt(12);
    assertThat(w.min().item()).isBetween(low, low + width / 1000);
    assertThat(w.max().item()).isBetween(high - width / 1000, high);
    assertThat(w.mean().item()).isCloseTo((low + high) / 2, within(4 * std / 245));
    assertThat(w.sub((low + high) / 2).square().mean().sqrt().item())
        .isCloseTo(std, within(4 * std / 346));
  }

  private static void assertUniform(Init init, double bound) {
    assertUniform(init, -bound, bound);
  }

  @Test
  void heDividesTheGainByTheRootOfTheFan() {
    assertNormal(Init.heNormal(), 0, Math.sqrt(2.0 / IN));
    assertNormal(Init.heNormal(Gain.TANH, FanMode.FAN_OUT), 0, 5 / 3.0 / Math.sqrt(OUT));
    assertUniform(Init.heUniform(), Math.sqrt(6.0 / IN));
    assertUniform(Init.heUniform(Gain.LINEAR, FanMode.FAN_OUT), Math.sqrt(3.0 / OUT));
  }

  @Test
  void glorotTakesTheMeanOfBothFans() {
    assertNormal(Init.glorotNormal(), 0, Math.sqrt(2.0 / (IN + OUT)));
    assertNormal(Init.glorotNormal(Gain.RELU), 0, Math.sqrt(4.0 / (IN + OUT)));
    assertUniform(Init.glorotUniform(), Math.sqrt(6.0 / (IN + OUT)));
    assertUniform(Init.glorotUniform(Gain.TANH), 5 / 3.0 * Math.sqrt(6.0 / (IN + OUT)));
  }

  @Test
  void plainDistributionsTakeTheirParameters() {
    assertNormal(Init.normal(3, 0.5), 3, 0.5);
    assertUniform(Init.uniform(-1, 4), -1, 4);
    assertThat(make(Init.normal(3, 0)).sub(3).abs().max().item()).isZero();
  }

  @Test
  void constantsAreEverywhere() {
    Shape shape = Shape.of(2, 2);
    assertThat(Init.constant(0.5).make(shape, DType.F32, Rng.of(1)).toFloatArray())
        .containsExactly(0.5f, 0.5f, 0.5f, 0.5f);
    assertThat(Init.zeros().make(shape, DType.F64, Rng.of(1)).sum().item()).isZero();
    assertThat(Init.ones().make(Shape.SCALAR, DType.F64, Rng.of(1)).item()).isEqualTo(1);
  }

  @Test
  void gainsAreTheCustomaryOnes() {
    assertThat(Gain.LINEAR.value()).isEqualTo(1);
    assertThat(Gain.SIGMOID.value()).isEqualTo(1);
    assertThat(Gain.TANH.value()).isEqualTo(5.0 / 3);
    assertThat(Gain.RELU.value()).isEqualTo(Math.sqrt(2));
    assertThat(Gain.leakyRelu(0)).isEqualTo(Gain.RELU);
    assertThat(Gain.leakyRelu(1).value()).isEqualTo(1);
  }

  @Test
  void equalSeedsGiveEqualNumbers() {
    assertThat(make(Init.heNormal()).toDoubleArray())
        .isEqualTo(make(Init.heNormal()).toDoubleArray());
    Rng rng = Rng.of(1);
    Init init = Init.heUniform();
    assertThat(init.make(Shape.of(2, 2), DType.F32, rng).toDoubleArray())
        .isNotEqualTo(init.make(Shape.of(2, 2), DType.F32, rng).toDoubleArray());
  }

  @Test
  void linearStartsWithHeAndZeros() {
    Linear layer = new Linear(IN, OUT, Rng.of(1));
    double std = layer.weight().detach().square().mean().sqrt().item();
    assertThat(std).isCloseTo(Math.sqrt(2.0 / IN), within(4 * std / 346));
    assertThat(layer.bias().orElseThrow().abs().max().item()).isZero();
    assertThat(layer.weight().dtype()).isEqualTo(DType.F32);
  }

  @Test
  void linearCanStartLikePyTorch() {
    Linear layer = Linear.likePyTorch(IN, OUT, Rng.of(1), DType.F64);
    double bound = 1 / Math.sqrt(IN);
    assertThat(layer.weight().abs().max().item()).isBetween(0.999 * bound, bound);
    assertThat(layer.bias().orElseThrow().abs().max().item()).isBetween(0.9 * bound, bound);
  }

  @Test
  void wrongArgumentsAreRefused() {
    assertThatThrownBy(() -> Init.heNormal().make(Shape.of(3), DType.F32, Rng.of(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[in, out]", "[3]");
    assertThatThrownBy(() -> Init.normal(0, -1)).hasMessageContaining("-1.0");
    assertThatThrownBy(() -> Init.uniform(1, 0)).hasMessageContaining("order");
  }
}
