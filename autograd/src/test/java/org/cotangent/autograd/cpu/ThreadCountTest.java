package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.cotangent.autograd.Convolution;
import org.cotangent.autograd.Cumulative;
import org.cotangent.autograd.Fused;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Sorting;
import org.cotangent.autograd.Statistics;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;

/// The number of threads decides who computes, never what: every size here is above the one from
/// which work is shared out.
class ThreadCountTest {
  private static final Eager ALONE = new Eager(new VectorBackend(1));

  private static final List<Eager> TOGETHER =
      List.of(
          new Eager(new VectorBackend(2)),
          new Eager(new VectorBackend(3)),
          new Eager(new VectorBackend(7)));

  private static double[] on(Eager eager, Supplier<Tensor> work) {
    return ScopedValue.where(Interpreter.CURRENT, eager).call(() -> work.get().toDoubleArray());
  }

  private static void sameForAllThreadCounts(Supplier<Tensor> work) {
    double[] alone = on(ALONE, work);
    for (Eager eager : TOGETHER) {
      // Arrays.equals: an assertion over a million boxed numbers takes longer than the work.
      assertThat(Arrays.equals(on(eager, work), alone)).isTrue();
    }
  }

  @Property(tries = 2, shrinking = ShrinkingMode.OFF)
  void productsHaveTheSameBits(@ForAll long seed) {
    Rng rng = Rng.of(seed);
    for (DType d : List.of(DType.F32, DType.F64)) {
      for (int[] mnk :
          new int[][] {
            {50, 300, 784}, {131, 97, 257}, {700, 10, 300}, {33, 1100, 65}, {3, 700, 900}
          }) {
        int m = mnk[0];
        int n = mnk[1];
        int k = mnk[2];
        Tensor a = rng.normal(Shape.of(m, k), d);
        Tensor b = rng.normal(Shape.of(k, n), d);
        Tensor at = rng.normal(Shape.of(k, m), d);
        Tensor bt = rng.normal(Shape.of(n, k), d);
        sameForAllThreadCounts(() -> a.matmul(b));
        sameForAllThreadCounts(() -> at.t().matmul(b));
        sameForAllThreadCounts(() -> a.matmul(bt.t()));
        sameForAllThreadCounts(() -> at.t().matmul(bt.t()));
      }
    }
  }

  @Property(tries = 2, shrinking = ShrinkingMode.OFF)
  void elementwiseChainsAndReductionsHaveTheSameBits(@ForAll long seed) {
    Rng rng = Rng.of(seed);
    for (DType d : List.of(DType.F32, DType.F64)) {
      for (int[] dims : new int[][] {{257, 301}, {7, 20_011}, {70_001, 3}}) {
        Tensor x = rng.normal(Shape.of(dims), d);
        Tensor row = rng.normal(Shape.of(dims[1]), d);
        Tensor column = rng.normal(Shape.of(dims[0], 1), d);
        sameForAllThreadCounts(x::exp);
        sameForAllThreadCounts(() -> x.add(row));
        sameForAllThreadCounts(() -> x.t().mul(column.t().squeeze(0)));
        sameForAllThreadCounts(() ->
            Fused.apply(
                in -> in.get(0).mul(in.get(1)).add(in.get(2)).tanh().relu(), x, row, column));
        sameForAllThreadCounts(() -> x.sum(0));
        sameForAllThreadCounts(() -> x.sum(1));
        sameForAllThreadCounts(() -> x.softmax(1).max(0));
      }
    }
  }

  @Property(tries = 2, shrinking = ShrinkingMode.OFF)
  void longSumsRowsAndCopiesHaveTheSameBits(@ForAll long seed) {
    Rng rng = Rng.of(seed);
    for (DType d : List.of(DType.F32, DType.F64)) {
      for (int[] dims : new int[][] {{300_007}, {40_001, 10}, {3, 90_001}, {70, 33, 67}}) {
        Tensor x = rng.normal(Shape.of(dims), d);
        int last = dims.length - 1;
        sameForAllThreadCounts(x::sum);
        sameForAllThreadCounts(x::max);
        for (int axis = 0; axis <= last; axis++) {
          int a = axis;
          sameForAllThreadCounts(() -> x.sum(a));
          sameForAllThreadCounts(() -> x.max(a));
          sameForAllThreadCounts(() -> x.softmax(a));
        }
        sameForAllThreadCounts(() -> x.logSumExp(last));
        sameForAllThreadCounts(() -> x.argmax(last));
        if (last == 1) {
          sameForAllThreadCounts(() -> x.t().reshape(x.size()));
        }
      }
    }
  }

  @Property(tries = 1, shrinking = ShrinkingMode.OFF)
  void runningSumsAndOrdersHaveTheSameBits(@ForAll long seed) {
    Eager exact = new Eager(new ReferenceBackend());
    Rng rng = Rng.of(seed);
    for (DType d : List.of(DType.F32, DType.F64)) {
      for (int[] dims : new int[][] {{40_001, 3}, {2, 20_011, 2}}) {
        Tensor x = rng.normal(Shape.of(dims), d);
        for (int axis = 0; axis < dims.length; axis++) {
          int a = axis;
          for (Supplier<Tensor> work :
              List.<Supplier<Tensor>>of(
                  () -> Cumulative.sum(x, a), () -> Sorting.argsort(x, a, true))) {
            sameForAllThreadCounts(work);
            assertThat(Arrays.equals(on(ALONE, work), on(exact, work))).isTrue();
          }
        }
      }
    }
  }

