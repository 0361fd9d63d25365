package org.cotangent.nn.opinfo;

import java.util.Map;
import java.util.Set;

/// Reductions, sorting, running sums.
final class ReductionReplays {
  private ReductionReplays() {}

  /// Operators of this topic that are not there yet.
  static final Set<String> PENDING = Set.of();

  static void addTo(Map<String, Replay> table) {}
}
