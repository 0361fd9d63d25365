package org.cotangent.nn.model;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Activation;
import org.cotangent.nn.AdaptiveAvgPool1d;
import org.cotangent.nn.AdaptiveAvgPool2d;
import org.cotangent.nn.AdaptiveMaxPool1d;
import org.cotangent.nn.AdaptiveMaxPool2d;
import org.cotangent.nn.AlphaDropout;
import org.cotangent.nn.AvgPool1d;
import org.cotangent.nn.AvgPool2d;
import org.cotangent.nn.AvgPoolOptions;
import org.cotangent.nn.BatchNorm;
import org.cotangent.nn.BatchNormOptions;
import org.cotangent.nn.ChannelDropout;
import org.cotangent.nn.ChannelShuffle;
import org.cotangent.nn.Dropout;
import org.cotangent.nn.Embedding;
import org.cotangent.nn.Flatten;
import org.cotangent.nn.Functional;
import org.cotangent.nn.GRU;
import org.cotangent.nn.GroupNorm;
import org.cotangent.nn.Identity;
import org.cotangent.nn.InstanceNorm;
import org.cotangent.nn.InterpolateMode;
import org.cotangent.nn.LPPool1d;
import org.cotangent.nn.LPPool2d;
import org.cotangent.nn.LSTM;
import org.cotangent.nn.LayerNorm;
import org.cotangent.nn.Linear;
import org.cotangent.nn.LocalResponseNorm;
import org.cotangent.nn.MaxPool1d;
import org.cotangent.nn.MaxPool2d;
import org.cotangent.nn.MaxPoolOptions;
import org.cotangent.nn.Module;
import org.cotangent.nn.MultiHeadAttention;
import org.cotangent.nn.Nonlinearity;
import org.cotangent.nn.PReLU;
import org.cotangent.nn.Pad;
import org.cotangent.nn.PadMode;
import org.cotangent.nn.Pair;
import org.cotangent.nn.PixelShuffle;
import org.cotangent.nn.PixelUnshuffle;
import org.cotangent.nn.RNN;
import org.cotangent.nn.ReLU;
import org.cotangent.nn.RecurrentOptions;
import org.cotangent.nn.Sigmoid;
import org.cotangent.nn.Softmax;
import org.cotangent.nn.Tanh;
import org.cotangent.nn.TransformerEncoderBlock;
import org.cotangent.nn.Upsample;

/// Makes the layers that [LayerKind] names, each for the shape that arrives.
final class Layers {
  /// The most elements of an axis that a text can ask for by padding and the like, for which tables
  /// of places are made even before there is an image: keeps a short hostile text from filling the
  /// memory.
  private static final int MAX_EXTENT = 1 << 22;

  private final Arguments a;
  private final Shape in;
  private final DType dtype;
  private final Rng rng;
  private final Start weight;
  private final Start bias;
  private final OptionalLong numbers;

  /// @param in what arrives, without the batch
  /// @param numbers if a state is to be loaded, how many numbers of it are left
  Layers(
      Arguments a, Shape in, DType dtype, Rng rng, Start weight, Start bias, OptionalLong numbers) {
    this.a = a;
    this.in = in;
    this.dtype = dtype;
    this.rng = rng;
    this.weight =
        a.kind().parameters().stream().anyMatch(p -> p.name().equals("weight"))
            ? a.start("weight", weight)
            : weight;
    this.bias =
        a.kind().parameters().stream().anyMatch(p -> p.name().equals("bias"))
            ? a.start("bias", bias)
            : bias;
    this.numbers = numbers;
  }

