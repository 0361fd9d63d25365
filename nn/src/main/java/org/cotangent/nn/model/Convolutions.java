package org.cotangent.nn.model;

import java.util.Optional;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Conv1d;
import org.cotangent.nn.Conv2d;
import org.cotangent.nn.ConvOptions;
import org.cotangent.nn.ConvTranspose1d;
import org.cotangent.nn.ConvTranspose2d;
import org.cotangent.nn.ConvTransposeOptions;
import org.cotangent.nn.Module;
import org.cotangent.nn.Pair;

/// Makes convolutions, of signals or images as these arrive.
final class Convolutions {
  private final Layers at;
  private final Arguments a;
  private final Pair kernel;

  Convolutions(Layers at) {
    this.at = at;
    this.a = at.arguments();
    this.kernel = at.size("kernel", Pair.of(1));
  }

  Module conv() {
    Pair stride = at.size("stride", Pair.of(1));
    boolean same = a.get("padding").filter(Arguments.Value.Word.class::isInstance).isPresent();
    Pair dilation = at.size("dilation", Pair.of(1));
    int groups = groups();
    Pair padding = same ? Pair.of(0) : at.size("padding", Pair.of(0));
    at.requireExtents(
        same ? dilation.height() * (kernel.height() - 1L) : 2L * padding.height(),
        same ? dilation.width() * (kernel.width() - 1L) : 2L * padding.width());
    var o =
        new ConvOptions(
            stride,
            same ? Optional.empty() : Optional.of(padding),
            dilation,
            groups,
            a.mode("padding-mode"));
    int out = a.count("channels");
    Tensor w = kernels(out, at.channels() / groups);
    Optional<Tensor> b = at.bias(out, w.size() / out);
    return at.axes() == 1
        ? b.map(v -> new Conv1d(w, v, o)).orElseGet(() -> new Conv1d(w, o))
        : b.map(v -> new Conv2d(w, v, o)).orElseGet(() -> new Conv2d(w, o));
  }

  Module transposed() {
    var o =
        new ConvTransposeOptions(
            at.size("stride", Pair.of(1)),
            at.size("padding", Pair.of(0)),
            at.size("output-padding", Pair.of(0)),
            at.size("dilation", Pair.of(1)),
            groups());
    int out = a.count("channels");
    Tensor w = kernels(at.channels(), out / o.groups());
    Optional<Tensor> b = at.bias(out, w.size() / w.dim(0));
    return at.axes() == 1
        ? b.map(v -> new ConvTranspose1d(w, v, o)).orElseGet(() -> new ConvTranspose1d(w, o))
        : b.map(v -> new ConvTranspose2d(w, v, o)).orElseGet(() -> new ConvTranspose2d(w, o));
  }

  private int groups() {
    int groups = a.count("groups", 1);
    if (at.channels() % groups != 0 || a.count("channels") % groups != 0) {
      throw new IllegalArgumentException(
          "%d groups must divide the %d channels that arrive and the %d that leave"
              .formatted(groups, at.channels(), a.count("channels")));
    }
    return groups;
  }

  /// As PyTorch counts, the fan is that of one kernel, also of a transposed convolution.
  private Tensor kernels(int first, int second) {
    Shape shape =
        at.axes() == 1
            ? Shape.of(first, second, kernel.width())
            : Shape.of(first, second, kernel.height(), kernel.width());
    return at.weight(shape, shape.size() / first);
  }
}
