package org.cotangent.nn.opinfo;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// All replays, by the operator's name.
final class Replays {
  private Replays() {}

  static Map<String, Replay> table() {
    Map<String, Replay> table = new TreeMap<>();
    ElementwiseReplays.addTo(table);
    ReductionReplays.addTo(table);
    ShapeReplays.addTo(table);
    LinalgReplays.addTo(table);
    ConvReplays.addTo(table);
    LossReplays.addTo(table);
    return table;
  }

  /// Operators that are known to be missing; each table names its own. To be empty.
  static Set<String> pending() {
    Set<String> pending = new TreeSet<>(LinalgReplays.PENDING);
    pending.addAll(ReductionReplays.PENDING);
    pending.addAll(ShapeReplays.PENDING);
    pending.addAll(ConvReplays.PENDING);
    pending.addAll(LossReplays.PENDING);
    return pending;
  }
}
