package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Loops written at run time against the kernels of single steps: the same bits.
class KernelsTest {
  private static final Pool<Scratch> SCRATCH = new Pool<>(Scratch::new);
  private static final Parallel ALONE = new Parallel(1);
  private static final List<Op.Elementwise> OPS =
      List.of(
          Op.Unary.NEG,
          Op.Unary.ABS,
          Op.Unary.RECIPROCAL,
          Op.Unary.SQUARE,
          Op.Unary.SQRT,
          Op.Unary.RELU,
          Op.Unary.TANH, // no single vector operation: cuts the program in two
          Op.Binary.ADD,
          Op.Binary.SUB,
          Op.Binary.MUL,
          Op.Binary.DIV,
          Op.Binary.MAXIMUM,
          Op.Binary.MINIMUM,
          Op.Compare.EQ,
          Op.Compare.NE,
          Op.Compare.LT,
          Op.Compare.LE,
          Op.Compare.GT,
          Op.Compare.GE,
          Op.Logical.AND,
          Op.Logical.OR,
          Op.Logical.NOT,
          new Op.Where(),
          new Op.Where(),
          new Op.Clamp(-0.5, 0.75));

  /// A program under construction: every operand is an earlier register of the right dtype.
  private static final class Draw {
    final Random random;
    final DType dtype;
    final List<DType> registers = new ArrayList<>();
    final List<Expr.Step> steps = new ArrayList<>();

    Draw(long seed, DType dtype, int inputs, int constants) {
      this.random = new Random(seed);
      this.dtype = dtype;
      for (int k = 0; k < inputs + constants; k++) {
        registers.add(dtype);
      }
    }

    int register(DType d) {
      List<Integer> fitting = new ArrayList<>();
      for (int r = 0; r < registers.size(); r++) {
        if (registers.get(r) == d) {
          fitting.add(r);
        }
      }
      return fitting.isEmpty() ? -1 : fitting.get(random.nextInt(fitting.size()));
    }

    void step() {
      Op.Elementwise op = OPS.get(random.nextInt(OPS.size()));
      boolean logical = op instanceof Op.Logical || op instanceof Op.Where;
      int a = register(logical ? DType.BOOL : dtype);
      boolean two = !(op instanceof Op.Unary || op instanceof Op.Clamp || op == Op.Logical.NOT);
      int b = two ? register(op instanceof Op.Logical ? DType.BOOL : dtype) : -1;
      int c = op instanceof Op.Where ? register(dtype) : -1;
      if (a >= 0) {
        DType d = op instanceof Op.Compare || op instanceof Op.Logical ? DType.BOOL : dtype;
        steps.add(new Expr.Step(op, d, a, b, c));
        registers.add(d);
      }
    }
  }

  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  void writtenLoopsGiveTheSameBits(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 14) int length,
      @ForAll @IntRange(min = 16_384, max = 20_000) int n,
      @ForAll boolean row,
      @ForAll boolean inPlace) {
    for (DType d : List.of(DType.F32, DType.F64)) {
      var draw = new Draw(seed, d, 3, 2);
      for (int s = 0; s < length; s++) {
        draw.step();
      }
      draw.steps.add(new Expr.Step(Op.Binary.ADD, d, draw.register(d), draw.register(d), -1));
      List<Integer> results = new ArrayList<>(List.of(5 + draw.steps.size() - 1));
      int other = 5 + draw.random.nextInt(draw.steps.size());
      if (draw.steps.get(other - 5).dtype() == d && !results.contains(other)) {
        results.add(other);
      }
      Expr program =
          new Expr(
              3, List.of(new Expr.Constant(0.3, d), new Expr.Constant(-2, d)), draw.steps, results);
      Shape shape = Shape.of(n / 40, 40);
      var some = new Buffers(seed, true);
      Buffer[] in = {
        some.fill(Buffer.allocate(d, shape)),
        some.fill(Buffer.allocate(d, row ? Shape.of(40) : shape)),
        Buffer.full(d, shape, 0.7)
      };
      Buffer[] same = in.clone();
      Buffer[] want = new Buffer[results.size()];
      Buffer[] got = new Buffer[results.size()];
      for (int k = 0; k < want.length; k++) {
        want[k] = Buffer.allocate(d, shape);
        got[k] = Buffer.allocate(d, shape);
      }
      if (inPlace) {
        same[0] = got[0];
        new ReferenceBackend().copy(in[0], got[0]);
      }
      ElementwiseOnce.run(program, in, want, SCRATCH, ALONE, new Kernels());
      ElementwiseOnce.run(program, same, got, SCRATCH, ALONE, new Kernels(true));
      for (int k = 0; k < want.length; k++) {
        Agreement.within(0, "result " + k + " of " + program, got[k], want[k]);
      }
    }
  }

  /// The numbers of a program may change from call to call; its loop does not.
  @Test
  void aLoopServesForAllNumbers() {
    var kernels = new Kernels(true);
    boolean[] number = {false};
    Expr three = times(3);
    assertThat(kernels.find(three, number, 1)).isPresent();
    assertThat(kernels.find(times(4), number, 1)).isEqualTo(kernels.find(three, number, 1));
    Buffer x = new Buffer(new float[20_000], DType.F32, Layout.of(Shape.of(20_000)));
    x.f32()[19_999] = 1;
    for (int factor = 3; factor < 6; factor++) {
      Buffer y = Buffer.allocate(DType.F32, Shape.of(20_000));
      ElementwiseOnce.run(
          times(factor), new Buffer[] {x}, new Buffer[] {y}, SCRATCH, ALONE, kernels);
      assertThat(y.f32()[19_999]).isEqualTo(-factor);
    }
  }

  private static Expr times(double factor) {
    return new Expr(
        1,
        List.of(new Expr.Constant(factor, DType.F32)),
        List.of(
            new Expr.Step(Op.Binary.MUL, DType.F32, 0, 1, -1),
            new Expr.Step(Op.Unary.NEG, DType.F32, 2, -1, -1)));
  }

  /// In the background, and only after much work.
  @Test
  void aProgramThatIsUsedMuchGetsALoop() throws InterruptedException {
    var kernels = new Kernels();
    boolean[] number = {false};
    assertThat(kernels.find(times(3), number, 1_000_000)).isEmpty();
    for (int i = 0; i < 1000 && kernels.find(times(3), number, 1_000_000).isEmpty(); i++) {
      Thread.sleep(50);
    }
    assertThat(kernels.find(times(3), number, 1_000_000)).isPresent();
    assertThat(kernels.find(Expr.of(Op.Unary.TANH, DType.F32, 1), number, 1 << 30)).isEmpty();
    assertThat(kernels.find(Expr.of(Op.Unary.TANH, DType.F32, 1), number, 1 << 30)).isEmpty();
  }
}
