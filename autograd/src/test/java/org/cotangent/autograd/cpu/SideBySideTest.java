package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;
import org.cotangent.autograd.Fused;
import org.cotangent.autograd.Jit;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Calls that are done at the same time: those that do not touch what others write, and no others;
/// with the bits that they have one after the other.
class SideBySideTest {
  private static final VectorBackend ALONE = new VectorBackend(1);

  /// Everything that may be done together is, however small.
  private static final List<VectorBackend> TOGETHER =
      List.of(new VectorBackend(2, 0), new VectorBackend(3, 0), new VectorBackend(7, 0));

  // ---- What is done together

  private static Buffer numbers(int seed, int... dims) {
    return new Buffers(seed, false).fill(Buffer.allocate(DType.F32, Shape.of(dims)));
  }

  private static Buffer nothing(int... dims) {
    return Buffer.allocate(DType.F32, Shape.of(dims));
  }

  private static Call sum(Buffer x, Buffer y) {
    return new Call.Primitive(new Op.Sum(y.shape()), List.of(x), y);
  }

  private static Call product(Buffer a, Buffer b, Buffer y) {
    return new Call.Product(a, false, b, false, y, Optional.empty());
  }

  private static Call.Elementwise doubled(Buffer x, Buffer y) {
    return new Call.Elementwise(Expr.of(Op.Binary.ADD, DType.F32, 2), List.of(x, x), List.of(y));
  }

  /// How many units are in each run.
  private static List<Integer> runs(int threads, Call... calls) {
    return SideBySide.of(List.of(calls), threads).stream().map(List::size).toList();
  }

  @Test
  void onlyWhatDoesNotTouchWhatOthersWriteIsDoneTogether() {
    Buffer a = numbers(1, 80, 80);
    Buffer b = numbers(2, 80, 80);
    Buffer x = nothing(80, 80);
    Buffer y = nothing(80, 80);
    assertThat(runs(2, product(a, b, x), product(b, a, y))).as("both read").containsExactly(2);
    assertThat(runs(2, product(a, b, x), product(x, a, y))).as("read, written").hasSize(2);
    assertThat(runs(2, product(x, a, y), product(a, b, x))).as("written, read").hasSize(2);
    assertThat(runs(2, product(a, b, x), product(b, a, x))).as("written twice").hasSize(2);
    Buffer z = nothing(80, 80);
    var then = new Call.Product(a, false, b, false, z, Optional.of(doubled(x, y)));
    assertThat(runs(2, then, product(a, b, x))).as("read at the end").hasSize(2);
    assertThat(runs(2, then, product(a, b, y))).as("written at the end").hasSize(2);
    assertThat(runs(2, product(y, b, x), then)).as("the other way round").hasSize(2);
    assertThat(runs(2, then, product(a, b, nothing(80, 80)))).containsExactly(2);
    Buffer half = x.view(x.layout().slice(0, 40, 40, 1));
    assertThat(runs(2, doubled(half, nothing(40, 80)), product(a, b, x))).as("a view").hasSize(2);
  }

  @Test
  void oneThreadDoesOneCallAfterTheOtherAndNoRunIsLongerThanSixteen() {
    Buffer a = numbers(1, 80, 80);
    List<Call> calls = new ArrayList<>();
    for (int k = 0; k < 20; k++) {
      calls.add(product(a, a, nothing(80, 80)));
    }
    assertThat(runs(2, calls.toArray(Call[]::new))).containsExactly(16, 4);
    assertThat(runs(1, calls.toArray(Call[]::new))).hasSize(20).containsOnly(1);
  }

  private static int joints(List<Call> calls, VectorBackend backend) {
    return ((PreparedCalls) backend.prepare(calls)).joints();
  }

  @Test
  void littleWorkIsNotWorthASecondThread() {
    Buffer a = numbers(1, 20, 20);
    Buffer large = numbers(2, 300, 300);
    var backend = new VectorBackend(2);
    List<Call> small = List.of(product(a, a, nothing(20, 20)), product(a, a, nothing(20, 20)));
    assertThat(joints(small, backend)).isZero();
    assertThat(joints(small, new VectorBackend(2, 0))).isOne();
    List<Call> beside = List.of(sum(a, nothing(1, 20)), product(large, large, nothing(300, 300)));
    assertThat(joints(beside, backend)).as("beside one that is shared out").isOne();
    assertThat(joints(beside, new VectorBackend(1))).isZero();
  }

  // ---- The same bits

  private static void same(String what, RandomCalls got, RandomCalls want) {
    for (int k = 0; k < want.all.size(); k++) {
      Agreement.within(0, what + ", buffer " + k, got.all.get(k), want.all.get(k));
    }
  }

