package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Indices of all kinds, alone and together, and writing where they say.
class IndexingTest {
  private static final Tensor X = Tensor.arange(60).to(DType.F64).reshape(3, 4, 5);
  private static final Tensor I = Tensor.of(2, 0, -1);

  private static void smooth(UnaryOperator<Tensor> f, Tensor x) {
    GradCheck.standard()
        .order(2)
        .check(in -> f.apply(in.getFirst()).square(), List.of(x))
        .requirePassed();
  }

  private static Tensor get(Index... parts) {
    return Indexing.get(X, parts);
  }

  @Test
  void positionsRangesAndNewAxes() {
    assertThat(get(Index.at(1), Index.at(-1), Index.at(2)).item()).isEqualTo(37);
    Numbers.assertSame("fewer parts", get(Index.at(-1)), X.select(0, 2));
    Tensor y = get(Index.range(0, -1), Index.newAxis(), Index.range(-3, 4, 2));
    assertThat(y.shape()).isEqualTo(Shape.of(2, 1, 2, 5));
    assertThat(y.get(1, 0, 1, 4)).isEqualTo(X.get(1, 3, 4));
    Numbers.assertSame("rest", get(Index.rest(), Index.at(0)), X.select(2, 0));
    Numbers.assertSame("rest of none", get(Index.all(), Index.rest(), Index.all(), Index.all()), X);
    Numbers.assertSame("nothing", get(), X);
  }

  @Test
  void listedPositionsStandWhereTheirAxisStood() {
    Tensor y = get(Index.all(), Index.of(I.reshape(3, 1)));
    assertThat(y.shape()).isEqualTo(Shape.of(3, 3, 1, 5));
    assertThat(y.get(1, 2, 0, 4)).isEqualTo(X.get(1, 3, 4));
  }

  @Test
  void neighbouringListsAreUsedTogetherInPlace() {
    Tensor y = get(Index.all(), Index.of(I), Index.of(Tensor.of(4, 0, 1)));
    assertThat(y.shape()).isEqualTo(Shape.of(3, 3));
    assertThat(y.get(2, 0)).isEqualTo(X.get(2, 2, 4));
    assertThat(y.get(2, 2)).isEqualTo(X.get(2, 3, 1));
    Tensor outer = get(Index.of(Tensor.of(0, 2).unsqueeze(1)), Index.of(I));
    assertThat(outer.shape()).isEqualTo(Shape.of(2, 3, 5));
    assertThat(outer.get(1, 2, 3)).isEqualTo(X.get(2, 3, 3));
  }

  @Test
  void listsApartFromEachOtherComeFirst() {
    Tensor y = get(Index.of(Tensor.of(0, 2)), Index.all(), Index.of(Tensor.of(4, -4)));
    assertThat(y.shape()).isEqualTo(Shape.of(2, 4));
    assertThat(y.get(1, 3)).isEqualTo(X.get(2, 3, 1));
  }

