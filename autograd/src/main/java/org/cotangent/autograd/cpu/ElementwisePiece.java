package org.cotangent.autograd.cpu;

import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.shape.Shape;

/// [Elementwise] made ready: a workspace for each part, and a written loop as soon as there is one.
final class ElementwisePiece {
  private ElementwisePiece() {}

  private static Piece parts(
      Call.Elementwise call, Scratch[] scratch, Parallel parallel, Kernels kernels) {
    int size = call.out().getFirst().shape().size();
    int parts = size < Elementwise.SHARED ? 1 : parallel.threads();
    List<ReadyProgram> runs = ready(call, Arrays.copyOf(scratch, parts));
    int tile = runs.getFirst().tile();
    long each = (long) (MathSize.pieces(size, tile) + parts - 1) / parts * tile;
    var watch = new LoopWatch(runs, size, call.program().steps().size(), kernels);
    return parallel
        .ready(
            parts,
            part ->
                runs.get(part).run(Math.min(part * each, size), Math.min((part + 1) * each, size)))
        .after(watch::before);
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
        .orElseGet(() -> parts(call, scratch, parallel, kernels));
  }

  /// The call as what is done to finished rows of a matrix, for as many threads as there are
  /// workspaces.
  static Epilogue epilogue(Call.Elementwise call, Scratch[] scratch, Kernels kernels) {
    Shape shape = call.out().getFirst().shape();
    List<ReadyProgram> all = ready(call, scratch);
    var ready = new Pool<ReadyProgram>(() -> ready(call, new Scratch()).getFirst());
    all.forEach(ready::give);
    var watch = new LoopWatch(all, shape.size(), call.program().steps().size(), kernels);
    return new Rows(shape.dim(-1), ready, watch);
  }

  private static List<ReadyProgram> ready(Call.Elementwise call, Scratch... scratch) {
    Buffer[] out = call.out().toArray(Buffer[]::new);
    Operand[] operands =
        call.in().stream().map(x -> new Operand(x, out[0].shape())).toArray(Operand[]::new);
    return Arrays.stream(scratch)
        .map(s -> new ReadyProgram(call.program(), operands, out, s))
        .toList();
  }

  /// @param n numbers in a row
  private record Rows(int n, Pool<ReadyProgram> ready, LoopWatch watch) implements Epilogue {
    @Override
    public void before() {
      watch.before();
    }

    @Override
    public void rows(int first, int count) {
      ReadyProgram program = ready.take();
      program.run((long) first * n, ((long) first + count) * n);
      ready.give(program);
    }
  }
}
