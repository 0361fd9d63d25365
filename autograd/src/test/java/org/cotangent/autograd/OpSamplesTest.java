package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.cotangent.autograd.OpSample.Kind;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.junit.jupiter.api.Test;

/// What the samples must contain for the properties over them to mean something.
class OpSamplesTest {
  /// A constant of an enum stands for itself, a record for its class.
  private static Object kind(Op op) {
    return op instanceof Enum<?> ? op : op.getClass();
  }

  @Test
  void everyOperationIsFound() {
    Set<Object> kinds = new HashSet<>();
    OpSamples.kinds().forEach(op -> kinds.add(kind(op)));
    assertThat(kinds)
        .contains(Op.Unary.NEG, Op.Binary.ATAN2, Op.Compare.GE, Op.Logical.NOT, Op.Where.class)
        .contains(Op.Sum.class, Op.MatMul.class, Op.ArgMax.class, Op.SoftmaxCrossEntropy.class)
        .hasSameSizeAs(OpSamples.kinds());
  }

  @Test
  void everyOperationHasSamplesOfItsOwnKind() {
    for (Op op : OpSamples.kinds()) {
      List<OpSample> samples = OpSamples.of(op, new Draw(1));
      assertThat(samples).as("samples of %s", op).isNotEmpty();
      assertThat(samples).allSatisfy(s -> assertThat(kind(s.op())).isEqualTo(kind(op)));
    }
  }

  @Test
  void everySampleIsWhatItsKindSays() {
    for (OpSample s : OpSamples.all(1)) {
      boolean whole = s.floating().isEmpty();
      assertThat(s.kind() == Kind.WHOLE).as(s.toString()).isEqualTo(whole);
      assertThat(s.in()).as(s.toString()).noneMatch(t -> t.dtype() == DType.F32 || t.isTracked());
      if (s.kind() == Kind.SMOOTH) {
        assertThat(s.isDifferentiable()).as(s.toString()).isTrue();
        assertThat(s.apply().toDoubleArray()).as(s.toString()).doesNotContain(Double.NaN);
      }
    }
  }

  /// Comparisons, logic and positions give no floats: only for them may there be no smooth sample.
  @Test
  void everyOperationThatGivesFloatsHasSmoothSamplesSmallAndLarge() {
    for (Op op : OpSamples.kinds()) {
      List<OpSample> samples = OpSamples.of(op, new Draw(1));
      boolean flat =
          op instanceof Op.Compare
              || op instanceof Op.Logical
              || op instanceof Op.ArgMax
              || op instanceof Op.ArgSort
              || op instanceof Op.ArgMaxPool;
      assertThat(samples.stream().anyMatch(s -> s.kind() == Kind.SMOOTH))
          .as("smooth samples of %s", op)
          .isEqualTo(!flat);
      int largest = samples.stream().mapToInt(OpSample::size).max().orElse(0);
      assertThat(largest).as("largest sample of %s", op).isGreaterThan(64);
      int smallest = samples.stream().mapToInt(OpSample::size).filter(n -> n > 0).min().orElse(99);
      assertThat(smallest).as("smallest sample of %s", op).isLessThan(13);
    }
  }

  @Test
  void everyOperandOfEveryOperationIsOfFullRankSomewhere() {
    Map<Object, Set<Integer>> ranks = new HashMap<>();
    for (OpSample s : OpSamples.all(1)) {
      ranks.computeIfAbsent(kind(s.op()), _ -> new TreeSet<>()).add(s.in().getFirst().rank());
    }
    ranks.remove(Op.Conv.class); // has one rank
    ranks.forEach((op, r) -> assertThat(r).as("ranks for %s", op).hasSizeGreaterThan(1));
  }

  @Test
  void equalSeedsGiveEqualSamples() {
    List<OpSample> a = OpSamples.all(7);
    List<OpSample> b = OpSamples.all(7);
    for (int i = 0; i < a.size(); i++) {
      for (int k = 0; k < a.get(i).in().size(); k++) {
        assertThat(a.get(i).in().get(k).toDoubleArray())
            .isEqualTo(b.get(i).in().get(k).toDoubleArray());
      }
    }
  }
}
