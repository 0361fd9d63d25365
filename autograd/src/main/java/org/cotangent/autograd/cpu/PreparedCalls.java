package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.backend.Prepared;

/// Calls as pieces of work: small ones that follow one another are one [Written] piece, any other
/// is one of its own.
final class PreparedCalls implements Prepared {
  private final List<Unit> units = new ArrayList<>();
  private Piece[] pieces = {};

  /// A piece and what it was made of.
  private sealed interface Unit {
    Piece piece();

    /// The unit on other arrays.
    Unit rebound(Buffer old, Buffer now);
  }

  private record Group(Written piece, Object[] arrays) implements Unit {
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

  /// @param maker makes pieces of calls that are not small
  PreparedCalls(List<Call> calls, Function<Call, Piece> maker) {
    List<Call> small = new ArrayList<>();
    for (Call c : calls) {
      if (CallsWriter.canWrite(c)) {
        small.add(c);
      } else {
        write(small);
        units.add(Single.of(c, maker));
      }
    }
    write(small);
    refresh();
  }

  private void write(List<Call> small) {
    if (!small.isEmpty()) {
      var table = new ArrayTable();
      Written code = CallsWriter.write(small, table);
      Object[] arrays = table.all();
      code.bind(arrays);
      units.add(new Group(code, arrays));
      small.clear();
    }
  }

  private void refresh() {
    pieces = units.stream().map(Unit::piece).toArray(Piece[]::new);
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
