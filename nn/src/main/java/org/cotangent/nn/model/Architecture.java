package org.cotangent.nn.model;

import java.util.List;
import java.util.OptionalLong;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Sequential;

/// A network as a line of text: layers one after another, separated by commas.
///
/// ```java
/// Architecture mlp = Architecture.parse("flatten, linear 700, relu, dropout 0.5, linear 10");
/// Sequential net = mlp.build(Shape.of(3, 32, 32), Rng.of(1));
/// ```
///
/// Each layer learns the shape that arrives from the layer before, so only what it gives is
/// written: `linear 700` has as many inputs as there are, `conv 64 3x3` as many channels. A shape
/// is that of one sample, without the batch. Several layers, lines and spaces may be arranged
/// freely:
///
/// ```text
/// network  = [ "weight" START ] [ "bias" START ] ";" items      how all weights and biases start
/// items    = item { "," item }
/// item     = LAYER | COUNT "*" item | COUNT "*" "(" items ")" | "residual" "(" items [ "|" items ] ")"
/// START    = "pytorch" | "he" | "he-uniform" | "glorot" | "glorot-uniform"
///          | "normal" NUMBER | "uniform" NUMBER | NUMBER | "none" (a bias only)
/// ```
///
/// `3 * (linear 700, relu)` stands for the layers three times, each time with weights of their own;
/// `residual(a, b)` gives `b(a(x)) + x`, and `residual(a, b | c)` gives `b(a(x)) + c(x)`. The
/// layers and what may stand behind their names are listed in the guide and by [#layers].
///
/// Weights and biases start as PyTorch's unless told otherwise: for the whole network in front, as
/// in `weight normal 1e-4 bias 0; linear 100, relu, linear 10`, or for a layer, as in `linear 10
/// weight he bias none`. Tables, recurrent layers, attention and normalisations start as in PyTorch
/// always, but `embedding` can be told.
///
/// Two are equal if their texts, [#toString], are. Immutable.
public final class Architecture {
  private final Source source;
  private final Start weight;
  private final Start bias;
  private final List<Item> items;

  Architecture(Source source, Start weight, Start bias, List<Item> items) {
    this.source = source;
    this.weight = weight;
    this.bias = bias;
    this.items = items;
  }

  /// Reads a description.
  ///
  /// @throws IllegalArgumentException if it is none; the message has line and column, says what
  ///   stands there and what could, and shows the place
  public static Architecture parse(String text) {
    return new Parser(new Source(text)).network();
  }

  /// All layers that a description can name, one a line, each with what may stand behind it.
  public static String layers() {
    StringBuilder s = new StringBuilder();
    for (LayerKind k : LayerKind.values()) {
      s.append(k.usage()).append('\n');
    }
    return s.append("residual(LAYERS)\nresidual(LAYERS | SHORTCUT)\n").toString();
  }

  /// The network for samples of a shape, in F32, in training mode.
  ///
  /// @throws IllegalArgumentException if a layer does not fit what arrives there; the message names
  ///   both and shows the place
  public Sequential build(Shape input, Rng rng) {
    return build(input, rng, DType.F32);
  }

  /// The network for samples of a shape, in training mode. Equal generators give equal weights,
  /// drawn layer by layer, the weight before the bias.
  ///
  /// @param dtype of all parameters; also of the input, unless the first layer is `embedding`,
  ///   which takes I64
  /// @throws IllegalArgumentException if a layer does not fit what arrives there, or the dtype is
  ///   not floating
  public Sequential build(Shape input, Rng rng, DType dtype) {
    return built(input, rng, dtype, OptionalLong.empty()).network();
  }

  /// @param numbers if a state is to be loaded, how many numbers it has: weights are 0 until then,
  ///   and layers may not hold more
  Builder built(Shape input, Rng rng, DType dtype, OptionalLong numbers) {
    return new Builder(source, weight, bias, items, input, rng, dtype, numbers);
  }

  /// Whether the input is a sequence of numbers of rows of a table, I32 or I64: the first layer is
  /// an embedding.
  public boolean takesIndices() {
    Item first = items.getFirst();
    while (first instanceof Item.Repeat r) {
      first = r.body().getFirst();
    }
    return first instanceof Item.Layer l && l.kind() == LayerKind.EMBEDDING;
  }

  /// Whether the last layer is of that kind.
  boolean endsWith(LayerKind kind) {
    Item last = items.getLast();
    while (last instanceof Item.Repeat r) {
      last = r.body().getLast();
    }
    return last instanceof Item.Layer l && l.kind() == kind;
  }

  /// The layers as a table: names as in [org.cotangent.nn.Module#parameters], the shape that each
  /// gives, how many numbers it learns.
  ///
  /// @throws IllegalArgumentException if a layer does not fit what arrives there
  public String table(Shape input) {
    return Table.of(input, built(input, Rng.of(0), DType.F32, OptionalLong.empty()).rows());
  }

  /// The canonical text: it parses back to an equal one.
  @Override
  public String toString() {
    StringBuilder s = new StringBuilder();
    if (!weight.equals(Start.PYTORCH)) {
      s.append("weight ").append(weight);
    }
    if (!bias.equals(Start.PYTORCH)) {
      s.append(s.isEmpty() ? "" : " ").append("bias ").append(bias);
    }
    return s.append(s.isEmpty() ? "" : "; ").append(Item.text(items)).toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Architecture a && a.toString().equals(toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }
}
