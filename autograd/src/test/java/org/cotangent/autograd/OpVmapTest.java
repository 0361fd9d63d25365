package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.cotangent.autograd.OpSample.Kind;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;

/// Every operation on a batch is the operation on each example, for each choice of the operands
/// that differ between examples.
class OpVmapTest {
  private static final int SIZE = 3;

  /// A sample, and which of its operands are mapped.
  private record Batch(OpSample s, int mask) {
    boolean maps(int i) {
      return (mask >> i & 1) != 0;
    }

    /// The sample's operands for example `b`: floats a little smaller, which leaves them where the
    /// sample is smooth or hard; integers and truth values in another order.
    List<Tensor> example(int b) {
      List<Tensor> in = new ArrayList<>();
      for (int i = 0; i < s.in().size(); i++) {
        Tensor x = s.in().get(i);
        // Factors hold positions too, so they stay those of a matrix near the example's.
        boolean same = !maps(i) || b == 0 || (s.op() instanceof Op.Solve && i == 1);
        in.add(same ? x : x.dtype().isFloating() ? x.mul(1 - b / 8.0) : turned(x));
      }
      return in;
    }

    private static Tensor turned(Tensor x) {
      return x.size() == 0 ? x : x.flatten().flip(0).reshape(x.shape());
    }

    /// The mapped operands, examples along axis 0.
    List<Tensor> stacked() {
      List<Tensor> all = new ArrayList<>();
      for (int i = 0; i < s.in().size(); i++) {
        int operand = i;
        if (maps(i)) {
          all.add(stack(b -> example(b).get(operand)));
        }
      }
      return all;
    }

    /// All operands inside vmap, given the mapped ones.
    List<Tensor> operands(List<Tensor> mapped) {
      List<Tensor> in = new ArrayList<>(s.in());
      int next = 0;
      for (int i = 0; i < in.size(); i++) {
        if (maps(i)) {
          in.set(i, mapped.get(next++));
        }
      }
      return in;
    }
  }

  private static Tensor stack(IntFunction<Tensor> example) {
    Tensor[] parts = new Tensor[SIZE];
    Arrays.setAll(parts, example);
    return Tensor.stack(0, parts);
  }

  private static List<Batch> batches(OpSample s) {
    List<Batch> all = new ArrayList<>();
    // Of many operands (of Concat) some choices are enough.
    for (int mask = 1; mask < 1 << Math.min(3, s.in().size()); mask++) {
      all.add(new Batch(s, mask));
    }
    return all;
  }

  @Property(tries = 1, shrinking = ShrinkingMode.OFF)
  void resultsOfABatchAreThoseOfItsExamples(@ForAll long seed) {
    OpSamples.check(
        seed,
        _ -> true,
        s -> {
          for (OpSample t : List.of(s, s.in(DType.F32))) {
            for (Batch batch : batches(t)) {
              Tensor actual = Grad.vmap(mapped -> t.apply(batch.operands(mapped)), batch.stacked());
              for (int b = 0; b < SIZE; b++) {
                OpSample one = t.with(batch.example(b));
                Tensor expected = one.apply();
                double[] bounds = Bounds.of(one, expected);
                Arrays.setAll(bounds, i -> 2 * bounds[i]);
                Numbers.assertWithin(
                    "mask %d, example %d".formatted(batch.mask, b),
                    actual.select(0, b),
                    expected,
                    bounds);
              }
            }
          }
        });
  }

  /// No rule takes one example after the other, nor does any of the rules of derivatives.
  @Property(tries = 1, shrinking = ShrinkingMode.OFF)
  void moreExamplesAreNotMoreOperations(@ForAll long seed) {
    OpSamples.check(
        seed,
        s -> s.size() < 60,
        s -> {
          for (Batch batch : batches(s)) {
            assertThat(operations(batch, SIZE))
                .as("mask %d", batch.mask)
                .isEqualTo(operations(batch, 2));
          }
        });
  }

