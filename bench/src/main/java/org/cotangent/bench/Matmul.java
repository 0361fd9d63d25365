package org.cotangent.bench;

import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// The product of an m x k and a k x n matrix.
///
/// `G:128,784,512` is one of F32; `,f64` makes it one of F64, and with `,ta` or `,tb` the first or
/// the second matrix lies transposed in memory, as in the gradients of a layer. G1 and G2 are the
/// peers' names of two of them.
final class Matmul implements Work {
  private final Tensor a;
  private final Tensor b;
  private Tensor product;

  Matmul(Rng rng, int m, int k, int n, DType dtype, boolean transA, boolean transB) {
    a = transA ? rng.uniform(Shape.of(k, m), dtype).t() : rng.uniform(Shape.of(m, k), dtype);
    b = transB ? rng.uniform(Shape.of(n, k), dtype).t() : rng.uniform(Shape.of(k, n), dtype);
    product = a.matmul(b);
  }

  /// The work that is described after `G:`.
  ///
  /// @throws IllegalArgumentException if that is no product
  static Matmul parse(Rng rng, String text) {
    List<String> words = Arrays.asList(text.split(",", -1));
    int numbers = Math.min(3, words.size());
    List<String> options = words.subList(numbers, words.size());
    if (numbers < 3 || !List.of("f64", "ta", "tb").containsAll(options)) {
      throw new IllegalArgumentException("no product G:" + text + "; say G:M,K,N[,f64][,ta][,tb]");
    }
    return new Matmul(
        rng,
        Integer.parseInt(words.get(0)),
        Integer.parseInt(words.get(1)),
        Integer.parseInt(words.get(2)),
        options.contains("f64") ? DType.F64 : DType.F32,
        options.contains("ta"),
        options.contains("tb"));
  }

  @Override
  public void step(int n) {
    product.donate(); // its memory serves the next one, as NumPy's `out` does
    product = a.matmul(b);
    product.get(0, 0); // or it would wait for ever
  }

  /// Billions of multiplications and additions a second, and of how many that is the share which
  /// the processor could do.
  @Override
  public String facts(double stepsPerSecond) {
    double flops = 2.0 * a.dim(1) * product.size() * stepsPerSecond / 1e9;
    double peak = Peak.gflops(a.dtype()) * Integer.getInteger("cotangent.threads", 1);
    return " gflops=%.1f peak_gflops=%.1f share=%.2f".formatted(flops, peak, flops / peak);
  }
}
