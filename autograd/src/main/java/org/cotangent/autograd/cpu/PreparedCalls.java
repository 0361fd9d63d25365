package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.backend.Prepared;

/// Calls as pieces of work: small ones that follow one another are one [Written] piece, any other
/// is one of its own, and those that [SideBySide] finds to be independent are done together.
final class PreparedCalls implements Prepared {
  private final List<Unit> units = new ArrayList<>();
  private Piece[] pieces = {};

  /// Makes pieces of calls that are not small.
  @FunctionalInterface
  interface Maker {
    /// The piece that does a call.
    ///
    /// @param place among calls that are done together: no two of them have the same workspace
    Piece piece(Call call, int place);
  }

  /// A piece and what it was made of.
  private sealed interface Unit {
    Piece piece();

    /// The piece as one that can be done together with others.
    Optional<Staged> staged(Parallel parallel);

    /// What it takes, roughly.
    long nanos();

    /// The unit on other arrays.
    Unit rebound(Buffer old, Buffer now);
  }

  private record Group(Written piece, Object[] arrays, long nanos) implements Unit {
    static Group of(List<Call> calls) {
      var table = new ArrayTable();
      Written code = CallsWriter.write(calls, table);
      Object[] arrays = table.all();
      code.bind(arrays);
      return new Group(code, arrays, SideBySide.nanos(calls));
    }

    @Override
    public Optional<Staged> staged(Parallel parallel) {
      return Optional.of(parallel.ready(1, _ -> piece.run()));
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // one array, not two with equal numbers
    public Unit rebound(Buffer old, Buffer now) {
      Object before = Elementwise.arrayOf(old);
      for (int k = 0; k < arrays.length; k++) {
        arrays[k] = arrays[k] == before ? Elementwise.arrayOf(now) : arrays[k];
      }
      piece.bind(arrays);
      return this;
    }
  }

  private record Single(Call call, Piece piece, Function<Call, Piece> maker) implements Unit {
    static Single of(Call call, Function<Call, Piece> maker) {
      return new Single(call, maker.apply(call), maker);
    }

    @Override
    public Optional<Staged> staged(Parallel parallel) {
      return piece instanceof Staged s ? Optional.of(s) : Optional.empty();
    }

    @Override
    public long nanos() {
      return SideBySide.nanos(List.of(call));
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // whether something was exchanged
    public Unit rebound(Buffer old, Buffer now) {
      boolean[] touched = {false};
      Call other =
          call.on(b -> {
            boolean moves = b.sharesArray(old);
            touched[0] |= moves;
            return moves ? now.view(b.layout()) : b;
          });
      return touched[0] ? of(other, maker) : this;
    }
  }

  /// Units at the same time, the longest first.
  private record Together(List<Unit> members, Staged piece, Parallel parallel) implements Unit {
    static Together of(List<Unit> members, Parallel parallel) {
      List<Unit> all =
          members.stream().sorted(Comparator.comparingLong(Unit::nanos).reversed()).toList();
      List<Staged> works = all.stream().map(u -> u.staged(parallel).orElseThrow()).toList();
      return new Together(all, Staged.together(works), parallel);
    }

    @Override
    public Optional<Staged> staged(Parallel parallel) {
      return Optional.of(piece);
    }

    @Override
    public long nanos() {
      return members.stream().mapToLong(Unit::nanos).sum();
    }

    @Override
    public Unit rebound(Buffer old, Buffer now) {
      List<Unit> others = members.stream().map(u -> u.rebound(old, now)).toList();
      return others.equals(members) ? this : of(others, parallel);
    }
  }

  /// @param worth nanoseconds beside the longest of some calls from which a second thread pays
  PreparedCalls(List<Call> calls, Parallel parallel, long worth, Maker maker) {
    for (List<List<Call>> independent : SideBySide.of(calls, parallel.threads())) {
      List<Unit> some = new ArrayList<>();
      for (List<Call> unit : independent) {
        int place = some.size();
        some.add(
            CallsWriter.canWrite(unit.getFirst())
                ? Group.of(unit)
                : Single.of(unit.getFirst(), c -> maker.piece(c, place)));
      }
      List<Unit> staged = some.stream().filter(u -> u.staged(parallel).isPresent()).toList();
      if (pays(staged, parallel, worth)) {
        some.removeAll(staged);
        some.add(Together.of(staged, parallel));
      }
      units.addAll(some);
    }
    refresh();
  }

  /// Whether it pays to do units at the same time: threads share one of them anyway, or there is
  /// enough to do beside the longest.
  private static boolean pays(List<Unit> some, Parallel parallel, long worth) {
    long all = some.stream().mapToLong(Unit::nanos).sum();
    long longest = some.stream().mapToLong(Unit::nanos).max().orElse(0);
    return some.size() > 1
        && (all - longest >= worth
            || some.stream().anyMatch(u -> u.staged(parallel).orElseThrow().isShared()));
  }

  private void refresh() {
    pieces = units.stream().map(Unit::piece).toArray(Piece[]::new);
  }

  /// How many times a run does several units at the same time.
  int joints() {
    return (int) units.stream().filter(Together.class::isInstance).count();
  }

  @Override
  public void run() {
    for (Piece p : pieces) {
      p.run();
    }
  }

  @Override
  public void rebind(Buffer old, Buffer now) {
    units.replaceAll(u -> u.rebound(old, now));
    refresh();
  }

  @Override
  public boolean mayAllocate() {
    return false;
  }
}