  private static Tensor gradient(Tensor x, UnaryOperator<Tensor> f) {
    Tensor v = Tensor.parameter(x);
    return Grad.grad(f.apply(v), List.of(v)).getFirst();
  }

  /// Places that get many terms: each gets them in the order of the axis.
  @Property(tries = 1, shrinking = ShrinkingMode.OFF)
  void gatheringScatteringAndCrossEntropyHaveTheSameBits(@ForAll long seed) {
    Rng rng = Rng.of(seed);
    for (DType d : List.of(DType.F32, DType.F64)) {
      for (int[] dims : new int[][] {{20_011, 10}, {300, 501}, {7, 401, 67}, {90_001}}) {
        Shape shape = Shape.of(dims);
        Tensor x = rng.normal(shape, d);
        for (int axis = 0; axis < dims.length; axis++) {
          int a = axis;
          int n = dims[a];
          Tensor some = rng.uniform(Shape.of(n), 0, n, DType.F64).to(DType.I64);
          Tensor each = rng.uniform(shape, 0, n / 3.0, DType.F64).to(DType.I64);
          sameForAllThreadCounts(() -> x.indexSelect(a, some));
          sameForAllThreadCounts(() -> x.gather(a, each));
          sameForAllThreadCounts(() -> x.mul(0).scatterAdd(a, each, x));
          sameForAllThreadCounts(() -> gradient(x, v -> v.indexSelect(a, some).square().sum()));
        }
      }
      Tensor logits = rng.normal(Shape.of(20_011, 10), d);
      Tensor classes = rng.uniform(Shape.of(20_011), 0, 10, DType.F64).to(DType.I64);
      Tensor weights = rng.normal(Shape.of(20_011, 10), d).softmax(1);
      for (Tensor target : List.of(classes, weights)) {
        sameForAllThreadCounts(() -> logits.softmaxCrossEntropy(target));
        sameForAllThreadCounts(() -> gradient(logits, v -> v.softmaxCrossEntropy(target).sum()));
      }
    }
  }

  @Property(tries = 1, shrinking = ShrinkingMode.OFF)
  void momentsHaveTheSameBits(@ForAll long seed) {
    Rng rng = Rng.of(seed);
    for (DType d : List.of(DType.F32, DType.F64)) {
      Tensor x = rng.normal(Shape.of(5, 37, 30, 31), d);
      sameForAllThreadCounts(() -> Statistics.moments(x, 0, 2, 3).variance());
      sameForAllThreadCounts(() -> Statistics.moments(x, 2, 3).variance());
      sameForAllThreadCounts(() -> Statistics.moments(x, 0, 1).variance());
      sameForAllThreadCounts(() -> Statistics.moments(x, 0, 1, 2, 3).variance());
    }
  }

  /// Large and small images, side by side or not, few channels, strides, groups.
  @Property(tries = 1, shrinking = ShrinkingMode.OFF)
  void convolutionsHaveTheSameBits(@ForAll long seed) {
    Rng rng = Rng.of(seed);
    for (DType d : List.of(DType.F32, DType.F64)) {
      convolutions(rng, d, 3, 70, 65, 1, Sliding.over(9, 3, 1, 1, 1, 1));
      convolutions(rng, d, 33, 40, 65, 1, Sliding.over(2, 3, 1, 1, 1, 1));
      convolutions(rng, d, 9, 3, 17, 1, Sliding.over(33, 3, 1, 1, 1, 1));
      convolutions(rng, d, 31, 37, 41, 1, Sliding.over(7, 3, 1, 1, 1, 1)); // by tiles
      convolutions(rng, d, 5, 24, 40, 2, Sliding.over(15, 3, 2, 1, 1, 1));
      Tensor x = rng.normal(Shape.of(20, 16, 33, 33), d);
      Sliding s = Sliding.over(33, 3, 2, 1, 1, 1);
      sameForAllThreadCounts(() -> Convolution.argMaxPool(x, s, s));
      Tensor wide = rng.normal(Shape.of(2, 33, 140), d);
      Sliding columns = Sliding.over(140, 3, 2, 1, 1, 1);
      sameForAllThreadCounts(() -> Convolution.argMaxPool(wide, s, columns));
    }
  }

  private static void convolutions(
      Rng rng, DType d, int images, int in, int out, int groups, Sliding s) {
    Tensor x = rng.normal(Shape.of(images, in, s.input(), s.input()), d);
    Tensor w = rng.normal(Shape.of(out, in / groups, s.kernel(), s.kernel()), d);
    Tensor y = rng.normal(Shape.of(images, out, s.output(), s.output()), d);
    sameForAllThreadCounts(() -> Convolution.output(x, w, s, s, groups));
    sameForAllThreadCounts(() -> Convolution.input(y, w, s, s, groups));
    sameForAllThreadCounts(() -> Convolution.kernels(x, y, s, s, groups));
  }
}
