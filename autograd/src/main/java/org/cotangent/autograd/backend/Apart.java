package org.cotangent.autograd.backend;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Takes elementwise programs and the sums behind them apart, for those who have no kernel for
/// both: what was only to be summed is written to memory that all such calls of a list share.
public final class Apart {
  private final Map<DType, List<Buffer>> memory = new EnumMap<>(DType.class);
  private final int size;

  private Apart(int size) {
    this.size = size;
  }

  /// The list with two or more calls for each that is to be taken apart.
  public static List<Call> of(List<Call> calls, Predicate<Call.Summed> which) {
    int size = 0;
    for (Call c : calls) {
      size = c instanceof Call.Summed s && which.test(s) ? Math.max(size, s.shape().size()) : size;
    }
    var apart = new Apart(size);
    List<Call> all = new ArrayList<>();
    for (Call c : calls) {
      if (c instanceof Call.Summed s && which.test(s)) {
        apart.add(s, all);
      } else {
        all.add(c);
      }
    }
    return all;
  }

  private void add(Call.Summed s, List<Call> calls) {
    List<Buffer> out = new ArrayList<>(s.written());
    Map<DType, Integer> used = new EnumMap<>(DType.class);
    for (int k = out.size(); k < s.program().results().size(); k++) {
      DType d = s.program().resultDtype(k);
      out.add(memory(d, used.merge(d, 1, Integer::sum) - 1).view(Layout.of(s.shape())));
    }
    calls.add(new Call.Elementwise(s.program(), s.in(), out));
    for (Call.Total t : s.totals()) {
      Buffer x = out.get(t.result());
      Buffer seen = x.view(x.layout().reshape(t.shape()).orElseThrow());
      calls.add(new Call.Primitive(new Op.Sum(t.sum().shape()), List.of(seen), t.sum()));
    }
  }

  /// The array number `k` of a type.
  private Buffer memory(DType d, int k) {
    List<Buffer> all = memory.computeIfAbsent(d, _ -> new ArrayList<>());
    while (all.size() <= k) {
      all.add(Buffer.allocate(d, Shape.of(size)));
    }
    return all.get(k);
  }
}
