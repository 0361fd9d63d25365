package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Random lists of calls. The same seed gives the same list on new arrays.
final class RandomCalls {
  private static final List<Op.Elementwise> OPS = ops();

  private final Random random;
  private final Buffers some;
  private final Buffers tame;
  private final DType dtype;
  private final int longest;
  final List<Call> calls = new ArrayList<>();

  /// Whatever was written, and what was read.
  final List<Buffer> all = new ArrayList<>();

  /// Matrices and vectors that later calls may read or overwrite.
  private final List<Buffer> known = new ArrayList<>();

  private RandomCalls(long seed, DType dtype, int longest) {
    random = new Random(seed);
    some = new Buffers(seed, below(2) == 0);
    tame = new Buffers(seed, false);
    this.dtype = dtype;
    this.longest = longest;
  }

  private static List<Op.Elementwise> ops() {
    List<Op.Elementwise> all = new ArrayList<>();
    all.addAll(List.of(Op.Unary.values()));
    all.addAll(List.of(Op.Binary.values()));
    all.addAll(List.of(Op.Binary.values())); // as often as the others together
    all.addAll(List.of(Op.Compare.values()));
    all.addAll(List.of(Op.Logical.values()));
    for (int i = 0; i < 6; i++) {
      all.add(new Op.Where());
    }
    all.add(new Op.Clamp(-0.75, 1.5));
    for (DType d : DType.values()) {
      all.add(new Op.Cast(d));
    }
    return all;
  }

  /// @param length calls
  /// @param longest extent of an axis, about
  static RandomCalls draw(long seed, DType dtype, int length, int longest) {
    var r = new RandomCalls(seed, dtype, longest);
    while (r.calls.size() < length) {
      r.add();
    }
    return r;
  }

  private int below(int n) {
    return random.nextInt(n);
  }

  private DType anyDtype() {
    List<DType> all = List.of(DType.values());
    return all.get(below(all.size()));
  }

  private int extent() {
    return 1 + below(below(3) == 0 ? longest : 9);
  }

  private Buffer result(DType d, Shape s) {
    // Results may lie anywhere in a larger array.
    int before = below(3) == 0 ? below(40) : 0;
    Buffer whole = some.fill(Buffer.allocate(d, Shape.of(before + s.size() + below(3))));
    Buffer y = whole.view(whole.layout().slice(0, before, s.size(), 1).reshape(s).orElseThrow());
    all.add(y);
    if (d == dtype && s.rank() > 0) {
      known.add(y);
    }
    return y;
  }

  /// An operand that stretches to `s`: new, or an earlier result of that very shape or its
  /// transpose.
  private Buffer operand(DType d, Shape s) {
    if (d == dtype && !known.isEmpty() && below(2) == 0) {
      int first = below(known.size());
      for (int i = 0; i < known.size(); i++) {
        Buffer b = known.get((first + i) % known.size());
        if (b.shape().equals(s)) {
          return b;
        }
        if (b.shape().rank() == 2
            && s.rank() == 2
            && b.shape().dim(0) == s.dim(1)
            && b.shape().dim(1) == s.dim(0)) {
          return b.view(transposed(b.layout()));
        }
      }
    }
    Buffer x = some.view(d, some.stretching(s));
    all.add(x);
    return x;
  }

  private static Layout transposed(Layout x) {
    return x.permute(Axes.permutation(x.shape(), new int[] {1, 0}));
  }

  private Shape matrix() {
    return Shape.of(extent(), extent());
  }

  private void add() {
    switch (below(14)) {
      case 11 -> moments();
      case 0, 1, 2 -> elementwise();
      case 3, 4, 5 -> product();
      case 6 -> reduction();
      case 7 -> rows();
      case 8 -> crossEntropy();
      case 9 -> {
        Shape s = matrix();
        calls.add(new Call.Copy(exact(s), result(dtype, s)));
      }
      case 10 -> gather();
      case 12 -> summed();
      default -> movement();
    }
  }

  /// An operand of this very shape, in any layout.
  private Buffer exact(Shape s) {
    Buffer x = some.view(dtype, s);
    all.add(x);
    return x;
  }

