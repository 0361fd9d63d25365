package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The loops of reductions, and the merged loops over several layouts, against element after
/// element.
class NestTest {
  /// Three elements into an array.
  private static Layout result(Shape s) {
    return Buffers.inside(DType.F32, s).layout();
  }

  private static Nest nest(int[] shape, int... to) {
    Shape s = Shape.of(shape);
    return Nest.of(s, Layout.of(s), result(Shape.of(to)));
  }

  private static String text(Nest nest) {
    return "%d runs of %d %s, %d columns of %d rows %d apart, once: %b, %b"
        .formatted(
            nest.runs(),
            nest.inner(),
            nest.isReduced() ? "reduced" : "kept",
            nest.columns(),
            nest.rows(),
            nest.rowStep(),
            nest.visitsOnce(),
            nest.groupsOnce());
  }

  @Test
  void axesAreMergedAsFarAsTheyCanBe() {
    int[] shape = {2, 3, 4};
    assertThat(text(nest(shape, 1, 1, 1)))
        .isEqualTo("1 runs of 24 reduced, 1 columns of 1 rows 0 apart, once: true, true");
    assertThat(text(nest(shape)))
        .isEqualTo("1 runs of 24 reduced, 1 columns of 1 rows 0 apart, once: true, true");
    assertThat(text(nest(shape, 2, 3, 4)))
        .isEqualTo("1 runs of 24 kept, 1 columns of 1 rows 0 apart, once: true, true");
    assertThat(text(nest(shape, 2, 1, 1)))
        .isEqualTo("2 runs of 12 reduced, 2 columns of 1 rows 0 apart, once: true, true");
    assertThat(text(nest(shape, 2, 3, 1)))
        .isEqualTo("6 runs of 4 reduced, 6 columns of 1 rows 0 apart, once: true, true");
    assertThat(text(nest(shape, 1, 1, 4)))
        .isEqualTo("6 runs of 4 kept, 1 columns of 6 rows 4 apart, once: false, true");
    assertThat(text(nest(shape, 2, 1, 4)))
        .isEqualTo("6 runs of 4 kept, 2 columns of 3 rows 4 apart, once: false, true");
    assertThat(text(nest(shape, 1, 3, 1)))
        .isEqualTo("6 runs of 4 reduced, 6 columns of 1 rows 0 apart, once: false, false");
    assertThat(text(nest(new int[] {2, 3, 4, 5}, 1, 3, 1, 5)))
        .isEqualTo("24 runs of 5 kept, 6 columns of 4 rows 5 apart, once: false, false");
    assertThat(text(nest(new int[] {1}, 1)))
        .isEqualTo("1 runs of 1 reduced, 1 columns of 1 rows 0 apart, once: true, true");
  }

  @Test
  void aRunSaysWhetherItsElementsAreNeighbours() {
    Shape s = Shape.of(3, 4);
    Layout x = Layout.of(Shape.of(3, 8));
    assertThat(Nest.of(s, x.slice(1, 0, 4, 1), Layout.of(s)).isContiguous()).isTrue();
    assertThat(Nest.of(s, x.slice(1, 0, 4, 2), Layout.of(s)).isContiguous()).isFalse();
    assertThat(nest(new int[] {1, 1}).isContiguous()).isTrue();
  }

  private static Layout operand(Buffers some, Shape s) {
    return some.view(DType.F32, s).layout();
  }

  private static Shape shape(Buffers some) {
    int[] d = new int[some.below(5)];
    Arrays.setAll(d, _ -> 1 + some.below(3));
    return Shape.of(d);
  }

  /// The step of the innermost axis that has any.
  private static int lastStep(Shape s, Layout x) {
    for (int axis = s.rank() - 1; axis >= 0; axis--) {
      if (s.dim(axis) > 1) {
        return x.stride(axis);
      }
    }
    return 1;
  }

