package org.cotangent.autograd.cpu;

import java.util.List;
import java.util.Optional;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.shape.Shape;

/// [Elementwise] made ready: a workspace for each part, and a written loop as soon as there is one.
final class ElementwisePiece implements Piece {
  /// Elements times steps after which loops are asked for: some milliseconds of work. A call that
  /// was made ready will come again, so less than elsewhere.
  private static final long WORTH = 10_000_000;

  /// Fewer elements gain nothing by a written loop.
  private static final int WRITTEN = 512;

  private final Expr program;
  private final Operand[] operands;
  private final Buffer[] out;
  private final int size;
  private final Elementwise[] runs; // of each part
  private final Parallel parallel;
  private final Kernels kernels;
  private final Piece tiles;
  private final boolean[] number;
  private final boolean writable; // as one loop, that is
  private Optional<Piece> loop = Optional.empty();
  private long done;
  private int seen = -1;

  private ElementwisePiece(
      Call.Elementwise call, Scratch[] scratch, Parallel parallel, Kernels kernels) {
    program = call.program();
    out = call.out().toArray(Buffer[]::new);
    Shape shape = out[0].shape();
    size = shape.size();
    operands = call.in().stream().map(x -> new Operand(x, shape)).toArray(Operand[]::new);
    this.parallel = parallel;
    this.kernels = kernels;
    int parts = size < Elementwise.SHARED ? 1 : parallel.threads();
    runs = new Elementwise[parts];
    for (int i = 0; i < parts; i++) {
      runs[i] = Elementwise.ready(program, operands, out, scratch[i]);
    }
    int tile = runs[0].tile();
    long each = (long) (MathSize.pieces(size, tile) + parts - 1) / parts * tile;
    tiles =
        parallel.ready(
            parts,
            part ->
                runs[part].tiles(Math.min(part * each, size), Math.min((part + 1) * each, size)));
    number = new boolean[operands.length];
    boolean flat = true;
    for (int k = 0; k < number.length; k++) {
      number[k] = operands[k].isNumber();
      flat &= operands[k].dtype == program.resultDtype(0);
      flat &= number[k] || operands[k].isFlat();
    }
    writable = flat && KernelWriter.canWrite(program);
  }

  /// The piece that does a call.
  ///
  /// @param scratch for each thread
  static Piece of(Call.Elementwise call, Scratch[] scratch, Parallel parallel, Kernels kernels) {
    Shape shape = call.out().getFirst().shape();
    if (shape.size() == 0) {
      return CopyPiece.NONE;
    }
    Buffer[] in = call.in().toArray(Buffer[]::new);
    Buffer[] out = call.out().toArray(Buffer[]::new);
    return Scaling.of(call.program(), in, out, parallel)
        .orElseGet(() -> new ElementwisePiece(call, scratch, parallel, kernels));
  }

  @Override
  public void run() {
    if (size >= WRITTEN && (seen < 0 ? isWorth() : seen != kernels.made())) {
      findLoops();
    }
    loop.orElse(tiles).run();
  }

  private boolean isWorth() {
    done += (long) size * program.steps().size();
    return done >= WORTH;
  }

  /// Asks for loops, and takes those that are ready.
  private void findLoops() {
    seen = kernels.made();
    if (writable) {
      loop = kernels.find(program, number, Integer.MAX_VALUE).map(this::loop);
    } else {
      for (Elementwise run : runs) {
        run.findStretches(Integer.MAX_VALUE, kernels);
      }
    }
  }

  private Piece loop(Kernel kernel) {
    int parts = runs.length;
    int each = (size / parts + Scratch.TILE) / Scratch.TILE * Scratch.TILE;
    int arrays = out.length;
    for (boolean b : number) {
      arrays += b ? 0 : 1;
    }
    int chunks = MathSize.pieces(size, each);
    Object[][] array = new Object[chunks][arrays];
    int[][] at = new int[chunks][arrays];
    double[][] numbers = new double[chunks][operands.length + program.constants().size()];
    return parallel.ready(
        chunks,
        part -> {
          int begin = part * each;
          int n = Math.min(each, size - begin);
          int whole = n / Elementwise.WHOLE * Elementwise.WHOLE;
          Elementwise.load(program, operands, out, begin, array[part], at[part], numbers[part]);
          kernel.run(whole, array[part], at[part], numbers[part]);
          if (whole < n) {
            runs[part].tiles(begin + whole, begin + n);
          }
        });
  }

  /// The call as what is done to finished rows of a matrix, for as many threads as there are
  /// workspaces.
  static Epilogue epilogue(Call.Elementwise call, Scratch[] scratch, Kernels kernels) {
    Buffer[] out = call.out().toArray(Buffer[]::new);
    Shape shape = out[0].shape();
    Operand[] operands = call.in().stream().map(x -> new Operand(x, shape)).toArray(Operand[]::new);
    var ready =
        new Pool<Elementwise>(
            () -> Elementwise.ready(call.program(), operands, out, new Scratch()));
    List<Elementwise> all =
        List.of(scratch).stream()
            .map(s -> Elementwise.ready(call.program(), operands, out, s))
            .toList();
    all.forEach(ready::give);
    return new Rows(shape, ready, all, kernels, call.program().steps().size());
  }

  private static final class Rows implements Epilogue {
    private final int n;
    private final long weight;
    private final Pool<Elementwise> ready;
    private final List<Elementwise> all;
    private final Kernels kernels;
    private long done;
    private int seen = -1;

    Rows(Shape shape, Pool<Elementwise> ready, List<Elementwise> all, Kernels kernels, int steps) {
      n = shape.dim(-1);
      weight = (long) shape.size() * steps;
      this.ready = ready;
      this.all = all;
      this.kernels = kernels;
    }

    @Override
    public void before() {
      done += weight;
      if (done >= WORTH && seen != kernels.made()) {
        seen = kernels.made();
        all.forEach(e -> e.findStretches(Integer.MAX_VALUE, kernels));
      }
    }

    @Override
    public void rows(int first, int count) {
      if (count > 0) {
        Elementwise e = ready.take();
        e.tiles((long) first * n, ((long) first + count) * n);
        ready.give(e);
      }
    }
  }
}
