package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.cotangent.autograd.shape.DType.BOOL;
import static org.cotangent.autograd.shape.DType.F32;
import static org.cotangent.autograd.shape.DType.F64;
import static org.cotangent.autograd.shape.DType.I32;
import static org.cotangent.autograd.shape.DType.I64;

import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.shape.DType;
import org.junit.jupiter.api.Test;

/// The dtype of every operation on every pair of dtypes, written out.
class PromotionTest {
  private static final List<DType> ALL = List.of(BOOL, I32, I64, F32, F64);

  /// Row: left operand; column: right operand; both in the order of `ALL`.
  private static final DType[][] LATER = {
    {BOOL, I32, I64, F32, F64},
    {I32, I32, I64, F32, F64},
    {I64, I64, I64, F32, F64},
    {F32, F32, F32, F32, F64},
    {F64, F64, F64, F64, F64}
  };

  /// Quotients and the like: what is not floating counts as F32.
  private static final DType[][] FLOATING = {
    {F32, F32, F32, F32, F64},
    {F32, F32, F32, F32, F64},
    {F32, F32, F32, F32, F64},
    {F32, F32, F32, F32, F64},
    {F64, F64, F64, F64, F64}
  };

  private static Tensor one(DType d) {
    return Tensor.of(1).to(d);
  }

  private static void assertTable(String name, BinaryOperator<Tensor> op, DType[][] table) {
    for (int i = 0; i < ALL.size(); i++) {
      for (int j = 0; j < ALL.size(); j++) {
        Tensor a = one(ALL.get(i));
        Tensor b = one(ALL.get(j));
        assertThat(op.apply(a, b).dtype())
            .as("%s of %s and %s", name, ALL.get(i), ALL.get(j))
            .isEqualTo(table[i][j]);
      }
    }
  }

  /// As the table, but for two `BOOL`s, on which arithmetic is an error.
  private static void assertArithmetic(String name, BinaryOperator<Tensor> op) {
    for (int i = 0; i < ALL.size(); i++) {
      for (int j = 0; j < ALL.size(); j++) {
        Tensor a = one(ALL.get(i));
        Tensor b = one(ALL.get(j));
        if (i == 0 && j == 0) {
          assertThatThrownBy(() -> op.apply(a, b))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessage(
                  name + ": not defined on BOOL; convert with to(DType.F32) or use and, or, not");
        } else {
          assertThat(op.apply(a, b).dtype()).as(name).isEqualTo(LATER[i][j]);
        }
      }
    }
  }

  @Test
  void arithmeticWorksInTheLaterDtype() {
    assertArithmetic("ADD", Tensor::add);
    assertArithmetic("SUB", Tensor::sub);
    assertArithmetic("MUL", Tensor::mul);
    assertArithmetic("MAXIMUM", Tensor::maximum);
    assertArithmetic("MINIMUM", Tensor::minimum);
  }

  @Test
  void quotientsPowersAnglesAndMatrixProductsAreFloating() {
    assertTable("div", Tensor::div, FLOATING);
    assertTable("pow", Tensor::pow, FLOATING);
    assertTable("atan2", Tensor::atan2, FLOATING);
    assertTable("matmul", Tensor::matmul, FLOATING);
  }

  @Test
  void choicesAndJoinsWorkInTheLaterDtype() {
    Tensor c = Tensor.of(true);
    assertTable("where", (a, b) -> Tensor.where(c, a, b), LATER);
    assertTable("concat", (a, b) -> Tensor.concat(0, a, b), LATER);
    assertTable("stack", (a, b) -> Tensor.stack(0, a, b), LATER);
  }

  @Test
  void comparisonsOfAnyTwoDtypesGiveTruthValues() {
    DType[][] bools = new DType[5][5];
    for (DType[] row : bools) {
      Arrays.fill(row, BOOL);
    }
    assertTable("eq", Tensor::eq, bools);
    assertTable("ne", Tensor::ne, bools);
    assertTable("lt", Tensor::lt, bools);
    assertTable("le", Tensor::le, bools);
    assertTable("gt", Tensor::gt, bools);
    assertTable("ge", Tensor::ge, bools);
  }

