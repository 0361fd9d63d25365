package org.cotangent.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class StandardizerTest {
  @Test
  void columnsGetMeanZeroAndPopulationDeviationOne() {
    Tensor x = Tensor.of(new double[][] {{1, 10, 5}, {3, 10, 7}, {5, 10, 12}});
    Standardizer s = Standardizer.fit(x);

    assertThat(s.mean().toDoubleArray()).containsExactly(3, 10, 8);
    assertThat(s.std().get(0)).isCloseTo(Math.sqrt(8.0 / 3), within(1e-15));
    assertThat(s.std().get(1)).isZero();
    assertThat(s.std().get(2)).isCloseTo(Math.sqrt(26.0 / 3), within(1e-15));

    Tensor y = s.apply(x);
    assertThat(y.dtype()).isEqualTo(DType.F32);
    assertThat(y.get(0, 0)).isCloseTo(-2 / Math.sqrt(8.0 / 3), within(1e-7));
    assertThat(y.get(0, 1)).isZero();
    // An unseen value in a column without spread is only centred.
    assertThat(s.apply(Tensor.of(new double[][] {{3, 12, 8}})).toDoubleArray())
        .containsExactly(0, 2, 0);
  }

  @Test
  void aConstantColumnHasNoSpreadEvenIfItsMeanIsRounded() {
    int n = 999;
    Tensor x = Tensor.full(Shape.of(n, 2), 0.1, DType.F64);
    Standardizer s = Standardizer.fit(x);
    assertThat(s.std().toDoubleArray()).containsExactly(0, 0);
    assertThat(s.apply(x).abs().max().item()).isLessThan(1e-12);
  }

  @Test
  void manySamplesAreMeasuredInBlocksWithoutLosingDigits() {
    // 9,000,000 numbers: three blocks. F32 sums of squares would lose the deviation beside 1000.
    Tensor x = Rng.of(1).normal(Shape.of(9000, 1000), DType.F32).add(1000);
    Standardizer s = Standardizer.fit(x);
    Tensor y = s.apply(x);

    assertThat(y.shape()).isEqualTo(x.shape());
    Tensor column = y.slice(1, 500, 501).to(DType.F64);
    assertThat(column.mean().item()).isCloseTo(0, within(1e-6));
    assertThat(column.square().mean().item()).isCloseTo(1, within(1e-6));
    double mean = x.select(1, 7).to(DType.F64).mean().item();
    assertThat(s.mean().get(7)).isCloseTo(mean, within(1e-9));
  }

  @Test
  void samplesMayHaveAnyRankAndDtype() {
    Tensor x = Tensor.of(0, 255, 255, 0).reshape(2, 1, 2);
    Standardizer s = Standardizer.fit(x);
    assertThat(s.mean().shape()).isEqualTo(Shape.of(1, 2));
    assertThat(s.apply(x).toDoubleArray()).containsExactly(-1, 1, 1, -1);
    assertThat(s.apply(x.slice(0, 0, 0)).shape()).isEqualTo(Shape.of(0, 1, 2));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> Standardizer.fit(Tensor.zeros(0, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[0, 3]");
    assertThatThrownBy(() -> Standardizer.fit(Tensor.ones(2, 3)).apply(Tensor.ones(2, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[3]", "[2, 4]");
  }
}
