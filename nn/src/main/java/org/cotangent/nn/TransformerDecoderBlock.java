package org.cotangent.nn;

import java.util.Optional;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// One block of a Transformer's decoder (Vaswani et al., 2017): attention of a sequence to itself,
/// then to the encoder's output, the memory, then two linear layers on every position, each with a
/// residual and a [LayerNorm].
///
/// ```
/// x ← norm1(x + self(x))                normFirst:  x ← x + self(norm1(x))
/// x ← norm2(x + multihead(x, memory))               x ← x + multihead(norm2(x), memory)
/// x ← norm3(x + linear2(relu(linear1(x))))          x ← x + linear2(relu(linear1(norm3(x))))
/// ```
///
/// Sequences are `[n, time, width]`. Names and defaults are those of PyTorch's
/// `TransformerDecoderLayer`: dropout 0.1 after each of the three parts, in both attentions and
/// within the feed-forward part, and normalisation last.
public final class TransformerDecoderBlock extends Module {
  private final MultiHeadAttention self;
  private final MultiHeadAttention multihead;
  private final Linear linear1;
  private final Linear linear2;
  private final LayerNorm norm1;
  private final LayerNorm norm2;
  private final LayerNorm norm3;
  private final Rng rng;
  private double dropout;
  private boolean normFirst;
  private UnaryOperator<Tensor> activation = Tensor::relu;

  /// A block of F32.
  ///
  /// @throws IllegalArgumentException if a size is below 1 or the width does not split into heads
  public TransformerDecoderBlock(int width, int heads, int feedForward, Rng rng) {
    this(width, heads, feedForward, rng, DType.F32);
  }

  /// A block.
  ///
  /// @param feedForward the width between the two linear layers; PyTorch's default is 2048
  /// @throws IllegalArgumentException if a size is below 1, the width does not split into heads or
  ///   the dtype is not floating
  public TransformerDecoderBlock(int width, int heads, int feedForward, Rng rng, DType dtype) {
    self = child("self_attn", new MultiHeadAttention(width, heads, rng, dtype));
    multihead = child("multihead_attn", new MultiHeadAttention(width, heads, rng, dtype));
    linear1 = child("linear1", Linear.likePyTorch(width, feedForward, rng, dtype));
    linear2 = child("linear2", Linear.likePyTorch(feedForward, width, rng, dtype));
    norm1 = child("norm1", new LayerNorm(Shape.of(width), dtype));
    norm2 = child("norm2", new LayerNorm(Shape.of(width), dtype));
    norm3 = child("norm3", new LayerNorm(Shape.of(width), dtype));
    this.rng = generator("rng", rng.split());
    dropout(0.1);
  }

  /// Sets the probability of all dropout in this block.
  public TransformerDecoderBlock dropout(double p) {
    dropout = FunctionalActivation.probability("dropout", p);
    self.dropout(p);
    multihead.dropout(p);
    return this;
  }

  /// Sets the function between the two linear layers; ReLU unless told otherwise.
  public TransformerDecoderBlock activation(UnaryOperator<Tensor> f) {
    activation = f;
    return this;
  }

  /// Sets ε of the three normalisations.
  public TransformerDecoderBlock epsilon(double e) {
    norm1.epsilon(e);
    norm2.epsilon(e);
    norm3.epsilon(e);
    return this;
  }

  /// Normalises before attention and feed-forward instead of after.
  public TransformerDecoderBlock normFirst() {
    normFirst = true;
    return this;
  }

  /// The block with the sequence for its own memory, as where there is no encoder.
  ///
  /// @throws IllegalArgumentException if `x` is not `[n, time, width]`
  @Override
  public Tensor forward(Tensor x) {
    return forward(x, x);
  }

  /// The block, where each position looks at all of the sequence and of the memory `[n, k, width]`.
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public Tensor forward(Tensor x, Tensor memory) {
    return forward(x, memory, Optional.empty(), Optional.empty());
  }

  /// The block where a mask says what each position may look at in the sequence, mostly
  /// [Functional#causalMask].
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public Tensor forward(Tensor x, Tensor memory, Tensor mask) {
    return forward(x, memory, Optional.of(mask), Optional.empty());
  }

  /// The block where another mask says what each position may look at in the memory, such as
  /// [Functional#keyMask].
  ///
  /// @throws IllegalArgumentException if the shapes do not fit
  public Tensor forward(Tensor x, Tensor memory, Tensor mask, Tensor memoryMask) {
    return forward(x, memory, Optional.of(mask), Optional.of(memoryMask));
  }

  private Tensor forward(
      Tensor x, Tensor memory, Optional<Tensor> mask, Optional<Tensor> memoryMask) {
    if (normFirst) {
      Tensor normed = norm1.forward(x);
      Tensor y = x.add(attended(self, normed, normed, mask));
      y = y.add(attended(multihead, norm2.forward(y), memory, memoryMask));
      return y.add(fed(norm3.forward(y)));
    }
    Tensor y = norm1.forward(x.add(attended(self, x, x, mask)));
    y = norm2.forward(y.add(attended(multihead, y, memory, memoryMask)));
    return norm3.forward(y.add(fed(y)));
  }

  private Tensor attended(
      MultiHeadAttention attention, Tensor x, Tensor memory, Optional<Tensor> mask) {
    return dropped(
        mask.isPresent()
            ? attention.attend(x, memory, memory, mask.get())
            : attention.attend(x, memory, memory));
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
