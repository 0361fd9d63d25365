package org.cotangent.nn;

import java.util.Optional;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// One block of a Transformer's encoder (Vaswani et al., 2017): attention of a sequence to itself,
/// then two linear layers on every position, each with a residual and a [LayerNorm].
///
/// ```
/// x ← norm1(x + attention(x))           normFirst:  x ← x + attention(norm1(x))
/// x ← norm2(x + linear2(relu(linear1(x))))          x ← x + linear2(relu(linear1(norm2(x))))
/// ```
///
/// Sequences are `[n, time, width]`. Names and defaults are those of PyTorch's
/// `TransformerEncoderLayer`: dropout 0.1 after the attention, within the feed-forward part and
/// after it, and normalisation last. `TransformerEncoder` is a [Sequential] of blocks.
public final class TransformerEncoderBlock extends Module {
  private final MultiHeadAttention attention;
  private final Linear linear1;
  private final Linear linear2;
  private final LayerNorm norm1;
  private final LayerNorm norm2;
  private final Rng rng;
  private double dropout;
  private boolean normFirst;
  private UnaryOperator<Tensor> activation = Tensor::relu;

  /// A block of F32.
  ///
  /// @throws IllegalArgumentException if a size is below 1 or the width does not split into heads
  public TransformerEncoderBlock(int width, int heads, int feedForward, Rng rng) {
    this(width, heads, feedForward, rng, DType.F32);
  }

  /// A block.
  ///
  /// @param feedForward the width between the two linear layers; PyTorch's default is 2048
  /// @throws IllegalArgumentException if a size is below 1, the width does not split into heads or
  ///   the dtype is not floating
  public TransformerEncoderBlock(int width, int heads, int feedForward, Rng rng, DType dtype) {
    attention = child("self_attn", new MultiHeadAttention(width, heads, rng, dtype));
    linear1 = child("linear1", Linear.likePyTorch(width, feedForward, rng, dtype));
    linear2 = child("linear2", Linear.likePyTorch(feedForward, width, rng, dtype));
    norm1 = child("norm1", new LayerNorm(Shape.of(width), dtype));
    norm2 = child("norm2", new LayerNorm(Shape.of(width), dtype));
    this.rng = generator("rng", rng.split());
    dropout(0.1);
  }

  /// Sets the probability of all dropout in this block.
  public TransformerEncoderBlock dropout(double p) {
    dropout = FunctionalActivation.probability("dropout", p);
    attention.dropout(p);
    return this;
  }

  /// Sets the function between the two linear layers; ReLU unless told otherwise.
  public TransformerEncoderBlock activation(UnaryOperator<Tensor> f) {
    activation = f;
    return this;
  }

  /// Sets ε of both normalisations.
  public TransformerEncoderBlock epsilon(double e) {
    norm1.epsilon(e);
    norm2.epsilon(e);
    return this;
  }

  /// Normalises before attention and feed-forward instead of after.
  public TransformerEncoderBlock normFirst() {
    normFirst = true;
    return this;
  }

  /// @throws IllegalArgumentException if `x` is not `[n, time, width]`
  @Override
  public Tensor forward(Tensor x) {
    return forward(x, Optional.empty());
  }

  /// The block where a mask says what each position may look at, such as [Functional#causalMask].
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public Tensor forward(Tensor x, Tensor mask) {
    return forward(x, Optional.of(mask));
  }

  private Tensor forward(Tensor x, Optional<Tensor> mask) {
    if (normFirst) {
      Tensor y = x.add(attended(norm1.forward(x), mask));
      return y.add(fed(norm2.forward(y)));
    }
    Tensor y = norm1.forward(x.add(attended(x, mask)));
    return norm2.forward(y.add(fed(y)));
  }

  private Tensor attended(Tensor x, Optional<Tensor> mask) {
    Tensor y = mask.isPresent() ? attention.attend(x, x, x, mask.get()) : attention.attend(x, x, x);
    return dropped(y);
  }

  private Tensor fed(Tensor x) {
    return dropped(linear2.forward(dropped(activation.apply(linear1.forward(x)))));
  }

  private Tensor dropped(Tensor x) {
    return isTraining() ? Functional.dropout(x, dropout, rng) : x;
  }

  @Override
  protected String details() {
    return "dropout=%s, norm_first=%b".formatted(dropout, normFirst);
  }
}
