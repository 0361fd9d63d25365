package org.cotangent.apps.runs;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.cotangent.autograd.Fused;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.nn.data.Dataset;
import org.cotangent.nn.model.Model;

/// What is done to inputs before the network sees them: `(x - mean)/std` in F64, as a [Model] does
/// it, with what was measured on the samples that are learnt from.
///
/// @param mean F64, of a sample's shape, or with 1 for each axis but the channels'
/// @param std the same; 0 where a number has no spread or is only to be centred
record Normalizer(Tensor mean, Tensor std) {
  /// Samples that are held in F64 at a time.
  private static final int BLOCK = 1000;

  /// Measures a data set, in two passes in F64.
  static Normalizer measure(Dataset data, DataConfig.Input input) {
    return Grad.without(() -> {
      Tensor mean = mean(data, x -> x);
      Tensor zero = mean.mul(0);
      return switch (input) {
        case RAW -> new Normalizer(zero, zero);
        case CENTERED -> new Normalizer(mean, zero);
        case STANDARDIZED -> new Normalizer(mean, variance(data, mean).sqrt());
        case CHANNELS -> channels(mean, variance(data, mean));
      };
    });
  }

  private static Tensor variance(Dataset data, Tensor mean) {
    return mean(data, x -> x.sub(mean).square());
  }

  /// The mean over the samples of a function of each.
  private static Tensor mean(Dataset data, UnaryOperator<Tensor> of) {
    Tensor sum = Tensor.scalar(0, DType.F64);
    for (int from = 0; from < data.size(); from += BLOCK) {
      int to = Math.min(from + BLOCK, data.size());
      Tensor x = data.batch(IntStream.range(from, to).toArray()).x();
      sum = sum.add(of.apply(x.to(DType.F64)).sum(0));
    }
    return sum.div(data.size());
  }

  /// Of a channel the mean is that of its pixels' means, and the variance the mean of their
  /// variances plus the variance of their means.
  private static Normalizer channels(Tensor mean, Tensor variance) {
    if (mean.rank() < 2) {
      throw new IllegalArgumentException(
          "input: channels: samples %s have no channels; standardized takes each number by itself"
              .formatted(mean.shape()));
    }
    int channels = mean.dim(0);
    Tensor means = mean.reshape(channels, -1);
    Tensor m = means.mean(1);
    Tensor v = variance.reshape(channels, -1).add(means.sub(m.unsqueeze(1)).square()).mean(1);
    int[] dims = new int[mean.rank()];
    Arrays.fill(dims, 1);
    dims[0] = channels;
    return new Normalizer(m.reshape(dims), v.sqrt().reshape(dims));
  }

  /// The samples as the network sees them, F32.
  Tensor apply(Tensor x) {
    Tensor divisor = Tensor.where(std.gt(0), std, Tensor.scalar(1, DType.F64));
    return Fused.apply(
        in -> in.get(0).to(DType.F64).sub(in.get(1)).div(in.get(2)).to(DType.F32),
        x,
        mean,
        divisor);
  }

  /// A model that does the same.
  Model of(Model model) {
    boolean nothing = List.of(mean, std).stream().allMatch(t -> t.abs().max().item() == 0);
    return nothing ? model : model.standardised(mean, std);
  }
}
