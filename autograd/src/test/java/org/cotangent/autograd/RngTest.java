package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Random numbers: the published vectors of the generator, and the shape of the distributions.
class RngTest {
  /// The known answers of Random123's `kat_vectors` for philox4x32-10.
  @Test
  void philoxGivesItsPublishedNumbers() {
    assertThat(philox(0, 0, 0)).isEqualTo("6627e8d5 e169c58d bc57ac4c 9b00dbd8");
    assertThat(philox(-1, -1, -1)).isEqualTo("408f276d 41c83b0e a20bc7c6 6d5451fd");
    assertThat(philox(0x85a308d3_243f6a88L, 0x03707344_13198a2eL, 0x299f31d0_a4093822L))
        .isEqualTo("d16cfe09 94fdcceb 5001e420 24126ea1");
  }

  private static String philox(long counterLow, long counterHigh, long key) {
    int[] out = new int[4];
    Philox.block(counterLow, counterHigh, key, out);
    return "%08x %08x %08x %08x".formatted(out[0], out[1], out[2], out[3]);
  }

  @Test
  void aGeneratorGivesTheBlocksOfItsSeedInOrder() {
    Rng rng = Rng.of(0);
    int[] block = new int[4];
    for (int counter = 0; counter < 3; counter++) {
      Philox.block(counter, 0, 0, block);
      for (int word : block) {
        assertThat(rng.nextInt()).isEqualTo(word);
      }
    }
  }

  @Property(tries = 20)
  void equalSeedsGiveEqualNumbers(@ForAll long seed) {
    Shape s = Shape.of(3, 33);
    assertThat(Rng.of(seed).normal(s, DType.F64).toDoubleArray())
        .isEqualTo(Rng.of(seed).normal(s, DType.F64).toDoubleArray())
        .isNotEqualTo(Rng.of(seed + 1).normal(s, DType.F64).toDoubleArray());
  }

  @Property(tries = 50)
  void whatWasDrawnAfterAStateIsDrawnAgainFromIt(
      @ForAll long seed,
      @ForAll @IntRange(max = 9) int words,
      @ForAll @IntRange(max = 3) int parts) {
    Rng rng = Rng.of(seed).split();
    for (int i = 0; i < words; i++) {
      rng.nextInt();
    }
    for (int i = 0; i < parts; i++) {
      rng.split();
    }
    Rng.State then = rng.state();
    String numbers = draw(rng);
    Rng other = Rng.of(99);
    other.nextInt();
    other.restore(then);
    assertThat(other.state()).isEqualTo(then);
    assertThat(draw(other)).isEqualTo(numbers);
    assertThat(other.state()).isEqualTo(rng.state());
    rng.restore(then); // also in place
    assertThat(draw(rng)).isEqualTo(numbers);
  }

  private static String draw(Rng rng) {
    return rng.nextInt()
        + " "
        + rng.nextDouble()
        + " "
        + rng.normal(Shape.of(3), DType.F64)
        + " "
        + rng.split().nextInt();
  }

  @Test
  void aStateThatNoGeneratorHasIsRefused() {
    assertThatThrownBy(() -> new Rng.State(1, 0, 1, 5, 0))
        .hasMessage("Rng.State: 5 words used of a block of 4; it must be 0 to 4");
  }

  @Test
  void splitsDifferFromEachOtherAndFromTheirOrigin() {
    Rng rng = Rng.of(5);
    Set<Integer> first = new HashSet<>();
    Rng child = rng.split();
    for (Rng r : new Rng[] {rng, child, rng.split(), rng.split(), child.split(), Rng.of(6)}) {
      first.add(r.nextInt());
    }
    assertThat(first).hasSize(6);
    assertThat(Rng.of(5).split().nextInt()).isEqualTo(Rng.of(5).split().nextInt());
  }

  @Test
  void splittingDoesNotDisturbTheNumbers() {
    Rng a = Rng.of(9);
    Rng b = Rng.of(9);
    b.split();
    assertThat(a.nextInt()).isEqualTo(b.nextInt());
  }

  @Property(tries = 50)
  void childrenAreTheSameWheneverTheyAreAskedFor(
      @ForAll long seed, @ForAll @IntRange(min = 0) int n) {
    Rng fresh = Rng.of(seed);
    Rng used = Rng.of(seed);
    used.nextDouble();
    used.split();
    used.child(n).nextInt();
    assertThat(used.child(n).nextInt()).isEqualTo(fresh.child(n).nextInt());
    assertThat(fresh.nextInt()).isEqualTo(Rng.of(seed).nextInt());
  }

  @Test
  void childrenDifferFromEachOtherAndFromSplits() {
    Rng rng = Rng.of(5);
    Set<Integer> first = new HashSet<>(Set.of(Rng.of(5).nextInt()));
    for (int n = 0; n < 50; n++) {
      first.add(rng.child(n).nextInt());
      first.add(rng.child(1).child(n).nextInt());
      first.add(rng.split().nextInt());
      first.add(Rng.of(6).child(n).nextInt());
    }
    assertThat(first).hasSize(201);
    assertThatThrownBy(() -> rng.child(-1)).hasMessageContaining("-1 is negative");
  }

