package org.cotangent.nn;

import java.util.List;
import java.util.Optional;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;

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
public final class TransformerDecoderBlock extends TransformerBlock<TransformerDecoderBlock> {
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
    super(width, heads, feedForward, rng, dtype, List.of("self_attn", "multihead_attn"));
  }

  @Override
  TransformerDecoderBlock self() {
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
    Tensor y = residual(0, x, q -> attended(0, q, q, mask));
    y = residual(1, y, q -> attended(1, q, memory, memoryMask));
    return residual(2, y, this::fed);
  }
}
