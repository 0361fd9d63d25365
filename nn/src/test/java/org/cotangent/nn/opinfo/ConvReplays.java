package org.cotangent.nn.opinfo;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.AvgPoolOptions;
import org.cotangent.nn.ConvOptions;
import org.cotangent.nn.ConvTransposeOptions;
import org.cotangent.nn.Functional;
import org.cotangent.nn.InterpolateMode;
import org.cotangent.nn.MaxPoolOptions;
import org.cotangent.nn.PadMode;
import org.cotangent.nn.Pair;
import org.cotangent.nn.Pooled;

/// Convolution, pooling, padding, resampling.
final class ConvReplays {
  private ConvReplays() {}

  /// Operators of this topic that are not there yet.
  static final Set<String> PENDING = Set.of();

  static void addTo(Map<String, Replay> table) {
    table.put("nn.functional.conv1d", Replay.one(ConvReplays::conv1d));
    table.put("nn.functional.conv2d", Replay.one(ConvReplays::conv2d));
    table.put("nn.functional.conv_transpose1d", Replay.one(ConvReplays::convTranspose1d));
    table.put("nn.functional.conv_transpose2d", Replay.one(ConvReplays::convTranspose2d));
    table.put(
        "nn.functional.max_pool1d",
        a -> maxPool(a, Functional.maxPool1dWithIndices(input(a), maxOptions(a))));
    table.put(
        "nn.functional.max_pool2d",
        a -> maxPool(a, Functional.maxPool2dWithIndices(input(a), maxOptions(a))));
    table.put(
        "nn.functional.avg_pool1d", Replay.one(a -> Functional.avgPool1d(input(a), avgOptions(a))));
    table.put(
        "nn.functional.avg_pool2d", Replay.one(a -> Functional.avgPool2d(input(a), avgOptions(a))));
    table.put("nn.functional.adaptive_avg_pool1d", Replay.one(ConvReplays::adaptiveAvgPool1d));
    table.put("nn.functional.adaptive_avg_pool2d", Replay.one(ConvReplays::adaptiveAvgPool2d));
    table.put("nn.functional.adaptive_max_pool1d", ConvReplays::adaptiveMaxPool1d);
    table.put("nn.functional.adaptive_max_pool2d", ConvReplays::adaptiveMaxPool2d);
    table.put("constant_pad_nd", Replay.one(ConvReplays::constantPad));
    for (String mode : List.of("constant", "reflect", "replicate", "circular")) {
      table.put("nn.functional.pad." + mode, Replay.one(ConvReplays::pad));
    }
    for (String mode : List.of("nearest", "linear", "bilinear", "trilinear")) {
      table.put("nn.functional.interpolate." + mode, Replay.one(ConvReplays::interpolate));
    }
    table.put("nn.functional.upsample_nearest", Replay.one(ConvReplays::upsampleNearest));
    table.put("nn.functional.upsample_bilinear", Replay.one(ConvReplays::upsampleBilinear));
    table.put("nn.functional.unfold", Replay.one(ConvReplays::unfold));
    table.put("nn.functional.fold", Replay.one(ConvReplays::fold));
    table.put(
        "nn.functional.pixel_shuffle",
        Replay.one(a -> Functional.pixelShuffle(input(a), a.integer(1, "upscale_factor"))));
    table.put(
        "nn.functional.pixel_unshuffle",
        Replay.one(a -> Functional.pixelUnshuffle(input(a), a.integer(1, "downscale_factor"))));
  }

  private static Tensor input(Args a) {
    return a.tensor(0, "input");
  }

  /// One number for both axes, or one for each; none is the default.
  private static Pair pair(Args a, int position, String name, Pair absent) {
    int[] n = a.ints(position, name, new int[0]);
    return n.length == 0 ? absent : new Pair(n[0], n[n.length - 1]);
  }

  private static Pair pair(Args a, int position, String name, int absent) {
    return pair(a, position, name, Pair.of(absent));
  }

  // ---- Convolution