  /// The operations outside for the result of so many examples and, if there are any, its
  /// gradients.
  private static List<Class<?>> operations(Batch batch, int size) {
    List<Class<?>> seen = new ArrayList<>();
    Interpreter counting =
        new Interpreter() {
          @Override
          public Value apply(Op op, Value... in) {
            seen.add(op.getClass());
            return Eager.standard().apply(op, in);
          }

          @Override
          public Value constant(double v, DType dtype) {
            return Eager.standard().constant(v, dtype);
          }
        };
    List<Tensor> stacked = batch.stacked().stream().map(t -> t.slice(0, 0, size)).toList();
    boolean differentiable =
        batch.s.isDifferentiable() && stacked.stream().allMatch(t -> t.dtype().isFloating());
    ScopedValue.where(Interpreter.CURRENT, counting)
        .run(() -> {
          if (differentiable) {
            Grad.vmap(
                in -> Grad.valueAndGrad(x -> batch.s.apply(batch.operands(x)).sum(), in).grads(),
                stacked);
          } else {
            Grad.vmap(in -> List.of(batch.s.apply(batch.operands(in))), stacked);
          }
        });
    return seen;
  }

  /// Small ones: what is large takes the same rules.
  private static boolean hasGradients(OpSample s) {
    return s.kind() == Kind.SMOOTH && s.size() < 60;
  }

  /// vmap of vjp, and vjp of vmap.
  @Property(tries = 1, shrinking = ShrinkingMode.OFF)
  void gradientsInsideAndThroughABatchAreThoseOfItsExamples(@ForAll long seed) {
    OpSamples.check(
        seed,
        OpVmapTest::hasGradients,
        s -> {
          for (Batch batch : batches(s)) {
            Tensor y = s.apply();
            Tensor g = new Draw(seed).normal(y.shape().inserted(0, SIZE), y.dtype());
            List<Integer> floating = s.floating();
            List<Tensor> inside =
                Grad.vmap(
                    in -> {
                      List<Tensor> operands = batch.operands(in.subList(1, in.size()));
                      return Grad.vjp(
                              x -> s.apply(filled(operands, floating, x)), of(operands, floating))
                          .pull()
                          .apply(in.getFirst());
                    },
                    joined(g, batch.stacked()));
            List<Tensor> stacked = batch.stacked();
            List<Tensor> through =
                Grad.vjp(at -> Grad.vmap(in -> s.apply(batch.operands(in)), at), stacked)
                    .pull()
                    .apply(g);
            for (int b = 0; b < SIZE; b++) {
              List<Tensor> expected = Walks.gradients(s.with(batch.example(b)), g.select(0, b));
              int mapped = 0;
              for (int i = 0, k = 0; i < s.in().size(); i++) {
                boolean floats = s.in().get(i).dtype().isFloating();
                String what = "gradient %d, mask %d, example %d ".formatted(i, batch.mask, b);
                if (floats) {
                  Numbers.assertClose(
                      what + "inside", inside.get(k).select(0, b), expected.get(k), CLOSE);
                }
                if (floats && batch.maps(i)) {
                  Numbers.assertClose(
                      what + "through", through.get(mapped).select(0, b), expected.get(k), CLOSE);
                }
                k += floats ? 1 : 0;
                mapped += batch.maps(i) ? 1 : 0;
              }
            }
          }
        });
  }

  /// Sums of up to 60 terms in another order, where they cancel.
  private static final double CLOSE = 1e-12;

  /// The gradient of what is shared is the sum over the examples, in both modes' reading.
  @Property(tries = 1, shrinking = ShrinkingMode.OFF)
  void gradientsOfSharedOperandsAreSumsOverTheExamples(@ForAll long seed) {
    OpSamples.check(
        seed,
        s -> hasGradients(s) && s.in().size() > 1,
        s -> {
          for (Batch batch : batches(s)) {
            Tensor y = s.apply();
            Draw draw = new Draw(seed);
            Tensor g = draw.normal(y.shape().inserted(0, SIZE), y.dtype());
            List<Tensor> in = s.parameters(Walks.all(s));
            Tensor all =
                Grad.vmap(
                    mapped -> s.apply(new Batch(s.with(in), batch.mask).operands(mapped)),
                    batch.stacked());
            for (int i : s.floating()) {
              if (batch.maps(i) || !all.isTracked()) {
                continue;
              }
              Tensor actual =
                  Grad.grad(all, g, List.of(in.get(i)), Grad.Option.RETAIN_GRAPH).getFirst();
              Tensor expected = Tensor.zeros(actual.shape(), actual.dtype());
              for (int b = 0; b < SIZE; b++) {
                List<Tensor> each =
                    Walks.gradients(s.with(batch.example(b)), 1 << i, g.select(0, b));
                expected = expected.add(each.getFirst());
              }
              Numbers.assertClose(
                  "gradient %d, mask %d".formatted(i, batch.mask), actual, expected, CLOSE);
            }
          }
        });
  }

