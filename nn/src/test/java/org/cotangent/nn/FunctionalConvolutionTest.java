package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.cotangent.autograd.GradCheck;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Options, shapes and errors; the numbers are those of the recorded calls of PyTorch.
class FunctionalConvolutionTest {
  private static final ConvOptions PLAIN = ConvOptions.defaults();
  private static final ConvTransposeOptions SPREAD = ConvTransposeOptions.defaults();

  private static Tensor normal(int... dims) {
    return Rng.of(3).normal(Shape.of(dims), DType.F64);
  }

  @Test
  void convolutionSlidesKernelsWithoutTurningThem() {
    Tensor x = Tensor.of(1.0, 2, 3, 4).reshape(1, 4);
    Tensor w = Tensor.of(1.0, 10).reshape(1, 1, 2);
    assertThat(Functional.conv1d(x, w).toDoubleArray()).containsExactly(21, 32, 43);
    assertThat(Functional.conv1d(x, w, PLAIN.stride(2)).toDoubleArray()).containsExactly(21, 43);
    assertThat(Functional.conv1d(x, w, PLAIN.padding(1)).toDoubleArray())
        .containsExactly(10, 21, 32, 43, 4);
    assertThat(Functional.conv1d(x, w, PLAIN.dilation(2)).toDoubleArray()).containsExactly(31, 42);
    // An even kernel to the same extent: the odd zero comes behind.
    assertThat(Functional.conv1d(x, w, PLAIN.same()).toDoubleArray())
        .containsExactly(21, 32, 43, 4);
    assertThat(Functional.conv1d(x, w, Tensor.of(0.5), PLAIN).toDoubleArray())
        .containsExactly(21.5, 32.5, 43.5);
  }

  @Test
  void transposedConvolutionSpreadsWhatConvolutionGathers() {
    Tensor x = Tensor.of(1.0, 2).reshape(1, 2);
    Tensor w = Tensor.of(1.0, 10, 100).reshape(1, 1, 3);
    assertThat(Functional.convTranspose1d(x, w).toDoubleArray()).containsExactly(1, 12, 120, 200);
    assertThat(Functional.convTranspose1d(x, w, SPREAD.stride(2)).toDoubleArray())
        .containsExactly(1, 10, 102, 20, 200);
    assertThat(
            Functional.convTranspose1d(x, w, SPREAD.stride(2).padding(1).outputPadding(1))
                .toDoubleArray())
        .containsExactly(10, 102, 20, 200);

    // <conv(u), v> = <u, convTranspose(v)> with the same kernels and options.
    Tensor kernels = normal(6, 2, 3, 2);
    ConvOptions o = PLAIN.stride(2, 3).padding(1, 0).dilation(2, 1).groups(2);
    Tensor u = normal(5, 4, 9, 8);
    Tensor y = Functional.conv2d(u, kernels, o);
    Tensor v = normal(5, 6, y.dim(2), y.dim(3));
    ConvTransposeOptions t =
        SPREAD.stride(2, 3).padding(1, 0).dilation(2, 1).groups(2).outputPadding(0, 0);
    Tensor back = Functional.convTranspose2d(v, kernels, t);
    assertThat(back.shape()).isEqualTo(u.shape());
    assertThat(u.mul(back).sum().item()).isCloseTo(y.mul(v).sum().item(), within(1e-11));
  }

  @Test
  void batchesAreOptional() {
    Tensor w = normal(3, 2, 3, 3);
    Tensor x = normal(4, 2, 5, 6);
    Tensor b = normal(3);
    Tensor y = Functional.conv2d(x, w, b, PLAIN);
    assertThat(y.shape()).isEqualTo(Shape.of(4, 3, 3, 4));
    assertThat(Functional.conv2d(x.select(0, 2), w, b, PLAIN).toDoubleArray())
        .isEqualTo(y.select(0, 2).toDoubleArray());
    assertThat(Functional.conv2d(x.slice(0, 0, 0), w).shape()).isEqualTo(Shape.of(0, 3, 3, 4));
    assertThat(Functional.convTranspose2d(normal(3, 5, 6), w).shape()).isEqualTo(Shape.of(2, 7, 8));
  }

  @Test
  void errorsNameShapesAndRule() {
    Tensor x = Tensor.ones(1, 4, 5, 5);
    Tensor w = Tensor.ones(2, 3, 3, 3);
    assertThatThrownBy(() -> Functional.conv2d(x, w))
        .hasMessage(
            "conv2d: the input [1, 4, 5, 5] has 4 channels; kernels [2, 3, 3, 3] in 1 groups take 3, and 2 output channels must divide evenly");
    assertThatThrownBy(() -> Functional.conv2d(x, Tensor.ones(3, 2, 3, 3), PLAIN.groups(2)))
        .hasMessageContaining("3 output channels must divide evenly");
    assertThatThrownBy(() -> Functional.conv2d(x, Tensor.ones(2, 4, 6, 3)))
        .hasMessage(
            "conv2d: the input [1, 4, 5, 5] with padding 0 and 0 on axis -2 is shorter than the 6 that the kernel [2, 4, 6, 3] with dilation 1 reaches over");
    assertThatThrownBy(() -> Functional.conv2d(x, Tensor.ones(2, 4, 3, 3), PLAIN.same().stride(2)))
        .hasMessageContaining("asks for stride 1");
    assertThatThrownBy(() -> Functional.conv2d(Tensor.ones(5, 5), w))
        .hasMessageContainingAll("[5, 5]", "[images, channels, height, width]", "[out, in/groups");
    assertThatThrownBy(() -> Functional.conv2d(x, Tensor.ones(2, 4, 3, 3), Tensor.ones(3), PLAIN))
        .hasMessage(
            "conv2d: the bias [3] must have one element for each of the 2 channels of the result");
    assertThatThrownBy(() -> Functional.convTranspose2d(x, w))
        .hasMessageContainingAll("convTranspose2d", "4 channels", "take 2");
    assertThatThrownBy(() ->
            Functional.convTranspose2d(
                x, Tensor.ones(4, 1, 3, 3), SPREAD.stride(2).outputPadding(2)))
        .hasMessage(
            "convTranspose2d: the output padding 2 must be less than the stride 2 or the dilation 1");
    assertThatThrownBy(
            () -> Functional.convTranspose2d(x, Tensor.ones(4, 1, 3, 3), SPREAD.padding(4)))
        .hasMessageContaining("would have extent -1");
    assertThatThrownBy(() -> PLAIN.stride(0))
        .hasMessage("stride (0, 0): each number must be 1 or more");
    assertThatThrownBy(() -> PLAIN.padding(0, -1)).hasMessageContaining("padding (0, -1)");
    assertThatThrownBy(() -> PLAIN.groups(0)).hasMessageContaining("groups");
  }