  /// In pieces that end anywhere, in row-major order.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyElementIsVisitedOnceInOrder(long seed) {
    Buffers some = new Buffers(seed, false);
    for (int i = 0; i < 30; i++) {
      Shape s = shape(some);
      Layout x = operand(some, s);
      int[] kept = new int[s.rank()];
      Arrays.setAll(kept, axis -> some.coin() ? 1 : s.dim(axis));
      Layout y = result(Shape.of(kept));
      Nest nest = Nest.of(s, x, y);
      int xStep = lastStep(s, x);
      int yStep = nest.isReduced() ? 0 : 1;
      Layout to = y.expand(s);
      List<Integer> want = new ArrayList<>();
      for (int e = 0; e < s.size(); e++) {
        want.addAll(List.of(x.at(e), to.at(e)));
      }
      List<Integer> byRuns = new ArrayList<>();
      List<Integer> runs = new ArrayList<>();
      Nest.Place run =
          (xo, yo) -> {
            runs.add(yo);
            for (int e = 0; e < nest.inner(); e++) {
              byRuns.addAll(List.of(xo + e * xStep, yo + e * yStep));
            }
          };
      int cut = some.below(nest.runs() + 1);
      nest.runs(0, cut, run);
      nest.runs(cut, nest.runs(), run);
      assertThat(byRuns).as("runs of %s to %s", s, y.shape()).isEqualTo(want);
      assertThat(nest.visitsOnce()).isEqualTo(new HashSet<>(runs).size() == runs.size());
      List<Integer> byColumns = new ArrayList<>();
      List<Integer> groups = new ArrayList<>();
      Nest.Place column =
          (xo, yo) -> {
            groups.add(yo);
            for (int e = 0; e < nest.rows() * nest.inner(); e++) {
              int from = xo + e / nest.inner() * nest.rowStep();
              byColumns.addAll(
                  List.of(from + e % nest.inner() * xStep, yo + e % nest.inner() * yStep));
            }
          };
      cut = some.below(nest.columns() + 1);
      nest.columns(0, cut, column);
      nest.columns(cut, nest.columns(), column);
      assertThat(byColumns).as("columns of %s to %s", s, y.shape()).isEqualTo(want);
      assertThat(nest.groupsOnce()).isEqualTo(new HashSet<>(groups).size() == groups.size());
    }
  }

  @Test
  void anEmptyAxisIsNotVisited() {
    for (int[] s : new int[][] {{0, 3, 2}, {3, 0, 2}, {3, 2, 0}}) {
      Shape shape = Shape.of(s);
      Nest nest = Nest.of(shape, Layout.of(shape), result(shape.with(1, 1)));
      List<Integer> seen = new ArrayList<>();
      Nest.Place place = (_, yo) -> seen.addAll(Collections.nCopies(nest.inner(), yo));
      nest.runs(0, nest.runs(), place);
      nest.columns(
          0,
          nest.columns(),
          (xo, yo) -> {
            for (int r = 0; r < nest.rows(); r++) {
              place.at(xo, yo);
            }
          });
      assertThat(seen).isEmpty();
    }
  }

  private static String merged(Shape s, Layout... layouts) {
    Merged m = Merged.over(s, layouts);
    return Arrays.toString(m.extents()) + " " + Arrays.deepToString(m.steps());
  }

  @Test
  void loopsOverSeveralLayoutsAreMergedAsFarAsAllOfThemCanBe() {
    Shape s = Shape.of(2, 3, 1, 4);
    Layout whole = Layout.of(s);
    assertThat(merged(s, whole)).isEqualTo("[24] [[1]]");
    assertThat(merged(s, whole, Layout.of(Shape.of(4)))).isEqualTo("[6, 4] [[4, 1], [0, 1]]");
    assertThat(merged(s, Layout.of(Shape.of(2, 1, 1, 1)), whole))
        .isEqualTo("[2, 12] [[1, 0], [12, 1]]");
    assertThat(merged(s, whole.slice(1, 2, 3, -1))).isEqualTo("[2, 3, 4] [[12, -4, 1]]");
    assertThat(merged(s, whole, Layout.of(Shape.SCALAR))).isEqualTo("[24] [[1], [0]]");
    Layout turned =
        Layout.of(Shape.of(4, 3, 1, 2)).permute(Axes.permutation(Shape.of(4, 3, 1, 2), 3, 1, 2, 0));
    assertThat(merged(s, turned, whole)).isEqualTo("[2, 3, 4] [[1, 2, 6], [12, 4, 1]]");
    assertThat(merged(Shape.of(1, 1), Layout.of(Shape.of(1, 1)))).isEqualTo("[] [[]]");
  }
}
