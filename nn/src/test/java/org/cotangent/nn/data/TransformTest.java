package org.cotangent.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class TransformTest {
  private static List<Rng> generators(long seed, int n) {
    Rng rng = Rng.of(seed);
    return LongStream.range(0, n).mapToObj(rng::child).toList();
  }

  private static Tensor apply(Transform t, Tensor x, long seed) {
    Tensor y = Tensor.arange(x.dim(0));
    Batch out = t.apply(new Batch(x, y), generators(seed, x.dim(0)));
    assertThat(out.y()).isSameAs(y);
    return out.x();
  }

  @Test
  void normalizeShiftsAndScalesEachChannel() {
    Tensor x = Tensor.of(new float[][] {{1, 2}, {3, 4}}).reshape(1, 2, 2, 1);
    Transform t = Transform.normalize(new double[] {1, 2}, new double[] {2, 4});
    Tensor y = apply(t, x, 0);
    assertThat(y.shape()).isEqualTo(x.shape());
    assertThat(y.dtype()).isEqualTo(DType.F32);
    assertThat(y.toDoubleArray()).containsExactly(0, 0.5, 0.25, 0.5);
    assertThat(apply(t, x.to(DType.F64).reshape(2, 2), 0).dtype()).isEqualTo(DType.F64);
  }

  @Test
  void subtractTakesAMeanImageAway() {
    Tensor x = Tensor.arange(0, 8, 1, DType.F32).reshape(2, 1, 2, 2);
    Tensor mean = Tensor.of(new double[][][] {{{0, 1}, {2, 3}}});
    Tensor y = apply(Transform.subtract(mean), x, 0);
    assertThat(y.dtype()).isEqualTo(DType.F32);
    assertThat(y.toDoubleArray()).containsExactly(0, 0, 0, 0, 4, 4, 4, 4);
  }

  @Property(tries = 100)
  void aCropIsTheImageMovedWithZerosComingIn(
      @ForAll @IntRange(min = 1, max = 4) int n,
      @ForAll @IntRange(min = 1, max = 3) int channels,
      @ForAll @IntRange(min = 1, max = 5) int height,
      @ForAll @IntRange(min = 1, max = 5) int width,
      @ForAll @IntRange(min = 0, max = 3) int padding,
      @ForAll long seed) {
    Tensor x =
        Tensor.arange(1, n * channels * height * width + 1, 1, DType.F64)
            .reshape(n, channels, height, width);
    Tensor y = apply(Transform.randomCrop(padding), x, seed);
    assertThat(y.shape()).isEqualTo(x.shape());
    for (int i = 0; i < n; i++) {
      Rng rng = Rng.of(seed).child(i);
      int down = rng.nextInt(2 * padding + 1) - padding;
      int right = rng.nextInt(2 * padding + 1) - padding;
      for (int[] at : places(channels, height, width)) {
        int row = at[1] + down;
        int column = at[2] + right;
        boolean inside = row >= 0 && row < height && column >= 0 && column < width;
        assertThat(y.get(i, at[0], at[1], at[2]))
            .isEqualTo(inside ? x.get(i, at[0], row, column) : 0);
      }
    }
  }

  private static List<int[]> places(int channels, int height, int width) {
    List<int[]> places = new ArrayList<>();
    for (int i = 0; i < channels * height * width; i++) {
      places.add(new int[] {i / (height * width), i / width % height, i % width});
    }
    return places;
  }

  @Property(tries = 50)
  void aFlipMirrorsOrLeavesEachImage(
      @ForAll @IntRange(min = 0, max = 5) int n,
      @ForAll @IntRange(min = 1, max = 4) int width,
      @ForAll long seed) {
    Tensor x = Tensor.arange(0, n * 3 * width, 1, DType.I32).reshape(n, 3, width);
    Tensor y = apply(Transform.randomHorizontalFlip(), x, seed);
    assertThat(y.dtype()).isEqualTo(DType.I32);
    for (int i = 0; i < n; i++) {
      boolean mirrored = Rng.of(seed).child(i).nextInt(2) == 1;
      for (int row = 0; row < 3; row++) {
        for (int c = 0; c < width; c++) {
          assertThat(y.get(i, row, c)).isEqualTo(x.get(i, row, mirrored ? width - 1 - c : c));
        }
      }
    }
  }

  /// 9000 crops among 9 places: each count is binomial, 1000 ± 30; the bounds are 4 σ away and the
  /// seed is fixed.
  @Test
  void eachPlaceAndEachMirroringIsEquallyLikely() {
    Tensor x = Tensor.zeros(9000, 1, 3, 3).add(Tensor.arange(0, 9, 1, DType.F32).reshape(3, 3));
    Map<Double, Integer> centres = new TreeMap<>();
    for (double v :
        apply(Transform.randomCrop(1), x, 3).select(3, 1).select(2, 1).toDoubleArray()) {
      centres.merge(v, 1, Integer::sum);
    }
    assertThat(centres).hasSize(9).allSatisfy((_, n) -> assertThat(n).isBetween(880, 1120));
    double[] left =
        apply(Transform.randomHorizontalFlip(), x, 3).select(3, 0).select(2, 0).toDoubleArray();
    assertThat(Arrays.stream(left).filter(v -> v == 2).count()).isBetween(4310L, 4690L);
  }

  @Property(tries = 30)
  void partsOfACompositionDrawOneAfterTheOther(@ForAll long seed) {
    Tensor x = Tensor.arange(0, 4 * 3 * 25, 1, DType.F32).reshape(4, 3, 5, 5);
    Transform crop = Transform.randomCrop(2);
    Transform flip = Transform.randomHorizontalFlip();
    List<Rng> random = generators(seed, 4);
    Batch cropped = crop.apply(new Batch(x, Tensor.arange(4)), random);
    assertThat(apply(crop.then(flip), x, seed).toFloatArray())
        .isEqualTo(flip.apply(cropped, random).x().toFloatArray());
  }

  /// Large enough that operations wait to be computed in one pass, and are split over threads.
  @Test
  void imagesComeOutTheSameForAnyBatchAndPrefetch() {
    Tensor x = Rng.of(1).uniform(Shape.of(150, 3, 32, 32), 0, 255, DType.F32);
    DataLoader loader =
        DataLoader.of(Dataset.of(x, Tensor.arange(150)), 32)
            .shuffled(9)
            .transform(Transform.normalize(new double[] {120, 121, 122}, new double[] {60, 61, 62}))
            .transform(Transform.randomCrop(4))
            .transform(Transform.randomHorizontalFlip());
    Tensor together = all(loader);
    assertThat(all(loader.prefetch(2)).toFloatArray()).isEqualTo(together.toFloatArray());
    List<Tensor> single = new ArrayList<>();
    DataLoader.of(Dataset.of(x, Tensor.arange(150)), 150)
        .shuffled(9)
        .transform(Transform.normalize(new double[] {120, 121, 122}, new double[] {60, 61, 62}))
        .transform(Transform.randomCrop(4).then(Transform.randomHorizontalFlip()))
        .batches(0)
        .forEach(b -> single.add(b.x()));
    assertThat(single.getFirst().toFloatArray()).isEqualTo(together.toFloatArray());
  }

  private static Tensor all(DataLoader loader) {
    List<Tensor> parts = new ArrayList<>();
    loader.batches(0).forEach(b -> parts.add(b.x()));
    return Tensor.concat(0, parts.toArray(Tensor[]::new));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Tensor images = Tensor.ones(2, 3, 4, 4);
    double[] two = {1, 2};
    assertThatThrownBy(() -> Transform.normalize(two, new double[] {1}))
        .hasMessage("normalize: 2 means and 1 standard deviations; each channel needs one of both");
    for (double s : new double[] {0, -1, Double.NaN}) {
      assertThatThrownBy(() -> Transform.normalize(two, new double[] {1, s}))
          .hasMessageContaining("must be positive");
    }
    assertThatThrownBy(() -> apply(Transform.normalize(two, two), images, 0))
        .hasMessage(
            "normalize: 2 means do not fit samples [2, 3, 4, 4]: [n, channels, ..] needs one for each channel");
    assertThatThrownBy(
            () -> apply(Transform.normalize(two, two), Tensor.arange(4).reshape(2, 2), 0))
        .hasMessageContaining("samples of I64");
    assertThatThrownBy(() -> apply(Transform.subtract(Tensor.ones(4, 4)), images, 0))
        .hasMessageContainingAll("subtract", "[4, 4]", "[2, 3, 4, 4]");
    assertThatThrownBy(() -> Transform.randomCrop(-1)).hasMessageContaining("-1 is negative");
    assertThatThrownBy(() -> apply(Transform.randomCrop(1), Tensor.ones(2, 3), 0))
        .hasMessageContaining("[n, channels, height, width]");
    assertThatThrownBy(() -> apply(Transform.randomHorizontalFlip(), Tensor.ones(2), 0))
        .hasMessageContaining("no width");
    assertThat(
            IntStream.of(
                apply(Transform.randomCrop(1), Tensor.zeros(0, 1, 2, 2), 0).shape().dims()))
        .containsExactly(0, 1, 2, 2);
  }
}
