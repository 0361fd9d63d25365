package org.cotangent.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.junit.jupiter.api.Test;

class BatchesTest {
  /// Samples `[n, 2]` that name their number, and targets that do too.
  private static Batches numbered(int n, int size) {
    Tensor numbers = Tensor.arange(0, n, 1, DType.F32);
    return Batches.of(numbers.unsqueeze(1).expand(n, 2), Tensor.arange(n), size);
  }

  private static List<Long> epoch(Batches batches) {
    List<Long> order = new ArrayList<>();
    for (Batches.Batch b : batches) {
      long[] y = b.y().toLongArray();
      assertThat(b.x().select(1, 0).toLongArray()).isEqualTo(y);
      assertThat(b.x().select(1, 1).toLongArray()).isEqualTo(y);
      assertThat(b.size()).isEqualTo(y.length);
      Arrays.stream(y).forEach(order::add);
    }
    return order;
  }

  private static List<Long> upTo(int n) {
    return Arrays.stream(Tensor.arange(n).toLongArray()).boxed().toList();
  }

  @Property(tries = 100)
  void everySampleComesOnceAnEpoch(
      @ForAll @IntRange(min = 0, max = 40) int n,
      @ForAll @IntRange(min = 1, max = 12) int size,
      @ForAll long seed) {
    Batches plain = numbered(n, size);
    assertThat(epoch(plain)).isEqualTo(upTo(n));
    Batches shuffled = plain.shuffled(Rng.of(seed));
    for (int k = 0; k < 3; k++) {
      assertThat(epoch(shuffled)).containsExactlyInAnyOrderElementsOf(upTo(n));
    }
    int count = 0;
    for (Batches.Batch b : shuffled.dropLast()) {
      assertThat(b.size()).isEqualTo(size);
      count++;
    }
    assertThat(count).isEqualTo(n / size).isEqualTo(shuffled.dropLast().count());
    assertThat(plain.count()).isEqualTo((n + size - 1) / size);
  }

  @Property(tries = 20)
  void equalSeedsGiveEqualOrders(@ForAll long seed) {
    Batches a = numbered(30, 7).shuffled(Rng.of(seed));
    Batches b = numbered(30, 7).shuffled(Rng.of(seed));
    List<Long> first = epoch(a);
    assertThat(epoch(b)).isEqualTo(first);
    List<Long> second = epoch(a);
    assertThat(second).isNotEqualTo(first);
    assertThat(epoch(b)).isEqualTo(second);
  }

  @Test
  void theLastBatchMayBeSmaller() {
    List<Integer> sizes = new ArrayList<>();
    numbered(10, 4).forEach(b -> sizes.add(b.size()));
    assertThat(sizes).containsExactly(4, 4, 2);
  }

  @Test
  void anEpochEnds() {
    Iterator<Batches.Batch> it = numbered(3, 3).iterator();
    it.next();
    assertThat(it.hasNext()).isFalse();
    assertThatThrownBy(it::next).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> Batches.of(Tensor.ones(3, 2), Tensor.ones(4), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[3, 2]", "[4]");
    assertThatThrownBy(() -> Batches.of(Tensor.scalar(1), Tensor.scalar(1), 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Batches.of(Tensor.ones(3), Tensor.ones(3), 0))
        .hasMessageContaining("batch size 0");
  }
}
