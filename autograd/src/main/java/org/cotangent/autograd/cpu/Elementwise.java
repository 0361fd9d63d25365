package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.shape.DType;

/// Runs an [Expr] tile by tile: every step is one kernel over a tile that stays in the first-level
/// cache, so a chain of steps reads and writes memory once.
///
/// A result is computed where it belongs, unless that would overwrite an operand that a later step
/// of the same tile reads: such a result waits in a tile of its own.
final class Elementwise {
  /// Fewer elements are not worth sharing out.
  static final int SHARED = 1 << 16;

  /// Written loops do whole vectors; of every vector's length this is a multiple.
  static final int WHOLE = 64;

  private final Expr program;
  private final Operand[] in;
  private final DType[] dtype; // of each register
  private final Object[] array;
  private final int[] at;
  private final boolean[] fixed; // inputs that are the same in all tiles
  private final int[][] index; // of inputs, for reading them
  private final Object[] own; // tiles of inputs that do not lie like the results
  private final int firstStep;
  private final Buffer[] out;
  private final int[] result; // of each register: which result it is, or -1
  private final boolean[] placed; // registers that are computed where the result belongs
  private final int size;
  private final Scratch scratch;
  private int written; // results from this one on have no place in memory
  private Taker taker = Taker.NONE;
  private final List<Object> taken = new ArrayList<>();
  private StretchRun[] stretches = {}; // steps that written loops do at once
  private int row; // tiles do not cross its multiples, if positive
  private int tile = Scratch.TILE;

  private Elementwise(Expr program, Operand[] in, Buffer[] out, Scratch scratch) {
    this.program = program;
    this.in = in;
    this.out = out;
    this.size = out[0].shape().size();
    this.scratch = scratch;
    written = out.length;
    firstStep = in.length + program.constants().size();
    int registers = firstStep + program.steps().size();
    dtype = new DType[registers];
    array = new Object[registers];
    Arrays.fill(array, out); // until each has its own
    placed = new boolean[registers];
    result = new int[registers];
    Arrays.fill(result, -1);
    for (int k = 0; k < out.length; k++) {
      result[program.results().get(k)] = k;
    }
    at = new int[registers];
    fixed = new boolean[in.length];
    index = new int[in.length][];
    Arrays.setAll(index, r -> in[r].index());
    own = new Object[in.length];
    Arrays.fill(own, out); // those that have none
    for (int r = 0; r < registers; r++) {
      dtype[r] =
          r < in.length
              ? in[r].dtype
              : r < firstStep
                  ? program.constants().get(r - in.length).dtype()
                  : program.steps().get(r - firstStep).dtype();
    }
  }

  /// What a loop written for the program is given, from element `o` on.
  static void load(
      Expr program,
      Operand[] operands,
      Buffer[] out,
      int o,
      Object[] array,
      int[] at,
      double[] number) {
    int arrays = 0;
    int numbers = 0;
    for (Operand x : operands) {
      if (x.isNumber()) {
        number[numbers++] = x.number();
      } else {
        array[arrays] = x.array();
        at[arrays++] = x.start() + o;
      }
    }
    for (int k = 0; k < program.constants().size(); k++) {
      number[numbers++] = program.constants().get(k).value();
    }
    for (Buffer y : out) {
      array[arrays] = arrayOf(y);
      at[arrays++] = y.layout().offset() + o;
    }
  }

  /// A program made ready to be run many times, by one thread at a time. Its tiles are from
  /// `scratch`, but not for itself alone: between two calls of [#tiles] others may use them.
  ///
  /// @param written results from this one on begin with the taker's first element
  static Elementwise ready(
      Expr program, Operand[] operands, Buffer[] out, int written, Taker taker, Scratch scratch) {
    var run = new Elementwise(program, operands, out, scratch);
    run.written = written;
    run.taker = taker;
    run.prepare();
    run.taken.forEach(scratch::give);
    return run;
  }