  private static Tensor conv1d(Args a) {
    Optional<Tensor> bias = a.optionalTensor(2, "bias");
    Tensor w = a.tensor(1, "weight");
    return bias.isPresent()
        ? Functional.conv1d(input(a), w, bias.get(), options(a))
        : Functional.conv1d(input(a), w, options(a));
  }

  private static Tensor conv2d(Args a) {
    Optional<Tensor> bias = a.optionalTensor(2, "bias");
    Tensor w = a.tensor(1, "weight");
    return bias.isPresent()
        ? Functional.conv2d(input(a), w, bias.get(), options(a))
        : Functional.conv2d(input(a), w, options(a));
  }

  private static ConvOptions options(Args a) {
    Pair stride = pair(a, 3, "stride", 1);
    Pair dilation = pair(a, 5, "dilation", 1);
    ConvOptions o =
        new ConvOptions(
            stride, Optional.of(Pair.of(0)), dilation, a.integer(6, "groups", 1), PadMode.CONSTANT);
    boolean named = a.find(4, "padding").filter(p -> p instanceof Arg.Text).isPresent();
    if (named) {
      return a.text(4, "padding").equals("same") ? o.same() : o;
    }
    Pair padding = pair(a, 4, "padding", 0);
    return o.padding(padding.height(), padding.width());
  }

  private static Tensor convTranspose1d(Args a) {
    Optional<Tensor> bias = a.optionalTensor(2, "bias");
    Tensor w = a.tensor(1, "weight");
    return bias.isPresent()
        ? Functional.convTranspose1d(input(a), w, bias.get(), transposeOptions(a))
        : Functional.convTranspose1d(input(a), w, transposeOptions(a));
  }

  private static Tensor convTranspose2d(Args a) {
    Optional<Tensor> bias = a.optionalTensor(2, "bias");
    Tensor w = a.tensor(1, "weight");
    return bias.isPresent()
        ? Functional.convTranspose2d(input(a), w, bias.get(), transposeOptions(a))
        : Functional.convTranspose2d(input(a), w, transposeOptions(a));
  }

  private static ConvTransposeOptions transposeOptions(Args a) {
    return new ConvTransposeOptions(
        pair(a, 3, "stride", 1),
        pair(a, 4, "padding", 0),
        pair(a, 5, "output_padding", 0),
        pair(a, 7, "dilation", 1),
        a.integer(6, "groups", 1));
  }

  // ---- Pooling

  private static List<Tensor> maxPool(Args a, Pooled p) {
    return a.flag(6, "return_indices", false)
        ? List.of(p.values(), p.indices())
        : List.of(p.values());
  }

  private static MaxPoolOptions maxOptions(Args a) {
    Pair kernel = pair(a, 1, "kernel_size", 0);
    return new MaxPoolOptions(
        kernel,
        pair(a, 2, "stride", kernel),
        pair(a, 3, "padding", 0),
        pair(a, 4, "dilation", 1),
        a.flag(5, "ceil_mode", false));
  }

  private static AvgPoolOptions avgOptions(Args a) {
    Pair kernel = pair(a, 1, "kernel_size", 0);
    Pair stride = pair(a, 2, "stride", kernel);
    Pair padding = pair(a, 3, "padding", 0);
    AvgPoolOptions o =
        AvgPoolOptions.of(kernel.height(), kernel.width())
            .stride(stride.height(), stride.width())
            .padding(padding.height(), padding.width())
            .ceilMode(a.flag(4, "ceil_mode", false))
            .countIncludePad(a.flag(5, "count_include_pad", true));
    return a.has(6, "divisor_override") ? o.divisor(a.integer(6, "divisor_override")) : o;
  }

  private static Tensor adaptiveAvgPool1d(Args a) {
    return Functional.adaptiveAvgPool1d(input(a), sizes(a, 1)[0]);
  }

  private static Tensor adaptiveAvgPool2d(Args a) {
    int[] s = sizes(a, 2);
    return Functional.adaptiveAvgPool2d(input(a), s[0], s[1]);
  }

