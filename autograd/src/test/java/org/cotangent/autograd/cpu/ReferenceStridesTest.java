package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.backend.Views;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Results depend on the numbers alone, never on how they lie in memory.
class ReferenceStridesTest {
  private static final Eager EAGER = new Eager(new ReferenceBackend());
  private static final List<DType> NUMERIC = List.of(DType.I32, DType.I64, DType.F32, DType.F64);
  private static final List<DType> FLOATING = List.of(DType.F32, DType.F64);

  @Property(tries = 300)
  void elementwise(@ForAll long seed) {
    var random = new Random(seed);
    DType t = any(NUMERIC, random);
    Shape shape = Views.shape(random);
    Buffer a = Views.strided(t, Views.stretchable(shape, random), random);
    Buffer b = Views.strided(t, Views.stretchable(shape, random), random);
    Buffer c = Views.strided(DType.BOOL, Views.stretchable(shape, random), random);
    same(Op.Binary.SUB, a, b);
    same(Op.Compare.LE, a, b);
    same(Op.Unary.SQUARE, a);
    same(new Op.Where(), c, a, b);
    same(new Op.Cast(any(NUMERIC, random)), a);
  }

  @Property(tries = 300)
  void reductions(@ForAll long seed) {
    var random = new Random(seed);
    Buffer x = Views.strided(any(NUMERIC, random), Views.shape(random), random);
    Buffer r = Views.strided(any(FLOATING, random), x.shape(), random);
    Shape to = Views.stretchable(x.shape(), random);
    same(new Op.Sum(to), x);
    same(new Op.LogSumExp(to), r);
    for (int axis = 0; axis < x.shape().rank(); axis++) {
      same(new Op.Softmax(axis), r);
      same(new Op.CumSum(axis, random.nextBoolean()), x);
      same(new Op.ArgSort(axis, random.nextBoolean()), x);
      if (x.shape().size() > 0) {
        same(new Op.ArgMax(axis), x);
        same(new Op.Max(to), x);
      }
    }
  }

  @Property(tries = 300)
  void crossEntropy(@ForAll long seed) {
    var random = new Random(seed);
    int classes = 1 + random.nextInt(5);
    Shape rows = Views.shape(random);
    DType t = any(FLOATING, random);
    Shape shape = rows.inserted(rows.rank(), classes);
    Buffer x = Views.strided(t, shape, random);
    same(new Op.SoftmaxCrossEntropy(), x, Views.strided(t, shape, random));
    same(new Op.SoftmaxCrossEntropy(), x, indices(rows, classes, random));
  }

  @Property(tries = 300)
  void matmul(@ForAll long seed) {
    var random = new Random(seed);
    DType t = any(FLOATING, random);
    Shape batch = Views.shape(random);
    int m = random.nextInt(4);
    int k = random.nextInt(4);
    int n = random.nextInt(4);
    for (int trans = 0; trans < 4; trans++) {
      boolean ta = trans % 2 == 1;
      boolean tb = trans / 2 == 1;
      Shape a = matrices(Views.stretchable(batch, random), ta ? k : m, ta ? m : k);
      Shape b = matrices(Views.stretchable(batch, random), tb ? n : k, tb ? k : n);
      same(new Op.MatMul(ta, tb), Views.strided(t, a, random), Views.strided(t, b, random));
    }
  }

  @Property(tries = 300)
  void indexing(@ForAll long seed) {
    var random = new Random(seed);
    Shape shape = Views.shape(random);
    Buffer x = Views.strided(any(NUMERIC, random), shape, random);
    for (int axis = 0; axis < shape.rank(); axis++) {
      int extent = 1 + random.nextInt(4);
      int n = shape.dim(axis);
      same(new Op.ScatterAdd(axis, extent), x, indices(shape, extent, random));
      same(new Op.IndexAdd(axis, extent), x, indices(Shape.of(n), extent, random));
      if (n > 0) {
        same(new Op.Gather(axis), x, indices(shape.with(axis, extent), n, random));
        same(new Op.IndexSelect(axis), x, indices(Shape.of(extent), n, random));
      }
    }
  }

  @Property(tries = 300)
  void copies(@ForAll long seed) {
    var random = new Random(seed);
    Buffer x = Views.strided(any(List.of(DType.values()), random), Views.shape(random), random);
    for (int axis = 0; axis < x.shape().rank(); axis++) {
      same(new Op.Concat(axis), x, x);
      same(new Op.Embed(axis, 1, 2, 2 * x.shape().dim(axis) + 1), x);
    }
    same(new Op.Reshape(Shape.of(x.shape().size())), x);
  }

  /// Those that every matrix has.
  @Property(tries = 200)
  void factors(@ForAll long seed) {
    var random = new Random(seed);
    DType t = any(FLOATING, random);
    Shape batch = Views.shape(random);
    int n = random.nextInt(5);
    Buffer a = Views.strided(t, matrices(Views.stretchable(batch, random), n, n), random);
    Buffer b = Views.strided(t, matrices(Views.stretchable(batch, random), n, 2), random);
    same(new Op.Lu(random.nextInt(3)), a);
    same(
        new Op.TriangularSolve(random.nextBoolean(), random.nextBoolean(), random.nextBoolean()),
        a,
        b);
  }

  private static Shape matrices(Shape batch, int rows, int cols) {
    return batch.inserted(batch.rank(), rows).inserted(batch.rank() + 1, cols);
  }

  private static DType any(List<DType> dtypes, Random random) {
    return dtypes.get(random.nextInt(dtypes.size()));
  }

  /// Integers from 0 to `bound - 1` with any strides.
  private static Buffer indices(Shape shape, int bound, Random random) {
    Buffer x = Views.strided(random.nextBoolean() ? DType.I32 : DType.I64, shape, random);
    if (x.dtype() == DType.I32) {
      Arrays.setAll(x.i32(), i -> x.i32()[i] % bound);
    } else {
      Arrays.setAll(x.i64(), i -> x.i64()[i] % bound);
    }
    return x;
  }

  private static void same(Op op, Buffer... in) {
    Buffer[] packed = new Buffer[in.length];
    Arrays.setAll(packed, i -> Views.contiguous(in[i]));
    Buffer y = Eager.numbers(EAGER.apply(op, in));
    Buffer expected = Eager.numbers(EAGER.apply(op, packed));
    assertThat(y.shape()).isEqualTo(expected.shape());
    assertThat(y.dtype()).isEqualTo(expected.dtype());
    assertThat(Views.numbers(y)).containsExactly(Views.numbers(expected));
  }
}
