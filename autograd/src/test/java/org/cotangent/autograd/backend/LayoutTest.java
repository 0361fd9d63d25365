package org.cotangent.autograd.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

class LayoutTest {
  private static final Shape MATRIX = Shape.of(2, 3);

  @Test
  void aNewLayoutIsRowMajor() {
    Layout x = Layout.of(Shape.of(2, 3, 4));
    assertThat(List.of(x.stride(0), x.stride(1), x.stride(2))).containsExactly(12, 4, 1);
    assertThat(x.offset()).isZero();
    assertThat(x.isContiguous()).isTrue();
    assertThat(x.at(23)).isEqualTo(23);
  }

  @Test
  void aTransposedMatrixSwapsItsStrides() {
    Layout x = transposed();
    assertThat(x.shape()).isEqualTo(Shape.of(3, 2));
    assertThat(x.stride(0)).isEqualTo(1);
    assertThat(x.stride(1)).isEqualTo(3);
    assertThat(x.isContiguous()).isFalse();
    assertThat(places(x)).containsExactly(0, 3, 1, 4, 2, 5);
  }

  @Test
  void aNegativeStepWalksBackwards() {
    Layout x = Layout.of(MATRIX).slice(1, 2, 2, -2);
    assertThat(places(x)).containsExactly(2, 0, 5, 3);
    assertThat(x.offset()).isEqualTo(2);
  }

  @Test
  void windowsShareElements() {
    Layout x = Layout.of(MATRIX).windows(1, 2, 2, 1, 1);
    assertThat(x.shape()).isEqualTo(Shape.of(2, 2, 2));
    assertThat(places(x)).containsExactly(0, 1, 1, 2, 3, 4, 4, 5);
    assertThat(x.isContiguous()).isFalse();
    assertThat(x.reshape(Shape.of(2, 4))).isEmpty();
    assertThat(places(Layout.of(MATRIX).windows(1, 1, 2, 1, 2))).containsExactly(0, 2, 3, 5);
    assertThat(places(Layout.of(Shape.of(5, 2)).windows(0, 2, 2, 2, 2)))
        .containsExactly(0, 4, 1, 5, 4, 8, 5, 9);
  }

  @Test
  void expandingRepeatsWithStrideZero() {
    Layout x = Layout.of(Shape.of(2, 1)).expand(Shape.of(3, 2, 2));
    assertThat(places(x)).containsExactly(0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1);
    assertThat(x.isContiguous()).isFalse();
  }

  @Test
  void aLeadingSliceStaysContiguous() {
    Layout x = Layout.of(Shape.of(5, 3)).slice(0, 2, 2, 1);
    assertThat(x.isContiguous()).isTrue();
    assertThat(x.offset()).isEqualTo(6);
    assertThat(places(x)).containsExactly(6, 7, 8, 9, 10, 11);
  }

  @Test
  void extentsOfOneDoNotMatterForContiguity() {
    assertThat(Layout.of(Shape.of(4, 2)).slice(0, 1, 1, 3).isContiguous()).isTrue();
    assertThat(Layout.of(Shape.of(1, 3)).permute(order(1, 0)).isContiguous()).isTrue();
  }

  @Test
  void nothingIsContiguous() {
    Layout x = Layout.of(Shape.of(2, 0)).permute(order(1, 0));
    assertThat(x.isContiguous()).isTrue();
    assertThat(x.reshape(Shape.of(7, 0, 3))).isPresent();
  }

  @Test
  void aTransposedMatrixCannotBeFlattenedWithoutCopying() {
    assertThat(transposed().reshape(Shape.of(6))).isEmpty();
    assertThat(transposed().reshape(Shape.of(3, 1, 2)).map(LayoutTest::places))
        .contains(places(transposed()));
  }

  @Test
  void evenlySpacedElementsCanBeFlattened() {
    Layout everySecond = Layout.of(Shape.of(3, 4)).slice(1, 3, 2, -2);
    assertThat(everySecond.reshape(Shape.of(6))).isEmpty(); // 3 1, 7 5, 11 9
    Layout backwards = Layout.of(MATRIX).slice(0, 1, 2, -1).slice(1, 2, 3, -1);
    Optional<Layout> flat = backwards.reshape(Shape.of(6));
    assertThat(flat.map(LayoutTest::places)).contains(List.of(5, 4, 3, 2, 1, 0));
    Layout column = Layout.of(Shape.of(6, 2)).slice(1, 1, 1, 1);
    assertThat(column.reshape(Shape.of(2, 3)).map(LayoutTest::places))
        .contains(List.of(1, 3, 5, 7, 9, 11));
  }

  /// A view operation of which `a`, `b` and `c` choose the details, whatever the shape is by then.
  record Step(Kind kind, int a, int b, int c) {}