  static Object arrayOf(Buffer x) {
    return switch (x.dtype()) {
      case BOOL -> x.bool();
      case I32 -> x.i32();
      case I64 -> x.i64();
      case F32 -> x.f32();
      case F64 -> x.f64();
    };
  }

  /// Decides on tiles and gives each register its place.
  private void prepare() {
    int period = 0;
    for (Operand x : in) {
      int p = x.period();
      if (p > 0 && p <= Scratch.TILE / 2) {
        period = p;
      } else if (!x.isFlat() && !x.isNumber() && x.inner() > Scratch.TILE / 2) {
        row = x.inner();
      }
    }
    if (period > 0) {
      tile = Scratch.TILE / period * period;
      row = 0;
    } else if (row > 0) {
      int pieces = (row + Scratch.TILE - 1) / Scratch.TILE;
      tile = (row + pieces - 1) / pieces;
    }
    for (int r = 0; r < in.length; r++) {
      fixed[r] = in[r].isNumber() || (period > 0 && in[r].period() == period);
      if (fixed[r] || !in[r].isFlat()) {
        own[r] = take(dtype[r]);
        array[r] = own[r];
      }
    }
    for (int r = in.length; r < firstStep; r++) {
      array[r] = take(dtype[r]);
    }
    placeSteps();
  }

  /// Fills what stays the same in all tiles of elements `begin` to `end`.
  private void load(int begin, int end) {
    int first = Math.min(end - begin, tile);
    for (int r = 0; r < in.length; r++) {
      if (fixed[r]) {
        int period = in[r].isNumber() ? 1 : in[r].period();
        in[r].read(begin, Math.min(first, period), array[r], index[r]);
        repeat(Math.min(first, period), first, array[r]);
      }
    }
    for (int r = in.length; r < firstStep; r++) {
      Steps.fill(program.constants().get(r - in.length), array[r], first);
    }
  }

  /// Fills a tile with its first `period` elements over and over.
  private static void repeat(int period, int n, Object tile) {
    for (int done = period; done < n; done *= 2) {
      System.arraycopy(tile, 0, tile, done, Math.min(done, n - done));
    }
  }

  /// A step's result takes a tile that no later step reads any more, or a new one.
  private void placeSteps() {
    List<Expr.Step> steps = program.steps();
    int[] lastUse = new int[array.length];
    for (int s = 0; s < steps.size(); s++) {
      Expr.Step step = steps.get(s);
      lastUse[step.a()] = s;
      if (step.b() >= 0) {
        lastUse[step.b()] = s;
      }
      if (step.c() >= 0) {
        lastUse[step.c()] = s;
      }
    }
    int[] free = new int[steps.size()]; // registers whose tiles are, and how many
    int count = 0;
    for (int s = 0; s < steps.size(); s++) {
      int r = firstStep + s;
      placed[r] = result[r] >= 0 && mayBePlaced(r, s, lastUse);
      int reused = placed[r] ? -1 : fitting(dtype[r], free, count);
      if (reused >= 0) {
        array[r] = array[free[reused]];
        free[reused] = free[--count];
      } else {
        array[r] = placed[r] ? arrayOf(out[result[r]]) : take(dtype[r]);
      }
      for (int q = firstStep; q < r; q++) {
        if (lastUse[q] == s && result[q] < 0) {
          free[count++] = q;
        }
      }
    }
  }

  /// The place of a register whose tile can hold such numbers, or -1.
  private int fitting(DType d, int[] registers, int count) {
    for (int k = 0; k < count; k++) {
      if (kind(dtype[registers[k]]) == kind(d)) {
        return k;
      }
    }
    return -1;
  }

  /// Whether the kernels can write the result of a step where it belongs: they have no form for
  /// `int`, and may not overwrite what a later step reads.
  @SuppressWarnings("ReferenceEquality") // one array, not two with equal numbers
  private boolean mayBePlaced(int r, int step, int[] lastUse) {
    if (dtype[r] == DType.I32) {
      return false;
    }
    Object target = arrayOf(out[result[r]]);
    for (int k = 0; k < in.length; k++) {
      if (in[k].array() == target && lastUse[k] > step) {
        return false;
      }
    }
    return true;
  }

