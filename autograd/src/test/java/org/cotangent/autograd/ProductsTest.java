package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Products against the equations that [EinsumTest] holds to loops.
class ProductsTest {
  private final Draw draw = new Draw(1);

  private Tensor of(int... dims) {
    return draw.uniform(-1, 1, dims);
  }

  private static void same(Tensor actual, String equation, Tensor... in) {
    Numbers.assertClose(equation, actual, Linalg.einsum(equation, in), 1e-14);
  }

  @Test
  void productsAreTheirEquations() {
    Tensor a = of(3, 4);
    Tensor b = of(4, 5);
    Tensor v = of(4);
    Tensor w = of(5);
    same(Linalg.mv(a, v), "ij,j", a, v);
    same(Linalg.dot(v, v), "i,i->", v, v);
    same(Linalg.outer(v, w), "i,j->ij", v, w);
    same(Linalg.inner(of(1).reshape(Shape.SCALAR).mul(0).add(2), a), "ij->ij", a.mul(2));
    Tensor c = of(2, 3, 4);
    Tensor d = of(5, 4);
    same(Linalg.inner(c, d), "bij,kj->bik", c, d);
    same(Linalg.vecdot(c, a), "bij,ij->bi", c, a);
    same(Linalg.vecdot(c, a, -2), "bij,ij->bj", c, a);
    Tensor e = of(2, 4, 3);
    same(Linalg.bmm(c, e), "bij,bjk->bik", c, e);
    same(Linalg.tensordot(a, b, 1), "ij,jk->ik", a, b);
    same(Linalg.tensordot(a, b, 0), "ij,kl->ijkl", a, b);
    same(Linalg.tensordot(c, a, 2), "bij,ij->b", c, a);
    same(Linalg.tensordot(c, e, new int[] {-1, 1}, new int[] {1, 2}), "bij,cji->bc", c, e);
    Tensor x1 = of(2, 3, 4);
    Tensor x2 = of(2, 3, 5);
    Tensor k = of(6, 4, 5);
    same(Linalg.bilinear(x1, x2, k), "abi,kij,abj->abk", x1, k, x2);
  }

  @Test
  void addedProductsScaleBothParts() {
    Tensor y = of(5);
    Tensor a = of(3, 4);
    Tensor b = of(4, 5);
    Tensor expected = y.mul(0.5).add(a.matmul(b).mul(-2));
    Numbers.assertSame("addmm", Linalg.addmm(y, a, b, 0.5, -2), expected);
    Numbers.assertSame("addmm", Linalg.addmm(y, a, b), y.add(a.matmul(b)));
    Tensor nan = y.mul(Double.NaN);
    Numbers.assertSame("addmm", Linalg.addmm(nan, a, b, 0, 1), a.matmul(b));
    Tensor batch = Tensor.stack(0, a, a);
    Tensor other = Tensor.stack(0, b, b.neg());
    Numbers.assertSame(
        "baddbmm", Linalg.baddbmm(y, batch, other, 2, 3), y.mul(2).add(batch.matmul(other).mul(3)));
  }

  @Test
  void factorsAreMultipliedInTheCheapOrder() {
    Tensor a = of(4, 1);
    Tensor b = of(1, 5);
    Tensor c = of(5, 3);
    Tensor v = of(4);
    Numbers.assertClose("product", Linalg.multiDot(a, b, c), a.matmul(b).matmul(c), 1e-14);
    Tensor row = Linalg.multiDot(v, a, b);
    assertThat(row.shape()).isEqualTo(Shape.of(5));
    Numbers.assertClose("row", row, v.matmul(a).matmul(b), 1e-14);
    assertThat(Linalg.multiDot(v, a, b, of(5)).shape()).isEqualTo(Shape.SCALAR);
    // From left to right there would be 4 · 10⁹ numbers between.
    Tensor tall = Tensor.ones(65_536, 1);
    assertThat(Linalg.multiDot(tall, tall.t(), tall).get(7, 0)).isEqualTo(65_536);
  }

  @Test
  void derivativesOfSecondOrderAreRight() {
    Tensor a = of(2, 3);
    Tensor b = of(3, 2);
    check("multiDot", in -> Linalg.multiDot(in.get(0), in.get(1), in.get(2)), a, b, of(2, 4));
    check("tensordot", in -> Linalg.tensordot(in.get(0), in.get(1), 1), a, of(3, 2, 2));
    check("bilinear", in -> Linalg.bilinear(in.get(0), in.get(1), in.get(2)), a, a, of(2, 3, 3));
    check("addmm", in -> Linalg.addmm(in.get(0), in.get(1), in.get(2), 2, 3), of(2, 1), a, b);
    check("vecdot", in -> Linalg.vecdot(in.get(0), in.get(1), 0), a, of(2, 1));
  }

  private static void check(String name, Function<List<Tensor>, Tensor> f, Tensor... in) {
    GradCheck.standard().order(2).projected(3).check(name, f, List.of(in)).requirePassed();
  }

  @Test
  void integersCountAsFloats() {
    Tensor i = Tensor.of(1, 2, 3);
    assertThat(Linalg.dot(i, i).dtype()).isEqualTo(DType.F32);
    assertThat(Linalg.vecdot(i, i).item()).isEqualTo(14);
    assertThat(Linalg.det(Tensor.of(new int[][] {{1, 2}, {3, 4}})).item()).isEqualTo(-2);
    assertThat(Linalg.vectorNorm(Tensor.of(3, 4)).item()).isEqualTo(5);
  }

  @Test
  void whatDoesNotFitIsNamed() {
    Tensor a = of(2, 3);
    Tensor v = of(3);
    fails(
        "DOT: [2, 3] x [3]: the operands need 1 and 1 axes; matmul takes any",
        () -> Linalg.dot(a, v));
    fails(
        "BMM: [2, 3] x [2, 3]: the operands need 3 and 3 axes; matmul takes any",
        () -> Linalg.bmm(a, a));
    fails(
        "BMM: [2, 1, 3] x [4, 3, 1]: batches of 2 and 4 differ; matmul broadcasts them",
        () -> Linalg.bmm(of(2, 1, 3), of(4, 3, 1)));
    fails(
        "ADDMM: [2, 3] does not stretch to the product's shape [2, 2]",
        () -> Linalg.addmm(a, a, a.t()));
    fails("MULTI_DOT: 1 factors given; a product needs two or more", () -> Linalg.multiDot(a));
    fails(
        "MULTI_DOT: [[2, 3], [3], [3, 2]]: factors are matrices; the first and the last may be vectors",
        () -> Linalg.multiDot(a, v, a.t()));
    fails(
        "TENSORDOT: [2, 3] and [3] do not have 2 axes each to sum over",
        () -> Linalg.tensordot(a, v, 2));
    fails(
        "TENSORDOT: axes [0] of [2, 3] and [0] of [3]: each pair must have one extent",
        () -> Linalg.tensordot(a, v, new int[] {0}, new int[] {0}));
    fails(
        "TENSORDOT: the axes [0, -2] of [2, 3] name one twice",
        () -> Linalg.tensordot(a, a, new int[] {0, -2}, new int[] {0, 1}));
    fails(
        "BILINEAR: [2, 3], [3] and [4, 3, 3] must be [.., i], [.., j] and [k, i, j]",
        () -> Linalg.bilinear(a, v, of(4, 3, 3)));
    fails(
        "INNER: axes [-1] of [2, 3] and [-1] of [2]: each pair must have one extent",
        () -> Linalg.inner(a, of(2)));
  }

  private static void fails(String message, ThrowingCallable f) {
    assertThatThrownBy(f).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}