  /// The four views.
  enum Kind {
    PERMUTE,
    SLICE,
    EXPAND,
    RESHAPE
  }

  @Provide
  Arbitrary<Step> steps() {
    Arbitrary<Integer> number = Arbitraries.integers().between(0, 23);
    return Combinators.combine(Arbitraries.of(Kind.class), number, number, number).as(Step::new);
  }

  @Provide
  Arbitrary<List<Integer>> extents() {
    return Arbitraries.frequencyOf(
            Tuple.of(1, Arbitraries.just(0)), Tuple.of(9, Arbitraries.integers().between(1, 6)))
        .list()
        .ofMaxSize(4);
  }

  @Property(tries = 3000)
  void composedViewsIndexTheElementsOfTheModel(
      @ForAll("extents") List<Integer> extents, @ForAll List<@From("steps") Step> steps) {
    Shape shape = Shape.of(extents.stream().mapToInt(i -> i).toArray());
    Layout layout = Layout.of(shape);
    var model = Views.Model.of(shape);
    for (Step s : steps) {
      Shape x = layout.shape();
      switch (s.kind) {
        case PERMUTE -> {
          Axes order = chosenOrder(s, x);
          layout = layout.permute(order);
          model = model.permute(order);
        }
        case SLICE -> {
          if (x.rank() > 0) {
            int axis = s.a % x.rank();
            int n = x.dim(axis);
            int step = List.of(1, 2, 3, -1, -2, -3).get(s.a / 4);
            int start = n == 0 ? 0 : s.b % n;
            int most = n == 0 ? 0 : (step > 0 ? (n - 1 - start) / step : start / -step) + 1;
            int length = most - s.c % (most + 1);
            layout = layout.slice(axis, start, length, step);
            model = model.slice(axis, start, length, step);
          }
        }
        case EXPAND -> {
          Shape wide = chosenExpansion(s, x);
          if (wide.size() <= 1000) {
            layout = layout.expand(wide);
            model = model.expand(wide);
          }
        }
        case RESHAPE -> {
          Shape to = chosenReshape(s, x);
          var reshaped = model.reshape(to);
          Optional<Layout> view = layout.reshape(to);
          assertThat(view.isPresent()).isEqualTo(reshaped.strides().isPresent());
          if (view.isPresent()) {
            layout = view.get();
            model = reshaped;
          }
        }
      }
      assertThat(layout.shape()).isEqualTo(model.shape());
      assertThat(places(layout)).containsExactly(boxed(model.places()));
      assertThat(layout.isContiguous()).isEqualTo(rises(model.places()));
    }
  }

  private static Axes chosenOrder(Step s, Shape x) {
    int[] order = new int[x.rank()];
    int code = s.a;
    for (int i = 0; i < order.length; i++) {
      int j = code % (i + 1);
      code /= i + 1;
      order[i] = order[j];
      order[j] = i;
    }
    return Axes.permutation(x, order);
  }

  /// An axis of extent 1 becomes longer, or a new one appears in front.
  private static Shape chosenExpansion(Step s, Shape x) {
    int axis = x.rank() == 0 ? 0 : s.a % x.rank();
    return x.rank() > 0 && x.dim(axis) == 1
        ? x.with(axis, s.b % 4)
        : x.rank() < 5 ? x.inserted(0, 1 + s.b % 3) : x;
  }

  /// Two axes become one, one becomes two, a 1 appears, or all become one.
  private static Shape chosenReshape(Step s, Shape x) {
    int rank = x.rank();
    if (s.a % 4 == 0 && rank > 1) {
      int axis = s.b % (rank - 1);
      return x.without(axis).with(axis, x.dim(axis) * x.dim(axis + 1));
    }
    if (s.a % 4 == 1 && rank > 0 && rank < 6) {
      int axis = s.b % rank;
      int n = x.dim(axis);
      int inner = 1 + s.c % 6;
      return n % inner == 0 ? x.with(axis, inner).inserted(axis, n / inner) : x;
    }
    if (s.a % 4 == 2 && rank < 6) {
      return x.inserted(s.b % (rank + 1), 1);
    }
    return Shape.of(x.size());
  }

  private static Layout transposed() {
    return Layout.of(MATRIX).permute(order(1, 0));
  }

  private static Axes order(int... order) {
    return Axes.permutation(Shape.of(new int[order.length]), order);
  }

  private static List<Integer> places(Layout x) {
    return IntStream.range(0, x.shape().size()).map(x::at).boxed().toList();
  }

  private static Integer[] boxed(int... v) {
    return Arrays.stream(v).boxed().toArray(Integer[]::new);
  }

  private static boolean rises(int... places) {
    for (int i = 1; i < places.length; i++) {
      if (places[i] != places[i - 1] + 1) {
        return false;
      }
    }
    return true;
  }
}