  private static Buffer copy(Buffer x) {
    Buffer whole = Buffer.allocate(x.dtype(), x.shape());
    ALONE.copy(x, whole);
    return whole;
  }

  @Property(tries = 60, edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
  void randomCallsGiveTheBitsThatTheyGiveOneAfterTheOther(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 12) int n) {
    DType d = seed % 2 == 0 ? DType.F32 : DType.F64;
    int joints = 0;
    for (VectorBackend backend : TOGETHER) {
      RandomCalls got = RandomCalls.draw(seed, d, n, 70);
      RandomCalls want = RandomCalls.draw(seed, d, n, 70);
      var ready = (PreparedCalls) backend.prepare(got.calls);
      var plain = ALONE.plainly(want.calls);
      joints += ready.joints();
      for (int run = 0; run < 4; run++) {
        ready.run();
        plain.run();
        same("seed %d, run %d".formatted(seed, run), got, want);
      }
    }
    Statistics.label("done together")
        .collect(joints > 0)
        .coverage(c -> c.check(true).percentage(p -> p > 60));
  }

  /// The lighter call comes first in the list; done together, the heavier one would begin first.
  @Test
  void whoReadsASlotIsDoneBeforeItIsWrittenAgain() {
    Buffer x = numbers(1, 400, 400);
    Buffer before = copy(x);
    Buffer a = numbers(2, 400, 400);
    Buffer sums = nothing(1, 400);
    Buffer want = nothing(1, 400);
    ALONE.sum(before, want);
    for (VectorBackend backend : TOGETHER) {
      ALONE.copy(before, x);
      backend.prepare(List.of(sum(x, sums), product(a, a, x))).run();
      Agreement.within(0, "sums of what was there", sums, want);
    }
  }

  /// Elementwise calls keep intermediate results in workspaces, alone or shared out.
  @Test
  void callsAtTheSameTimeHaveWorkspacesOfTheirOwn() {
    List<Call> calls = new ArrayList<>();
    List<Buffer> got = new ArrayList<>();
    List<Buffer> want = new ArrayList<>();
    Expr program =
        new Expr(
            1,
            List.of(),
            List.of(
                new Expr.Step(Op.Unary.TANH, DType.F32, 0, -1, -1),
                new Expr.Step(Op.Unary.EXP, DType.F32, 1, -1, -1),
                new Expr.Step(Op.Binary.MUL, DType.F32, 1, 2, -1)));
    for (int k = 0; k < 6; k++) {
      Buffer x = numbers(k, 50 + 100 * k, 300);
      Buffer y = Buffer.allocate(DType.F32, x.shape());
      Buffer z = Buffer.allocate(DType.F32, x.shape());
      calls.add(new Call.Elementwise(program, List.of(x), List.of(y)));
      ALONE.elementwise(program, new Buffer[] {x}, z);
      got.add(y);
      want.add(z);
    }
    for (VectorBackend backend : TOGETHER) {
      var ready = (PreparedCalls) backend.prepare(calls);
      assertThat(ready.joints()).isOne();
      for (int run = 0; run < 20; run++) {
        got.forEach(y -> y.poison());
        ready.run();
        for (int k = 0; k < got.size(); k++) {
          Agreement.within(0, "result " + k, got.get(k), want.get(k));
        }
      }
    }
  }

  @Test
  void anExchangedArrayIsExchangedForAllWhoUseIt() {
    Buffer x = numbers(1, 300, 300);
    Buffer sums = nothing(1, 300);
    Buffer square = nothing(300, 300);
    Buffer small = nothing(300, 300);
    var ready =
        (PreparedCalls)
            TOGETHER
                .getFirst()
                .prepare(List.of(sum(x, sums), product(x, x, square), doubled(x, small)));
    assertThat(ready.joints()).isOne();
    ready.run();
    Buffer now = numbers(9, 300, 300);
    ready.rebind(x, now);
    x.poison();
    ready.run();
    assertThat(ready.joints()).isOne();
    Buffer want = nothing(300, 300);
    ALONE.matmul(now, false, now, false, want);
    Agreement.within(0, "product", square, want);
    ALONE.sum(now, want.view(sums.layout()));
    Agreement.within(0, "sums", sums, want.view(sums.layout()));
    ALONE.elementwise(Expr.of(Op.Binary.ADD, DType.F32, 2), new Buffer[] {now, now}, want);
    Agreement.within(0, "elementwise", small, want);
  }

  // ---- Programs

