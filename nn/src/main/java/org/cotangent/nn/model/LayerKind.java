package org.cotangent.nn.model;

import static org.cotangent.nn.model.Parameter.Place.FIRST;
import static org.cotangent.nn.model.Parameter.Place.FIRST_OR_ABSENT;
import static org.cotangent.nn.model.Parameter.Place.NAMED;
import static org.cotangent.nn.model.Parameter.Takes.BIAS;
import static org.cotangent.nn.model.Parameter.Takes.COUNT;
import static org.cotangent.nn.model.Parameter.Takes.FLAG;
import static org.cotangent.nn.model.Parameter.Takes.INDEX;
import static org.cotangent.nn.model.Parameter.Takes.MARGIN;
import static org.cotangent.nn.model.Parameter.Takes.MODE;
import static org.cotangent.nn.model.Parameter.Takes.NONLINEARITY;
import static org.cotangent.nn.model.Parameter.Takes.PADDING;
import static org.cotangent.nn.model.Parameter.Takes.POSITIVE;
import static org.cotangent.nn.model.Parameter.Takes.PROBABILITY;
import static org.cotangent.nn.model.Parameter.Takes.REAL;
import static org.cotangent.nn.model.Parameter.Takes.SHAPE;
import static org.cotangent.nn.model.Parameter.Takes.SIZE;
import static org.cotangent.nn.model.Parameter.Takes.TABLE;
import static org.cotangent.nn.model.Parameter.Takes.WEIGHT;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The layers that a description can name, and what may stand behind each name. What they are is in
/// [Layers].
enum LayerKind {
  LINEAR(first("width", COUNT), flag("each"), named("weight", WEIGHT), named("bias", BIAS)),
  CONV(
      first("channels", COUNT),
      first("kernel", SIZE),
      named("stride", SIZE),
      named("padding", PADDING),
      named("padding-mode", MODE),
      named("dilation", SIZE),
      named("groups", COUNT),
      named("weight", WEIGHT),
      named("bias", BIAS)),
  CONV_TRANSPOSE(
      first("channels", COUNT),
      first("kernel", SIZE),
      named("stride", SIZE),
      named("padding", MARGIN),
      named("output-padding", MARGIN),
      named("dilation", SIZE),
      named("groups", COUNT),
      named("weight", WEIGHT),
      named("bias", BIAS)),
  MAXPOOL(
      first("kernel", SIZE),
      named("stride", SIZE),
      named("padding", MARGIN),
      named("dilation", SIZE),
      flag("ceil")),
  AVGPOOL(first("kernel", SIZE), named("stride", SIZE), named("padding", MARGIN), flag("ceil")),
  LPPOOL(first("p", REAL), first("kernel", SIZE), named("stride", SIZE), flag("ceil")),
  ADAPTIVE_MAXPOOL(first("grid", SIZE)),
  ADAPTIVE_AVGPOOL(first("grid", SIZE)),
  BATCHNORM(
      named("eps", POSITIVE),
      named("momentum", PROBABILITY),
      flag("cumulative"),
      flag("no-affine")),
  LAYERNORM(named("axes", COUNT), named("eps", POSITIVE), flag("no-affine")),
  GROUPNORM(first("groups", COUNT), named("eps", POSITIVE), flag("no-affine")),
  INSTANCENORM(flag("affine"), named("eps", POSITIVE)),
  LOCAL_RESPONSE_NORM(
      first("size", COUNT), named("alpha", REAL), named("beta", REAL), named("k", REAL)),
  DROPOUT(first("probability", PROBABILITY)),
  CHANNEL_DROPOUT(first("probability", PROBABILITY)),
  ALPHA_DROPOUT(first("probability", PROBABILITY)),
  EMBEDDING(
      first("rows", COUNT), first("width", COUNT), named("padding", INDEX), named("weight", TABLE)),
  RNN(
      first("hidden", COUNT),
      named("layers", COUNT),
      flag("bidirectional"),
      named("nonlinearity", NONLINEARITY),
      dropout(),
      flag("no-bias")),
  LSTM(
      first("hidden", COUNT),
      named("layers", COUNT),
      flag("bidirectional"),
      dropout(),
      flag("no-bias")),
  GRU(
      first("hidden", COUNT),
      named("layers", COUNT),
      flag("bidirectional"),
      dropout(),
      flag("no-bias")),
  ATTENTION(first("heads", COUNT), dropout(), flag("no-bias")),
  TRANSFORMER(
      first("heads", COUNT),
      first("feedforward", COUNT),
      dropout(),
      flag("gelu"),
      flag("norm-first")),
  IDENTITY,
  FLATTEN,
  RESHAPE(first("shape", SHAPE)),
  PAD(first("margin", MARGIN), named("mode", MODE), named("value", REAL)),
  UPSAMPLE(first("factor", SIZE), flag("linear"), flag("align-corners")),
  PIXEL_SHUFFLE(first("factor", COUNT)),
  PIXEL_UNSHUFFLE(first("factor", COUNT)),
  CHANNEL_SHUFFLE(first("groups", COUNT)),
  LAST,
  MEAN,
  RELU,
  RELU6,
  LEAKY_RELU(maybe("slope", REAL)),
  PRELU(flag("channels")),
  ELU(maybe("alpha", REAL)),
  CELU(maybe("alpha", REAL)),
  SELU,
  GELU,
  GELU_TANH,
  SILU,
  MISH,
  SOFTPLUS,
  SOFTSIGN,
  SOFTSHRINK(maybe("lambda", POSITIVE)),
  HARDSHRINK(maybe("lambda", POSITIVE)),
  TANHSHRINK,
  GLU,
  TANH,
  HARDTANH,
  HARDSWISH,
  SIGMOID,
  HARDSIGMOID,
  LOGSIGMOID,
  SOFTMAX,
  SOFTMIN,
  LOG_SOFTMAX;

  @SuppressWarnings("ImmutableEnumChecker") // it is: List.of
  private final List<Parameter> parameters;

  LayerKind(Parameter... parameters) {
    this.parameters = List.of(parameters);
  }

  private static Parameter first(String name, Parameter.Takes takes) {
    return new Parameter(name, takes, FIRST);
  }

  private static Parameter maybe(String name, Parameter.Takes takes) {
    return new Parameter(name, takes, FIRST_OR_ABSENT);
  }

  private static Parameter named(String name, Parameter.Takes takes) {
    return new Parameter(name, takes, NAMED);
  }

  private static Parameter flag(String name) {
    return named(name, FLAG);
  }

  private static Parameter dropout() {
    return named("dropout", PROBABILITY);
  }

  /// As it is written.
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// What may stand behind it, in order.
  List<Parameter> parameters() {
    return parameters;
  }

  /// The parameter of that name.
  Parameter parameter(String name) {
    return parameters.stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
  }

  /// `conv CHANNELS KERNEL [stride SIZE] ..`
  String usage() {
    return Stream.concat(Stream.of(word()), parameters.stream().map(Parameter::toString))
        .collect(Collectors.joining(" "));
  }

  /// The layer of that name.
  static Optional<LayerKind> of(String word) {
    return Stream.of(values()).filter(k -> k.word().equals(word)).findFirst();
  }

  /// All names, for messages.
  static String all() {
    return Stream.of(values()).map(LayerKind::word).collect(Collectors.joining(", "));
  }
}
