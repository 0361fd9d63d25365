package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Products shared out over threads: the bits do not depend on it, and an epilogue sees each row
/// once, when it is done.
class MatMulTest {
  private static final int[][] SIZES = { // batches, rows, terms, columns
    {1, 128, 64, 65}, // shared out by rows
    {1, 65, 64, 128}, // by columns
    {1, 200, 11, 240}, // by rows among two threads, by columns among more
    {1, 7, 300, 5}, // too small
    {1, 40, 0, 3}, // no terms
    {5, 32, 66, 50}, // by batch
    {7, 95, 1, 50}, // too small, but not for an epilogue
    {2, 65, 65, 128}, // fewer batches than some have threads
    {2, 64, 65, 130}, // the same by columns
    {3, 1, 2, 1},
    {0, 3, 4, 5}
  };

  private static final int[][] LARGE = {
    {1, 300, 65, 70}, {1, 50, 784, 300}, {5, 40, 70, 90}, {2, 96, 120, 100}
  };

  private static Buffer random(DType dtype, Shape shape, int seed) {
    Random random = new Random(seed);
    Buffer x = Buffer.allocate(dtype, shape);
    for (int i = 0; i < shape.size(); i++) {
      if (dtype == DType.F32) {
        x.f32()[i] = random.nextFloat() - 0.5f;
      } else {
        x.f64()[i] = random.nextDouble() - 0.5;
      }
    }
    return x;
  }

  private static Shape shape(int batches, int rows, int columns, boolean transposed) {
    int r = transposed ? columns : rows;
    int c = transposed ? rows : columns;
    return batches == 1 ? Shape.of(r, c) : Shape.of(batches, r, c);
  }

  private static Object array(Buffer x) {
    return x.dtype() == DType.F32 ? x.f32() : x.f64();
  }

  private static Buffer product(
      int threads, Buffer a, boolean transA, Buffer b, boolean transB, Shape y) {
    Buffer c = Buffer.allocate(a.dtype(), y);
    c.poison();
    new MatMul(new Parallel(threads)).run(new ReferenceBackend(), a, transA, b, transB, c);
    return c;
  }

  static int[][] sizes() {
    return SIZES;
  }

  static int[][] largeSizes() {
    return LARGE;
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void theBitsAreTheSameForAnyNumberOfThreads(int[] size) {
    theBitsAreTheSame(DType.F32, size[0], size[1], size[2], size[3]);
    theBitsAreTheSame(DType.F64, size[0], size[1], size[2], size[3]);
  }

  @Tag("cold")
  @ParameterizedTest
  @MethodSource("largeSizes")
  void soAreThoseOfLargeProducts(int[] size) {
    theBitsAreTheSameForAnyNumberOfThreads(size);
  }

  private static void theBitsAreTheSame(DType dtype, int batches, int m, int k, int n) {
    for (int trans = 0; trans < 4; trans++) {
      boolean ta = (trans & 1) != 0;
      boolean tb = (trans & 2) != 0;
      Buffer a = random(dtype, shape(batches, m, k, ta), 1);
      Buffer b = random(dtype, shape(batches, k, n, tb), 2);
      Shape y = shape(batches, m, n, false);
      Buffer want = Buffer.allocate(dtype, y);
      new ReferenceBackend().matmul(a, ta, b, tb, want);
      Buffer alone = product(1, a, ta, b, tb, y);
      for (int threads : new int[] {2, 3, 7}) {
        Buffer c = product(threads, a, ta, b, tb, y);
        assertThat(array(c)).as("%s by %d threads", y, threads).isEqualTo(array(alone));
      }
      // Two sums in different orders, of at most 784 terms of at most a quarter.
      double bound = dtype == DType.F32 ? 1e-4 : 1e-12;
      for (int i = 0; i < y.size(); i++) {
        assertThat(Math.abs(alone.getDouble(i) - want.getDouble(i))).isLessThan(bound);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3", "7"})
  void anEpilogueSeesEachRowOnceWhenItIsDone(int threads) {
    for (int[] s : SIZES) {
      Buffer a = random(DType.F32, shape(s[0], s[1], s[2], false), 1);
      Buffer b = random(DType.F32, shape(s[0], s[2], s[3], false), 2);
      Shape y = shape(s[0], s[1], s[3], false);
      int columns = s[3];
      Buffer want = Buffer.allocate(DType.F32, y);
      MatMul products = new MatMul(new Parallel(threads));
      products.run(new ReferenceBackend(), a, false, b, false, want);
      Buffer c = Buffer.allocate(DType.F32, y);
      c.poison();
      AtomicIntegerArray seen = new AtomicIntegerArray(s[0] * s[1]);
      products.run(
          new ReferenceBackend(),
          a,
          false,
          b,
          false,
          c,
          (first, count) -> {
            for (int r = first; r < first + count; r++) {
              seen.incrementAndGet(r);
              for (int j = 0; j < columns; j++) {
                c.f32()[r * columns + j] = 2 * c.f32()[r * columns + j] + 1;
              }
            }
          });
      for (int r = 0; r < seen.length(); r++) {
        assertThat(seen.get(r)).as("row %d of %s", r, y).isEqualTo(1);
      }
      for (int i = 0; i < y.size(); i++) {
        assertThat(c.f32()[i]).isEqualTo(2 * want.f32()[i] + 1);
      }
    }
  }

  /// The runs of rows that an epilogue is given, in ascending order.
  private static List<String> parts(int threads, int m, int k, int n) {
    List<int[]> parts = Collections.synchronizedList(new ArrayList<>());
    new MatMul(new Parallel(threads))
        .run(
            new ReferenceBackend(),
            random(DType.F32, Shape.of(m, k), 1),
            false,
            random(DType.F32, Shape.of(k, n), 2),
            false,
            Buffer.allocate(DType.F32, Shape.of(m, n)),
            (first, count) -> parts.add(new int[] {first, count}));
    return parts.stream()
        .sorted(Comparator.comparingInt(p -> p[0]))
        .map(p -> p[0] + "+" + p[1])
        .toList();
  }

  /// 2^19 terms are shared out, tiles of 12 rows each as evenly as they divide.
  @Test
  void threadsGetWholeTilesOfRows() {
    assertThat(parts(3, 128, 64, 64)).containsExactly("0+48", "48+36", "84+44");
    assertThat(parts(2, 128, 64, 64)).containsExactly("0+60", "60+68");
    assertThat(parts(1, 128, 64, 64)).containsExactly("0+128");
    assertThat(parts(3, 128, 63, 64)).as("too few terms").containsExactly("0+128");
    assertThat(parts(7, 30, 600, 30)).as("tiles enough for three").hasSize(3);
    assertThat(parts(2, 192, 16, 192)).as("rows").containsExactly("0+96", "96+96");
    assertThat(parts(2, 191, 16, 192))
        .as("by columns, then at once")
        .containsExactly("0+95", "95+96");
  }

  /// The rows of all matrices of a batch, one below the other.
  @Test
  void anEpilogueOfManyNumbersIsSharedOut() {
    for (int rows : new int[] {63, 64}) {
      List<Integer> counts = Collections.synchronizedList(new ArrayList<>());
      new MatMul(new Parallel(2))
          .run(
              new ReferenceBackend(),
              random(DType.F32, Shape.of(8, rows, 1), 1),
              false,
              random(DType.F32, Shape.of(8, 1, 64), 2),
              false,
              Buffer.allocate(DType.F32, Shape.of(8, rows, 64)),
              (first, count) -> counts.add(count));
      assertThat(counts).containsExactlyElementsOf(rows < 64 ? List.of(504) : List.of(256, 256));
    }
  }
}
