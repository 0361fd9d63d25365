package org.cotangent.autograd.cpu;

import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.DType;

/// Writes small sums and copies in bytecode; the bits of sums are those of [ReductionF32].
final class SumWriter {
  private SumWriter() {}

  /// Where the runs of a sum begin, evenly.
  private record Starts(int count, int x, int y, int xStep, int yStep) {
    static Optional<Starts> of(List<int[]> places) {
      if (places.isEmpty()) {
        return Optional.empty();
      }
      int[] first = places.getFirst();
      int xStep = places.size() < 2 ? 0 : places.get(1)[0] - first[0];
      int yStep = places.size() < 2 ? 0 : places.get(1)[1] - first[1];
      for (int i = 0; i < places.size(); i++) {
        if (places.get(i)[0] != first[0] + i * xStep || places.get(i)[1] != first[1] + i * yStep) {
          return Optional.empty();
        }
      }
      return Optional.of(new Starts(places.size(), first[0], first[1], xStep, yStep));
    }
  }

  /// The loops of `out = Σ x`, if they can be written: of floating numbers, each element of the
  /// result from one run or one stack of rows, evenly laid out.
  static Optional<LoopBody> sum(Buffer x, Buffer out, ArrayTable arrays) {
    DType d = x.dtype();
    if (!d.isFloating() || x.shape().size() == 0 || !x.layout().isContiguous()) {
      return Optional.empty();
    }
    Nest nest = Nest.of(x.shape(), x.layout(), out.layout());
    List<int[]> places = new ArrayList<>();
    if (nest.isReduced() && nest.visitsOnce()) {
      nest.runs(0, nest.runs(), (xo, yo) -> places.add(new int[] {xo, yo}));
      return Starts.of(places).map(s -> new LoopBody(6, w -> runs(w, arrays, x, out, nest, s)));
    }
    if (!nest.isReduced() && nest.groupsOnce() && nest.rows() <= ReduceF32.ROWS) {
      nest.columns(0, nest.columns(), (xo, yo) -> places.add(new int[] {xo, yo}));
      return Starts.of(places).map(s -> new LoopBody(6, w -> columns(w, arrays, x, out, nest, s)));
    }
    return Optional.empty();
  }

  private static void runs(
      LoopWriter w, ArrayTable arrays, Buffer x, Buffer out, Nest nest, Starts at) {
    DType d = x.dtype();
    int n = nest.inner();
    var from = new LoopWriter.Place(w.array(arrays.slot(x), d), d, at.x, new int[] {at.xStep});
    var to = new LoopWriter.Place(w.array(arrays.slot(out), d), d, at.y, new int[] {at.yStep});
    int lanes = d == DType.F32 ? LanesF32.L : LanesF64.L;
    w.nest(
        new int[] {at.count},
        index -> {
          if (n < lanes) {
            int sum = total(w, d, 0, n, from, 1, index);
            w.store(to, index, () -> w.code.loadLocal(LoopWriter.kind(d), sum));
          } else {
            w.store(to, index, () -> sumOfMany(w, n, from, index));
          }
        });
  }

  private static void sumOfMany(
      LoopWriter w, int n, LoopWriter.Place from, LoopWriter.Index index) {
    w.code.loadConstant(n);
    w.address(from, index);
    ClassDesc x = LoopWriter.element(from.dtype());
    w.code.invokestatic(
        ClassDesc.of(
            SumWriter.class.getPackageName(),
            from.dtype() == DType.F32 ? "ReduceF32" : "ReduceF64"),
        "sum",
        MethodTypeDesc.of(x, ConstantDescs.CD_int, x.arrayType(), ConstantDescs.CD_int));
  }

  /// The sum of `n` elements, `step` apart, from element `first` on, one after the other; in a
  /// local.
  private static int total(
      LoopWriter w,
      DType d,
      int first,
      int n,
      LoopWriter.Place from,
      int step,
      LoopWriter.Index index) {
    TypeKind kind = LoopWriter.kind(d);
    if (first == 0) {
      w.constant(0, d);
    } else {
      w.load(from, index);
    }
    int sum = w.store(kind);
    if (n > first) {
      var next = from.plus(first * step).with(step);
      w.nest(
          new int[] {n - first},
          index,
          inner -> {
            w.code.loadLocal(kind, sum);
            w.load(next, inner);
            plus(w, d);
            w.code.storeLocal(kind, sum);
          });
    }
    return sum;
  }

  private static void columns(
      LoopWriter w, ArrayTable arrays, Buffer x, Buffer out, Nest nest, Starts at) {
    DType d = x.dtype();
    int[] xStep = {at.xStep, 1};
    int[] yStep = {at.yStep, 1};
    var from = new LoopWriter.Place(w.array(arrays.slot(x), d), d, at.x, xStep);
    var to = new LoopWriter.Place(w.array(arrays.slot(out), d), d, at.y, yStep);
    w.nest(
        new int[] {at.count, nest.inner()},
        index -> {
          int sum = total(w, d, 1, nest.rows(), from, nest.rowStep(), index);
          w.store(
              to,
              index,
              () -> {
                w.constant(0, d); // a sum of -0.0 becomes 0.0 there too
                w.code.loadLocal(LoopWriter.kind(d), sum);
                plus(w, d);
              });
        });
  }

  private static void plus(LoopWriter w, DType d) {
    if (d == DType.F32) {
      w.code.fadd();
    } else {
      w.code.dadd();
    }
  }

  /// The loops of a copy between two layouts of one shape.
  static LoopBody copy(Buffer from, Buffer to, ArrayTable arrays) {
    return new LoopBody(
        2,
        w -> {
          DType d = to.dtype();
          Layout y = to.layout();
          Merged nest = Merged.over(y.shape(), from.layout(), y);
          int x = w.array(arrays.slot(from), d);
          int z = w.array(arrays.slot(to), d);
          var source = new LoopWriter.Place(x, d, from.layout().offset(), nest.steps()[0]);
          var target = new LoopWriter.Place(z, d, y.offset(), nest.steps()[1]);
          w.nest(nest.extents(), index -> w.store(target, index, () -> w.load(source, index)));
        });
  }
}