  /// vmap of jvp, and jvp of vmap.
  @Property(tries = 1, shrinking = ShrinkingMode.OFF)
  void tangentsInsideAndThroughABatchAreThoseOfItsExamples(@ForAll long seed) {
    OpSamples.check(
        seed,
        OpVmapTest::hasGradients,
        s -> {
          for (Batch batch : batches(s)) {
            List<Tensor> stacked = batch.stacked();
            Draw draw = new Draw(seed);
            List<Tensor> t = stacked.stream().map(x -> draw.normal(x.shape(), DType.F64)).toList();
            Tensor through =
                Grad.jvp(x -> Grad.vmap(in -> s.apply(batch.operands(in)), x), stacked, t)
                    .tangent();
            List<Tensor> both = new ArrayList<>(stacked);
            both.addAll(t);
            int n = t.size();
            Tensor inside =
                Grad.vmap(
                    in ->
                        Grad.jvp(
                                x -> s.apply(batch.operands(x)),
                                in.subList(0, n),
                                in.subList(n, 2 * n))
                            .tangent(),
                    both);
            for (int b = 0; b < SIZE; b++) {
              int example = b;
              List<Tensor> in = stacked.stream().map(x -> x.select(0, example)).toList();
              List<Tensor> along = t.stream().map(x -> x.select(0, example)).toList();
              Tensor expected = Grad.jvp(x -> s.apply(batch.operands(x)), in, along).tangent();
              String what = "mask %d, example %d".formatted(batch.mask, b);
              Numbers.assertClose(what + " inside", inside.select(0, b), expected, CLOSE);
              Numbers.assertClose(what + " through", through.select(0, b), expected, CLOSE);
            }
          }
        });
  }

  /// Products with the second derivative: vmap of forward over reverse.
  @Property(tries = 1, shrinking = ShrinkingMode.OFF)
  void secondDerivativesInsideABatchAreThoseOfItsExamples(@ForAll long seed) {
    OpSamples.check(
        seed,
        OpVmapTest::hasGradients,
        s -> {
          for (Batch batch : batches(s)) {
            List<Tensor> stacked = batch.stacked();
            Function<List<Tensor>, Tensor> f = in -> s.apply(batch.operands(in)).square().sum();
            Function<List<Tensor>, List<Tensor>> product =
                in -> Grad.jvp(x -> Grad.valueAndGrad(f, x).grads(), in, in).tangent();
            List<Tensor> actual = Grad.vmap(product, stacked);
            for (int b = 0; b < SIZE; b++) {
              int example = b;
              List<Tensor> expected =
                  product.apply(stacked.stream().map(x -> x.select(0, example)).toList());
              for (int k = 0; k < expected.size(); k++) {
                Numbers.assertClose(
                    "mask %d, example %d, operand %d".formatted(batch.mask, b, k),
                    actual.get(k).select(0, b),
                    expected.get(k),
                    CLOSE);
              }
            }
          }
        });
  }

  private static List<Tensor> of(List<Tensor> all, List<Integer> chosen) {
    return chosen.stream().map(all::get).toList();
  }

  private static List<Tensor> filled(List<Tensor> all, List<Integer> chosen, List<Tensor> by) {
    List<Tensor> in = new ArrayList<>(all);
    for (int k = 0; k < chosen.size(); k++) {
      in.set(chosen.get(k), by.get(k));
    }
    return in;
  }

  private static List<Tensor> joined(Tensor first, List<Tensor> rest) {
    List<Tensor> all = new ArrayList<>(List.of(first));
    all.addAll(rest);
    return all;
  }
}
