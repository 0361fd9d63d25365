package org.cotangent.nn.data;

import java.util.List;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;

/// What happens to a batch on its way to the network.
///
/// A pure function of the batch and of what it draws from the generators it is given, one for each
/// sample: so what becomes of a sample does not depend on which others are in its batch. It may be
/// asked by a thread other than the one that made it. Transforms without chance ignore the
/// generators: `Transform t = (b, _) -> new Batch(b.x().log1p(), b.y());`
@FunctionalInterface
public interface Transform {
  /// The batch that becomes of one.
  ///
  /// @param random the samples' generators, in the order of the batch
  Batch apply(Batch batch, List<Rng> random);

  /// This, and then another.
  default Transform then(Transform next) {
    return (b, random) -> next.apply(apply(b, random), random);
  }

  /// `(x - mean)/std`, channel by channel, in x's dtype.
  ///
  /// @param mean a number for each channel, the axis behind the samples': `[n, channels, ..]`
  /// @param std as many
  /// @throws IllegalArgumentException if the numbers of numbers differ, or one of std is not
  ///   positive
  static Transform normalize(double[] mean, double[] std) {
    return new Normalize(Tensor.of(mean), Tensor.of(std));
  }

  /// `x - mean`, in x's dtype.
  ///
  /// @param mean of the shape of a sample, such as the mean image of a training set
  static Transform subtract(Tensor mean) {
    return (b, _) -> {
      if (!b.x().shape().without(0).equals(mean.shape())) {
        throw new IllegalArgumentException(
            "subtract: a mean %s does not fit samples %s: it must have their shape without the first axis"
                .formatted(mean.shape(), b.x().shape()));
      }
      return new Batch(b.x().sub(mean.to(b.x().dtype())), b.y());
    };
  }

  /// Images cut out at a random place, each place equally likely, of images with zeros around them.
  /// They keep their size: with a padding of 4 they move by up to 4 pixels. What was 0 stays so:
  /// crop after the mean was subtracted, if the rim shall be grey.
  ///
  /// @param padding the zeros on each side
  /// @throws IllegalArgumentException if the padding is negative
  static Transform randomCrop(int padding) {
    return new RandomCrop(padding);
  }

  /// Each image `[.., width]` mirrored, left for right, with probability 1/2.
  static Transform randomHorizontalFlip() {
    return RandomHorizontalFlip.INSTANCE;
  }
}
