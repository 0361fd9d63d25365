package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.shape.DType;

/// Random functions of up to fifty operations on tensors of random shapes: compiled, they give the
/// bits that they give without, in values and derivatives, also where memory that is free is
/// overwritten at once.
class RandomProgramsTest {
  @Provide
  Arbitrary<RandomProgram> programs() {
    return RandomProgram.any(50);
  }

  @Property(tries = 120, edgeCases = EdgeCasesMode.NONE)
  void compilingChangesNoBit(@ForAll("programs") RandomProgram f, @ForAll long seed) {
    Function<List<Tensor>, List<Tensor>> all =
        in -> {
          Grad.ValueAndGrad<List<Tensor>> vg = Grad.valueAndGrad(f::apply, in);
          List<Tensor> results = new ArrayList<>(List.of(vg.value()));
          results.addAll(vg.grads());
          return results;
        };
    check(all, seed);
  }

  @Property(tries = 50, edgeCases = EdgeCasesMode.NONE)
  void compilingChangesNoBitOfSecondDerivatives(
      @ForAll("programs") RandomProgram f, @ForAll long seed) {
    check(
        in ->
            List.of(
                Grad.hvp(
                    x -> {
                      List<Tensor> with = new ArrayList<>(in);
                      with.set(2, x);
                      return f.apply(with);
                    },
                    in.get(2),
                    in.get(2).cos())),
        seed);
  }

  @Property(tries = 50, edgeCases = EdgeCasesMode.NONE)
  void aCompiledStepMovesParametersToTheSameBits(
      @ForAll("programs") RandomProgram f, @ForAll long seed) {
    List<Tensor> expected = trained(f, seed, false);
    List<Tensor> actual = carefully(() -> trained(f, seed, true));
    same(actual, expected);
  }

  private static List<Tensor> trained(RandomProgram f, long seed, boolean compiled) {
    List<Tensor> p =
        RandomProgram.inputs(seed).stream().map(t -> Tensor.parameter(t.to(DType.F32))).toList();
    Supplier<Tensor> step =
        () -> {
          p.forEach(Tensor::zeroGrad);
          Tensor loss = f.apply(p);
          loss.backward();
          for (Tensor t : p) {
            if (t.hasGrad()) {
              Grad.lend(t, g -> Fused.assign(t, in -> in.get(0).sub(in.get(1).mul(0.1)), t, g));
            }
          }
          return loss.detach();
        };
    Jit jit = Jit.compile(step);
    List<Tensor> seen = new ArrayList<>();
    for (int k = 0; k < 3; k++) {
      seen.add(compiled ? jit.apply() : step.get());
      seen.add(p.get(k).detach()); // kept: the next step may not write there
    }
    seen.addAll(p);
    return seen;
  }

  private static void check(Function<List<Tensor>, List<Tensor>> all, long seed) {
    Jit jit = Jit.compileAll(all);
    for (long s = seed; s < seed + 2; s++) {
      List<Tensor> in = RandomProgram.inputs(s);
      same(carefully(() -> jit.applyAll(in.toArray(Tensor[]::new))), all.apply(in));
    }
  }

  private static <T> T carefully(Supplier<T> body) {
    return ScopedValue.where(Interpreter.CURRENT, CAREFUL).call(body::get);
  }

  private static final Eager CAREFUL = Eager.careful(Eager.standard().backend(), Integer.MAX_VALUE);

  private static void same(List<Tensor> actual, List<Tensor> expected) {
    for (int i = 0; i < expected.size(); i++) {
      Numbers.assertSame("result " + i, actual.get(i), expected.get(i));
    }
  }
}
