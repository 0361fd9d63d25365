package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.List;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;

/// Which calls that follow one another are done at the same time.
final class SideBySide {
  /// Each has workspaces of its own, so there is a bound.
  private static final int MOST = 16;

  /// Nanoseconds of work beside the longest call from which a second thread gains something.
  static final long WORTH = 10_000;

  private SideBySide() {}

  /// Calls as runs of units: within a run no unit touches what another writes. Small calls that
  /// follow one another are one unit, in their order; any other is one of its own.
  static List<List<List<Call>>> of(List<Call> calls, int threads) {
    List<List<List<Call>>> runs = new ArrayList<>();
    for (List<Call> unit : units(calls)) {
      boolean joins =
          threads > 1
              && !runs.isEmpty()
              && runs.getLast().size() < MOST
              && runs.getLast().stream().allMatch(u -> areIndependent(u, unit));
      if (!joins) {
        runs.add(new ArrayList<>());
      }
      runs.getLast().add(unit);
    }
    return runs;
  }

  private static List<List<Call>> units(List<Call> calls) {
    List<List<Call>> units = new ArrayList<>();
    boolean open = false; // whether the last unit takes small calls
    for (Call c : calls) {
      boolean small = CallsWriter.canWrite(c);
      if (!open || !small) {
        units.add(new ArrayList<>());
      }
      units.getLast().add(c);
      open = small;
    }
    return units;
  }

  private static boolean areIndependent(List<Call> some, List<Call> others) {
    return some.stream().allMatch(c -> others.stream().allMatch(c::isIndependentOf));
  }

  /// What one thread takes for some calls, within a factor of a few.
  static long nanos(List<Call> calls) {
    return calls.stream().mapToLong(SideBySide::nanos).sum();
  }

  private static long nanos(Call call) {
    return switch (call) {
      case Call.Product p ->
          ProductWriter.terms(p) / 64 + p.then().map(SideBySide::nanos).orElse(0L);
      case Call.Elementwise e ->
          (long) e.program().steps().size() * e.out().getFirst().shape().size() / 8;
      case Call.Summed s -> (s.program().steps().size() + 1L) * s.shape().size() / 8;
      case Call.LogitsGrad g -> g.logits().shape().size();
      case Call.Copy c -> c.to().shape().size() / 4;
      case Call.Primitive p ->
          p.in().stream().map(Buffer::shape).mapToLong(s -> s.size()).sum() / 8;
    };
  }
}