  /// Integers of both widths share a kind of tile.
  private static DType kind(DType d) {
    return d == DType.I32 ? DType.I64 : d;
  }

  private Object take(DType d) {
    Object t = scratch.take(d);
    taken.add(t);
    return t;
  }

  /// Elements `begin` to `end`.
  void tiles(long begin, long end) {
    load((int) begin, (int) end);
    for (int o = (int) begin; o < end; ) {
      int n = (int) Math.min(tile, end - o);
      if (row > 0) {
        n = Math.min(n, row - o % row);
      }
      for (int r = 0; r < in.length; r++) {
        if (fixed[r]) {
          continue;
        }
        int place = in[r].placeOf(o, n);
        if (place >= 0) {
          array[r] = in[r].array();
          at[r] = place;
        } else {
          array[r] = own[r];
          at[r] = 0;
          in[r].read(o, n, own[r], index[r]);
        }
      }
      for (int r = firstStep; r < array.length; r++) {
        if (placed[r]) {
          at[r] = place(result[r], o);
        }
      }
      steps(n);
      for (int r = firstStep; r < array.length; r++) {
        if (result[r] >= 0 && !placed[r]) {
          put(r, n, o);
        }
      }
      o += n;
      taker.reached(o);
    }
  }

  /// Where element `o` of a result belongs in its array.
  private int place(int k, int o) {
    return out[k].layout().offset() + o - (k < written ? 0 : taker.first());
  }

  /// Copies a result from its tile to where it belongs.
  private void put(int r, int n, int o) {
    Buffer to = out[result[r]];
    int start = place(result[r], o);
    if (dtype[r] == DType.I32) {
      narrow((long[]) array[r], n, to.i32(), start);
    } else {
      System.arraycopy(array[r], 0, arrayOf(to), start, n);
    }
  }

  /// Elements of a result.
  int size() {
    return size;
  }

  /// Elements in a tile.
  int tile() {
    return tile;
  }

  private boolean[] numbers() {
    boolean[] number = new boolean[array.length];
    for (int r = 0; r < firstStep; r++) {
      number[r] = r >= in.length || in[r].isNumber();
    }
    return number;
  }

  /// Looks for written loops, for a program about to run on so many elements.
  void findStretches(int size, Kernels kernels) {
    stretches =
        Stretch.of(program, dtype, numbers(), size, kernels).stream()
            .flatMap(Optional::stream)
            .map(StretchRun::new)
            .toArray(StretchRun[]::new);
  }

  private void steps(int n) {
    int next = 0;
    for (int r = firstStep; r < array.length; r++) {
      if (next < stretches.length && stretches[next].first() == r - firstStep) {
        StretchRun stretch = stretches[next++];
        int whole = n / WHOLE * WHOLE;
        stretch.run(whole, program, in, array, at);
        for (int k = stretch.first(); whole < n && k <= stretch.last(); k++) {
          step(firstStep + k, whole, n - whole);
        }
        r += stretch.last() - stretch.first();
      } else {
        step(r, 0, n);
      }
    }
  }

  /// A step for `n` elements of the tile from `o` on.
  private void step(int r, int o, int n) {
    Expr.Step s = program.steps().get(r - firstStep);
    int a = s.a();
    int b = s.b() < 0 ? a : s.b();
    int c = s.c() < 0 ? a : s.c();
    DType from = s.c() < 0 ? dtype[a] : dtype[b];
    Steps.run(
        s, from, n, array[a], at[a] + o, array[b], at[b] + o, array[c], at[c] + o, array[r],
        at[r] + o);
  }

  private static void narrow(long[] from, int n, int[] to, int start) {
    for (int i = 0; i < n; i++) {
      to[start + i] = (int) from[i];
    }
  }
}
