package org.cotangent.autograd.cpu;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The kernel against `(softmax(x) Σw - w) g` in plain loops.
class CrossEntropyGradTest {
  private static final VectorBackend FAST = new VectorBackend(2);

  @Tag("cold")
  @Property(tries = 300)
  void classesAndWeightsAgreeWithTheRule(@ForAll long seed) {
    Buffers some = new Buffers(seed, false);
    int n = 1 + some.below(some.below(4) == 0 ? 150 : 36);
    int rows = some.below(4) == 0 ? 1 + some.below(5000) : 1 + some.below(60);
    agree(some, rows, n);
  }

  /// Too few numbers for vectors; rows that share one, with a rest or without; longer ones; and
  /// more than a block of each.
  @ParameterizedTest
  @CsvSource({
    "1, 1", "5, 7", "200, 1", "43, 3", "44, 5", "17, 8", "19, 16", "9, 17", "5, 33", "600, 7",
    "40, 129", "2, 1030"
  })
  void rowsOfEachKindAgreeWithTheRule(int rows, int n) {
    agree(new Buffers(rows, false), rows, n);
  }

  private static void agree(Buffers some, int rows, int n) {
    for (DType d : new DType[] {DType.F32, DType.F64}) {
      Shape shape = Shape.of(rows, n);
      Buffer x = some.view(d, shape);
      Buffer g = some.view(d, Shape.of(rows, 1));
      Buffer got = Buffer.allocate(d, shape);
      Buffer classes = some.indices(Shape.of(rows), n);
      FAST.softmaxCrossEntropyGrad(x, classes, g, got);
      Agreement.near(10, "classes, " + shape, got, byRule(x, oneHot(classes, d, n), g));
      Buffer weights = some.view(d, shape);
      FAST.softmaxCrossEntropyGrad(x, weights, g, got);
      // The sum of n weights is off by up to n roundings of their sizes.
      double size = (n + 16) * largest(weights) * n * largest(g) / 8;
      Agreement.near(size, "weights, " + shape, got, byRule(x, weights, g));
    }
  }

  private static double largest(Buffer x) {
    double largest = 0;
    for (int i = 0; i < x.shape().size(); i++) {
      largest = Math.max(largest, Math.abs(x.getDouble(x.layout().at(i))));
    }
    return largest;
  }

  private static Buffer oneHot(Buffer classes, DType d, int n) {
    int rows = classes.shape().size();
    Buffer w = Buffer.allocate(d, Shape.of(rows, n));
    for (int r = 0; r < rows; r++) {
      ReferenceBackend.put(w, r * n + (int) classes.getLong(classes.layout().at(r)), 1);
    }
    return w;
  }

  private static Buffer byRule(Buffer x, Buffer w, Buffer g) {
    int rows = x.shape().dim(0);
    int n = x.shape().dim(1);
    Buffer y = Buffer.allocate(x.dtype(), x.shape());
    for (int r = 0; r < rows; r++) {
      double[] e = new double[n];
      double max = Double.NEGATIVE_INFINITY;
      double weight = 0;
      for (int j = 0; j < n; j++) {
        e[j] = x.getDouble(x.layout().at(r * n + j));
        max = Math.max(max, e[j]);
        weight += w.getDouble(w.layout().at(r * n + j));
      }
      for (int j = 0; j < n; j++) {
        e[j] = StrictMath.exp(e[j] - max);
      }
      double sum = Arrays.stream(e).sum();
      for (int j = 0; j < n; j++) {
        double p = e[j] / sum * weight - w.getDouble(w.layout().at(r * n + j));
        ReferenceBackend.put(y, r * n + j, p * g.getDouble(g.layout().at(r)));
      }
    }
    return y;
  }
}
