package org.cotangent.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class DataLoaderTest {
  /// Adds a random number to each sample: what a transform draws, seen from outside.
  private static final Transform NOISE =
      (b, random) -> {
        double[] noise = random.stream().mapToDouble(Rng::nextDouble).toArray();
        return new Batch(b.x().add(Tensor.of(noise).to(DType.F32).unsqueeze(1)), b.y());
      };

  /// Samples `[n, 2]` that name their number, and targets that do too.
  private static Dataset numbered(int n) {
    Tensor numbers = Tensor.arange(0, n, 1, DType.F32);
    return Dataset.of(numbers.unsqueeze(1).expand(n, 2), Tensor.arange(n));
  }

  private static List<Long> order(DataLoader loader, long epoch) {
    List<Long> order = new ArrayList<>();
    for (Batch b : loader.batches(epoch)) {
      long[] y = b.y().toLongArray();
      assertThat(b.x().select(1, 0).toLongArray()).isEqualTo(y);
      assertThat(b.x().select(1, 1).toLongArray()).isEqualTo(y);
      assertThat(b.size()).isEqualTo(y.length);
      Arrays.stream(y).forEach(order::add);
    }
    return order;
  }

  private static List<Long> upTo(int n) {
    return LongStream.range(0, n).boxed().toList();
  }

  /// All numbers of the batches from one on, to the bit.
  private static List<List<Float>> rest(DataLoader loader, long epoch, int first) {
    List<List<Float>> batches = new ArrayList<>();
    try (BatchIterator it = loader.epoch(epoch, first)) {
      it.forEachRemaining(b -> batches.add(numbers(b)));
    }
    return batches;
  }

  private static List<Float> numbers(Batch b) {
    List<Float> all = new ArrayList<>();
    for (Tensor t : new Tensor[] {b.x(), b.y()}) {
      for (float v : t.toFloatArray()) {
        all.add(v);
      }
    }
    return all;
  }

  @Property(tries = 100)
  void everySampleComesOnceAnEpoch(
      @ForAll @IntRange(min = 0, max = 40) int n,
      @ForAll @IntRange(min = 1, max = 12) int size,
      @ForAll long seed,
      @ForAll @LongRange(min = 0) long epoch) {
    DataLoader plain = DataLoader.of(numbered(n), size);
    assertThat(order(plain, epoch)).isEqualTo(upTo(n));
    DataLoader shuffled = plain.shuffled(seed);
    assertThat(order(shuffled, epoch)).containsExactlyInAnyOrderElementsOf(upTo(n));
    int count = 0;
    for (Batch b : shuffled.dropLast().batches(epoch)) {
      assertThat(b.size()).isEqualTo(size);
      count++;
    }
    assertThat(count).isEqualTo(n / size).isEqualTo(shuffled.dropLast().count());
    assertThat(plain.count()).isEqualTo((n + size - 1) / size);
  }

  @Property(tries = 50)
  void epochsAndSeedsDifferAndRepeat(
      @ForAll long seed, @ForAll @LongRange(min = 0, max = Long.MAX_VALUE - 1) long epoch) {
    DataLoader loader = DataLoader.of(numbered(30), 7).shuffled(seed);
    List<Long> order = order(loader, epoch);
    assertThat(order(loader, epoch + 1)).isNotEqualTo(order);
    assertThat(order(DataLoader.of(numbered(30), 7).shuffled(seed + 1), epoch)).isNotEqualTo(order);
    assertThat(order(DataLoader.of(numbered(30), 7).shuffled(seed), epoch)).isEqualTo(order);
  }

  @Property(tries = 100)
  void whatComesIsAFunctionOfSeedEpochAndBatchAlone(
      @ForAll @IntRange(min = 0, max = 40) int n,
      @ForAll @IntRange(min = 1, max = 12) int size,
      @ForAll @IntRange(min = 0, max = 5) int prefetch,
      @ForAll @IntRange(min = 0, max = 40) int skipped,
      @ForAll long seed,
      @ForAll @LongRange(min = 0) long epoch) {
    DataLoader loader = DataLoader.of(numbered(n), size).shuffled(seed).transform(NOISE);
    List<List<Float>> whole = rest(loader, epoch, 0);
    assertThat(whole).hasSize(loader.count());
    int first = Math.min(skipped, loader.count());
    assertThat(rest(loader, epoch, first)).isEqualTo(whole.subList(first, whole.size()));
    assertThat(rest(loader.prefetch(prefetch), epoch, first))
        .isEqualTo(whole.subList(first, whole.size()));
  }

  @Property(tries = 50)
  void whatBecomesOfASampleDoesNotDependOnItsBatch(
      @ForAll @IntRange(min = 1, max = 40) int n,
      @ForAll @IntRange(min = 1, max = 12) int size,
      @ForAll long seed) {
    Transform twice = NOISE.then(NOISE);
    DataLoader loader = DataLoader.of(numbered(n), size).shuffled(seed).transform(twice);
    DataLoader atOnce = DataLoader.of(numbered(n), n).shuffled(seed).transform(twice);
    Tensor[] parts =
        IntStream.range(0, loader.count())
            .boxed()
            .map(k -> loader.epoch(3, k).next().x())
            .toArray(Tensor[]::new);
    assertThat(Tensor.concat(0, parts).toFloatArray())
        .isEqualTo(atOnce.epoch(3).next().x().toFloatArray());
  }

  @Test
  void manyThreadsMayReadOneLoaderAndSeeTheSame() throws Exception {
    Dataset images =
        Dataset.of(Rng.of(1).uniform(Shape.of(60, 3, 32, 32), DType.F32), Tensor.arange(60));
    DataLoader loader =
        DataLoader.of(images, 16)
            .shuffled(2)
            .transform(Transform.randomCrop(4).then(Transform.randomHorizontalFlip()));
    List<List<Float>> alone = rest(loader, 3, 1);
    try (var pool = Executors.newFixedThreadPool(6)) {
      List<Future<List<List<Float>>>> runs = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        int prefetch = i % 3;
        runs.add(pool.submit(() -> rest(loader.prefetch(prefetch), 3, 1)));
      }
      for (Future<List<List<Float>>> run : runs) {
        assertThat(run.get().equals(alone)).isTrue();
      }
    }
  }

  @Test
  void noTwoSamplesOrEpochsDrawTheSameNumbers() {
    Dataset zeros = Dataset.of(Tensor.zeros(20, 1), Tensor.arange(20));
    DataLoader loader = DataLoader.of(zeros, 6).transform(NOISE).transform(NOISE).seeded(4);
    List<Float> drawn = new ArrayList<>();
    for (long epoch = 0; epoch < 3; epoch++) {
      for (Batch b : loader.batches(epoch)) {
        for (float v : b.x().toFloatArray()) {
          drawn.add(v);
        }
      }
    }
    assertThat(drawn).hasSize(60).doesNotHaveDuplicates();
    assertThat(numbers(loader.epoch(0).next()))
        .isNotEqualTo(numbers(loader.seeded(5).epoch(0).next()));
  }

  @Test
  void anOrderOfYourOwnIsAskedForWhenAnEpochBegins() {
    List<Long> asked = new ArrayList<>();
    DataLoader loader =
        DataLoader.of(numbered(3), 2)
            .ordered(epoch -> {
              asked.add(epoch);
              return new int[] {2, 2, (int) epoch};
            });
    assertThat(order(loader, 1)).containsExactly(2L, 2L, 1L);
    assertThat(order(loader.prefetch(1), 0)).containsExactly(2L, 2L, 0L);
    assertThat(asked).containsExactly(1L, 0L);
    assertThatThrownBy(() -> loader.epoch(3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> loader.ordered(_ -> new int[2]).epoch(7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("DataLoader: the order of epoch 7 has 2 numbers; the data set has 3 samples");
  }

  @Test
  void theLastBatchMayBeSmaller() {
    List<Integer> sizes = new ArrayList<>();
    DataLoader.of(numbered(10), 4).batches(0).forEach(b -> sizes.add(b.size()));
    assertThat(sizes).containsExactly(4, 4, 2);
  }

  @Test
  void anEpochEnds() {
    BatchIterator it = DataLoader.of(numbered(3), 3).epoch(0);
    it.next();
    assertThat(it.hasNext()).isFalse();
    assertThatThrownBy(it::next)
        .isInstanceOf(NoSuchElementException.class)
        .hasMessage("DataLoader: the epoch is over after 1 batches");
  }

  @Test
  void samplesAreFoundByTheirNumbersInAnyOrderAndInParts() {
    Dataset all = numbered(10);
    assertThat(all.batch(7, 8, 9).y().toIntArray()).containsExactly(7, 8, 9);
    assertThat(all.batch(7, 0, 7).y().toIntArray()).containsExactly(7, 0, 7);
    assertThat(all.batch().size()).isZero();
    Dataset part = all.subset(9, 4, 5);
    assertThat(part.size()).isEqualTo(3);
    assertThat(part.batch(2, 0).y().toIntArray()).containsExactly(5, 9);
    assertThatThrownBy(() -> all.batch(3, 10)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> all.batch(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> all.subset(10)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> Dataset.of(Tensor.ones(3, 2), Tensor.ones(4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[3, 2]", "[4]");
    assertThatThrownBy(() -> Dataset.of(Tensor.scalar(1), Tensor.scalar(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> DataLoader.of(numbered(3), 0)).hasMessageContaining("batch size 0");
    DataLoader loader = DataLoader.of(numbered(3), 2);
    assertThatThrownBy(() -> loader.prefetch(-1)).hasMessageContaining("-1 batches");
    assertThatThrownBy(() -> loader.epoch(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> loader.epoch(0, 3))
        .hasMessage("DataLoader: no batch 3 in epoch 0: epochs count from 0, batches from 0 to 2");
    assertThat(loader.epoch(0, 2).hasNext()).isFalse();
  }
}
