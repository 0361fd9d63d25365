package org.cotangent.nn;

import java.util.List;
import java.util.Optional;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;

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
public final class TransformerEncoderBlock extends TransformerBlock<TransformerEncoderBlock> {
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
    super(width, heads, feedForward, rng, dtype, List.of("self_attn"));
  }

  @Override
  TransformerEncoderBlock self() {
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
    Tensor y = residual(0, x, q -> attended(0, q, q, mask));
    return residual(1, y, this::fed);
  }
}