  private static List<Tensor> adaptiveMaxPool1d(Args a) {
    Pooled p = Functional.adaptiveMaxPool1dWithIndices(input(a), sizes(a, 1)[0]);
    return adaptive(a, p);
  }

  private static List<Tensor> adaptiveMaxPool2d(Args a) {
    int[] s = sizes(a, 2);
    return adaptive(a, Functional.adaptiveMaxPool2dWithIndices(input(a), s[0], s[1]));
  }

  private static List<Tensor> adaptive(Args a, Pooled p) {
    return a.flag(2, "return_indices", false)
        ? List.of(p.values(), p.indices())
        : List.of(p.values());
  }

  /// The size for each axis; `None` keeps its extent.
  private static int[] sizes(Args a, int axes) {
    Arg given = a.find(1, "output_size").orElseGet(Arg.None::new);
    int[] sizes = new int[axes];
    for (int i = 0; i < axes; i++) {
      Arg one =
          given instanceof Arg.Items(List<Arg> items)
              ? items.get(Math.min(i, items.size() - 1))
              : given;
      int extent = input(a).dim(i - axes);
      sizes[i] = one instanceof Arg.Whole(long v) ? Math.toIntExact(v) : extent;
    }
    return sizes;
  }

  // ---- Padding

  private static Tensor constantPad(Args a) {
    return Functional.padConstant(input(a), a.number(2, "value", 0), a.ints(1, "pad"));
  }

  private static Tensor pad(Args a) {
    PadMode mode = PadMode.valueOf(a.text(2, "mode", "constant").toUpperCase(Locale.ROOT));
    return mode == PadMode.CONSTANT
        ? Functional.padConstant(input(a), a.number(3, "value", 0), a.ints(1, "pad"))
        : Functional.pad(input(a), mode, a.ints(1, "pad"));
  }

  // ---- Images of other sizes, blocks of images

  private static Tensor interpolate(Args a) {
    boolean corners = a.flag(4, "align_corners", false);
    InterpolateMode mode =
        a.text(3, "mode", "nearest").equals("nearest")
            ? InterpolateMode.NEAREST
            : corners ? InterpolateMode.LINEAR_ALIGN_CORNERS : InterpolateMode.LINEAR;
    return resized(a, mode);
  }

  private static Tensor upsampleNearest(Args a) {
    return resized(a, InterpolateMode.NEAREST);
  }

  private static Tensor upsampleBilinear(Args a) {
    return resized(a, InterpolateMode.LINEAR_ALIGN_CORNERS);
  }

  private static Tensor resized(Args a, InterpolateMode mode) {
    boolean scaled = a.has(2, "scale_factor");
    if (a.has(1, "size")) {
      return Functional.interpolate(input(a), mode, a.ints(1, "size"));
    }
    if (!scaled || !a.flag(5, "recompute_scale_factor", false)) {
      return Functional.interpolateBy(input(a), mode, a.numbers(2, "scale_factor"));
    }
    double[] factors = a.numbers(2, "scale_factor");
    int[] size = new int[input(a).rank() - 2];
    for (int i = 0; i < size.length; i++) {
      size[i] = (int) Math.floor(input(a).dim(2 + i) * factors[Math.min(i, factors.length - 1)]);
    }
    return Functional.interpolate(input(a), mode, size);
  }

  private static Tensor unfold(Args a) {
    return Functional.unfold(
        input(a),
        pair(a, 1, "kernel_size", 0),
        pair(a, 4, "stride", 1),
        pair(a, 3, "padding", 0),
        pair(a, 2, "dilation", 1));
  }

  private static Tensor fold(Args a) {
    return Functional.fold(
        input(a),
        pair(a, 1, "output_size", 0),
        pair(a, 2, "kernel_size", 0),
        pair(a, 5, "stride", 1),
        pair(a, 4, "padding", 0),
        pair(a, 3, "dilation", 1));
  }
}
