package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.cotangent.autograd.backend.Apart;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.backend.Prepared;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;

/// The CPU at full speed: kernels on the Vector API, for the lane count of the machine.
///
/// Results agree with [ReferenceBackend] exactly on integers, and within a few units in the last
/// place on floating numbers; sums and products differ by the order of their terms. Elementwise
/// functions give the same bits for the same number wherever it stands, in whatever layout, before
/// and after the kernels are compiled.
///
/// Any number of threads may call one backend.
public final class VectorBackend implements Backend {
  private final ReferenceBackend exact = new ReferenceBackend();
  private final Pool<Scratch> scratch = new Pool<>(Scratch::new);
  private final Kernels kernels = new Kernels();
  private final Parallel parallel;
  private final long worth;
  private final MatMul products;
  private final FastConvolution convolutions;
  private final Pieces pieces;

  /// A backend with workspaces of its own and a thread for each processor, or as many as the system
  /// property `cotangent.threads` says.
  public VectorBackend() {
    this(Integer.getInteger("cotangent.threads", Runtime.getRuntime().availableProcessors()));
  }

  /// A backend with workspaces of its own that works in so many threads, the caller's included.
  /// Results do not depend on their number.
  ///
  /// @throws IllegalArgumentException if there is not even one
  public VectorBackend(int threads) {
    this(threads, SideBySide.WORTH);
  }

  /// @param worth nanoseconds of work from which calls are done side by side
  VectorBackend(int threads, long worth) {
    this.worth = worth;
    parallel = new Parallel(threads);
    products = new MatMul(parallel);
    convolutions = new FastConvolution(parallel);
    pieces = new Pieces(parallel);
  }

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public void elementwise(Expr program, Buffer[] in, Buffer... out) {
    ElementwiseOnce.run(program, in, out, scratch, parallel, kernels);
  }

  @Override
  public void copy(Buffer from, Buffer to) {
    Copying.copy(from, to, parallel);
  }

  @Override
  public void sum(Buffer x, Buffer out) {
    if (x.dtype().isFloating()) {
      pieces.sum(x, out).run();
    } else {
      WholeReduction.sum(x, out);
    }
  }

  @Override
  public void max(Buffer x, Buffer out) {
    if (x.dtype().isFloating()) {
      pieces.max(x, out).run();
    } else {
      WholeReduction.max(x, out);
    }
  }

  @Override
  public void logSumExp(Buffer x, Buffer out) {
    if (Pieces.isOfRows(x, out)) {
      pieces.logSumExp(x, out).run();
      return;
    }
    Buffer shift = Buffer.allocate(x.dtype(), out.shape());
    max(x, shift);
    Buffer finite = Buffer.allocate(x.dtype(), out.shape());
    elementwise(FINITE_OR_ZERO.get(x.dtype() == DType.F32 ? 0 : 1), new Buffer[] {shift}, finite);
    Buffer powers = shiftedExp(x, finite);
    Buffer sums = Buffer.allocate(x.dtype(), out.shape());
    sum(powers, sums);
    elementwise(LOG_PLUS.get(x.dtype() == DType.F32 ? 0 : 1), new Buffer[] {sums, finite}, out);
  }

  /// x - x is 0 for finite x only.
  private static final List<Expr> FINITE_OR_ZERO =
      List.of(finiteOrZero(DType.F32), finiteOrZero(DType.F64));

  private static Expr finiteOrZero(DType d) {
    return new Expr(
        1,
        List.of(new Expr.Constant(0, d)),
        List.of(
            new Expr.Step(Op.Binary.SUB, d, 0, 0, -1),
            new Expr.Step(Op.Compare.EQ, DType.BOOL, 2, 1, -1),
            new Expr.Step(new Op.Where(), d, 3, 0, 1)));
  }

  private static final List<Expr> LOG_PLUS = List.of(logPlus(DType.F32), logPlus(DType.F64));

  private static Expr logPlus(DType d) {
    return new Expr(
        2,
        List.of(),
        List.of(
            new Expr.Step(Op.Unary.LOG, d, 0, -1, -1), new Expr.Step(Op.Binary.ADD, d, 2, 1, -1)));
  }

  private Buffer shiftedExp(Buffer x, Buffer shift) {
    DType d = x.dtype();
    Buffer y = Buffer.allocate(d, x.shape());
    Expr program =
        new Expr(
            2,
            List.of(),
            List.of(
                new Expr.Step(Op.Binary.SUB, d, 0, 1, -1),
                new Expr.Step(Op.Unary.EXP, d, 2, -1, -1)));
    elementwise(program, new Buffer[] {x, shift}, y);
    return y;
  }