  private static List<DType> of(UnaryOperator<Tensor> op) {
    return ALL.stream().map(d -> op.apply(one(d)).dtype()).toList();
  }

  @Test
  void aJavaNumberTakesTheTensorsDtypeIfThatCanHoldIt() {
    assertThat(of(t -> t.add(1))).containsExactly(I32, I32, I64, F32, F64);
    assertThat(of(t -> t.add(0.5))).containsExactly(F32, F32, F32, F32, F64);
    assertThat(of(t -> t.mul(Double.NaN))).containsExactly(F32, F32, F32, F32, F64);
    assertThat(of(t -> t.mul(Double.POSITIVE_INFINITY))).containsExactly(F32, F32, F32, F32, F64);
    assertThat(of(t -> t.add(3e9))).containsExactly(I64, I64, I64, F32, F64);
    assertThat(of(t -> t.add(1e19))).containsExactly(F32, F32, F32, F32, F64);
    assertThat(of(t -> t.div(2))).containsExactly(F32, F32, F32, F32, F64);
    assertThat(of(t -> t.rsub(1))).containsExactly(I32, I32, I64, F32, F64);
    assertThat(of(t -> t.rdiv(1))).containsExactly(F32, F32, F32, F32, F64);
  }

  /// 2³¹ held back to the largest int would be smaller than 3,000,000,000.
  @Test
  void numbersBeyondAnIntAreComparedAsTheyAre() {
    Tensor largest = Tensor.of(Integer.MAX_VALUE);
    assertThat(largest.lt(3e9).toBooleanArray()).containsExactly(true);
    assertThat(largest.add(1e10).item()).isEqualTo(10_000_000_000.0 + Integer.MAX_VALUE);
  }

  @Test
  void functionsOfOneOperand() {
    assertThat(of(Tensor::neg)).containsExactly(I32, I32, I64, F32, F64);
    assertThat(of(Tensor::abs)).containsExactly(I32, I32, I64, F32, F64);
    assertThat(of(Tensor::square)).containsExactly(I32, I32, I64, F32, F64);
    assertThat(of(Tensor::exp)).containsExactly(F32, F32, F32, F32, F64);
    assertThat(of(Tensor::relu)).containsExactly(F32, F32, F32, F32, F64);
    assertThat(of(Tensor::isNaN)).containsOnly(BOOL);
    assertThat(of(Tensor::isFinite)).containsOnly(BOOL);
  }

  @Test
  void reductions() {
    assertThat(of(Tensor::sum)).containsExactly(I64, I64, I64, F32, F64);
    assertThat(of(Tensor::mean)).containsExactly(F32, F32, F32, F32, F64);
    assertThat(of(Tensor::logSumExp)).containsExactly(F32, F32, F32, F32, F64);
    assertThat(of(t -> t.softmax(0))).containsExactly(F32, F32, F32, F32, F64);
    assertThat(Tensor.of(3, 1).max().dtype()).isEqualTo(I32);
    assertThat(Tensor.of(3, 1).argmax(0).dtype()).isEqualTo(I64);
  }

  @Test
  void logicNeedsTruthValues() {
    assertThatThrownBy(() -> Tensor.of(1).and(Tensor.of(true)))
        .hasMessage("AND: needs BOOL, but this is I32; compare with ne(0)");
    assertThatThrownBy(() -> Tensor.of(1.0).not())
        .hasMessage("NOT: needs BOOL, but this is F64; compare with ne(0)");
    assertThatThrownBy(() -> Tensor.where(Tensor.of(1), Tensor.of(1), Tensor.of(2)))
        .hasMessage("WHERE: needs BOOL, but this is I32; compare with ne(0)");
  }
}