  /// @throws IllegalArgumentException if what arrives does not fit
  Module make() {
    return switch (a.kind()) {
      case LINEAR -> linear();
      case CONV -> new Convolutions(this).conv();
      case CONV_TRANSPOSE -> new Convolutions(this).transposed();
      case MAXPOOL -> {
        Pair kernel = size("kernel", Pair.of(1));
        var o =
            new MaxPoolOptions(
                kernel,
                size("stride", kernel),
                size("padding", Pair.of(0)),
                size("dilation", Pair.of(1)),
                a.has("ceil"));
        yield axes() == 1 ? new MaxPool1d(o) : new MaxPool2d(o);
      }
      case AVGPOOL -> {
        Pair kernel = size("kernel", Pair.of(1));
        Pair stride = size("stride", kernel);
        Pair padding = size("padding", Pair.of(0));
        var o =
            AvgPoolOptions.of(kernel.height(), kernel.width())
                .stride(stride.height(), stride.width())
                .padding(padding.height(), padding.width())
                .ceilMode(a.has("ceil"));
        yield axes() == 1 ? new AvgPool1d(o) : new AvgPool2d(o);
      }
      case LPPOOL -> {
        double p = a.real("p", 2);
        Pair kernel = size("kernel", Pair.of(1));
        Pair stride = size("stride", kernel);
        yield axes() == 1
            ? new LPPool1d(p, kernel.width(), stride.width(), a.has("ceil"))
            : new LPPool2d(p, kernel, stride, a.has("ceil"));
      }
      case ADAPTIVE_MAXPOOL -> {
        Pair g = grid();
        yield axes() == 1
            ? new AdaptiveMaxPool1d(g.width())
            : new AdaptiveMaxPool2d(g.height(), g.width());
      }
      case ADAPTIVE_AVGPOOL -> {
        Pair g = grid();
        yield axes() == 1
            ? new AdaptiveAvgPool1d(g.width())
            : new AdaptiveAvgPool2d(g.height(), g.width());
      }
      case BATCHNORM -> batchNorm();
      case LAYERNORM -> {
        Shape last = lastAxes(a.count("axes"));
        var m = a.has("no-affine") ? LayerNorm.withoutAffine(last) : new LayerNorm(last, dtype);
        a.optional("eps").ifPresent(m::epsilon);
        yield m;
      }
      case GROUPNORM -> {
        int groups = a.count("groups");
        var m =
            a.has("no-affine")
                ? GroupNorm.withoutAffine(groups, channels())
                : new GroupNorm(groups, channels(), dtype);
        a.optional("eps").ifPresent(m::epsilon);
        yield m;
      }
      case INSTANCENORM -> {
        var m = a.has("affine") ? new InstanceNorm(channels(), dtype) : new InstanceNorm();
        a.optional("eps").ifPresent(m::epsilon);
        yield m;
      }
      case LOCAL_RESPONSE_NORM -> {
        channels();
        yield new LocalResponseNorm(
            a.count("size"), a.real("alpha", 1e-4), a.real("beta", 0.75), a.real("k", 1));
      }
      case DROPOUT -> new Dropout(a.real("probability", 0), rng);
      case CHANNEL_DROPOUT -> {
        channels();
        yield new ChannelDropout(a.real("probability", 0), rng);
      }
      case ALPHA_DROPOUT -> new AlphaDropout(a.real("probability", 0), rng);
      case EMBEDDING -> embedding();
      case RNN -> {
        boolean relu = a.word("nonlinearity", "tanh").equals("relu");
        Nonlinearity f = relu ? Nonlinearity.RELU : Nonlinearity.TANH;
        yield new RNN(width(), hidden(1), f, rng, recurrent());
      }
      case LSTM -> new LSTM(width(), hidden(4), rng, recurrent());
      case GRU -> new GRU(width(), hidden(3), rng, recurrent());
      case ATTENTION -> {
        requireBudget(4L * width() * width());
        int heads = a.count("heads");
        var m =
            a.has("no-bias")
                ? MultiHeadAttention.withoutBias(width(), heads, rng, dtype)
                : new MultiHeadAttention(width(), heads, rng, dtype);
        yield m.dropout(a.real("dropout", 0));
      }
      case TRANSFORMER -> transformer();
      case IDENTITY -> new Identity();
      case FLATTEN -> new Flatten();
      case RESHAPE -> reshape();
      case PAD -> pad();
      case UPSAMPLE -> upsample();
      case PIXEL_SHUFFLE -> new PixelShuffle(a.count("factor"));
      case PIXEL_UNSHUFFLE -> new PixelUnshuffle(a.count("factor"));
      case CHANNEL_SHUFFLE -> {
        channels();
        yield new ChannelShuffle(a.count("groups"));
      }
      case LAST -> function(sequence(x -> x.select(1, x.dim(1) - 1)));
      case MEAN -> function(sequence(x -> x.mean(1)));
      case RELU -> new ReLU();
      case RELU6 -> function(Functional::relu6);
      case LEAKY_RELU -> {
        OptionalDouble slope = a.optional("slope");
        yield function(
            slope.isPresent()
                ? x -> Functional.leakyRelu(x, slope.getAsDouble())
                : Functional::leakyRelu);
      }
      case PRELU -> new PReLU(a.has("channels") ? channels() : 1, dtype);
      case ELU -> {
        double alpha = a.real("alpha", 1);
        yield function(x -> Functional.elu(x, alpha));
      }
      case CELU -> {
        double alpha = a.real("alpha", 1);
        yield function(x -> Functional.celu(x, alpha));
      }
      case SELU -> function(Functional::selu);
      case GELU -> function(Functional::gelu);
      case GELU_TANH -> function(Functional::geluTanh);
      case SILU -> function(Functional::silu);
      case MISH -> function(Functional::mish);
      case SOFTPLUS -> function(Tensor::softplus);
      case SOFTSIGN -> function(Functional::softsign);
      case SOFTSHRINK -> {
        double lambda = a.real("lambda", 0.5);
        yield function(x -> Functional.softshrink(x, lambda));
      }
      case HARDSHRINK -> {
        double lambda = a.real("lambda", 0.5);
        yield function(x -> Functional.hardshrink(x, lambda));
      }
      case TANHSHRINK -> function(Functional::tanhshrink);
      case GLU -> function(x -> Functional.glu(x, -1));
      case TANH -> new Tanh();
      case HARDTANH -> function(Functional::hardtanh);
      case HARDSWISH -> function(Functional::hardswish);
      case SIGMOID -> new Sigmoid();
      case HARDSIGMOID -> function(Functional::hardsigmoid);
      case LOGSIGMOID -> function(Functional::logsigmoid);
      case SOFTMAX -> new Softmax();
      case SOFTMIN -> function(x -> Functional.softmin(x, -1));
      case LOG_SOFTMAX -> function(x -> x.logSoftmax(-1));
    };
  }