  @Override
  public void argMax(Buffer x, int axis, Buffer out) {
    if (!x.dtype().isFloating()) {
      exact.argMax(x, axis, out);
      return;
    }
    Shape s = x.shape();
    int n = s.dim(axis);
    if (out.shape().size() == 0) {
      return;
    }
    int inner = 1;
    for (int i = axis + 1; i < s.rank(); i++) {
      inner *= s.dim(i);
    }
    Buffer rows = rowMajor(x);
    int outer = s.size() / n / inner;
    int step = inner;
    int from = rows.layout().offset();
    int to = out.layout().offset();
    eachRows(
        outer,
        n * inner,
        (r, h) -> {
          int at = from + r * n * step;
          if (x.dtype() == DType.F32) {
            RowsF32.argMax(h, n, step, rows.f32(), at, out.i64(), to + r * step);
          } else {
            RowsF64.argMax(h, n, step, rows.f64(), at, out.i64(), to + r * step);
          }
        });
  }

  @Override
  public void softmax(Buffer x, int axis, Buffer out) {
    Shape s = x.shape();
    if (s.size() == 0) {
      return;
    }
    if (axis == s.rank() - 1) {
      pieces.softmax(x, out).run();
      return;
    }
    Buffer shift = Buffer.allocate(x.dtype(), s.with(axis, 1));
    max(x, shift);
    Buffer powers = shiftedExp(x, shift);
    Buffer sums = Buffer.allocate(x.dtype(), s.with(axis, 1));
    sum(powers, sums);
    elementwise(Expr.of(Op.Binary.DIV, x.dtype(), 2), new Buffer[] {powers, sums}, out);
  }

  /// Some rows of a matrix, from `first` on.
  private interface Rows {
    void run(int first, int count);
  }

  /// All of `rows` rows of `n` numbers, in pieces shared out among threads.
  private void eachRows(int rows, int n, Rows body) {
    int each = Math.max(1, MathSize.PIECE / n);
    parallel.run(
        MathSize.pieces(rows, each), i -> body.run(i * each, Math.min(each, rows - i * each)));
  }

  @Override
  public void softmaxCrossEntropy(Buffer x, Buffer t, Buffer out) {
    int rows = out.shape().size();
    if (rows == 0) {
      return;
    }
    int n = x.shape().dim(-1);
    if (n == 0) {
      exact.softmaxCrossEntropy(x, t, out);
      return;
    }
    pieces.softmaxCrossEntropy(x, t, out).run();
  }

  @Override
  public void softmaxCrossEntropyGrad(Buffer x, Buffer t, Buffer g, Buffer out) {
    if (x.shape().size() > 0) {
      pieces.softmaxCrossEntropyGrad(x, t, g, out).run();
    }
  }

  @Override
  public void matmul(Buffer a, boolean transA, Buffer b, boolean transB, Buffer out) {
    products.run(this, a, transA, b, transB, out);
  }

  @Override
  public void matmulThen(
      Buffer a,
      boolean transA,
      Buffer b,
      boolean transB,
      Buffer product,
      Expr program,
      Buffer[] in,
      Buffer... out) {
    if (product.shape().rank() != 2) {
      Backend.super.matmulThen(a, transA, b, transB, product, program, in, out);
      return;
    }
    Epilogue then = ElementwiseOnce.epilogue(program, in, out, scratch, kernels);
    products.run(this, a, transA, b, transB, product, then);
  }

  @Override
  public void gather(Buffer x, Buffer index, int axis, boolean slices, Buffer out) {
    pieces.gather(x, index, axis, slices, out).run();
  }

  @Override
  public void scatterAdd(Buffer x, Buffer index, int axis, boolean slices, Buffer out) {
    if (Pieces.isAlongRows(x, index, axis, slices, out)) {
      pieces.scatterAdd(x, index, out).run();
      return;
    }
    String op = slices ? "INDEX_ADD" : "SCATTER_ADD";
    int[] chosen = ReferenceBackend.indices(op, index, out.shape(), axis);
    Indexing.scatterAdd(rowMajor(x), chosen, axis, slices, out, parallel);
  }

  @Override
  public void factorize(Op.Factorization op, Buffer[] in, Buffer out) {
    Factor.run(op, in, out);
  }

  @Override
  public void cumSum(Buffer x, int axis, boolean reverse, Buffer out) {
    Order.cumSum(rowMajor(x), axis, reverse, out, parallel);
  }

  @Override
  public void argSort(Buffer x, int axis, boolean descending, Buffer out) {
    Order.argSort(rowMajor(x), axis, descending, out, parallel);
  }

  @Override
  public void overlapAdd(Buffer x, int axis, int step, int dilation, Buffer out) {
    Overlaps.add(x, axis, step, dilation, out);
  }

