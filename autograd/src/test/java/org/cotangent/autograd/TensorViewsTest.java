package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Changing shapes, cutting, joining and indexing, as users write them.
class TensorViewsTest {
  private static final Tensor X = Tensor.arange(6).reshape(2, 3); // [[0, 1, 2], [3, 4, 5]]

  private static boolean shares(Tensor a, Tensor b) {
    return Eager.numbers(a.value()).sharesArray(Eager.numbers(b.value()));
  }

  // ---- Slicing

  /// `range(n)[start:stop:step]` by Python's `slice.indices`.
  private static long[] python(int n, int start, int stop, int step) {
    long from = start < 0 ? Math.max(0, (long) start + n) : Math.min(start, n);
    long to = stop < 0 ? Math.max(0, (long) stop + n) : Math.min(stop, n);
    return LongStream.range(from, Math.max(from, to)).filter(i -> (i - from) % step == 0).toArray();
  }

  @Property(tries = 500)
  void slicesAreThoseOfNumPy(
      @ForAll @IntRange(min = 0, max = 9) int n,
      @ForAll @IntRange(min = -12, max = 12) int start,
      @ForAll @IntRange(min = -12, max = 12) int stop,
      @ForAll @IntRange(min = 1, max = 5) int step) {
    assertThat(Tensor.arange(n).slice(0, start, stop, step).toLongArray())
        .isEqualTo(python(n, start, stop, step));
  }

  @Test
  void slicesReachToTheEndsOfInt() {
    Tensor x = Tensor.arange(5);
    assertThat(x.slice(0, Integer.MIN_VALUE, Integer.MAX_VALUE).toLongArray()).hasSize(5);
    assertThat(x.slice(0, 0, 5, Integer.MAX_VALUE).toLongArray()).containsExactly(0);
    assertThat(x.slice(0, Integer.MAX_VALUE, 5).size()).isZero();
  }

  @Test
  void slicesOfAnyAxisShareMemory() {
    Tensor y = X.slice(-1, -2, 3);
    assertThat(y.toLongArray()).containsExactly(1, 2, 4, 5);
    assertThat(shares(X, y)).isTrue();
    assertThat(X.slice(1, 0, 3, 2).toLongArray()).containsExactly(0, 2, 3, 5);
  }