  @Test
  void masksListWhereTheyAreTrue() {
    Numbers.assertSame("all axes", get(Index.of(X.gt(56))), Tensor.of(57.0, 58, 59));
    Tensor rows = get(Index.at(0), Index.of(Tensor.of(false, true, false, true)));
    Numbers.assertSame("one axis", rows, X.select(0, 0).indexSelect(0, Tensor.of(1, 3)));
    Tensor two =
        get(
            Index.of(
                Tensor.of(
                    new boolean[][] {
                      {true, false, false, false},
                      {false, false, false, false},
                      {false, false, true, false}
                    })));
    assertThat(two.shape()).isEqualTo(Shape.of(2, 5));
    assertThat(two.get(1, 0)).isEqualTo(X.get(2, 2, 0));
    assertThat(get(Index.of(X.lt(0))).size()).isZero();
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> get(Index.of(Tensor.of(0, 3)), Index.of(Tensor.of(0, 0))))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("INDEX: a position that a tensor lists is on none of axes [0, 1] of [3, 4, 5]");
    // In row-major order this would be an element, of another row.
    assertThatThrownBy(() -> get(Index.of(Tensor.of(0)), Index.of(Tensor.of(7))))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> get(Index.all(), Index.all(), Index.all(), Index.all()))
        .hasMessageContaining("more parts than axes");
    assertThatThrownBy(() -> get(Index.rest(), Index.rest()))
        .hasMessageContaining("only one Rest can be worked out");
    assertThatThrownBy(() -> get(Index.of(Tensor.of(true, false))))
        .hasMessage("INDEX: the mask [2] does not fit axis 0 of [3, 4, 5]: extents must be equal");
    assertThatThrownBy(() -> get(Index.of(Tensor.of(1.0))))
        .hasMessage("INDEX: a tensor among the parts is F64; it must be I32, I64 or BOOL");
    assertThatThrownBy(() -> get(Index.at(3))).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void gradientsOfWhatIsChosenTwiceAddUp() {
    Tensor x = new Draw(2).uniform(-1, 1, 3, 2);
    smooth(t -> Indexing.get(t, Index.of(Tensor.of(2, 0, 2)), Index.of(Tensor.of(1, 1, 1))), x);
    smooth(t -> Indexing.get(t, Index.of(x.gt(0))), x);
    smooth(t -> Indexing.maskedSelect(t, Tensor.of(true, false)), x);
    smooth(t -> Indexing.takeAlong(t, 0, Tensor.of(new int[][] {{2}, {2}})), x);
  }

  @Test
  void gatherTakesSmallerIndices() {
    Tensor y = X.gather(1, Tensor.of(Shape.of(1, 2, 3), new int[] {3, 2, 1, 0, 1, 2}));
    assertThat(y.toDoubleArray()).containsExactly(15, 11, 7, 0, 6, 12);
    assertThatThrownBy(() -> X.gather(1, Tensor.zeros(Shape.of(4, 1, 5), DType.I64)))
        .hasMessageContaining("GATHER");
  }

  @Test
  void takeAlongBroadcasts() {
    Tensor y = Indexing.takeAlong(X, -1, Tensor.of(Shape.of(1, 1, 2), new int[] {4, 0}));
    assertThat(y.shape()).isEqualTo(Shape.of(3, 4, 2));
    Numbers.assertSame("first", y.select(2, 0), X.select(2, 4));
    assertThatThrownBy(() -> Indexing.takeAlong(X, 0, Tensor.of(1)))
        .hasMessageContaining("must have as many axes as each other");
  }

  @Test
  void scatterWritesOverWhatStoodThere() {
    Tensor zeros = Tensor.zeros(Shape.of(2, 4), DType.F64);
    Tensor index = Tensor.of(new int[][] {{3, 0}});
    Tensor source = Tensor.of(new double[][] {{1, 2, 9}, {7, 8, 9}}); // larger than the index
    assertThat(Indexing.scatter(zeros, 1, index, source).toDoubleArray())
        .containsExactly(2, 0, 0, 1, 0, 0, 0, 0);
    Tensor x = new Draw(3).uniform(1, 2, 2, 4);
    smooth(t -> Indexing.scatter(t, 1, index, source), x);
    smooth(t -> Indexing.scatter(x, 1, index, t), source);
  }

  @Test
  void scatterAddTakesSmallerIndicesToo() {
    Tensor ones = Tensor.ones(Shape.of(2, 3), DType.F64);
    Tensor index = Tensor.of(new int[][] {{2, 2}});
    Tensor source = Tensor.of(new double[][] {{1, 2}, {3, 4}});
    assertThat(ones.scatterAdd(1, index, source).toDoubleArray()).containsExactly(1, 1, 4, 1, 1, 1);
  }

  @Test
  void additionsAndFillings() {
    Tensor x = Tensor.of(new double[][] {{1, 2}, {3, 4}, {5, 6}});
    Tensor source = Tensor.of(new double[][] {{10, 20}, {30, 40}});
    assertThat(Indexing.add(x, 0, Tensor.of(2, 2), source, -1).toDoubleArray())
        .containsExactly(1, 2, 3, 4, -35, -54);
    assertThat(Indexing.maskedFill(x, Tensor.of(true, false), 0).toDoubleArray())
        .containsExactly(0, 2, 0, 4, 0, 6);
    assertThat(Indexing.maskedSelect(Tensor.of(1, 2), x.gt(4)).toLongArray()).containsExactly(1, 2);
  }
}