  @Override
  public void conv(Op.Conv op, Buffer a, Buffer b, Buffer out) {
    convolutions.run(this, op, a, b, out);
  }

  @Override
  public void argMaxPool(Buffer x, Sliding rows, Sliding columns, Buffer out) {
    if (!x.dtype().isFloating()) {
      exact.argMaxPool(x, rows, columns, out);
      return;
    }
    pieces.argMaxPool(x, rows, columns, out).run();
  }

  @Override
  public void moments(Buffer x, Buffer out) {
    pieces.moments(x, out).orElseGet(() -> () -> Moments.compute(this, x, out)).run();
  }

  @Override
  public Prepared prepare(List<Call> calls) {
    List<Call> suited = Apart.of(calls, c -> !SummedPiece.isWorth(c, parallel.threads()));
    List<Scratch[]> own = new ArrayList<>(); // for each place, for each thread
    return new PreparedCalls(
        suited,
        parallel,
        worth,
        (call, place) -> {
          while (own.size() <= place) {
            Scratch[] some = new Scratch[parallel.threads()];
            Arrays.setAll(some, _ -> new Scratch());
            own.add(some);
          }
          return piece(call, own.get(place));
        });
  }

  /// Calls one after the other as if each had just come.
  Prepared plainly(List<Call> calls) {
    return Backend.super.prepare(calls);
  }

  private Piece piece(Call call, Scratch[] own) {
    return switch (call) {
      case Call.Elementwise e -> ElementwisePiece.of(e, own, parallel, kernels);
      case Call.Product p when p.then().isEmpty() || p.product().shape().rank() == 2 -> {
        Epilogue then = p.then().map(e -> epilogue(p.product(), e, own)).orElse(Epilogue.NONE);
        yield products.piece(p.a(), p.transA(), p.b(), p.transB(), p.product(), then);
      }
      case Call.Summed s -> new SummedPiece(s, own, parallel, kernels);
      case Call.Copy c -> CopyPiece.of(c.from(), c.to(), parallel);
      case Call.LogitsGrad g when g.result().shape().size() > 0 ->
          pieces.softmaxCrossEntropyGrad(g.logits(), g.target(), g.g(), g.result());
      case Call.Primitive p when !p.in().isEmpty() && p.in().getFirst().shape().size() > 0 ->
          primitive(p).orElseGet(() -> plain(p));
      default -> plain(call);
    };
  }

  private Epilogue epilogue(Buffer product, Call.Elementwise e, Scratch[] own) {
    Optional<RowBias> bias = RowBias.of(e.program(), e.in(), e.out(), product);
    return bias.isPresent() ? bias.get() : ElementwisePiece.epilogue(e, own, kernels);
  }

  private Piece plain(Call call) {
    return plainly(List.of(call))::run;
  }

  @SuppressWarnings("ReferenceEquality") // the one that does nothing
  private Optional<Piece> primitive(Call.Primitive p) {
    Buffer x = p.in().getFirst();
    Buffer y = p.result();
    boolean floating = x.dtype().isFloating();
    if (p.op() instanceof Op.Moments) {
      return pieces.moments(x, y);
    }
    Piece piece =
        switch (p.op()) {
          case Op.Sum _ when floating -> pieces.sum(x, y);
          case Op.Max _ when floating -> pieces.max(x, y);
          case Op.LogSumExp _ when Pieces.isOfRows(x, y) -> pieces.logSumExp(x, y);
          case Op.Softmax(int axis) when axis == x.shape().rank() - 1 -> pieces.softmax(x, y);
          case Op.SoftmaxCrossEntropy() -> pieces.softmaxCrossEntropy(x, p.in().get(1), y);
          case Op.Gather(int axis) -> pieces.gather(x, p.in().get(1), axis, false, y);
          case Op.IndexSelect(int axis) -> pieces.gather(x, p.in().get(1), axis, true, y);
          case Op.ScatterAdd(int axis, _)
              when Pieces.isAlongRows(x, p.in().get(1), axis, false, y) ->
              pieces.scatterAdd(x, p.in().get(1), y);
          case Op.ArgMaxPool(var rows, var columns) when floating ->
              pieces.argMaxPool(x, rows, columns, y);
          default -> CopyPiece.NONE;
        };
    return piece == CopyPiece.NONE ? Optional.empty() : Optional.of(piece);
  }

  /// The same elements in row-major order without gaps.
  private Buffer rowMajor(Buffer x) {
    if (x.layout().isContiguous()) {
      return x;
    }
    Buffer y = Buffer.allocate(x.dtype(), x.shape());
    copy(x, y);
    return y;
  }
}
