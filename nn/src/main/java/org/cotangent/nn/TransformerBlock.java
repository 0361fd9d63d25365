package org.cotangent.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// What the blocks of a Transformer's encoder and decoder share: attentions, two linear layers on
/// every position, a [LayerNorm] for each of these parts, and dropout.
///
/// @param <B> the block
abstract sealed class TransformerBlock<B extends TransformerBlock<B>> extends Module
    permits TransformerEncoderBlock, TransformerDecoderBlock {
  private final List<MultiHeadAttention> attentions = new ArrayList<>();
  private final Linear linear1;
  private final Linear linear2;
  private final List<LayerNorm> norms = new ArrayList<>();
  private final Rng rng;
  private double dropout;
  private boolean normFirst;
  private UnaryOperator<Tensor> activation = Tensor::relu;

  /// @param names of the attentions
  TransformerBlock(
      int width, int heads, int feedForward, Rng rng, DType dtype, List<String> names) {
    for (String name : names) {
      attentions.add(child(name, new MultiHeadAttention(width, heads, rng, dtype)));
    }
    linear1 = child("linear1", Linear.likePyTorch(width, feedForward, rng, dtype));
    linear2 = child("linear2", Linear.likePyTorch(feedForward, width, rng, dtype));
    for (int k = 1; k <= names.size() + 1; k++) {
      norms.add(child("norm" + k, new LayerNorm(Shape.of(width), dtype)));
    }
    this.rng = generator("rng", rng.split());
    dropout(0.1);
  }

  abstract B self();

  /// Sets the probability of all dropout in this block.
  ///
  /// @throws IllegalArgumentException if it is no probability
  public B dropout(double p) {
    dropout = FunctionalActivation.probability("dropout", p);
    attentions.forEach(a -> a.dropout(p));
    return self();
  }

  /// Sets the function between the two linear layers; ReLU unless told otherwise.
  public B activation(UnaryOperator<Tensor> f) {
    activation = f;
    return self();
  }

  /// Sets ε of all normalisations.
  public B epsilon(double e) {
    norms.forEach(n -> n.epsilon(e));
    return self();
  }

  /// Normalises before attention and feed-forward instead of after.
  public B normFirst() {
    normFirst = true;
    return self();
  }

  /// `x` and one of the parts of it, with the normalisation of that part before it or after.
  final Tensor residual(int k, Tensor x, UnaryOperator<Tensor> part) {
    LayerNorm norm = norms.get(k);
    return normFirst
        ? x.add(dropped(part.apply(norm.forward(x))))
        : norm.forward(x.add(dropped(part.apply(x))));
  }

  /// What the positions of `x` find in a memory.
  final Tensor attended(int k, Tensor x, Tensor memory, Optional<Tensor> mask) {
    MultiHeadAttention attention = attentions.get(k);
    return mask.isPresent()
        ? attention.attend(x, memory, memory, mask.get())
        : attention.attend(x, memory, memory);
  }

  /// The two linear layers.
  final Tensor fed(Tensor x) {
    return linear2.forward(dropped(activation.apply(linear1.forward(x))));
  }

  private Tensor dropped(Tensor x) {
    return isTraining() ? Functional.dropout(x, dropout, rng) : x;
  }

  @Override
  protected String details() {
    return "dropout=%s, norm_first=%b".formatted(dropout, normFirst);
  }
}
