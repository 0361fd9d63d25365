package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Writes an elementwise call in bytecode: a loop over the elements for some of the steps, another
/// one for the next, and so on.
///
/// One loop for a long program would leave the processor nothing to do but to follow a chain of
/// dependent steps; of a short one it begins the next elements meanwhile. What one loop leaves to
/// later ones lies in arrays in between.
final class ExprWriter {
  /// The weight of the steps in a loop at most: a hundred or two machine instructions, a third of
  /// what a processor looks ahead.
  private static final int LOOP = 24;

  private final Expr program;
  private final Call.Elementwise call;
  private final Shape shape;
  private final int size;
  private final int firstStep;
  private final DType[] dtype; // of each register
  private final int[] lastLoop; // in which a register is read, or -1
  private final int[] result; // of each register: which result it is, or -1
  private final boolean[] late; // results that may be written only when all has been read
  private final int[] between; // where a register is kept, or -1
  private final List<Integer> ends = new ArrayList<>(); // of the loops' steps

  private ExprWriter(Call.Elementwise call) {
    this.call = call;
    program = call.program();
    shape = call.out().getFirst().shape();
    size = shape.size();
    firstStep = program.inputs() + program.constants().size();
    dtype = dtypes(call);
    int registers = dtype.length;
    lastLoop = new int[registers];
    Arrays.fill(lastLoop, -1);
    result = new int[registers];
    Arrays.fill(result, -1);
    for (int k = 0; k < program.results().size(); k++) {
      result[program.results().get(k)] = k;
    }
    late = new boolean[registers];
    between = new int[registers];
    Arrays.fill(between, -1);
  }

  private static DType[] dtypes(Call.Elementwise call) {
    Expr program = call.program();
    DType[] all = new DType[program.inputs() + program.constants().size() + program.steps().size()];
    int r = 0;
    for (var x : call.in()) {
      all[r++] = x.dtype();
    }
    for (Expr.Constant c : program.constants()) {
      all[r++] = c.dtype();
    }
    for (Expr.Step s : program.steps()) {
      all[r++] = s.dtype();
    }
    return all;
  }

  private static DType from(Expr.Step s, DType[] dtype) {
    return dtype[s.c() < 0 ? s.a() : s.b()];
  }

  /// Whether all steps can be written.
  static boolean canWrite(Call.Elementwise call) {
    DType[] dtype = dtypes(call);
    for (Expr.Step s : call.program().steps()) {
      if (!StepWriter.canWrite(s, from(s, dtype))) {
        return false;
      }
    }
    return true;
  }

  /// Whether no step takes much longer than an addition.
  static boolean isSimple(Call.Elementwise call) {
    return call.program().steps().stream().allMatch(s -> StepWriter.weight(s.op()) == 1);
  }

  /// The loops, in order.
  static List<LoopBody> loops(Call.Elementwise call, ArrayTable arrays) {
    var writer = new ExprWriter(call);
    writer.divide();
    writer.keep(arrays);
    List<LoopBody> bodies = new ArrayList<>();
    int first = 0;
    for (int end : writer.ends) {
      int from = first;
      bodies.add(new LoopBody(end - from, w -> writer.steps(w, arrays, from, end)));
      first = end;
    }
    for (int r : call.program().results()) {
      if (writer.late[r]) {
        bodies.add(new LoopBody(1, w -> writer.deliver(w, arrays, r)));
      }
    }
    return bodies;
  }

  /// Decides which steps each loop has.
  private void divide() {
    List<Expr.Step> steps = program.steps();
    int weight = 0;
    for (int s = 0; s < steps.size(); s++) {
      int own = StepWriter.weight(steps.get(s).op());
      if (weight > 0 && weight + own > LOOP && size > 1) {
        ends.add(s);
        weight = 0;
      }
      weight += own;
      int loop = ends.size();
      for (int r : new int[] {steps.get(s).a(), steps.get(s).b(), steps.get(s).c()}) {
        if (r >= 0) {
          lastLoop[r] = loop;
        }
      }
    }
    ends.add(steps.size());
  }

  /// Decides which registers are kept between loops, and where.
  private void keep(ArrayTable arrays) {
    Map<DType, List<Integer>> free = new HashMap<>();
    Map<DType, Integer> used = new HashMap<>();
    int loop = 0;
    int first = 0;
    for (int end : ends) {
      for (int r = firstStep + first; r < firstStep + end; r++) {
        late[r] = result[r] >= 0 && overwrites(r, loop);
        if (late[r] || (result[r] < 0 && lastLoop[r] > loop)) {
          DType d = ArrayTable.wide(dtype[r]);
          List<Integer> places = free.computeIfAbsent(d, _ -> new ArrayList<>());
          between[r] = places.isEmpty() ? used.merge(d, 1, Integer::sum) - 1 : places.removeLast();
        }
      }
      for (int r = firstStep; r < firstStep + end; r++) {
        if (between[r] >= 0 && !late[r] && lastLoop[r] == loop) {
          free.computeIfAbsent(ArrayTable.wide(dtype[r]), _ -> new ArrayList<>()).add(between[r]);
        }
      }
      first = end;
      loop++;
    }
    used.forEach((d, n) -> arrays.reserve(d, n * size));
  }