  private Module function(UnaryOperator<Tensor> f) {
    return new Activation(a.kind().word() + a, f);
  }

  // ---- Layers with weights

  private Module linear() {
    if (in.rank() != 1 && !a.has("each")) {
      throw new IllegalArgumentException(
          "it takes [width]; write 'flatten' before it, or 'linear %d each' for every position of the last axis"
              .formatted(a.count("width")));
    }
    if (in.rank() == 0 || (in.rank() == 1 && a.has("each"))) {
      throw new IllegalArgumentException("'each' takes [.., width] with two axes or more");
    }
    int inputs = in.dim(in.rank() - 1);
    int width = a.count("width");
    Tensor w = weight(Shape.of(inputs, width), inputs);
    return bias(width, inputs).map(b -> new Linear(w, b)).orElseGet(() -> new Linear(w));
  }

  /// A weight that starts as told.
  ///
  /// @param fan how many inputs one output has
  Tensor weight(Shape shape, int fan) {
    requireBudget(shape.size());
    return started(weight, shape, fan);
  }

  /// A bias that starts as told, if there is one.
  Optional<Tensor> bias(int width, int fan) {
    return bias.kind() == Start.Kind.NONE
        ? Optional.empty()
        : Optional.of(started(bias, Shape.of(width), fan));
  }

  /// If a state is to be loaded, zeros, which take no memory.
  private Tensor started(Start start, Shape shape, int fan) {
    return numbers.isPresent() ? Tensor.zeros(shape, dtype) : start.make(shape, fan, dtype, rng);
  }

  private Module embedding() {
    Start start = a.start("weight", Start.PYTORCH);
    int rows = a.count("rows");
    int width = a.count("width");
    requireBudget((long) rows * width);
    Start of = start.equals(Start.PYTORCH) ? new Start(Start.Kind.NORMAL, 1) : start;
    var m = new Embedding(rows, width, (s, _, _) -> started(of, s, width), rng, dtype);
    OptionalInt padding = a.index("padding");
    if (padding.isPresent() && padding.getAsInt() >= rows) {
      throw new IllegalArgumentException(
          "row %d is the padding, but there are %d".formatted(padding.getAsInt(), rows));
    }
    padding.ifPresent(m::padding);
    return m;
  }

  /// Always with running statistics: a [Model] looks at one sample at a time.
  private Module batchNorm() {
    var options = BatchNormOptions.DEFAULT.dtype(dtype);
    options = a.has("no-affine") ? options.withoutAffine() : options;
    if (a.has("cumulative") && a.has("momentum")) {
      throw new IllegalArgumentException(
          "'cumulative' and 'momentum' are two ways to keep running statistics; leave one out");
    }
    var m = new BatchNorm(channels(), options);
    a.optional("eps").ifPresent(m::epsilon);
    a.optional("momentum").ifPresent(m::momentum);
    return a.has("cumulative") ? m.cumulativeAverage() : m;
  }

  private int hidden(int gates) {
    int hidden = a.count("hidden");
    requireBudget((long) gates * hidden * (width() + (long) hidden));
    return hidden;
  }

  private RecurrentOptions recurrent() {
    return new RecurrentOptions(
        a.count("layers", 1),
        a.has("bidirectional"),
        a.real("dropout", 0),
        !a.has("no-bias"),
        dtype);
  }

