package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.Shape;

/// An elementwise program and sums of what it computes, made ready: each thread computes some
/// blocks of the sums tile by tile, and sums a tile while it is in the cache. Results that nobody
/// else reads are never in memory, but for a tile.
final class SummedPiece implements Piece {
  /// Bytes of a result that stay in the first-level cache, beside operands, until the sum comes: so
  /// many gain nothing, and lose some ten nanoseconds a tile.
  private static final int SMALL = 1 << 15;

  private final LoopWatch watch;
  private final Piece work;
  private final BlockSum[] sums;

  /// @param scratch for each thread
  SummedPiece(Call.Summed call, Scratch[] scratch, Parallel parallel, Kernels kernels) {
    int size = call.shape().size();
    Blocks blocks = blocks(call);
    int count = blocks.count();
    int parts = size < Elementwise.SHARED ? 1 : Math.min(parallel.threads(), count);
    sums = call.totals().stream().map(BlockSum::of).toArray(BlockSum[]::new);
    Operand[] in =
        call.in().stream().map(x -> new Operand(x, call.shape())).toArray(Operand[]::new);
    List<ReadyProgram> programs = new ArrayList<>();
    BlockTaker[] takers = new BlockTaker[parts];
    for (int part = 0; part < parts; part++) {
      Buffer[] out = results(call, Math.min(size, blocks.piece() + Scratch.TILE));
      takers[part] = taker(call, blocks, out);
      programs.add(
          new ReadyProgram(
              call.program(), in, out, call.written().size(), takers[part], scratch[part]));
    }
    work =
        parallel.ready(
            parts,
            part -> {
              int from = (int) ((long) part * count / parts);
              int to = (int) ((part + 1L) * count / parts);
              takers[part].begin(from);
              programs.get(part).run(blocks.begin(from), blocks.begin(to));
            });
    watch = new LoopWatch(programs, size, call.program().steps().size(), kernels);
  }

  /// Whether a call is better done in one: if there is enough of it, if a piece fits into the
  /// second-level cache, and if there is a block for each thread.
  static boolean isWorth(Call.Summed call, int threads) {
    int size = call.shape().size();
    long bytes = (long) size * call.totals().getFirst().sum().dtype().bytes();
    if (bytes < SMALL) {
      return false;
    }
    Blocks blocks = blocks(call);
    return blocks.piece() <= MathSize.PIECE
        && (size < Elementwise.SHARED || blocks.count() >= threads);
  }

  private static Blocks blocks(Call.Summed call) {
    Call.Total t = call.totals().getFirst();
    return Blocks.of(Nest.of(t.shape(), Layout.of(t.shape()), t.sum().layout()));
  }

  private static Buffer[] results(Call.Summed call, int room) {
    Buffer[] out = new Buffer[call.program().results().size()];
    Arrays.setAll(
        out,
        k ->
            k < call.written().size()
                ? call.written().get(k)
                : Buffer.allocate(call.program().resultDtype(k), Shape.of(room)));
    return out;
  }

  private BlockTaker taker(Call.Summed call, Blocks blocks, Buffer[] out) {
    int written = call.written().size();
    Object[] array = new Object[sums.length];
    int[] offset = new int[sums.length];
    for (int k = 0; k < sums.length; k++) {
      int result = call.totals().get(k).result();
      array[k] = Elementwise.arrayOf(out[result]);
      offset[k] = result < written ? out[result].layout().offset() : -1;
    }
    Object[] scratch = Arrays.stream(out, written, out.length).map(Elementwise::arrayOf).toArray();
    return new BlockTaker(blocks, sums, array, offset, scratch);
  }

  @Override
  public void run() {
    watch.before();
    work.run();
    for (BlockSum s : sums) {
      s.join();
    }
  }
}
