package org.cotangent.autograd.graph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.cotangent.autograd.shape.DType;

/// Gives every computed value of a schedule a slot of memory, so that values which are never needed
/// at the same time share one, and an elementwise kernel writes over what it reads last.
///
/// A slot is an array of its own, not a piece of one large array: the compiler then knows that two
/// slots do not overlap.
final class MemoryPlan {
  /// Memory for numbers of one type.
  static final class Slot {
    private final DType dtype;
    private int size;

    private Slot(DType dtype, int size) {
      this.dtype = dtype;
      this.size = size;
    }

    DType dtype() {
      return dtype;
    }

    /// How many numbers fit.
    int size() {
      return size;
    }
  }

  private static final int FOREVER = Integer.MAX_VALUE;

  private final Schedule schedule;
  private final IdentityHashMap<Vertex, Slot> slots = new IdentityHashMap<>();
  private final List<Slot> all = new ArrayList<>();
  private final Map<Integer, Integer> lastRead = new HashMap<>(); // value -> kernel

  private MemoryPlan(Schedule schedule) {
    this.schedule = schedule;
  }

  static MemoryPlan of(Schedule schedule) {
    var plan = new MemoryPlan(schedule);
    plan.findLastReads();
    plan.placeAll();
    return plan;
  }

  /// The slot of a computed value.
  Optional<Slot> slot(Vertex v) {
    return Optional.ofNullable(slots.get(v));
  }

  List<Slot> slots() {
    return List.copyOf(all);
  }

  /// The values that nobody reads after kernel `k`, if it has read or made them.
  List<Vertex> endingAt(int k) {
    Kernel kernel = schedule.compute().get(k);
    Set<Vertex> seen = new HashSet<>();
    List<Vertex> ending = new ArrayList<>();
    Consumer<Vertex> look =
        v -> {
          Vertex base = schedule.placement(v).base();
          if (slots.containsKey(base) && lastRead(base, k) == k && seen.add(base)) {
            ending.add(base);
          }
        };
    kernel.reads().forEach(look);
    kernel.writes().forEach(look);
    return ending;
  }

  /// When a value is read last; what nobody reads is over when it is made, at `k`.
  private int lastRead(Vertex base, int k) {
    return lastRead.getOrDefault(base.id(), k);
  }

  long bytes() {
    return all.stream().mapToLong(s -> (long) s.size * s.dtype.bytes()).sum();
  }

  private void findLastReads() {
    for (int k = 0; k < schedule.compute().size(); k++) {
      for (Vertex v : schedule.compute().get(k).reads()) {
        lastRead.put(schedule.placement(v).base().id(), k);
      }
    }
    Consumer<Vertex> keep = v -> lastRead.put(schedule.placement(v).base().id(), FOREVER);
    schedule.graph().outputs().forEach(keep);
    schedule.updates().forEach(u -> u.kernel().reads().forEach(keep));
    schedule.copies().forEach(a -> keep.accept(a.value()));
  }

  private void placeAll() {
    List<Slot> free = new ArrayList<>();
    IdentityHashMap<Slot, Vertex> occupant = new IdentityHashMap<>();
    for (int k = 0; k < schedule.compute().size(); k++) {
      Kernel kernel = schedule.compute().get(k);
      Set<Slot> taken = new HashSet<>(); // over from operands
      for (Vertex v : kernel.writes()) {
        Optional<Slot> over = operandOver(kernel, v, k, taken);
        over.ifPresent(taken::add);
        Slot s = over.orElseGet(() -> place(v, free));
        slots.put(v, s);
        occupant.put(s, v);
      }
      for (Vertex v : endingAt(k)) {
        Slot s = slots.get(v);
        if (s != null && occupant.remove(s, v)) {
          free.add(s);
        }
      }
    }
  }

  /// The slot of an operand that the kernel reads element by element, for the last time.
  private Optional<Slot> operandOver(Kernel kernel, Vertex result, int k, Set<Slot> taken) {
    Kernel.Elementwise e;
    Set<Integer> busy = new HashSet<>(); // read in another order
    switch (kernel) {
      case Kernel.Elementwise own -> e = own;
      case Kernel.Product p when p.then().isPresent() && p.product().id() != result.id() -> {
        e = p.then().orElseThrow();
        p.product().in().forEach(x -> busy.add(schedule.placement(x).base().id()));
      }
      case Kernel.Summed s when s.chain().results().contains(result) -> e = s.chain();
      case Kernel.Product _, Kernel.Single _, Kernel.Summed _ -> {
        return Optional.empty();
      }
    }
    for (Vertex x : e.reads()) {
      Placement p = schedule.placement(x);
      if (!p.isWhole() || !x.shape().equals(result.shape())) {
        busy.add(p.base().id());
      }
    }
    for (Vertex x : productFirst(kernel, e.reads())) {
      Vertex base = schedule.placement(x).base();
      Slot s = slots.get(base);
      if (s != null
          && s.dtype == result.dtype()
          && lastRead(base, k) == k
          && !busy.contains(base.id())
          && !taken.contains(s)) {
        return Optional.of(s);
      }
    }
    return Optional.empty();
  }

  /// Rather over the kernel's own product than over what the kernel before it may read as well:
  /// then the two can run side by side.
  private static List<Vertex> productFirst(Kernel kernel, List<Vertex> reads) {
    int own = kernel instanceof Kernel.Product p ? p.product().id() : -1;
    return reads.stream().sorted(Comparator.comparing(v -> v.id() != own)).toList();
  }

  /// The free slot that fits best, or the largest one made larger, or a new one.
  private Slot place(Vertex v, List<Slot> free) {
    int n = v.shape().size();
    Optional<Slot> best = Optional.empty();
    for (Slot s : free) {
      if (s.dtype == v.dtype() && best.map(b -> isBetter(s, b, n)).orElse(true)) {
        best = Optional.of(s);
      }
    }
    if (best.isPresent()) {
      Slot s = best.get();
      free.remove(s);
      s.size = Math.max(s.size, n);
      return s;
    }
    Slot s = new Slot(v.dtype(), n);
    all.add(s);
    return s;
  }

  private static boolean isBetter(Slot s, Slot than, int n) {
    boolean fits = s.size >= n;
    boolean otherFits = than.size >= n;
    return fits == otherFits ? (fits ? s.size < than.size : s.size > than.size) : fits;
  }

  /// How much memory it takes, in all and beside a place of its own for each value.
  @Override
  public String toString() {
    long apart = schedule.graph().bytes();
    return "%,d bytes in %d slots; %,d if each of the values had its own (%.0f %%)"
        .formatted(bytes(), all.size(), apart, apart == 0 ? 0 : 100.0 * bytes() / apart);
  }
}
