package org.cotangent.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Jit;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.io.Tensors;
import org.junit.jupiter.api.Test;

/// What options of layers do beyond one result and its gradients, which are compared with PyTorch's
/// in `model.PyTorchLayersTest` and `model.PyTorchSeveralTest`.
class LayerOptionsTest {
  private static Tensor normal(long seed, int... dims) {
    return Rng.of(seed).normal(Shape.of(dims), DType.F64);
  }

  private static Tensor get(Map<String, Tensor> of, String name) {
    return of.getOrDefault(name, Tensor.of(Double.NaN)).detach();
  }

  private static void same(Tensor a, Tensor b) {
    assertThat(a.shape()).isEqualTo(b.shape());
    assertThat(a.sub(b).abs().max().item()).isLessThan(1e-14);
  }

  // ---- Convolution

  @Test
  void aPaddingModeIsThePaddedInputConvolved() {
    Tensor x = normal(1, 2, 3, 5, 6);
    Tensor w = normal(2, 4, 3, 3, 3);
    for (PadMode mode : PadMode.values()) {
      ConvOptions o = ConvOptions.defaults().padding(2, 1).stride(2).paddingMode(mode);
      same(
          Functional.conv2d(x, w, o),
          Functional.conv2d(
              Functional.pad(x, mode, 1, 1, 2, 2), w, ConvOptions.defaults().stride(2)));
    }
  }