  @Test
  void aSliceCannotStepBackOrStandStill() {
    assertThatThrownBy(() -> X.slice(0, 0, 2, 0))
        .hasMessage("SLICE: the step 0 must be positive; use flip to reverse");
    assertThatThrownBy(() -> X.slice(0, 2, 0, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("SLICE: the step -1 must be positive; use flip to reverse");
    assertThatThrownBy(() -> X.slice(2, 0, 1))
        .hasMessage("SLICE: no axis 2 in shape [2, 3]: axes are -2 to 1");
  }

  @Test
  void flipReversesAnAxis() {
    assertThat(X.flip(0).toLongArray()).containsExactly(3, 4, 5, 0, 1, 2);
    assertThat(X.flip(-1).toLongArray()).containsExactly(2, 1, 0, 5, 4, 3);
    assertThat(X.flip(0).flip(0).toLongArray()).containsExactly(0, 1, 2, 3, 4, 5);
  }

  /// Found by the properties of views: the first element of nothing lay beyond the array.
  @Test
  void viewsOfNothingCanBeRead() {
    Tensor none = Tensor.of(Shape.of(0, 3), new double[0]);
    assertThat(none.flip(1).toDoubleArray()).isEmpty();
    assertThat(none.t().slice(0, 2, 3).toDoubleArray()).isEmpty();
    assertThat(none.flip(1).reshape(3, 0).flip(0).add(1).toDoubleArray()).isEmpty();
  }

  @Test
  void selectDropsTheAxis() {
    assertThat(X.select(0, 1).toLongArray()).containsExactly(3, 4, 5);
    assertThat(X.select(1, -1).toLongArray()).containsExactly(2, 5);
    assertThat(X.select(0, 0).select(0, 2).shape()).isEqualTo(Shape.SCALAR);
    assertThatThrownBy(() -> X.select(1, 3))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("SELECT: no position 3 on axis 1 of [2, 3]: positions are -3 to 2");
  }

  // ---- Shapes

  @Test
  void oneExtentOfAReshapeIsWorkedOut() {
    assertThat(X.reshape(-1).shape()).isEqualTo(Shape.of(6));
    assertThat(X.reshape(3, -1).shape()).isEqualTo(Shape.of(3, 2));
    assertThat(X.reshape(-1, 1, 6).shape()).isEqualTo(Shape.of(1, 1, 6));
    assertThat(Tensor.scalar(1).reshape(-1).shape()).isEqualTo(Shape.of(1));
    assertThat(Tensor.zeros(0, 3).reshape(-1, 3).shape()).isEqualTo(Shape.of(0, 3));
    assertThat(shares(X, X.reshape(-1))).isTrue();
  }

  @Test
  void reshapesThatDoNotFitSayWhy() {
    assertThatThrownBy(() -> X.reshape(4, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "RESHAPE: [2, 3] to [4, -1]: 6 elements do not divide evenly; the -1 has no value");
    assertThatThrownBy(() -> X.reshape(4))
        .hasMessage("RESHAPE: [2, 3] to [4]: 6 elements cannot become 4");
    assertThatThrownBy(() -> X.reshape(-1, -1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Tensor.zeros(0, 3).reshape(-1, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void reshapeOfATransposeIsInItsOwnOrder() {
    assertThat(X.t().reshape(6).toLongArray()).containsExactly(0, 3, 1, 4, 2, 5);
    assertThat(X.t().flatten().toLongArray()).containsExactly(0, 3, 1, 4, 2, 5);
    assertThat(Tensor.zeros(2, 3, 4, 5).flatten(1).shape()).isEqualTo(Shape.of(2, 60));
    assertThat(Tensor.zeros(2, 3, 4, 5).flatten(-2).shape()).isEqualTo(Shape.of(2, 3, 20));
  }

  @Test
  void axesOfExtentOneComeAndGo() {
    assertThat(X.unsqueeze(0).shape()).isEqualTo(Shape.of(1, 2, 3));
    assertThat(X.unsqueeze(-1).shape()).isEqualTo(Shape.of(2, 3, 1));
    assertThat(X.unsqueeze(1).squeeze(1).shape()).isEqualTo(Shape.of(2, 3));
    assertThatThrownBy(() -> X.squeeze(0))
        .hasMessage("SQUEEZE: axis 0 of [2, 3] has extent 2, not 1");
    assertThatThrownBy(() -> X.unsqueeze(3))
        .hasMessage("UNSQUEEZE: no place 3 in shape [2, 3]: places are -3 to 2");
  }

  @Test
  void axesChangePlaces() {
    assertThat(X.t().toLongArray()).containsExactly(0, 3, 1, 4, 2, 5);
    Tensor y = Tensor.arange(24).reshape(2, 3, 4);
    assertThat(y.permute(2, 0, 1).shape()).isEqualTo(Shape.of(4, 2, 3));
    assertThat(y.permute(2, 0, 1).get(3, 1, 2)).isEqualTo(y.get(1, 2, 3));
    assertThat(y.transpose(0, -1).get(3, 2, 1)).isEqualTo(y.get(1, 2, 3));
    assertThatThrownBy(() -> X.permute(0, 0))
        .hasMessage("PERMUTE: the order [0, 0] of shape [2, 3] must name each of its 2 axes once");
  }

  @Test
  void expandRepeatsWithoutMemory() {
    Tensor y = Tensor.of(1.0, 2).unsqueeze(1).expand(2, 3);
    assertThat(y.toDoubleArray()).containsExactly(1, 1, 1, 2, 2, 2);
    assertThatThrownBy(() -> X.expand(2, 6))
        .hasMessage(
            "EXPAND: [2, 3] does not stretch to [2, 6]: aligned at the last axis, each extent must be equal or 1");
  }

  // ---- Joining and indexing

  @Test
  void tensorsAreJoined() {
    Tensor a = Tensor.of(1, 2);
    Tensor b = Tensor.of(3, 4);
    assertThat(Tensor.concat(0, a, b).toIntArray()).containsExactly(1, 2, 3, 4);
    assertThat(Tensor.stack(0, a, b).toIntArray()).containsExactly(1, 2, 3, 4);
    assertThat(Tensor.stack(-1, a, b).toIntArray()).containsExactly(1, 3, 2, 4);
    assertThatThrownBy(() -> Tensor.concat(0))
        .hasMessage("CONCAT: no tensors given; one or more are needed");
    assertThatThrownBy(() -> Tensor.concat(0, X, Tensor.zeros(2, 2)))
        .hasMessage("CONCAT: shapes [2, 3] and [2, 2] may differ on axis 0 only");
  }

  @Test
  void padsAreFilled() {
    Tensor x = Tensor.of(1.0, 2);
    assertThat(x.pad(0, 1, 2).toDoubleArray()).containsExactly(0, 1, 2, 0, 0);
    assertThat(x.pad(0, 1, 0, -9).toDoubleArray()).containsExactly(-9, 1, 2);
    assertThat(x.pad(0, 0, 0)).isSameAs(x);
    assertThatThrownBy(() -> x.pad(0, -1, 0))
        .hasMessage("PAD: -1 before and 0 after: neither can be negative; use slice to cut");
  }

  @Test
  void indicesChooseElementsAndSlices() {
    Tensor i = Tensor.of(Shape.of(2, 2), new int[] {2, 0, 1, 1});
    assertThat(X.gather(1, i).toLongArray()).containsExactly(2, 0, 4, 4);
    assertThat(X.indexSelect(0, Tensor.of(1, 1, 0)).toLongArray())
        .containsExactly(3, 4, 5, 3, 4, 5, 0, 1, 2);
    assertThat(
            Tensor.zeros(3)
                .scatterAdd(0, Tensor.of(2, 0, 2), Tensor.of(1f, 10, 100))
                .toFloatArray())
        .containsExactly(10, 0, 101);
    assertThat(Tensor.of(2, 0).oneHot(3, DType.F32).toFloatArray())
        .containsExactly(0, 0, 1, 1, 0, 0);
  }

  @Test
  void wrongIndicesSayWhichAndWhere() {
    assertThatThrownBy(() -> X.indexSelect(1, Tensor.of(0, 3)))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage(
            "INDEX_SELECT: index 3 at [1] does not lie in axis 1 of [2, 3]: it must be 0 or more and less than 3");
    assertThatThrownBy(() -> X.gather(0, Tensor.of(new int[][] {{0, 0, -1}})))
        .hasMessage(
            "GATHER: index -1 at [0, 2] does not lie in axis 0 of [2, 3]: it must be 0 or more and less than 2");
    assertThatThrownBy(() -> X.indexSelect(0, Tensor.of(1.0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("INDEX_SELECT: the index must be I32 or I64, but this is F64");
    assertThatThrownBy(() -> Tensor.of(1.0).oneHot(3, DType.F32))
        .hasMessage("ONE_HOT: the index must be I32 or I64, but this is F64");
  }

  @Test
  void operandsThatDoNotBroadcastSayWhy() {
    assertThatThrownBy(() -> Tensor.zeros(2, 3).add(Tensor.zeros(4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "ADD: cannot broadcast [2, 3] with [4]: axis -1 has extents 3 and 4; each pair must be equal or contain a 1");
    assertThatThrownBy(() -> Tensor.zeros(2, 3).matmul(Tensor.zeros(4, 5)))
        .hasMessage("MATMUL: [2, 3] x [4, 5]: inner sizes 3 and 4 differ; transpose one of them?");
    assertThatThrownBy(() -> Tensor.scalar(1).matmul(Tensor.zeros(2)))
        .hasMessage("MATMUL: [] x [2]: a scalar has no rows or columns; use mul");
    assertThatThrownBy(() -> Tensor.zeros(2, 3).sum(0, 0))
        .hasMessage("SUM: the axes [0, 0] of shape [2, 3] name axis 0 twice");
  }

  @Test
  void readingAnElementNeedsAPlaceForEachAxis() {
    assertThat(X.get(-1, -1)).isEqualTo(5);
    assertThatThrownBy(() -> X.get(1)).hasMessage("get: 1 positions for the 2 axes of [2, 3]");
    assertThatThrownBy(() -> X.get(0, 3))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("get: no position 3 on axis 1 of [2, 3]");
    assertThatThrownBy(X::item).hasMessage("item: shape [2, 3] has 6 elements, not one");
  }

  @Test
  void arraysThatAreGivenOutAreTheCallersOwn() {
    Tensor x = Tensor.of(1.0, 2);
    Arrays.fill(x.toDoubleArray(), 9);
    assertThat(x.toDoubleArray()).containsExactly(1, 2);
  }
}