  @Test
  void layersHoldWeightsAndSayWhatTheyAre() {
    Conv2d conv = new Conv2d(4, 6, 3, PLAIN.padding(1).groups(2), Rng.of(1));
    assertThat(conv.parameters().keySet()).containsExactly("weight", "bias");
    assertThat(conv.weight().shape()).isEqualTo(Shape.of(6, 2, 3, 3));
    assertThat(conv.forward(Tensor.ones(2, 4, 5, 7)).shape()).isEqualTo(Shape.of(2, 6, 5, 7));
    assertThat(conv)
        .hasToString(
            "Conv2d(4, 6, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), dilation=(1, 1), groups=2, bias=true)");
    ConvTranspose1d back =
        new ConvTranspose1d(6, 4, 3, SPREAD.stride(2).groups(2), Rng.of(1), DType.F64);
    assertThat(back.weight().shape()).isEqualTo(Shape.of(6, 2, 3));
    assertThat(back.bias().orElseThrow().shape()).isEqualTo(Shape.of(4));
    assertThat(back.forward(normal(2, 6, 5)).shape()).isEqualTo(Shape.of(2, 4, 11));
    assertThat(back)
        .hasToString(
            "ConvTranspose1d(6, 4, kernel_size=3, stride=2, padding=0, output_padding=0, dilation=1, groups=2, bias=true)");
    assertThat(new Conv1d(normal(3, 2, 5), PLAIN.same()))
        .hasToString(
            "Conv1d(2, 3, kernel_size=5, stride=1, padding=same, dilation=1, groups=1, bias=false)");
    assertThat(new ConvTranspose2d(normal(3, 2, 5, 4), SPREAD).bias()).isEmpty();
    assertThat(new MaxPool2d(MaxPoolOptions.of(3).stride(2).padding(1)))
        .hasToString(
            "MaxPool2d(kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), dilation=(1, 1), ceil_mode=false)");
    assertThatThrownBy(() -> new Conv2d(3, 6, 3, PLAIN.groups(2), Rng.of(1)))
        .hasMessageContainingAll("Conv2d", "3 and 6 channels in 2 groups");
    assertThatThrownBy(() -> new Conv2d(normal(3, 2), PLAIN)).hasMessageContaining("4 axes");
    assertThatThrownBy(() -> new Conv2d(normal(3, 2, 1, 1), normal(2), PLAIN))
        .hasMessageContainingAll("bias is [2]", "must be [3]");
  }

  @Test
  void kernelsStartFromTheirFans() {
    ConvOptions o = PLAIN.groups(2);
    Tensor he = new Conv2d(64, 128, Pair.of(3), o, Rng.of(1), DType.F64).weight();
    assertThat(he.detach().square().mean().sqrt().item())
        .isCloseTo(Math.sqrt(2.0 / (32 * 9)), within(0.001));
    double bound = 1 / Math.sqrt(32 * 9);
    Conv2d torch = Conv2d.likePyTorch(64, 128, Pair.of(3), o, Rng.of(1), DType.F64);
    assertThat(torch.weight().abs().max().item()).isBetween(0.999 * bound, bound);
    assertThat(torch.bias().orElseThrow().abs().max().item()).isBetween(0.9 * bound, bound);
    Init out = Init.heNormal(Gain.LINEAR, FanMode.FAN_OUT);
    Tensor w = Conv2d.withoutBias(64, 128, Pair.of(3), o, out, Rng.of(1), DType.F64).weight();
    assertThat(w.detach().square().mean().sqrt().item())
        .isCloseTo(Math.sqrt(1.0 / (128 * 9)), within(0.0005));
  }

  /// A small network through every kind of layer, to the second order. The numbers that are pooled
  /// first are far enough apart for differences.
  @Test
  void networksOfLayersHaveRightDerivatives() {
    Rng rng = Rng.of(5);
    DType d = DType.F64;
    Sequential net =
        new Sequential(
            new MaxPool2d(MaxPoolOptions.of(2).stride(1)),
            new Conv2d(2, 3, Pair.of(3), PLAIN.padding(1), rng, d),
            new Tanh(),
            new ConvTranspose2d(3, 2, Pair.of(2), SPREAD.stride(2), rng, d),
            new AvgPool2d(2),
            new AdaptiveAvgPool2d(2, 3));
    Tensor apart = rng.permutation(120).to(d).mul(1 / 30.0).sub(2).reshape(2, 2, 5, 6);
    GradCheck.standard()
        .tolerance(1e-7)
        .order(2)
        .projected(1)
        .check("net", in -> net.forward(in.getFirst()), List.of(apart))
        .requirePassed();
  }
}