  @Test
  void aPaddingModeIsPrintedAndNeedsEnoughInput() {
    ConvOptions o = ConvOptions.defaults().padding(3).paddingMode(PadMode.CIRCULAR);
    Conv1d layer = new Conv1d(1, 1, 3, o, Rng.of(1));
    assertThat(layer.toString()).contains("padding=3", "padding_mode=circular");
    assertThat(new Conv1d(1, 1, 3, Rng.of(1)).toString()).doesNotContain("padding_mode");
    assertThatThrownBy(() -> layer.forward(Tensor.ones(1, 1, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[1, 1, 2]", "CIRCULAR allows 2");
    assertThatThrownBy(() ->
            Functional.conv1d(
                Tensor.ones(1, 4),
                Tensor.ones(1, 1, 2),
                ConvOptions.defaults().same().stride(2).paddingMode(PadMode.REFLECT)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("stride 2");
  }

  // ---- Embedding

  @Test
  void thePaddingRowOfATableStaysZeroUnderAnyOptimiser() {
    var table = new Embedding(5, 3, Init.normal(0, 1), Rng.of(1), DType.F64).padding(-2);
    assertThat(table).hasToString("Embedding(5, 3, padding_idx=3)");
    assertThat(table.weight().select(0, 3).toDoubleArray()).containsOnly(0);
    double before = table.weight().get(0, 0);
    Optimizer adam = new AdamW(table, 0.1);
    for (int k = 0; k < 3; k++) {
      adam.zeroGrad();
      table.forward(Tensor.of(3, 0, 3)).add(1).square().sum().backward();
      adam.step();
    }
    assertThat(table.weight().select(0, 3).toDoubleArray()).containsOnly(0);
    assertThat(table.weight().get(0, 0)).isNotEqualTo(before);
    assertThatThrownBy(() -> table.padding(5)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> table.padding(-6)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  /// Of `Σ w³` over what is looked up: 6 w for each time, and nothing for the padding.
  @Test
  void thePaddingRowHasNoSecondDerivativeEither() {
    Tensor w = normal(1, 3, 2);
    Tensor h = Grad.hessian(t -> Functional.embedding(Tensor.of(0, 1, 1, 2), t, 2).pow(3).sum(), w);
    double[] diagonal = new double[6];
    for (int i = 0; i < 6; i++) {
      diagonal[i] = h.get(i / 2, i % 2, i / 2, i % 2);
    }
    assertThat(diagonal)
        .containsExactly(
            new double[] {
              6 * w.get(0, 0), 6 * w.get(0, 1), 12 * w.get(1, 0), 12 * w.get(1, 1), 0, 0
            },
            within(1e-14));
  }

  // ---- Batch normalisation

  private static List<Tensor> recorded(String... names) {
    Map<String, Tensor> all;
    try (var in = LayerOptionsTest.class.getResourceAsStream("golden/pytorch.safetensors")) {
      all = Tensors.read(java.util.Objects.requireNonNull(in), "golden");
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return Arrays.stream(names).map(n -> get(all, "batches/" + n)).toList();
  }

  /// Compared with PyTorch's after three batches, eager and compiled.
  @Test
  void aCumulativeAverageIsThatOfAllBatches() {
    List<Tensor> batches = recorded("0", "1", "2");
    List<Tensor> running = recorded("running_mean", "running_var");
    for (DType dtype : List.of(DType.F64, DType.F32)) {
      for (boolean compiled : new boolean[] {false, true}) {
        var layer = new BatchNorm(3, dtype).cumulativeAverage().cumulativeAverage();
        Jit step = Jit.compile(layer::forward);
        for (Tensor b : batches) {
          Tensor x = b.to(dtype);
          Tensor y = compiled ? step.apply(x) : layer.forward(x);
          assertThat(y.dtype()).isEqualTo(dtype);
        }
        double bound = dtype == DType.F64 ? 1e-14 : 1e-5;
        assertThat(get(layer.state(), "running_mean").sub(running.get(0)).abs().max().item())
            .isLessThan(bound);
        assertThat(get(layer.state(), "running_var").sub(running.get(1)).abs().max().item())
            .isLessThan(bound);
        assertThat(get(layer.state(), "num_batches_tracked").item()).isEqualTo(3);
      }
    }
  }

  @Test
  void withoutRunningStatisticsABatchIsNormalisedByItsOwnAlways() {
    BatchNormOptions options = BatchNormOptions.DEFAULT.dtype(DType.F64).withoutRunningStats();
    var layer = new BatchNorm(2, options);
    Tensor x = normal(1, 8, 2);
    Tensor trained = layer.forward(x);
    layer.eval();
    same(layer.forward(x), trained);
    assertThat(layer.buffers()).isEmpty();
    assertThat(layer.parameters().keySet()).containsExactly("weight", "bias");
    assertThatThrownBy(() -> layer.forward(Tensor.ones(1, 2)))
        .hasMessageContaining("more than one");
    assertThatThrownBy(layer::cumulativeAverage)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("leave them out");
  }

  @Test
  void withoutAffineThereIsNothingToLearn() {
    BatchNormOptions options = BatchNormOptions.DEFAULT.withoutAffine();
    var layer = new BatchNorm(3, options);
    assertThat(layer.parameters()).isEmpty();
    assertThat(layer.buffers().keySet()).containsExactly("running_mean", "running_var");
    assertThat(LayerNorm.withoutAffine(Shape.of(3)).parameters()).isEmpty();
    assertThat(GroupNorm.withoutAffine(2, 4).parameters()).isEmpty();
    assertThatThrownBy(() -> layer.forward(Tensor.ones(5, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("BatchNorm", "[5, 4]", "[n, 3, ..]");
    assertThatThrownBy(() -> layer.forward(Tensor.ones(3))).hasMessageContaining("[3]");
    assertThatThrownBy(() -> GroupNorm.withoutAffine(3, 4)).hasMessageContaining("3 groups");
    assertThatThrownBy(() -> LayerNorm.withoutAffine(Shape.SCALAR)).hasMessageContaining("axes");
  }

  // ---- Dropout of channels, and that of self-normalising networks

  @Test
  void channelDropoutDropsWholeChannels() {
    Tensor x = Tensor.ones(Shape.of(50, 20, 3, 2), DType.F64);
    var layer = new ChannelDropout(0.25, Rng.of(1));
    Tensor y = layer.forward(x);
    Tensor first = y.slice(2, 0, 1).slice(3, 0, 1);
    assertThat(y.eq(first).toBooleanArray()).doesNotContain(false);
    assertThat(y.eq(0).or(y.eq(1 / 0.75)).toBooleanArray()).doesNotContain(false);
    // 1000 channels: the share of ones has standard deviation √(0.25 · 0.75 / 1000) = 0.014.
    assertThat(y.mean().item()).isCloseTo(1, within(0.1));
    Tensor rows = normal(3, 20, 5);
    assertThat(Functional.channelDropout(rows, 0.5, Rng.of(4)).toDoubleArray())
        .isEqualTo(Functional.dropout(rows, 0.5, Rng.of(4)).toDoubleArray());
    layer.eval();
    assertThat(layer.forward(x)).isSameAs(x);
    assertThatThrownBy(() -> Functional.channelDropout(Tensor.ones(3), 0.5, Rng.of(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[3]", "channels");
  }

  @Test
  void alphaDropoutKeepsMeanAndVariance() {
    Tensor x = normal(1, 100_000);
    var layer = new AlphaDropout(0.3, Rng.of(2));
    Tensor y = layer.forward(x);
    // Standard errors: √(1/100,000) = 0.003 of the mean, some 0.006 of the variance.
    assertThat(y.mean().item()).isCloseTo(0, within(0.02));
    assertThat(y.square().mean().item()).isCloseTo(1, within(0.03));
    // PyTorch's constants: α' = -λα, a = ((α'² p + 1)(1 - p))^-½, dropped is a α' (1 - p).
    double least = -1.7580993408473766;
    double a = 1 / Math.sqrt((least * least * 0.3 + 1) * 0.7);
    Tensor dropped = y.sub(a * least * 0.7).abs().lt(1e-12);
    Tensor kept = y.sub(x.mul(a).sub(a * least * 0.3)).abs().lt(1e-12);
    assertThat(dropped.or(kept).toBooleanArray()).doesNotContain(false);
    layer.eval();
    assertThat(layer.forward(x)).isSameAs(x);
    Tensor few = Tensor.of(1.0, Double.POSITIVE_INFINITY);
    assertThat(Functional.alphaDropout(few, 1, Rng.of(1)).toDoubleArray()).containsExactly(0, 0);
    assertThat(Functional.alphaDropout(few, 0, Rng.of(1))).isSameAs(few);
  }

  /// Generators are named, so a compiled layer draws anew in every call, as an eager one does.
  @Test
  void compiledDropoutDrawsWhatEagerDropoutDraws() {
    Tensor x = Tensor.ones(Shape.of(4, 8, 3), DType.F32);
    List<Module> eager =
        List.of(new ChannelDropout(0.5, Rng.of(1)), new AlphaDropout(0.5, Rng.of(1)));
    List<Module> traced =
        List.of(new ChannelDropout(0.5, Rng.of(1)), new AlphaDropout(0.5, Rng.of(1)));
    for (int i = 0; i < eager.size(); i++) {
      Jit jit = Jit.compile(traced.get(i)::forward);
      List<double[]> seen = new ArrayList<>();
      for (int k = 0; k < 3; k++) {
        double[] y = eager.get(i).forward(x).toDoubleArray();
        assertThat(jit.apply(x).toDoubleArray()).isEqualTo(y);
        seen.add(y);
      }
      assertThat(seen.get(0)).isNotEqualTo(seen.get(1));
      assertThat(eager.get(i).generators().keySet()).containsExactly("rng");
    }
  }

  // ---- Recurrent networks

  @Test
  void theNonlinearityAndTheMissingBiasArePrinted() {
    RecurrentOptions options = RecurrentOptions.DEFAULT.withoutBias();
    var rnn = new RNN(2, 3, Nonlinearity.RELU, Rng.of(1), options);
    assertThat(rnn.cells().getFirst()).hasToString("RNNCell(2, 3, bias=false, nonlinearity=relu)");
    assertThat(rnn.parameters().keySet()).containsExactly("l0.weight_ih", "l0.weight_hh");
    assertThat(new LSTM(2, 3, Rng.of(1), options).parameters()).hasSize(2);
    assertThat(new GRU(2, 3, Rng.of(1), options).parameters()).hasSize(2);
    assertThat(rnn.forward(normal(1, 4, 5, 2).to(DType.F32)).min().item()).isNotNegative();
  }

  // ---- Attention

  @Test
  void aKeyThatIsNotThereMayBeAnything() {
    var layer = MultiHeadAttention.withoutBias(4, 2, Rng.of(1), DType.F64);
    assertThat(layer.toString())
        .startsWith("MultiHeadAttention(4, heads=2, dropout=0.0, bias=false");
    assertThat(layer.parameters().keySet()).containsExactly("in_proj_weight", "out_proj.weight");
    Tensor q = normal(1, 2, 3, 4);
    Tensor k = normal(2, 2, 5, 4);
    Tensor present = Tensor.arange(5).lt(Tensor.of(5, 3).unsqueeze(1));
    Tensor mask = Functional.keyMask(present);
    Tensor other = Tensor.where(present.unsqueeze(-1), k, normal(3, 2, 5, 4));
    same(layer.attend(q, k, k, mask), layer.attend(q, other, other, mask));
    var attended = layer.attendWithWeights(q, k, k, mask);
    assertThat(attended.weights().shape()).isEqualTo(Shape.of(2, 2, 3, 5));
    same(attended.weights().sum(-1), Tensor.ones(Shape.of(2, 2, 3), DType.F64));
    assertThat(attended.weights().select(0, 1).slice(-1, 3, 5).abs().max().item()).isZero();
    assertThatThrownBy(() -> Functional.keyMask(Tensor.ones(2, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("keyMask", "[2, 3], F32", "BOOL");
  }

  @Test
  void aDecoderSeesItsPastAndAllOfTheMemory() {
    var block = new TransformerDecoderBlock(4, 2, 8, Rng.of(1), DType.F64);
    Tensor x = normal(1, 1, 5, 4);
    Tensor memory = normal(2, 1, 3, 4);
    Tensor mask = Functional.causalMask(5, 5);
    assertThat(block.forward(x, memory).toDoubleArray()) // dropout, in training mode
        .isNotEqualTo(block.forward(x, memory).toDoubleArray());
    block.eval();
    Tensor changed = Tensor.concat(1, x.slice(1, 0, 3), normal(3, 1, 2, 4));
    same(
        block.forward(x, memory, mask).slice(1, 0, 3),
        block.forward(changed, memory, mask).slice(1, 0, 3));
    Tensor longer = Tensor.concat(1, memory, normal(4, 1, 1, 4));
    Tensor present = Functional.keyMask(Tensor.arange(4).lt(3).unsqueeze(0));
    same(block.forward(x, memory, mask), block.forward(x, longer, mask, present));
    assertThat(
            block.forward(x, longer, mask).sub(block.forward(x, memory, mask)).abs().min().item())
        .isPositive();
    same(block.forward(x), block.forward(x, x));
    assertThat(block.toString())
        .startsWith("TransformerDecoderBlock(dropout=0.1, norm_first=false");
  }

  // ---- Shapes

  @Test
  void shapesThatDoNotFitAreRefused() {
    assertThat(new Unflatten(-1, 2, 3).forward(Tensor.ones(4, 6)).shape())
        .isEqualTo(Shape.of(4, 2, 3));
    assertThatThrownBy(() -> new Unflatten(1, 2, 3).forward(Tensor.ones(4, 7)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("Unflatten", "[4, 7]", "7 elements", "[2, 3]", "which are 6");
    assertThatThrownBy(() -> new PixelShuffle(0))
        .hasMessage("PixelShuffle: factor 0 must be 1 or more");
    assertThatThrownBy(() -> new PixelShuffle(1 << 16).forward(Tensor.ones(4, 2, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("65536²");
    assertThatThrownBy(() -> new ChannelShuffle(2).forward(Tensor.ones(1, 3, 2)))
        .hasMessageContainingAll("channelShuffle", "[1, 3, 2]", "2 groups");
    assertThatThrownBy(() -> new Upsample(InterpolateMode.NEAREST)).hasMessageContaining("[]");
    assertThatThrownBy(() -> new Upsample(InterpolateMode.NEAREST, 0)).hasMessageContaining("0.0");
    assertThatThrownBy(() -> Upsample.to(InterpolateMode.NEAREST, 0)).hasMessageContaining("[0]");
    assertThatThrownBy(() -> new LPPool2d(0, 2)).hasMessageContaining("above 0");
    assertThatThrownBy(() -> new LPPool1d(2, 0)).hasMessageContaining("kernel");
    assertThatThrownBy(() -> new LocalResponseNorm(0)).hasMessageContaining("size");
    assertThatThrownBy(() -> Functional.localResponseNorm(Tensor.ones(3), 2, 1, 1, 1))
        .hasMessageContainingAll("localResponseNorm", "[3]");
    assertThatThrownBy(() -> Functional.lpPool1d(Tensor.ones(1, 3), Double.NaN, 2, 2, false))
        .hasMessageContainingAll("lpPool1d", "NaN");
  }

  @Test
  void aWindowOfZerosHasNoSlopeInAPooledNorm() {
    Tensor x = Tensor.parameter(Tensor.of(0.0, 0, 3, 4).reshape(1, 4));
    Tensor y = Functional.lpPool1d(x, 2, 2, 2, false);
    assertThat(y.toDoubleArray()).containsExactly(0, 5);
    y.sum().backward();
    assertThat(x.grad().toDoubleArray())
        .containsExactly(new double[] {0, 0, 0.6, 0.8}, within(1e-15));
    assertThat(Functional.lpPool1d(Tensor.of(-1.0, -2).reshape(1, 2), 1, 2, 2, false).item())
        .isEqualTo(-3);
  }

  @Test
  void layersArePrintedWithTheirOptions() {
    assertThat(new BatchNorm(3, BatchNormOptions.DEFAULT.withoutAffine()).cumulativeAverage())
        .hasToString("BatchNorm(3, eps=1.0E-5, momentum=cumulative, affine=false)");
    assertThat(new BatchNorm(3, BatchNormOptions.DEFAULT.withoutRunningStats()))
        .hasToString("BatchNorm(3, eps=1.0E-5, momentum=0.1, track_running_stats=false)");
    assertThat(LayerNorm.withoutAffine(Shape.of(3)).epsilon(0.1))
        .hasToString("LayerNorm([3], eps=0.1, elementwise_affine=false)");
    assertThat(GroupNorm.withoutAffine(1, 3).epsilon(0.1))
        .hasToString("GroupNorm(1, 3, eps=0.1, affine=false)");
    assertThat(new Identity()).hasToString("Identity()");
    assertThat(new Unflatten(1, 2, 3)).hasToString("Unflatten(axis=1, sizes=[2, 3])");
    assertThat(new PixelShuffle(2)).hasToString("PixelShuffle(upscale_factor=2)");
    assertThat(new PixelUnshuffle(2)).hasToString("PixelUnshuffle(downscale_factor=2)");
    assertThat(new ChannelShuffle(2)).hasToString("ChannelShuffle(groups=2)");
    assertThat(new Upsample(InterpolateMode.LINEAR, 2, 1.5))
        .hasToString("Upsample(scale_factor=[2.0, 1.5], mode=LINEAR)");
    assertThat(Upsample.to(InterpolateMode.NEAREST, 7))
        .hasToString("Upsample(size=[7], mode=NEAREST)");
    assertThat(Pad.constant(0.5, 1, 2)).hasToString("Pad(CONSTANT, padding=[1, 2], value=0.5)");
    assertThat(new Pad(PadMode.REFLECT, 1, 2)).hasToString("Pad(REFLECT, padding=[1, 2])");
    assertThat(new LocalResponseNorm(5))
        .hasToString("LocalResponseNorm(5, alpha=1.0E-4, beta=0.75, k=1.0)");
    assertThat(new LPPool2d(2, 3))
        .hasToString("LPPool2d(norm_type=2.0, kernel_size=(3, 3), stride=(3, 3), ceil_mode=false)");
    assertThat(new LPPool1d(2, 3))
        .hasToString("LPPool1d(norm_type=2.0, kernel_size=3, stride=3, ceil_mode=false)");
    assertThat(new AlphaDropout(0.5, Rng.of(1))).hasToString("AlphaDropout(p=0.5)");
    assertThat(new ChannelDropout(0.5, Rng.of(1))).hasToString("ChannelDropout(p=0.5)");
  }

  // ---- Many examples at once

  /// A function of one example, on all at once, and its gradients.
  @Test
  void underVmapEachExampleIsItsOwn() {
    Tensor w = normal(1, 2, 2, 3, 3);
    Tensor table = normal(2, 7, 4);
    var attention = MultiHeadAttention.withoutBias(4, 2, Rng.of(1), DType.F64);
    ConvOptions o = ConvOptions.defaults().padding(1).paddingMode(PadMode.REFLECT);
    Map<String, UnaryOperator<Tensor>> all = new LinkedHashMap<>();
    all.put("conv", x -> Functional.conv2d(x, w, o));
    all.put("lpPool", x -> Functional.lpPool2d(x, 2, Pair.of(2), Pair.of(2), false));
    all.put(
        "maxUnpool",
        x ->
            Functional.maxUnpool2d(Functional.maxPool2dWithIndices(x, MaxPoolOptions.of(2)), 4, 4));
    all.put("lrn", x -> Functional.localResponseNorm(x.unsqueeze(0), 2, 1, 0.5, 1));
    all.put("channelShuffle", x -> Functional.channelShuffle(x.unsqueeze(0), 2));
    all.put("upsample", x -> new Upsample(InterpolateMode.LINEAR, 2).forward(x.unsqueeze(0)));
    all.put("embedding", x -> Functional.embedding(Tensor.of(3, 0, 3), table, 3).mul(x.sum()));
    all.put(
        "attention",
        x -> attention.attend(x, x, x, Functional.keyMask(Tensor.arange(4).lt(3).unsqueeze(0))));
    all.put("margin", x -> Functional.multiMarginLoss(x.flatten(1), Tensor.of(3, 0)));
    Tensor batch = normal(3, 5, 2, 4, 4);
    all.forEach((name, f) -> {
      Function<Tensor, Tensor> gradient = Grad.grad(x -> f.apply(x).square().sum());
      Tensor values = Grad.vmap(f).apply(batch);
      Tensor gradients = Grad.vmap(gradient).apply(batch);
      for (int i = 0; i < 5; i++) {
        Tensor x = batch.select(0, i);
        assertThat(values.select(0, i).sub(f.apply(x)).abs().max().item())
            .as(name)
            .isLessThan(1e-13);
        assertThat(gradients.select(0, i).sub(gradient.apply(x)).abs().max().item())
            .as("gradient of " + name)
            .isLessThan(1e-12);
      }
    });
  }

  // ---- Losses

  @Test
  void marginsOfClassesByTheirDefinition() {
    Tensor x = normal(1, 6, 4);
    int[] t = {3, 0, 2, 1, 2, 0};
    double[] expected =
        IntStream.range(0, 6)
            .mapToDouble(i ->
                IntStream.range(0, 4)
                        .filter(c -> c != t[i])
                        .mapToDouble(c -> Math.max(0, 0.7 - x.get(i, t[i]) + x.get(i, c)))
                        .map(v -> v * v)
                        .sum()
                    / 4)
            .toArray();
    ClassOptions none = ClassOptions.DEFAULT.reduction(Reduction.NONE);
    assertThat(Functional.multiMarginLoss(x, Tensor.of(t), 2, 0.7, none).toDoubleArray())
        .containsExactly(expected, within(1e-14));
    assertThatThrownBy(() -> Functional.multiMarginLoss(x, Tensor.of(t), 3, 1, none))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("multiMarginLoss", "3.0", "1 or 2");
    assertThatThrownBy(() -> Functional.multiMarginLoss(x, x)).hasMessageContaining("F64");
  }
}
