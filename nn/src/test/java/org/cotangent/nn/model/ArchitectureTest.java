package org.cotangent.nn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Conv2d;
import org.cotangent.nn.ConvOptions;
import org.cotangent.nn.Dropout;
import org.cotangent.nn.Flatten;
import org.cotangent.nn.Linear;
import org.cotangent.nn.Module;
import org.cotangent.nn.Pair;
import org.cotangent.nn.ReLU;
import org.cotangent.nn.Residual;
import org.cotangent.nn.Sequential;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ArchitectureTest {
  private static final Shape IMAGE = Shape.of(3, 32, 32);

  private static Sequential build(String text, int... input) {
    return Architecture.parse(text).build(Shape.of(input), Rng.of(1), DType.F64);
  }

  private static Tensor normal(int... dims) {
    return Rng.of(2).normal(Shape.of(dims), DType.F64);
  }

  private static void assertSameState(Module a, Module b) {
    assertThat(a.state().keySet()).isEqualTo(b.state().keySet());
    b.state()
        .forEach((name, t) -> {
          Tensor s = a.state().getOrDefault(name, Tensor.of(Double.NaN));
          assertThat(s.toDoubleArray()).as(name).isEqualTo(t.toDoubleArray());
        });
  }

  // ---- What is built

  @Test
  void aNetworkIsThatOfTheLayersMadeByHandWithPyTorchsStart() {
    Rng rng = Rng.of(1);
    ConvOptions options = ConvOptions.defaults().stride(2).padding(1);
    Module byHand =
        new Sequential(
            Conv2d.likePyTorch(3, 4, Pair.of(3), options, rng, DType.F64),
            new ReLU(),
            new Flatten(),
            Linear.likePyTorch(4 * 16 * 16, 5, rng, DType.F64),
            new Dropout(0.5, rng),
            Linear.likePyTorch(5, 2, rng, DType.F64));

    Sequential net =
        build(
            "conv 4 3x3 stride 2 padding 1, relu, flatten, linear 5, dropout 0.5, linear 2",
            3,
            32,
            32);

    assertSameState(net, byHand);
    assertThat(net).hasToString(byHand.toString());
    assertThat(net.isTraining()).isTrue();
    net.eval();
    byHand.eval();
    Tensor x = normal(2, 3, 32, 32);
    assertThat(net.forward(x).toDoubleArray()).isEqualTo(byHand.forward(x).toDoubleArray());
  }

  @Test
  void repetitionsHaveWeightsOfTheirOwn() {
    Sequential net = build("2 * (linear 3, relu), linear 3", 3);
    assertThat(net.state().keySet())
        .containsExactly("0.weight", "0.bias", "2.weight", "2.bias", "4.weight", "4.bias");
    assertThat(net.state().values().stream().map(t -> t.sum().item()).distinct()).hasSize(6);
    assertThat(build("2 * 2 * tanh, 2 * (sigmoid, 3 * relu)", 3).layers()).hasSize(4 + 2 * 4);
  }

  @Test
  void residualsAddWhatIsBesideThem() {
    Tensor x = normal(4, 3);
    Sequential plain = build("residual(linear 3, tanh)", 3);
    Module body = plain.layers().getFirst().children().getOrDefault("body", plain);
    assertThat(plain.forward(x).toDoubleArray()).isEqualTo(body.forward(x).add(x).toDoubleArray());

    Sequential with = build("residual(linear 5 | linear 5 bias none)", 3);
    assertThat(with.layers().getFirst()).isInstanceOf(Residual.class);
    assertThat(with.state().keySet())
        .containsExactly("0.body.0.weight", "0.body.0.bias", "0.shortcut.0.weight");
    assertThat(with.forward(x).shape()).isEqualTo(Shape.of(4, 5));
  }

  @Test
  void weightsStartAsTold() {
    Sequential report =
        build("weight normal 1e-4 bias 0; flatten, linear 100, relu, linear 10", 3, 32, 32);
    Tensor w = report.state().getOrDefault("1.weight", Tensor.of(0.0));
    assertThat(Math.sqrt(w.square().mean().item())).isCloseTo(1e-4, within(1e-6));
    assertThat(report.state().getOrDefault("3.bias", Tensor.of(1.0)).abs().max().item()).isZero();

    Sequential mixed =
        build(
            "weight 0.5; linear 4 weight uniform 0.25, linear 4 bias 2, linear 2 weight he bias none",
            4);
    assertThat(mixed.state().getOrDefault("0.weight", Tensor.of(9.0)).abs().max().item())
        .isBetween(0.1, 0.25);
    assertThat(mixed.state().getOrDefault("1.weight", Tensor.of(9.0)).toDoubleArray())
        .containsOnly(0.5);
    assertThat(mixed.state().getOrDefault("1.bias", Tensor.of(9.0)).toDoubleArray())
        .containsOnly(2);
    assertThat(mixed.state()).doesNotContainKey("2.bias");
    assertThat(
            build("embedding 5 3 weight 7", 4)
                .state()
                .getOrDefault("0.weight", Tensor.of(0.0))
                .toDoubleArray())
        .containsOnly(7);
  }

  @Test
  void equalSeedsGiveEqualNetworks() {
    Architecture a =
        Architecture.parse("embedding 10 4, lstm 5 layers 2 dropout 0.1, last, linear 3");
    assertThat(a.takesIndices()).isTrue();
    Sequential net = a.build(Shape.of(7), Rng.of(3));
    assertSameState(net, a.build(Shape.of(7), Rng.of(3)));
    assertThat(net.forward(Tensor.of(new int[][] {{1, 2, 3, 4, 5, 6, 0}})).shape())
        .isEqualTo(Shape.of(1, 3));
    assertThat(Architecture.parse("2 * embedding 10 4").takesIndices()).isTrue();
    assertThat(Architecture.parse("linear 4").takesIndices()).isFalse();
  }

  /// A text, the shape of its sample, and of what it gives.
  static Stream<Arguments> everyLayer() {
    return Stream.of(
        of("linear 4", "5", "4"),
        of("linear 4 each", "2x5", "2x4"),
        of(
            "conv 4 3x5 stride 2x1 padding 1x0 dilation 1x2 groups 2 weight glorot",
            "2x8x12",
            "4x4x4"),
        of("conv 4 3 padding same weight he-uniform bias none", "2x8x7", "4x8x7"),
        of("conv 4 3 stride 2", "2x9", "4x4"),
        of("conv-transpose 4 3 stride 2 padding 1 output-padding 1 groups 2", "2x4x5", "4x8x10"),
        of("conv-transpose 4 3 bias none", "2x4", "4x6"),
        of("maxpool 3 stride 2 padding 1", "2x8x8", "2x4x4"),
        of("maxpool 3x2 dilation 2x1 ceil", "2x8x8", "2x2x4"),
        of("maxpool 2", "2x8", "2x4"),
        of("avgpool 2x4", "2x8x8", "2x4x2"),
        of("avgpool 3 stride 2 padding 1 ceil", "2x8", "2x5"),
        of("adaptive-maxpool 3x2", "2x8x8", "2x3x2"),
        of("adaptive-maxpool 3", "2x8", "2x3"),
        of("adaptive-avgpool 1", "2x8x8", "2x1x1"),
        of("adaptive-avgpool 3", "2x8", "2x3"),
        of("batchnorm eps 0.001 momentum 0.2", "2x8x8", "2x8x8"),
        of("batchnorm", "4", "4"),
        of("layernorm", "3x4", "3x4"),
        of("layernorm axes 2 eps 1e-6", "3x4", "3x4"),
        of("groupnorm 2 eps 1e-6", "4x3", "4x3"),
        of("instancenorm affine eps 1e-6", "4x3", "4x3"),
        of("dropout 0.3", "4", "4"),
        of("embedding 10 3 weight normal 0.1", "5", "5x3"),
        of("rnn 4", "5x3", "5x4"),
        of("lstm 4 layers 2 bidirectional dropout 0.1", "5x3", "5x8"),
        of("gru 4", "5x3", "5x4"),
        of("attention 2 dropout 0.1", "5x4", "5x4"),
        of("transformer 2 8 dropout 0 gelu norm-first", "5x4", "5x4"),
        of("flatten", "3x4x5", "60"),
        of("reshape 3x4x5", "60", "3x4x5"),
        of("last", "5x4", "4"),
        of("mean", "5x4", "4"),
        of("leaky-relu", "4", "4"),
        of("leaky-relu 0.2", "4", "4"),
        of("prelu", "4x3", "4x3"),
        of("prelu channels", "4x3", "4x3"),
        of("elu 0.5", "4", "4"),
        of(
            "relu, relu6, elu, selu, gelu, gelu-tanh, silu, mish, softplus, softsign, tanh, hardtanh",
            "4",
            "4"),
        of("hardswish, sigmoid, hardsigmoid, logsigmoid, softmax, log-softmax", "4", "4"),
        of("conv 4 3 padding 2 padding-mode circular", "2x8x7", "4x10x9"),
        of("conv 4 4 padding same padding-mode reflect", "2x9", "4x9"),
        of("lppool 2 3x2 stride 2 ceil", "2x8x7", "2x4x4"),
        of("lppool 1 2", "2x8", "2x4"),
        of("batchnorm cumulative no-affine", "4x3", "4x3"),
        of("layernorm no-affine", "3x4", "3x4"),
        of("groupnorm 2 no-affine", "4x3", "4x3"),
        of("local-response-norm 5 alpha 0.001 beta 0.5 k 2", "4x3x3", "4x3x3"),
        of("channel-dropout 0.5", "4x3", "4x3"),
        of("alpha-dropout 0.5", "4", "4"),
        of("embedding 10 3 padding 0", "5", "5x3"),
        of("rnn 4 layers 2 bidirectional nonlinearity relu no-bias", "5x3", "5x8"),
        of("lstm 4 no-bias", "5x3", "5x4"),
        of("gru 4 no-bias", "5x3", "5x4"),
        of("attention 2 no-bias", "5x4", "5x4"),
        of("identity", "3x4", "3x4"),
        of("pad 1x2 mode reflect", "2x4x5", "2x6x9"),
        of("pad 2 value -0.5", "2x4", "2x8"),
        of("upsample 2x3", "2x4x5", "2x8x15"),
        of("upsample 2 linear align-corners", "2x4", "2x8"),
        of("pixel-shuffle 2", "8x3x4", "2x6x8"),
        of("pixel-unshuffle 2", "2x6x8", "8x3x4"),
        of("channel-shuffle 2", "4x3", "4x3"),
        of("celu 0.5, softshrink 0.1, hardshrink, tanhshrink, softmin, glu", "4", "2"));
  }

  private static Arguments of(String text, String in, String out) {
    return Arguments.of(text, in, out);
  }

  private static Shape shape(String s) {
    return Shape.of(Stream.of(s.split("x", -1)).mapToInt(Integer::parseInt).toArray());
  }

  @ParameterizedTest
  @MethodSource("everyLayer")
  void theShapeThatFollowsIsTheLayersOwn(String text, String in, String out) {
    Architecture a = Architecture.parse(text);
    assertThat(a).isEqualTo(Architecture.parse(a.toString())).hasToString(text);
    Builder built = a.built(shape(in), Rng.of(1), DType.F32, OptionalLong.empty());
    assertThat(built.output()).isEqualTo(shape(out));
    DType dtype = a.takesIndices() ? DType.I64 : DType.F32;
    Tensor x = Tensor.ones(shape(in).inserted(0, 3), dtype);
    Tensor y = built.network().forward(x);
    assertThat(y.shape()).isEqualTo(shape(out).inserted(0, 3));
    assertThat(y.dtype()).isEqualTo(DType.F32);
    assertThat(built.rows().stream().mapToLong(Table.Row::parameters).sum())
        .isEqualTo(built.network().parameterCount());
  }

  @Test
  void everyLayerIsInTheTestAbove() {
    Set<LayerKind> seen = EnumSet.noneOf(LayerKind.class);
    everyLayer()
        .forEach(c -> {
          for (String layer : String.valueOf(c.get()[0]).split(", ", -1)) {
            seen.add(LayerKind.of(layer.split(" ", -1)[0]).orElseThrow());
          }
        });
    assertThat(seen).containsExactlyInAnyOrder(LayerKind.values());
  }

  /// Following the shape leaves no trace: running statistics and random streams are as new.
  @Test
  void buildingChangesNothingInALayer() {
    Sequential net = build("batchnorm, dropout 0.5", 4);
    assertThat(net.state().getOrDefault("0.running_mean", Tensor.of(1.0)).abs().max().item())
        .isZero();
    assertThat(net.state().getOrDefault("0.running_var", Tensor.of(0.0)).toDoubleArray())
        .containsOnly(1);
    Tensor x = normal(50, 4);
    Module dropout = new Dropout(0.5, Rng.of(1));
    assertThat(net.layers().get(1).forward(x).toDoubleArray())
        .isEqualTo(dropout.forward(x).toDoubleArray());
  }

  @Test
  void buildingWorksWhereNothingIsRecorded() {
    assertThat(Grad.without(() -> build("linear 4, relu", 3)).forward(normal(2, 3)).shape())
        .isEqualTo(Shape.of(2, 4));
  }

  @Test
  void theTableHasALineALayer() {
    String text =
        "conv 64 3x3 padding 1, batchnorm, relu, residual(conv 64 3 padding same), flatten, linear 10";
    assertThat(Architecture.parse(text).table(IMAGE))
        .isEqualTo(
            """
                      layer                   output        parameters
                      input                   [3, 32, 32]
            0         conv 64 3x3 padding 1   [64, 32, 32]       1,792
            1         batchnorm               [64, 32, 32]         128
            2         relu                    [64, 32, 32]
            3.body.0  conv 64 3 padding same  [64, 32, 32]      36,928
            4         flatten                 [65536]
            5         linear 10               [10]             655,370
                      total                                    694,218
            """);
  }

  @Test
  void allLayersAreListed() {
    assertThat(Architecture.layers())
        .contains(
            "conv CHANNELS KERNEL [stride SIZE] [padding PADDING]", "\nflatten\n", "residual(");
  }

  // ---- Errors

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      textBlock =
          """
          flatten, linaer 10; line 1, column 10: there is no layer 'linaer'; linear, conv,
          linear 10 relu; column 11: linear: the words that may follow are each, weight, bias, not 'relu'; comma
          linear; column 7: expected WIDTH (a whole number from 1); found the end
          linear 0; column 8: width must be a whole number from 1; '0'
          linear 99999999999; column 8; whole number
          conv 3; KERNEL; conv CHANNELS KERNEL [stride
          conv 4 3x3x3; column 8: kernel must be a size such as 3 or 3x3; '3x3x3'
          conv 4 3 stride 1 stride 2; column 19; twice
          conv 4 3 stride; a size such as 3 or 3x3 after 'stride'; the end
          relu 3; column 6: expected a comma; found '3'
          relu slow; no word may follow; 'slow'
          dropout 1.5; column 9; probability
          elu 1e999; a number; '1e999'
          elu 1f; a number; '1f'
          linear 3 bias normal -1; from 0; '-1'
          linear 3 weight none; pytorch, he; found 'none'
          linear 3 bias he; or none; found 'he'
          conv 4 3 padding-mode mirror; zeros, reflect, replicate or circular after 'padding-mode'; 'mirror'
          rnn 4 nonlinearity sigmoid; tanh or relu after 'nonlinearity'; found 'sigmoid'
          embedding 4 3 padding -1; column 23: padding must be a whole number from 0; '-1'
          relu,; column 6: expected a layer; the end
          relu relu; comma missing; column 6
          ,relu; column 1: expected a layer; ','
          (relu; expected a layer; '('
          3 relu; expected '*'; 'relu'
          3 * (relu; expected ')'; the end
          residual relu; expected '('; 'relu'
          residual(relu; expected ')'; the end
          residual(relu | ); expected a layer; ')'
          weight he linear 3; expected ';'; 'linear'
          relu) ; comma and another layer; ')'
          relu § tanh; column 6; means nothing here
          """)
  void whatIsNoDescriptionIsRefusedAtItsPlace(String text, String first, String second) {
    // the quote character is not used: commas and brackets belong to the texts
    assertThatThrownBy(() -> Architecture.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("network, line 1, column ")
        .hasMessageContainingAll(first, second, "^");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          linear 10; linear 10 does not fit [3, 32, 32]; write 'flatten' before it
          conv 4 3, flatten, conv 4 3; column 20: conv 4 3 does not fit [3600]; reshape
          conv 4 50; conv2d; [4, 3, 50, 50]
          conv 4 3 groups 2; 2 groups must divide; the 3 channels
          maxpool 3 padding 2; padding; half the kernel
          flatten, lstm 4; sequences [time, width]; [3072]
          reshape 3x3; 3072 numbers; which are 9
          groupnorm 2; 3 channels; 2 groups
          conv-transpose 4 3 output-padding 1; output; column 1
          residual(conv 5 3); gives [5, 30, 30]; beside it is [3, 32, 32]
          layernorm axes 4; takes 4 axes; [3, 32, 32]
          embedding 4 4, linear 4; arrives here; [3, 32, 32, 4]
          conv 4 3 padding same stride 2; same; column 1
          flatten, embedding 4 4; embedding; F32
          conv 4 3 padding 32 padding-mode reflect; REFLECT allows 31 at most; column 1
          batchnorm cumulative momentum 0.5; leave one out; column 1
          pad 1 value 2 mode circular; mode zeros only; column 1
          upsample 2 align-corners; goes with; column 1
          pixel-shuffle 2; pixelShuffle; [1, 3, 32, 32]
          channel-shuffle 2; channelShuffle; 2 groups
          pad 999999999 mode replicate; an axis of 2000000030 elements; 4194304 at most
          pad 1x2100000 value 1; an axis of 4200032 elements; column 1
          upsample 999999999 linear; an axis of 31999999968 elements; column 1
          conv 1 1 padding 999999999 padding-mode replicate; an axis of 2000000030 elements; column 1
          conv 1 2 padding same padding-mode replicate dilation 999999999; an axis of 1000000031 elements; column 1
          adaptive-maxpool 999999999; an axis of 1000000031 elements; column 1
          conv-transpose 1 3 dilation 999999999 stride 999999999; conv-transpose; column 1
          conv 1 4 dilation 999999999; conv 1 4; column 1
          lppool 2 999999999; lppool; column 1
          local-response-norm 999999999; local-response-norm; column 1
          pixel-shuffle 65536; 65536² divides; column 1
          flatten, linear 2000000000; linear 2000000000; 2^31
          tanh, 20000 * relu; column 7: these are more than 10000 layers; 20000
          9 * 999999999 * 999999999 * (relu, residual(2000000000 * relu)); more than 10000 layers; column 1
          """)
  void whatDoesNotFitSaysWhatArrives(String text, String first, String second) {
    assertThatThrownBy(() -> Architecture.parse(text).build(IMAGE, Rng.of(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("network, line 1, column ", first, second);
  }

  @Test
  void thePaddingOfATableIsOneOfItsRows() {
    assertThatThrownBy(() -> build("embedding 4 3 padding 4", 5))
        .hasMessageContainingAll("row 4 is the padding, but there are 4", "column 1");
  }

  @Test
  void aSignalsKernelHasOneNumber() {
    assertThatThrownBy(() -> build("conv 4 3x3", 3, 32))
        .hasMessageContaining("kernel 3x3 has 2 numbers, but here are signals, with one axis");
  }

  @Test
  void samplesHaveNoEmptyAxesAndNetworksAFloatingType() {
    assertThatThrownBy(() -> build("relu", 3, 0)).hasMessageContaining("[3, 0]");
    assertThatThrownBy(() -> Architecture.parse("relu").build(IMAGE, Rng.of(1), DType.I32))
        .hasMessageContaining("I32");
  }

  @Test
  void anErrorShowsItsLineWithThePlaceUnderlined() {
    assertThatThrownBy(() -> Architecture.parse("flatten,\n\tlinear 10 relu,\nlinear 3"))
        .hasMessage(
            """
            network, line 2, column 12: linear: the words that may follow are each, weight, bias, not 'relu'; is a comma missing?
              \tlinear 10 relu,
              \t          ^^^^\
            """);
    String longLine = "relu, ".repeat(1000) + "rely, " + "relu, ".repeat(1000) + "relu";
    assertThatThrownBy(() -> Architecture.parse(longLine))
        .satisfies(e -> {
          List<String> lines = String.valueOf(e.getMessage()).lines().toList();
          assertThat(lines).hasSize(3);
          assertThat(lines.subList(1, 3)).allMatch(l -> l.length() < 200);
          assertThat(lines.get(1).substring(lines.get(2).indexOf('^'))).startsWith("rely, relu");
        });
  }

  @Test
  void deepNestingIsRefused() {
    assertThatThrownBy(() -> Architecture.parse("2 * (".repeat(1000) + "relu" + ")".repeat(1000)))
        .hasMessageContaining("nested deeper than 32");
    assertThatThrownBy(() -> Architecture.parse("relu,".repeat(1 << 18)))
        .hasMessageContaining("1048576 at most");
  }
}