  /// 100,000 numbers: the mean is normal with σ = 0.0009, the variance with 0.0003 (a third of the
  /// way to the bound at most, and the seed is fixed).
  @Test
  void uniformNumbersAreEvenlySpread() {
    for (DType d : new DType[] {DType.F32, DType.F64}) {
      double[] u = Rng.of(1).uniform(Shape.of(100_000), d).toDoubleArray();
      assertThat(Arrays.stream(u)).allMatch(v -> v >= 0 && v < 1);
      double mean = Arrays.stream(u).average().orElseThrow();
      double variance = Arrays.stream(u).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
      assertThat(Math.abs(mean - 0.5)).isLessThan(0.004);
      assertThat(Math.abs(variance - 1 / 12.0)).isLessThan(0.001);
    }
  }

  @Test
  void uniformNumbersStayBelowTheUpperBound() {
    float[] v = Rng.of(2).uniform(Shape.of(100_000), 1, 1 + 0x1p-22, DType.F32).toFloatArray();
    for (float x : v) {
      assertThat(x >= 1 && x < 1 + 0x1p-22f).isTrue();
    }
  }

  /// The mean of 100,000 is normal with σ = 0.003, the variance with 0.0045, the fourth moment with
  /// 0.03.
  @Test
  void normalNumbersHaveTheMomentsOfTheNormalDistribution() {
    double[] z = Rng.of(3).normal(Shape.of(100_001), DType.F64).toDoubleArray();
    assertThat(Math.abs(Arrays.stream(z).average().orElseThrow())).isLessThan(0.012);
    assertThat(Math.abs(Arrays.stream(z).map(v -> v * v).average().orElseThrow() - 1))
        .isLessThan(0.018);
    assertThat(Math.abs(Arrays.stream(z).map(v -> v * v * v * v).average().orElseThrow() - 3))
        .isLessThan(0.12);
    assertThat(Arrays.stream(z)).allMatch(Double::isFinite);
  }

  @Property(tries = 30)
  void permutationsHoldEveryNumberOnce(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 200) int n) {
    int[] p = Rng.of(seed).permutation(n).toIntArray();
    Arrays.sort(p);
    for (int i = 0; i < n; i++) {
      assertThat(p[i]).isEqualTo(i);
    }
  }

  @Test
  void everyPermutationOfThreeIsEquallyLikely() {
    int[] counts = new int[27];
    Rng rng = Rng.of(4);
    for (int i = 0; i < 6000; i++) {
      int[] p = rng.permutation(3).toIntArray();
      counts[p[0] * 9 + p[1] * 3 + p[2]]++;
    }
    // 1000 expected, σ = 29
    assertThat(Arrays.stream(counts).filter(c -> c > 0).toArray())
        .hasSize(6)
        .satisfies(c -> assertThat(Arrays.stream(c)).allMatch(k -> Math.abs(k - 1000) < 120));
  }

  @Property(tries = 50)
  void boundedIntegersAreInRange(@ForAll long seed, @ForAll @IntRange(min = 1) int n) {
    Rng rng = Rng.of(seed);
    for (int i = 0; i < 20; i++) {
      assertThat(rng.nextInt(n)).isBetween(0, n - 1);
    }
  }

  @Test
  void aBoundMustBePositive() {
    assertThatThrownBy(() -> Rng.of(0).nextInt(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("nextInt: the bound 0 must be positive");
  }

  @Test
  void aTensorHasTheNumbersThatWouldComeOneByOne() {
    for (int before = 0; before < 6; before++) {
      for (int n : new int[] {1, 3, 511, 512, 515, 1024, 1531}) {
        Rng many = Rng.of(7).child(before);
        Rng one = Rng.of(7).child(before);
        for (int i = 0; i < before; i++) {
          assertThat(many.nextInt()).isEqualTo(one.nextInt());
        }
        float[] numbers = many.uniform(Shape.of(n), DType.F32).toFloatArray();
        for (int i = 0; i < n; i++) {
          assertThat(numbers[i]).isEqualTo((one.nextInt() >>> 8) * 0x1p-24f);
        }
        assertThat(many.state()).isEqualTo(one.state());
        assertThat(many.nextInt()).isEqualTo(one.nextInt());
      }
    }
  }

  @Test
  void whatWasDrawnAtOnceDoesNotHideABlockThatAStateNeeds() {
    Rng rng = Rng.of(1);
    Rng.State start = rng.state();
    for (int i = 0; i < 4 * Philox.BLOCKS - 2; i++) {
      rng.nextInt();
    }
    Rng.State late = rng.state();
    int next = rng.nextInt();
    rng.restore(start);
    rng.nextInt();
    rng.restore(start);
    rng.uniform(Shape.of(4 * Philox.BLOCKS), DType.F32);
    rng.restore(late);
    assertThat(rng.nextInt()).isEqualTo(next);
  }
}
