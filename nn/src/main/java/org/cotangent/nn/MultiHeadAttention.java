package org.cotangent.nn;

import java.util.Optional;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Attention in several heads (Vaswani et al., 2017): queries, keys and values are mapped linearly,
/// cut into heads, attended head by head, joined, and mapped once more.
///
/// Sequences are `[n, time, width]`; PyTorch calls that `batch_first=True`. The state has its
/// names, `in_proj_weight` for all three maps side by side, here `[width, 3 width]`, and
/// `out_proj`.
public final class MultiHeadAttention extends Module {
  private final int width;
  private final int heads;
  private final Tensor inWeight;
  private final Optional<Tensor> inBias;
  private final Linear out;
  private final Rng rng;
  private double dropout;

  /// A layer of F32.
  ///
  /// @throws IllegalArgumentException if the width does not split into the heads
  public MultiHeadAttention(int width, int heads, Rng rng) {
    this(width, heads, rng, DType.F32);
  }

  /// A layer that starts as PyTorch's: Glorot's uniform distribution for the three maps,
  /// `±1/√width` for the last, biases 0.
  ///
  /// @throws IllegalArgumentException if the width does not split into the heads or the dtype is
  ///   not floating
  public MultiHeadAttention(int width, int heads, Rng rng, DType dtype) {
    this(width, heads, true, rng, dtype);
  }

  private MultiHeadAttention(int width, int heads, boolean bias, Rng rng, DType dtype) {
    if (heads < 1 || width < 1 || width % heads != 0) {
      throw new IllegalArgumentException(
          "MultiHeadAttention: a width of %d does not split into %d heads".formatted(width, heads));
    }
    this.width = width;
    this.heads = heads;
    inWeight =
        parameter(
            "in_proj_weight", Init.glorotUniform().make(Shape.of(width, 3 * width), dtype, rng));
    inBias =
        bias
            ? Optional.of(parameter("in_proj_bias", Tensor.zeros(Shape.of(3 * width), dtype)))
            : Optional.empty();
    double bound = 1 / Math.sqrt(width);
    Init last = Init.uniform(-bound, bound);
    out =
        child(
            "out_proj",
            bias
                ? new Linear(width, width, last, Init.zeros(), rng, dtype)
                : Linear.withoutBias(width, width, last, rng, dtype));
    this.rng = generator("rng", rng.split());
  }

  /// A layer that starts so, without biases.
  ///
  /// @throws IllegalArgumentException if the width does not split into the heads or the dtype is
  ///   not floating
  public static MultiHeadAttention withoutBias(int width, int heads, Rng rng, DType dtype) {
    return new MultiHeadAttention(width, heads, false, rng, dtype);
  }

  /// Sets the probability with which a look is dropped in training mode.
  public MultiHeadAttention dropout(double p) {
    dropout = FunctionalActivation.probability("dropout", p);
    return this;
  }

  /// Attention of a sequence to itself.
  ///
  /// @throws IllegalArgumentException if `x` is not `[n, time, width]`
  @Override
  public Tensor forward(Tensor x) {
    return attend(x, x, x);
  }

  /// Queries `[n, q, width]` that look at all of keys and values `[n, k, width]`.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public Tensor attend(Tensor query, Tensor key, Tensor value) {
    return attendWithWeights(query, key, value).output();
  }

  /// The same with a mask that broadcasts to `[n, heads, q, k]`, as in
  /// [Functional#scaledDotProductAttention(Tensor, Tensor, Tensor, Tensor)]; true where a query may
  /// look, which is the contrary of PyTorch's masks for this layer. For sequences of different
  /// lengths see [Functional#keyMask].
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public Tensor attend(Tensor query, Tensor key, Tensor value, Tensor mask) {
    return attendWithWeights(query, key, value, mask).output();
  }

  /// What attention gives.
  ///
  /// @param output `[n, q, width]`
  /// @param weights how much each query looks at each key, after dropout: `[n, heads, q, k]`;
  ///   PyTorch gives their `mean(1)` unless told otherwise
  public record Attended(Tensor output, Tensor weights) {}

  /// [#attend(Tensor, Tensor, Tensor)] with the weights.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public Attended attendWithWeights(Tensor query, Tensor key, Tensor value) {
    return joined(scores(query, key), value);
  }

  /// [#attend(Tensor, Tensor, Tensor, Tensor)] with the weights.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public Attended attendWithWeights(Tensor query, Tensor key, Tensor value, Tensor mask) {
    return joined(FunctionalAttention.masked(scores(query, key), mask), value);
  }

  private Tensor scores(Tensor query, Tensor key) {
    return FunctionalAttention.scores(head(query, 0), head(key, 1));
  }

  private Attended joined(Tensor scores, Tensor value) {
    Tensor shares = FunctionalAttention.shares(scores, isTraining() ? dropout : 0, rng);
    Tensor y = shares.matmul(head(value, 2)).transpose(1, 2);
    return new Attended(out.forward(y.reshape(Shape.of(y.dim(0), y.dim(1), width))), shares);
  }

  /// One of the three maps of `[n, time, width]`, cut into heads: `[n, heads, time, width/heads]`.
  private Tensor head(Tensor x, int which) {
    if (x.rank() != 3 || x.dim(2) != width) {
      throw new IllegalArgumentException(
          "MultiHeadAttention: the input %s must be [n, time, %d]".formatted(x.shape(), width));
    }
    int from = which * width;
    Tensor weight = inWeight.slice(1, from, from + width);
    Tensor y =
        inBias.isPresent()
            ? Functional.linear(x, weight, inBias.get().slice(0, from, from + width))
            : Functional.linear(x, weight);
    return y.reshape(Shape.of(x.dim(0), x.dim(1), heads, width / heads)).transpose(1, 2);
  }

  @Override
  protected String details() {
    return "%d, heads=%d, dropout=%s%s"
        .formatted(width, heads, dropout, inBias.isPresent() ? "" : ", bias=false");
  }
}
