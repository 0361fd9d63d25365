package org.cotangent.autograd.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class WalkTest {

  @Property(tries = 3000)
  void everyElementIsVisitedOnceInRowMajorOrder(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int buffers) {
    var random = new Random(seed);
    Shape shape = Views.shape(random);
    Layout[] layouts = new Layout[buffers];
    for (int k = 0; k < buffers; k++) {
      Shape small = Views.stretchable(shape, random);
      layouts[k] = Views.strided(DType.I32, small, random).layout();
    }
    List<int[]> expected = new ArrayList<>();
    for (int i = 0; i < shape.size(); i++) {
      int[] at = new int[buffers];
      for (int k = 0; k < buffers; k++) {
        at[k] = layouts[k].expand(shape).at(i);
      }
      expected.add(at);
    }
    assertThat(visits(shape, layouts)).usingRecursiveComparison().isEqualTo(expected);
  }

  @Test
  void contiguousOperandsAreOneRun() {
    Shape x = Shape.of(4, 5, 6);
    assertThat(runs(x, Layout.of(x), Layout.of(x))).containsExactly(120);
  }

  @Test
  void aScalarIsStretchedOverOneRun() {
    Shape x = Shape.of(4, 5);
    assertThat(runs(x, Layout.of(x), Layout.of(Shape.SCALAR))).containsExactly(20);
  }

  @Test
  void aRowAddedToAMatrixIsOneRunARow() {
    assertThat(runs(Shape.of(3, 5), Layout.of(Shape.of(3, 5)), Layout.of(Shape.of(5))))
        .containsExactly(5, 5, 5);
  }

  @Test
  void aColumnAddedToAMatrixStandsStillWithinARow() {
    Shape x = Shape.of(2, 3);
    List<int[]> steps = new ArrayList<>();
    Walk.over(x, Layout.of(x), Layout.of(Shape.of(2, 1)))
        .run((_, _, step) -> steps.add(step.clone()));
    assertThat(steps).containsExactly(new int[] {1, 0}, new int[] {1, 0});
  }

  @Test
  void axesOfExtentOneNeverSplitARun() {
    Layout x = Layout.of(Shape.of(3, 1, 4));
    assertThat(runs(x.shape(), x, Layout.of(Shape.of(1, 3, 4)).reshape(x.shape()).orElseThrow()))
        .containsExactly(12);
  }

  @Test
  void equallyTransposedOperandsShareTheirRuns() {
    Shape stored = Shape.of(2, 3, 4);
    Layout x = Layout.of(stored).permute(Axes.permutation(stored, 2, 0, 1));
    assertThat(runs(x.shape(), x, x)).containsExactly(6, 6, 6, 6);
  }

  @Test
  void aScalarIsOneRunOfOne() {
    assertThat(runs(Shape.SCALAR, Layout.of(Shape.SCALAR))).containsExactly(1);
    assertThat(runs(Shape.of(1, 1), Layout.of(Shape.SCALAR))).containsExactly(1);
  }

  @Test
  void nothingIsNotVisited() {
    assertThat(runs(Shape.of(3, 0, 2), Layout.of(Shape.of(3, 0, 2)))).isEmpty();
    assertThat(runs(Shape.of(0), Layout.of(Shape.SCALAR))).isEmpty();
    assertThat(runs(Shape.of(65536, 65536, 0), Layout.of(Shape.of(65536, 65536, 0)))).isEmpty();
  }

  @Test
  void innerIsTheLengthOfEachRun() {
    Shape x = Shape.of(3, 5);
    assertThat(Walk.over(x, Layout.of(x)).inner()).isEqualTo(15);
    assertThat(Walk.over(x, Layout.of(x), Layout.of(Shape.of(5))).inner()).isEqualTo(5);
  }

  private static List<Integer> runs(Shape shape, Layout... layouts) {
    List<Integer> lengths = new ArrayList<>();
    Walk.over(shape, layouts).run((n, _, _) -> lengths.add(n));
    return lengths;
  }

  private static List<int[]> visits(Shape shape, Layout... layouts) {
    List<int[]> visits = new ArrayList<>();
    Walk.over(shape, layouts)
        .run((n, at, step) -> {
          int[] here = at.clone();
          for (int i = 0; i < n; i++) {
            visits.add(Arrays.copyOf(here, here.length));
            for (int k = 0; k < here.length; k++) {
              here[k] += step[k];
            }
          }
        });
    return visits;
  }
}
