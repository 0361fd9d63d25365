package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Random chains of elementwise operations with sums at their ends, large and small, compiled: the
/// bits that they give without, in values and derivatives, also where memory that is free is
/// overwritten at once.
class SummedChainsTest {
  private static final Eager CAREFUL = Eager.careful(Eager.standard().backend(), Integer.MAX_VALUE);

  /// One to three axes, of 1 to some 20,000 numbers together.
  private static Shape shape(Random random) {
    int[] dims = new int[1 + random.nextInt(3)];
    int most = dims.length == 1 ? 20_000 : dims.length == 2 ? 140 : 28;
    Arrays.setAll(dims, _ -> 1 + random.nextInt(most));
    return Shape.of(dims);
  }

  private static Tensor operand(Draw draw, Random random, DType d, Shape s) {
    Shape own = s;
    for (int axis = 0; axis < s.rank(); axis++) {
      own = random.nextInt(5) == 0 ? own.with(axis, 1) : own;
    }
    return draw.uniform(-1, 1, own.dims()).to(d);
  }

  private static Tensor next(int kind, Tensor a, Tensor b) {
    return switch (kind) {
      case 0 -> a.add(b).mul(0.5);
      case 1 -> a.sub(b);
      case 2 -> a.mul(b);
      case 3 -> a.tanh();
      case 4 -> a.sigmoid();
      case 5 -> a.square();
      case 6 -> Tensor.where(a.gt(b), a, b.mul(0.25));
      default -> a.relu();
    };
  }

  /// Some values of a chain, and sums of them that are used and used again.
  private static Tensor chain(List<Tensor> in, long seed) {
    var random = new Random(seed);
    List<Tensor> made = new ArrayList<>(in);
    Tensor total = in.getFirst().mean();
    int length = 1 + random.nextInt(8);
    for (int i = 0; i < length; i++) {
      Tensor a = made.get(random.nextInt(3) == 0 ? random.nextInt(made.size()) : made.size() - 1);
      Tensor y = next(random.nextInt(8), a, made.get(random.nextInt(made.size())));
      made.add(y);
      if (random.nextInt(3) == 0 || i == length - 1) {
        Tensor sum =
            switch (random.nextInt(4)) {
              case 0 -> y.sum();
              case 1 -> y.rank() == 0 ? y : y.mean(0, true);
              case 2 -> y.rank() == 0 ? y : y.mean(y.rank() - 1, true);
              default -> y.flatten().mean();
            };
        total = total.add(sum.square().mean());
        made.add(random.nextBoolean() ? y.sub(sum) : y);
      }
    }
    return total;
  }

  private final AtomicInteger sums = new AtomicInteger();

  private void check(long seed, DType d) {
    var random = new Random(seed);
    var draw = new Draw(seed);
    Shape s = shape(random);
    List<Tensor> in = new ArrayList<>(List.of(draw.uniform(-1, 1, s.dims()).to(d)));
    in.add(operand(draw, random, d, s));
    in.add(operand(draw, random, d, s));
    Function<List<Tensor>, List<Tensor>> all =
        x -> {
          Grad.ValueAndGrad<List<Tensor>> vg = Grad.valueAndGrad(p -> chain(p, seed), x);
          List<Tensor> results = new ArrayList<>(List.of(vg.value()));
          results.addAll(vg.grads());
          return results;
        };
    Jit jit = Jit.compileAll(all);
    Tensor[] operands = in.toArray(Tensor[]::new);
    List<Tensor> got =
        ScopedValue.where(Interpreter.CURRENT, CAREFUL).call(() -> jit.applyAll(operands));
    List<Tensor> want = all.apply(in);
    for (int i = 0; i < want.size(); i++) {
      Numbers.assertSame("seed " + seed + ", result " + i, got.get(i), want.get(i));
    }
    if (s.size() > 8192 && jit.explain(operands).contains(", then SUM")) {
      sums.incrementAndGet();
    }
  }

  @Property(tries = 1, edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
  void compilingChangesNoBit(@ForAll long seed) {
    for (int k = 0; k < 60; k++) {
      check(seed + k, k % 2 == 0 ? DType.F32 : DType.F64);
    }
    assertThat(sums.get()).as("large ones with a sum behind a chain").isGreaterThan(5);
  }
}
