package org.cotangent.nn;

import java.util.Optional;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;

/// What convolutions of signals and images have in common, also transposed ones: a weight, perhaps
/// a bias, and what their axes mean.
///
/// The weight has shape `[out, in/groups, ..]`, of a transposed convolution `[in, out/groups, ..]`,
/// as in PyTorch.
public abstract sealed class ConvolutionLayer extends Module
    permits Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d {
  private final Tensor weight;
  private final Optional<Tensor> bias;
  private final int in;
  private final int out;

  /// @param axes how many spatial axes there are
  ConvolutionLayer(int axes, boolean transposed, int groups, Tensor weight, Optional<Tensor> bias) {
    String layer = getClass().getSimpleName();
    if (weight.rank() != axes + 2 || !weight.dtype().isFloating()) {
      throw new IllegalArgumentException(
          "%s: the weight is %s, %s, but must have %d axes and be floating"
              .formatted(layer, weight.shape(), weight.dtype(), axes + 2));
    }
    in = transposed ? weight.dim(0) : weight.dim(1) * groups;
    out = transposed ? weight.dim(1) * groups : weight.dim(0);
    this.weight = parameter("weight", weight);
    this.bias =
        bias.map(b -> {
          if (!b.shape().equals(Shape.of(out)) || b.dtype() != weight.dtype()) {
            throw new IllegalArgumentException(
                "%s: the bias is %s, %s, but for the weight %s, %s it must be [%d], %s"
                    .formatted(
                        layer,
                        b.shape(),
                        b.dtype(),
                        weight.shape(),
                        weight.dtype(),
                        out,
                        weight.dtype()));
          }
          return parameter("bias", b);
        });
  }

  /// The shape `[first, second/groups, ..]` of a weight.
  static Shape shape(String layer, int second, int first, int groups, int... sizes) {
    boolean positive = second >= 1 && first >= 1;
    for (int s : sizes) {
      positive &= s >= 1;
    }
    if (!positive || second % groups != 0 || first % groups != 0) {
      throw new IllegalArgumentException(
          "%s: %d and %d channels in %d groups, kernel %s: all must be 1 or more, and the groups must divide both"
              .formatted(layer, second, first, groups, Shape.of(sizes)));
    }
    int[] d = new int[sizes.length + 2];
    d[0] = first;
    d[1] = second / groups;
    System.arraycopy(sizes, 0, d, 2, sizes.length);
    return Shape.of(d);
  }

  /// PyTorch's choice for weight and bias: uniform in `±1/√fan`, where the fan is the size of one
  /// kernel.
  static Init likePyTorch(Shape weight) {
    double bound = 1 / Math.sqrt((double) weight.size() / weight.dim(0));
    return Init.uniform(-bound, bound);
  }

  /// The weight.
  public final Tensor weight() {
    return weight;
  }

  /// The bias, `[out]`, if the layer has one.
  public final Optional<Tensor> bias() {
    return bias;
  }

  abstract Tensor convolved(Tensor x, Tensor weight);

  abstract Tensor convolved(Tensor x, Tensor weight, Tensor bias);

  /// Stride, padding and so on, as they are printed.
  abstract String slides();

  /// @throws IllegalArgumentException if `x` does not fit
  @Override
  public final Tensor forward(Tensor x) {
    return bias.isPresent() ? convolved(x, weight, bias.get()) : convolved(x, weight);
  }

  @Override
  protected final String details() {
    String kernel =
        weight.rank() == 3
            ? Integer.toString(weight.dim(2))
            : "(%d, %d)".formatted(weight.dim(2), weight.dim(3));
    return "%d, %d, kernel_size=%s, %s, bias=%b"
        .formatted(in, out, kernel, slides(), bias.isPresent());
  }
}
