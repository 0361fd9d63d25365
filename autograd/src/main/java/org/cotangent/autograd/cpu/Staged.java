package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/// Work in stages, one after the other. The parts of a stage may be done in any order, at the same
/// time, by any thread; so several works that do not touch each other can be done together.
final class Staged implements Piece {
  /// @param before what one thread does first; quick
  private record Stage(Piece before, int parts, IntConsumer part) {}

  private final Parallel parallel;
  private final List<Stage> stages;
  private final Piece[] before;
  private final Parallel.Work[] work;

  private Staged(Parallel parallel, List<Stage> stages) {
    this.parallel = parallel;
    this.stages = stages;
    before = stages.stream().map(Stage::before).toArray(Piece[]::new);
    work =
        stages.stream().map(s -> new Parallel.Work(s.parts, s.part)).toArray(Parallel.Work[]::new);
  }

  /// One stage: `part` for 0 to `parts - 1`.
  Staged(Parallel parallel, int parts, IntConsumer part) {
    this(parallel, List.of(new Stage(CopyPiece.NONE, parts, part)));
  }

  /// The same, but each time one thread does something quick first.
  Staged after(Piece first) {
    List<Stage> all = new ArrayList<>(stages);
    Stage s = stages.getFirst();
    all.set(0, new Stage(sequence(List.of(first, s.before)), s.parts, s.part));
    return new Staged(parallel, all);
  }

  /// The stages of this, then those of another.
  Staged then(Staged next) {
    List<Stage> all = new ArrayList<>(stages);
    all.addAll(next.stages);
    return new Staged(parallel, all);
  }

  /// One piece after the other: in stages, if all are.
  @SuppressWarnings("ReferenceEquality") // the one that does nothing
  static Piece sequence(List<Piece> all) {
    List<Piece> some = all.stream().filter(p -> p != CopyPiece.NONE).toList();
    if (some.size() < 2) {
      return some.isEmpty() ? CopyPiece.NONE : some.getFirst();
    }
    if (some.stream().allMatch(Staged.class::isInstance)) {
      return some.stream().map(Staged.class::cast).reduce(Staged::then).orElseThrow();
    }
    Piece[] each = some.toArray(Piece[]::new);
    return () -> {
      for (Piece p : each) {
        p.run();
      }
    };
  }

  /// Works none of which touches what another writes, at the same time: first stages with first
  /// stages, and so on. Parts are begun in the order of the works, so the longest come first.
  static Staged together(List<Staged> works) {
    int most = works.stream().mapToInt(w -> w.stages.size()).max().orElseThrow();
    List<Stage> all = new ArrayList<>();
    for (int k = 0; k < most; k++) {
      int stage = k;
      all.add(
          together(
              works.stream()
                  .filter(w -> stage < w.stages.size())
                  .map(w -> w.stages.get(stage))
                  .toArray(Stage[]::new)));
    }
    return new Staged(works.getFirst().parallel, all);
  }

  private static Stage together(Stage... stages) {
    List<Piece> first = new ArrayList<>();
    int parts = 0;
    for (Stage s : stages) {
      first.add(s.before);
      parts += s.parts;
    }
    return new Stage(
        sequence(first),
        parts,
        part -> {
          int rest = part;
          int k = 0;
          for (; rest >= stages[k].parts; k++) {
            rest -= stages[k].parts;
          }
          stages[k].part.accept(rest);
        });
  }

  /// Whether some stage is shared out among threads.
  boolean isShared() {
    return stages.stream().anyMatch(s -> s.parts > 1);
  }

  @Override
  public void run() {
    for (int k = 0; k < work.length; k++) {
      before[k].run();
      parallel.run(work[k]);
    }
  }
}