  /// A backend that counts how often a program's run does several calls at the same time.
  private static Backend counting(VectorBackend backend, AtomicInteger joints) {
    InvocationHandler counted =
        (_, method, args) -> {
          try {
            Object result = method.invoke(backend, args);
            if (result instanceof PreparedCalls p) {
              joints.addAndGet(p.joints());
            }
            return result;
          } catch (InvocationTargetException e) {
            throw e.getTargetException();
          }
        };
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, counted);
  }

  private static <T> T on(Backend backend, Supplier<T> body) {
    return ScopedValue.where(Interpreter.CURRENT, new Eager(backend)).call(body::get);
  }

  private static Tensor layers(Tensor x, List<Tensor> p) {
    return x.matmul(p.get(0)).add(p.get(1)).relu().matmul(p.get(2)).add(p.get(3));
  }

  private static Tensor step(Tensor x, List<Tensor> p) {
    p.forEach(Tensor::zeroGrad);
    Tensor one = layers(x, p.subList(0, 4));
    Tensor other = layers(x, p.subList(4, 8));
    Tensor loss = one.sub(other).square().sum().add(one.add(1).square().sum());
    loss.backward();
    for (Tensor t : p) {
      Fused.assign(t, a -> a.get(0).sub(a.get(1).mul(1e-4)), t, t.grad());
    }
    return loss.detach();
  }

  /// Steps of two networks on the same batches, with layers of all sizes: gradients and updates of
  /// which many do not need each other. Losses, then parameters.
  private static List<Tensor> trained(UnaryOperator<UnaryOperator<Tensor>> runner) {
    Rng rng = Rng.of(5);
    List<Tensor> p = new ArrayList<>();
    for (int[] d : new int[][] {{90, 300}, {300}, {300, 7}, {7}, {90, 40}, {40}, {40, 7}, {7}}) {
      p.add(Tensor.parameter(rng.normal(Shape.of(d), DType.F32).mul(0.1)));
    }
    Tensor x = rng.normal(Shape.of(130, 90), DType.F32);
    UnaryOperator<Tensor> step = runner.apply(in -> step(in, p));
    List<Tensor> seen = new ArrayList<>();
    for (int k = 0; k < 5; k++) {
      seen.add(step.apply(x.mul(1 + 0.1 * k)));
    }
    seen.addAll(p);
    return seen;
  }

  @Test
  void compiledStepsHaveTheSameBitsForAnyNumberOfThreads() {
    List<double[]> want =
        on(ALONE, () -> trained(s -> s).stream().map(Tensor::toDoubleArray).toList());
    for (int threads : new int[] {1, 2, 3, 7}) {
      for (long worth : new long[] {0, SideBySide.WORTH}) {
        var joints = new AtomicInteger();
        Backend backend = counting(new VectorBackend(threads, worth), joints);
        List<double[]> got =
            on(
                backend,
                () ->
                    trained(s -> Jit.compile(s)::apply).stream()
                        .map(Tensor::toDoubleArray)
                        .toList());
        for (int k = 0; k < want.size(); k++) {
          assertThat(got.get(k)).as("%d threads, tensor %d", threads, k).isEqualTo(want.get(k));
        }
        // Two layers of gradients and the updates at least; of those worth it, one.
        assertThat(joints.get()).isGreaterThanOrEqualTo(threads == 1 ? 0 : worth == 0 ? 3 : 1);
        assertThat(threads > 1 || joints.get() == 0).isTrue();
      }
    }
  }

  /// An index out of range is found by a part of work that others run beside.
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7})
  void whatFailsBesideOtherWorkLeavesParametersAsTheyWere(int threads) {
    var joints = new AtomicInteger();
    Backend backend = counting(new VectorBackend(threads, 0), joints);
    Tensor table = Rng.of(1).normal(Shape.of(200, 40), DType.F32);
    Tensor x = Rng.of(2).normal(Shape.of(200, 200), DType.F32);
    Tensor right = Tensor.zeros(Shape.of(200, 1), DType.I64);
    long[] places = new long[200];
    places[150] = 40;
    Tensor wrong = Tensor.of(places).reshape(200, 1);
    on(
        backend,
        () -> {
          Tensor w = Tensor.parameter(Rng.of(3).normal(Shape.of(200, 40), DType.F32));
          Jit step =
              Jit.compile(index -> {
                w.zeroGrad();
                Tensor loss = x.matmul(w).square().sum().add(table.gather(1, index).sum());
                loss.backward();
                Fused.assign(w, a -> a.get(0).sub(a.get(1).mul(1e-6)), w, w.grad());
                return loss.detach();
              });
          step.run(right);
          assertThat(joints.get()).isPositive();
          double[] before = w.toDoubleArray();
          assertThatThrownBy(() -> step.run(wrong)).isInstanceOf(IndexOutOfBoundsException.class);
          assertThat(w.toDoubleArray()).isEqualTo(before);
          step.run(right); // and it goes on from there
          assertThat(w.toDoubleArray()).isNotEqualTo(before);
          return w;
        });
  }
}