  /// Whether a result takes the place of an operand that a later loop reads.
  private boolean overwrites(int r, int loop) {
    var out = call.out().get(result[r]);
    for (int k = 0; k < program.inputs(); k++) {
      var in = call.in().get(k);
      if (lastLoop[k] > loop
          && in.sharesArray(out)
          && in.layout().offset() == out.layout().offset()) {
        return true;
      }
    }
    return false;
  }

  private Layout layout(int r) {
    return result[r] >= 0 && !late[r]
        ? call.out().get(result[r]).layout()
        : r < program.inputs() ? call.in().get(r).layout() : Layout.of(shape);
  }

  /// The steps `first` to `end`, for all elements.
  private void steps(LoopWriter w, ArrayTable arrays, int first, int end) {
    List<Expr.Step> steps = program.steps().subList(first, end);
    List<Integer> read = new ArrayList<>(); // from arrays
    for (Expr.Step s : steps) {
      for (int r : new int[] {s.a(), s.b(), s.c()}) {
        boolean inArray = r >= 0 && r < firstStep + first && !isConstant(r);
        if (inArray && !read.contains(r)) {
          read.add(r);
        }
      }
    }
    List<Integer> written = new ArrayList<>(); // to arrays
    for (int r = firstStep + first; r < firstStep + end; r++) {
      if (result[r] >= 0 || between[r] >= 0) {
        written.add(r);
      }
    }
    List<Integer> all = new ArrayList<>(read);
    all.addAll(written);
    Merged nest = Merged.over(shape, all.stream().map(this::layout).toArray(Layout[]::new));
    Map<Integer, LoopWriter.Place> place = new HashMap<>();
    for (int k = 0; k < all.size(); k++) {
      place.put(all.get(k), place(w, arrays, all.get(k), nest.steps()[k]));
    }
    w.nest(
        nest.extents(),
        index -> {
          Map<Integer, Integer> local = new HashMap<>();
          for (int r : read) {
            w.load(at(place, r), index);
            local.put(r, w.store(LoopWriter.kind(dtype[r])));
          }
          var step = new StepWriter(w.code);
          for (int k = 0; k < steps.size(); k++) {
            int r = firstStep + first + k;
            step.write(
                steps.get(k), from(steps.get(k), dtype), operand -> register(w, local, operand));
            local.put(r, w.store(LoopWriter.kind(dtype[r])));
          }
          for (int r : written) {
            w.store(at(place, r), index, () -> register(w, local, r));
          }
        });
  }

  private static LoopWriter.Place at(Map<Integer, LoopWriter.Place> places, int r) {
    LoopWriter.Place p = places.get(r);
    if (p == null) {
      throw new AssertionError("register " + r + " lies nowhere");
    }
    return p;
  }

  private void register(LoopWriter w, Map<Integer, Integer> local, int r) {
    Integer known = local.get(r);
    if (known != null) {
      w.code.loadLocal(LoopWriter.kind(dtype[r]), known);
    } else {
      Expr.Constant c = program.constants().get(r - program.inputs());
      w.constant(c.value(), c.dtype());
    }
  }

  private boolean isConstant(int r) {
    return r >= program.inputs() && r < firstStep;
  }

  private LoopWriter.Place place(LoopWriter w, ArrayTable arrays, int r, int[] steps) {
    if (r < program.inputs() || (result[r] >= 0 && !late[r])) {
      var x = r < program.inputs() ? call.in().get(r) : call.out().get(result[r]);
      int array = w.array(arrays.slot(x), x.dtype());
      return new LoopWriter.Place(array, x.dtype(), x.layout().offset(), steps);
    }
    DType d = ArrayTable.wide(dtype[r]);
    int array = w.array(arrays.between(d), d);
    return new LoopWriter.Place(array, d, between[r] * size, steps);
  }

  /// Moves a late result to where it belongs.
  private void deliver(LoopWriter w, ArrayTable arrays, int r) {
    LoopWriter.Place from = place(w, arrays, r, new int[] {1});
    var out = call.out().get(result[r]);
    int array = w.array(arrays.slot(out), out.dtype());
    var to = new LoopWriter.Place(array, out.dtype(), out.layout().offset(), new int[] {1});
    w.nest(new int[] {size}, index -> w.store(to, index, () -> w.load(from, index)));
  }
}
