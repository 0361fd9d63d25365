package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class NormsTest {
  private static final double INF = Double.POSITIVE_INFINITY;
  private static final double[] ORDERS = {-INF, -2.1, -1, 0, 0.5, 0.9, 1, 1.5, 2, 3, 4, 6, INF};

  private static double byLoop(double[] x, double p) {
    double y = p == -INF ? INF : 0;
    for (double v : x) {
      double a = Math.abs(v);
      y =
          p == INF
              ? Math.max(y, a)
              : p == -INF ? Math.min(y, a) : y + (p == 0 ? Math.signum(a) : Math.pow(a, p));
    }
    return Double.isInfinite(p) || p == 0 ? y : Math.pow(y, 1 / p);
  }

  @Property(tries = 50)
  void eachOrderIsItsFormula(@ForAll long seed) {
    Tensor x = new Draw(seed).signed(0.1, 3, 2, 5, 3);
    for (double p : ORDERS) {
      Tensor y = Linalg.vectorNorm(x, p, 1, false);
      Tensor rows = x.permute(0, 2, 1).reshape(6, 5);
      for (int i = 0; i < 6; i++) {
        double expected = byLoop(rows.select(0, i).toDoubleArray(), p);
        assertThat(y.reshape(6).get(i)).isCloseTo(expected, within(expected));
      }
      assertThat(Linalg.vectorNorm(x, p, 1, true).shape()).isEqualTo(Shape.of(2, 1, 3));
      double all = byLoop(x.toDoubleArray(), p);
      assertThat(Linalg.vectorNorm(x, p).item()).isCloseTo(all, within(all));
      Tensor single = Linalg.vectorNorm(x.to(DType.F32), p, new int[] {0, -1}, false);
      assertThat(single.dtype()).isEqualTo(DType.F32);
      assertThat(single.shape()).isEqualTo(Shape.of(5));
    }
  }

  private static org.assertj.core.data.Offset<Double> within(double size) {
    return org.assertj.core.api.Assertions.within(1e-14 * size);
  }

  @Test
  void derivativesOfSecondOrderAreRight() {
    Tensor x = Tensor.of(new double[][] {{1, -1.7, 2.3}, {-0.8, 1.4, 0.6}});
    Tensor z = Tensor.of(new double[][] {{0.9}, {-1.3}, {0.7}});
    for (double p : ORDERS) {
      check("norm " + p, in -> Linalg.vectorNorm(in.getFirst(), p, -1, false), x);
      check("normalize " + p, in -> Linalg.normalize(in.getFirst(), p, 1, 1e-12), x);
    }
    check("short", in -> Linalg.normalize(in.getFirst(), 2, 1, 50), x);
    check("cosine", in -> Linalg.cosineSimilarity(in.get(0), in.get(1), 0, 1e-8), x.t(), z);
    check("matrixNorm", in -> Linalg.matrixNorm(in.getFirst()), x);
  }

  private static void check(String name, Function<List<Tensor>, Tensor> f, Tensor... in) {
    GradCheck.standard().order(2).check(name, f, List.of(in)).requirePassed();
  }

  /// Also of single zeros among others.
  @Test
  void at0AllDerivativesAre0() {
    for (double p : ORDERS) {
      for (Tensor x : List.of(Tensor.of(0.0, 0.0), Tensor.of(0.0, 2.0), Tensor.of(-3.0))) {
        Tensor g = Grad.grad(t -> Linalg.vectorNorm(t, p)).apply(x);
        Tensor h = Grad.hessian(t -> Linalg.vectorNorm(t, p), x);
        assertThat(Walks.isFinite(g) && Walks.isFinite(h)).as("order %s at %s", p, x).isTrue();
        for (int i = 0; i < x.size(); i++) {
          assertThat(x.get(i) != 0 || g.get(i) == 0).as("order %s at %s: %s", p, x, g).isTrue();
        }
      }
    }
  }

  @Test
  void powersMayLeaveTheRangeOfTheDType() {
    assertThat(Linalg.vectorNorm(Tensor.of(3.0, 4.0)).item()).isEqualTo(5);
    assertThat(Linalg.vectorNorm(Tensor.of(3e200, 4e200)).item()).isCloseTo(5e200, within(5e200));
    assertThat(Linalg.vectorNorm(Tensor.of(3e-200, 4e-200)).item())
        .isCloseTo(5e-200, within(5e-200));
    assertThat(Linalg.vectorNorm(Tensor.of(3e30f, 4e30f)).item())
        .isCloseTo(5e30, org.assertj.core.api.Assertions.within(5e30 * 0x1p-22));
    assertThat(Linalg.vectorNorm(Tensor.of(1e-60, 1e-60), -6).item())
        .isCloseTo(1e-60 * Math.pow(2, -1 / 6.0), within(1e-60));
    assertThat(Linalg.vectorNorm(Tensor.of(1.0, INF)).item()).isEqualTo(INF);
    assertThat(Linalg.vectorNorm(Tensor.of(1.0, Double.NaN), 3).item()).isNaN();
  }

  @Test
  void noElementsHaveNorm0IfOneExists() {
    Tensor none = Tensor.zeros(2, 0);
    for (double p : new double[] {0, 0.5, 1, 2, 3}) {
      assertThat(Linalg.vectorNorm(none, p, -1, false).toDoubleArray()).containsExactly(0, 0);
      assertThat(Linalg.vectorNorm(none, p, 0, false).shape()).isEqualTo(Shape.of(0));
    }
    for (double p : new double[] {-INF, -1, INF}) {
      assertThatThrownBy(() -> Linalg.vectorNorm(none, p))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("of no elements does not exist");
    }
    assertThatThrownBy(() -> Linalg.vectorNorm(none, Double.NaN))
        .hasMessage("VECTOR_NORM: the order is NaN; 2 is the usual one");
  }

  @Test
  void directionsOfZeroAreZero() {
    Tensor x = Tensor.of(new double[][] {{0, 0}, {3, 4}});
    assertThat(Linalg.normalize(x, 1).toDoubleArray()).containsExactly(0, 0, 0.6, 0.8);
    assertThat(Linalg.cosineSimilarity(x, x, 1, 1e-8).toDoubleArray())
        .satisfies(y -> {
          assertThat(y[0]).isZero();
          assertThat(y[1]).isCloseTo(1, within(1));
        });
  }
}