  private Module transformer() {
    int inner = a.count("feedforward");
    requireBudget(width() * (4L * width() + 2L * inner));
    var m = new TransformerEncoderBlock(width(), a.count("heads"), inner, rng, dtype);
    a.optional("dropout").ifPresent(m::dropout);
    if (a.has("gelu")) {
      m.activation(Functional::gelu);
    }
    return a.has("norm-first") ? m.normFirst() : m;
  }

  private Pair grid() {
    Pair g = size("grid", Pair.of(1));
    requireExtents(g.height(), g.width());
    return g;
  }

  private Module pad() {
    Pair p = size("margin", Pair.of(0));
    requireExtents(2L * p.height(), 2L * p.width());
    int[] around =
        axes() == 1
            ? new int[] {p.width(), p.width()}
            : new int[] {p.width(), p.width(), p.height(), p.height()};
    PadMode mode = a.mode("mode");
    OptionalDouble v = a.optional("value");
    if (v.isPresent() && mode != PadMode.CONSTANT) {
      throw new IllegalArgumentException("a value goes with mode zeros only");
    }
    return v.isPresent() ? Pad.constant(v.getAsDouble(), around) : new Pad(mode, around);
  }

  private Module upsample() {
    Pair f = size("factor", Pair.of(1));
    requireExtents(
        (f.height() - 1L) * in.dim(in.rank() - 2), (f.width() - 1L) * in.dim(in.rank() - 1));
    if (a.has("align-corners") && !a.has("linear")) {
      throw new IllegalArgumentException("'align-corners' goes with 'linear' only");
    }
    InterpolateMode mode =
        a.has("align-corners")
            ? InterpolateMode.LINEAR_ALIGN_CORNERS
            : a.has("linear") ? InterpolateMode.LINEAR : InterpolateMode.NEAREST;
    return axes() == 1 ? new Upsample(mode, f.width()) : new Upsample(mode, f.height(), f.width());
  }

  private Module reshape() {
    Shape to = Shape.of(a.shape("shape"));
    if (to.size() != in.size()) {
      throw new IllegalArgumentException(
          "%d numbers cannot be arranged as %s, which are %d".formatted(in.size(), to, to.size()));
    }
    return function(x -> {
      int[] dims = to.inserted(0, x.dim(0)).dims();
      return x.reshape(Shape.of(dims));
    });
  }

  /// Before a layer is made, so that a file which is not what it says asks for no memory.
  private void requireBudget(long needed) {
    if (numbers.isPresent() && needed > numbers.getAsLong()) {
      throw new IllegalArgumentException(
          "it holds %d numbers or more, but the state has %d left"
              .formatted(needed, numbers.getAsLong()));
    }
  }

  // ---- What arrives

  Arguments arguments() {
    return a;
  }

  /// The spatial axes of `[channels, length]` or `[channels, height, width]`.
  int axes() {
    if (in.rank() != 2 && in.rank() != 3) {
      throw new IllegalArgumentException(
          "it takes images [channels, height, width] or signals [channels, length]; 'reshape' can make them");
    }
    return in.rank() - 1;
  }

  /// @param rows by how many elements the last axis but one becomes longer, where there are rows
  /// @param columns by how many the last one does
  void requireExtents(long rows, long columns) {
    long height = axes() == 1 ? 1 : in.dim(1) + rows;
    long width = in.dim(in.rank() - 1) + columns;
    if (Math.max(height, width) > MAX_EXTENT) {
      throw new IllegalArgumentException(
          "an axis of %d elements; in a description it may have %d at most"
              .formatted(Math.max(height, width), MAX_EXTENT));
    }
  }

  Pair size(String name, Pair otherwise) {
    return a.size(name, axes(), otherwise);
  }

  int channels() {
    if (in.rank() == 0) {
      throw new IllegalArgumentException("it takes [channels, ..]");
    }
    return in.dim(0);
  }

  private int width() {
    requireSequence();
    return in.dim(1);
  }

  private void requireSequence() {
    if (in.rank() != 2) {
      throw new IllegalArgumentException("it takes sequences [time, width]");
    }
  }

  private UnaryOperator<Tensor> sequence(UnaryOperator<Tensor> f) {
    requireSequence();
    return f;
  }

  private Shape lastAxes(int n) {
    if (n > in.rank()) {
      throw new IllegalArgumentException("it takes %d axes or more".formatted(n));
    }
    int[] dims = in.dims();
    return Shape.of(java.util.Arrays.copyOfRange(dims, dims.length - n, dims.length));
  }
}
