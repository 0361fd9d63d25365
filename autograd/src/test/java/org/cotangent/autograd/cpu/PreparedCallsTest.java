package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.backend.Prepared;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Calls made ready against the same calls one by one: the same bits, and nothing allocated.
class PreparedCallsTest {
  private static final VectorBackend BACKEND = new VectorBackend(2);

  private static void same(String what, List<Buffer> got, List<Buffer> want) {
    for (int k = 0; k < want.size(); k++) {
      Agreement.within(0, what + ", buffer " + k, got.get(k), want.get(k));
    }
  }

  private static void agree(String what, RandomCalls got, RandomCalls want, long seed) {
    Prepared ready = BACKEND.prepare(got.calls);
    Prepared plain = BACKEND.plainly(want.calls);
    for (int run = 0; run < 3; run++) {
      ready.run();
      plain.run();
      same(what + ", run " + run, got.all, want.all);
    }
    // Another array in place of one of them.
    int k = new Random(seed).nextInt(want.all.size());
    Buffer mine = exchange(ready, got.all.get(k));
    Buffer theirs = exchange(plain, want.all.get(k));
    ready.run();
    plain.run();
    same(what + ", after an exchange", List.of(mine), List.of(theirs));
    same(what + ", after an exchange", got.all, want.all);
  }

  /// A copy of the buffer's array takes its place.
  private static Buffer exchange(Prepared calls, Buffer old) {
    Object array =
        switch (old.dtype()) {
          case BOOL -> old.bool().clone();
          case I32 -> old.i32().clone();
          case I64 -> old.i64().clone();
          case F32 -> old.f32().clone();
          case F64 -> old.f64().clone();
        };
    Buffer now = new Buffer(array, old.dtype(), old.layout());
    calls.rebind(old, now);
    return now;
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
  void smallCallsGiveTheSameBits(@ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int n) {
    for (DType d : List.of(DType.F32, DType.F64)) {
      agree(
          "seed " + seed, RandomCalls.draw(seed, d, n, 12), RandomCalls.draw(seed, d, n, 12), seed);
    }
  }

  @Property(tries = 80, edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
  void callsOfAllSizesGiveTheSameBits(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int n) {
    for (DType d : List.of(DType.F32, DType.F64)) {
      agree(
          "seed " + seed, RandomCalls.draw(seed, d, n, 70), RandomCalls.draw(seed, d, n, 70), seed);
    }
  }

  private static final int ATTEMPTS = 10_000;

  /// Bytes that a run allocates in the caller's thread when it has run for a while: vectors are
  /// objects until their loops are compiled, which in a busy machine takes many runs.
  private static long allocated(Prepared calls) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int attempt = 0; attempt < ATTEMPTS && least > 0; attempt++) {
      for (int i = 0; i < 30; i++) {
        calls.run();
      }
      long before = threads.getThreadAllocatedBytes(Thread.currentThread().threadId());
      calls.run();
      long after = threads.getThreadAllocatedBytes(Thread.currentThread().threadId());
      least = Math.min(least, after - before);
    }
    return least;
  }

  /// With 256-bit vectors the compiler leaves an object of the rows' kernels of doubles on the
  /// heap, 96 bytes a step; shorter ones were not looked at.
  private static void onlyWithVectorsOf512Bits() {
    assumeTrue(LanesF32.L == 16, "only with vectors of 512 bits");
  }

  @Tag("cold")
  @Test
  void theMeasureSeesWhatIsAllocated() {
    var calls = TrainingCalls.step(DType.F32, 1, 4, Op.Unary.TANH, 0.1, 2, 8, 2).calls();
    assertThat(allocated(BACKEND.plainly(calls))).isPositive();
  }

  @Tag("cold")
  @Test
  void aTrainingStepAllocatesNothing() {
    onlyWithVectorsOf512Bits();
    for (DType d : List.of(DType.F32, DType.F64)) {
      for (Op.Unary f : List.of(Op.Unary.TANH, Op.Unary.SIGMOID, Op.Unary.RELU)) {
        assertThat(allocated(BACKEND.prepare(TrainingCalls.step(d, 1, 4, f, 0.1, 2, 8, 2).calls())))
            .as("%s, %s, small", d, f)
            .isZero();
      }
    }
  }

  @Tag("cold")
  @Test
  void aLongChainAllocatesNothing() {
    onlyWithVectorsOf512Bits();
    assertThat(allocated(BACKEND.prepare(TrainingCalls.chain(DType.F32, 1, 4, 250).calls())))
        .isZero();
  }

  /// Neighbours, columns, and runs that meet in one sum.
  @Tag("cold")
  @Test
  void aProgramAndItsSumsAllocateNothing() {
    onlyWithVectorsOf512Bits();
    Shape s = Shape.of(40, 20, 30);
    for (Shape to : List.of(Shape.of(), Shape.of(20, 30), Shape.of(1, 20, 1))) {
      Buffer x = new Buffers(1, false).fill(Buffer.allocate(DType.F32, s));
      Expr program = Expr.of(Op.Binary.MUL, DType.F32, 2);
      var total = new Call.Total(0, s, Buffer.allocate(DType.F32, to));
      var call = new Call.Summed(program, s, List.of(x, x), List.of(), List.of(total));
      assertThat(SummedPiece.isWorth(call, 2)).isTrue();
      assertThat(allocated(BACKEND.prepare(List.of(call)))).as("to %s", to).isZero();
    }
  }

  /// `x` becomes -x in the first of several loops, and is read in the last.
  private static List<Buffer> inPlace(boolean ready) {
    Buffer x = new Buffers(1, false).fill(Buffer.allocate(DType.F32, Shape.of(5)));
    Buffer y = Buffer.allocate(DType.F32, Shape.of(5));
    List<Expr.Step> steps = new ArrayList<>();
    steps.add(new Expr.Step(Op.Unary.NEG, DType.F32, 0, -1, -1));
    for (int r = 1; r < 60; r++) {
      steps.add(new Expr.Step(Op.Unary.TANH, DType.F32, r, -1, -1));
    }
    steps.add(new Expr.Step(Op.Binary.ADD, DType.F32, 60, 0, -1));
    Expr program = new Expr(1, List.of(), steps, List.of(1, 61));
    List<Call> calls = List.of(new Call.Elementwise(program, List.of(x), List.of(x, y)));
    (ready ? BACKEND.prepare(calls) : BACKEND.plainly(calls)).run();
    return List.of(x, y);
  }

  @Test
  void aResultThatTakesAnOperandsPlaceWaitsForItsLastReader() {
    same("in place", inPlace(true), inPlace(false));
  }
}