  private void elementwise() {
    Shape s = below(6) == 0 ? Shape.of() : below(3) == 0 ? Shape.of(extent()) : matrix();
    if (below(4) == 0) {
      s = Shape.of(extent(), 1 + below(5), extent());
    }
    if (!known.isEmpty() && below(2) == 0) { // so that results can take the place of operands
      s = known.get(below(known.size())).shape();
    }
    int length = below(3) == 0 ? 20 + below(60) : 1 + below(10);
    List<Buffer> in = new ArrayList<>();
    for (int k = 0; k <= below(4); k++) {
      in.add(operand(below(6) == 0 ? anyDtype() : dtype, s));
    }
    in.add(operand(DType.BOOL, s));
    calls.add(elementwise(s, in, length));
  }

  /// An elementwise call, some of whose results are summed; of these, some are written too.
  private void summed() {
    Shape s = below(2) == 0 ? matrix() : Shape.of(extent(), extent(), 1 + below(6));
    Shape seen = below(4) == 0 ? Shape.of(s.size()) : s;
    Shape to = seen;
    for (int axis = 0; axis < seen.rank(); axis++) {
      to = random.nextBoolean() ? to.with(axis, 1) : to;
    }
    if (to.equals(seen)) {
      to = Shape.of();
    }
    List<Buffer> in = new ArrayList<>();
    for (int k = 0; k <= below(3); k++) {
      in.add(operand(dtype, s));
    }
    Call.Elementwise e = elementwise(s, in, 1 + below(8));
    List<Integer> results = new ArrayList<>();
    List<Buffer> written = new ArrayList<>();
    int count = e.program().results().size();
    for (int k = 0; k < count; k++) {
      if (e.program().resultDtype(k) != dtype || below(2) == 0) {
        results.add(e.program().results().get(k));
        written.add(e.out().get(k));
      }
    }
    List<Integer> summed = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      int register = e.program().results().get(k);
      if (e.program().resultDtype(k) == dtype && (!results.contains(register) || below(2) == 0)) {
        if (!results.contains(register)) {
          results.add(register);
        }
        summed.add(results.indexOf(register));
      }
    }
    if (!summed.isEmpty()) {
      List<Call.Total> totals = new ArrayList<>();
      for (int k : summed) {
        totals.add(new Call.Total(k, seen, result(dtype, to)));
      }
      Expr program =
          new Expr(in.size(), e.program().constants(), e.program().steps(), List.copyOf(results));
      calls.add(new Call.Summed(program, s, in, written, totals));
    }
  }

  private Call.Elementwise elementwise(Shape s, List<Buffer> in, int length) {
    List<DType> dtypes = new ArrayList<>();
    in.forEach(b -> dtypes.add(b.dtype()));
    List<Expr.Constant> constants = new ArrayList<>();
    for (int k = 0; k < below(3); k++) {
      constants.add(new Expr.Constant(random.nextGaussian(), dtype));
      dtypes.add(dtype);
    }
    int first = dtypes.size();
    List<Expr.Step> steps = new ArrayList<>();
    boolean written = below(4) > 0; // only what code can be written for
    while (steps.size() < length) {
      Optional<Expr.Step> drawn = step(dtypes);
      if (drawn.isPresent()) {
        Expr.Step step = drawn.get();
        DType from = dtypes.get(step.c() < 0 ? step.a() : step.b());
        if (!written || StepWriter.canWrite(step, from)) {
          steps.add(step);
          dtypes.add(step.dtype());
        }
      }
    }
    List<Integer> results = new ArrayList<>(List.of(first + steps.size() - 1));
    for (int k = 0; k < below(3); k++) {
      int r = first + below(steps.size());
      if (!results.contains(r)) {
        results.add(r);
      }
    }
    List<Buffer> out = new ArrayList<>();
    for (int r : results) {
      out.add(place(dtypes.get(r), s, in, out));
    }
    return new Call.Elementwise(new Expr(in.size(), constants, steps, results), in, out);
  }

  /// Where a result goes: sometimes in place of an operand.
  private Buffer place(DType d, Shape s, List<Buffer> in, List<Buffer> out) {
    for (Buffer x : in) {
      boolean fits =
          x.dtype() == d
              && x.shape().equals(s)
              && x.layout().isContiguous()
              && known.contains(x)
              && in.stream().filter(o -> o.sharesArray(x)).count() == 1
              && out.stream().noneMatch(o -> o.sharesArray(x));
      if (fits && below(2) == 0) {
        return x;
      }
    }
    return result(d, s);
  }

  private Optional<Expr.Step> step(List<DType> dtypes) {
    Op.Elementwise op = OPS.get(below(OPS.size()));
    DType d = below(5) == 0 ? anyDtype() : dtype;
    boolean logical = op instanceof Op.Logical || op instanceof Op.Where;
    int a = register(dtypes, logical ? DType.BOOL : d);
    int b =
        switch (op) {
          case Op.Binary _, Op.Compare _, Op.Where _ -> register(dtypes, d);
          case Op.Logical f when f != Op.Logical.NOT -> register(dtypes, DType.BOOL);
          default -> -1;
        };
    int c = op instanceof Op.Where ? register(dtypes, d) : -1;
    boolean two = op instanceof Op.Binary || op instanceof Op.Compare || op instanceof Op.Where;
    boolean missing =
        a < 0
            || (two && b < 0)
            || (op instanceof Op.Where && c < 0)
            || (op instanceof Op.Logical f && f != Op.Logical.NOT && b < 0);
    boolean whole = d.isInteger();
    boolean defined =
        switch (op) {
          case Op.Unary f ->
              d.isFloating()
                  || (whole
                      && switch (f) {
                        case NEG, ABS, SIGN, SQUARE -> true;
                        default -> false;
                      });
          case Op.Binary f ->
              d.isFloating()
                  || (whole
                      && switch (f) {
                        case ADD, SUB, MUL, MAXIMUM, MINIMUM -> true;
                        default -> false;
                      });
          case Op.Clamp _ -> d != DType.BOOL;
          default -> true;
        };
    if (missing || !defined) {
      return Optional.empty();
    }
    DType result =
        switch (op) {
          case Op.Compare _, Op.Logical _ -> DType.BOOL;
          case Op.Cast(DType to) -> to;
          default -> d;
        };
    return Optional.of(new Expr.Step(op, result, a, b, c));
  }

  private int register(List<DType> dtypes, DType d) {
    List<Integer> fitting = new ArrayList<>();
    for (int r = 0; r < dtypes.size(); r++) {
      if (dtypes.get(r) == d) {
        fitting.add(r);
      }
    }
    return fitting.isEmpty() ? -1 : fitting.get(below(fitting.size()));
  }

  private void product() {
    int m = extent();
    int n = extent();
    boolean longSums = below(8) == 0; // in several blocks of terms
    if (longSums) {
      m = 1 + below(3);
      n = 1 + below(3);
    }
    int k = longSums ? 250 + below(400) : extent();
    boolean ta = random.nextBoolean();
    boolean tb = random.nextBoolean();
    int batch = below(4) == 0 ? 1 + below(4) : 0;
    Shape a = ta ? Shape.of(k, m) : Shape.of(m, k);
    Shape b = tb ? Shape.of(n, k) : Shape.of(k, n);
    Shape y = Shape.of(m, n);
    if (batch > 0) {
      a = below(3) == 0 ? a : a.inserted(0, below(3) == 0 ? 1 : batch);
      b = b.inserted(0, batch);
      y = y.inserted(0, batch);
    }
    Buffer product = result(dtype, y);
    Optional<Call.Elementwise> then = Optional.empty();
    // One number that is not finite would hide the order of a long sum.
    Buffer left = longSums ? tame.view(dtype, a) : full(a);
    Buffer right = longSums ? tame.view(dtype, b) : full(b);
    if (batch == 0 && below(2) == 0) {
      List<Buffer> in = new ArrayList<>(List.of(product));
      for (int i = 0; i <= below(3); i++) {
        in.add(operand(dtype, y));
      }
      in.removeIf(x -> x != product && x.sharesArray(product));
      then = Optional.of(elementwise(y, in, 1 + below(5)));
      boolean clash =
          then.get().out().stream().anyMatch(o -> o.sharesArray(left) || o.sharesArray(right));
      then = clash ? Optional.empty() : then;
    }
    if (left.sharesArray(product) || right.sharesArray(product)) {
      return;
    }
    calls.add(new Call.Product(left, ta, right, tb, product, then));
  }

  private Buffer full(Shape s) {
    if (below(2) == 0) {
      for (Buffer b : known) {
        if (b.shape().equals(s)) {
          return b;
        }
      }
    }
    return exact(s);
  }

  private void reduction() {
    Shape s = below(2) == 0 ? matrix() : Shape.of(extent(), extent(), 1 + below(6));
    Shape to = s;
    for (int axis = 0; axis < s.rank(); axis++) {
      to = random.nextBoolean() ? to.with(axis, 1) : to;
    }
    Op op =
        switch (below(4)) {
          case 0 -> new Op.Max(to);
          case 1 -> new Op.LogSumExp(to);
          default -> new Op.Sum(to);
        };
    Buffer x = full(s);
    Buffer y = result(dtype, to);
    calls.add(new Call.Primitive(op, List.of(x), y));
  }

  private void rows() {
    Shape s = matrix();
    Buffer x = full(s);
    int axis = below(4) == 0 ? 0 : 1;
    if (below(5) == 0) {
      calls.add(
          new Call.Primitive(new Op.ArgMax(axis), List.of(x), result(DType.I64, s.with(axis, 1))));
    } else {
      calls.add(new Call.Primitive(new Op.Softmax(axis), List.of(x), result(dtype, s)));
    }
  }

  private void moments() {
    int[] d = {1 + below(3), extent(), extent()};
    Buffer x = exact(Shape.of(d));
    for (int axis = 0; axis < 3; axis++) {
      d[axis] = random.nextBoolean() ? 1 : d[axis];
    }
    Shape to = Shape.of(d);
    calls.add(new Call.Primitive(new Op.Moments(to), List.of(x), result(dtype, to.inserted(0, 2))));
  }

  private void crossEntropy() {
    Shape s = matrix();
    Buffer x = full(s);
    Buffer t = random.nextBoolean() ? some.indices(Shape.of(s.dim(0)), s.dim(1)) : exact(s);
    if (random.nextBoolean()) {
      Buffer y = result(dtype, s.with(1, 1));
      calls.add(new Call.Primitive(new Op.SoftmaxCrossEntropy(), List.of(x, t), y));
    } else {
      Buffer g = exact(s.with(1, 1));
      calls.add(new Call.LogitsGrad(x, t, g, result(dtype, s)));
    }
  }

  private void gather() {
    Shape s = matrix();
    int axis = below(2);
    int count = extent();
    Buffer x = full(s);
    switch (below(5)) {
      case 4 -> {
        Buffer index = some.indices(s, count);
        Buffer y = result(dtype, s.with(axis, count));
        calls.add(new Call.Primitive(new Op.ScatterAdd(axis, count), List.of(x, index), y));
      }
      case 0 -> {
        Buffer index = some.indices(s.with(axis, count), s.dim(axis));
        Buffer y = result(dtype, s.with(axis, count));
        calls.add(new Call.Primitive(new Op.Gather(axis), List.of(x, index), y));
      }
      case 1 -> {
        Buffer index = some.indices(Shape.of(s.dim(axis)), count);
        Buffer y = result(dtype, s.with(axis, count));
        calls.add(new Call.Primitive(new Op.IndexAdd(axis, count), List.of(x, index), y));
      }
      default -> {
        Buffer index = some.indices(Shape.of(count), s.dim(axis));
        Buffer y = result(dtype, s.with(axis, count));
        calls.add(new Call.Primitive(new Op.IndexSelect(axis), List.of(x, index), y));
      }
    }
  }

  private void movement() {
    Shape s = matrix();
    int axis = below(2);
    Buffer x = full(s);
    if (random.nextBoolean()) {
      Buffer y = full(s);
      Buffer out = result(dtype, s.with(axis, 2 * s.dim(axis)));
      calls.add(new Call.Primitive(new Op.Concat(axis), List.of(x, y), out));
    } else {
      int size = s.dim(axis) * 2 + 1;
      Buffer out = result(dtype, s.with(axis, size));
      calls.add(new Call.Primitive(new Op.Embed(axis, 1, 2, size), List.of(x), out));
    }
  }
}
