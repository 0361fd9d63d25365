package org.cotangent.autograd.graph;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.BiConsumer;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Value;

/// What a program has computed, for those who asked for it.
///
/// Small results are copied. Large ones are handed out as they are, and the program goes on with
/// other memory: a copy of 48 MB of gradients costs more than computing them.
final class Results {
  /// Numbers from which on a result is handed out. To go on with other memory, the program makes
  /// the calls that use it ready anew, which is dearer than a small copy.
  static final int LARGE = 1 << 16;

  private final Backend backend;
  private final List<Buffer> buffers;
  private final BitSet isOwn; // memory of the program's
  private final boolean[] isGone;
  private final int large;

  /// @param isOwn which are in memory of the program's, not of a constant or an operand
  /// @param large of so many numbers, results are handed out: [#LARGE] but for tests
  Results(Backend backend, List<Buffer> buffers, BitSet isOwn, int large) {
    this.backend = backend;
    this.buffers = new ArrayList<>(buffers);
    this.isOwn = isOwn;
    this.large = large;
    this.isGone = new boolean[buffers.size()];
  }

  /// Result `i`, until the next run.
  Buffer get(int i) {
    return buffers.get(i);
  }

  /// All of them, to keep.
  List<Value> take() {
    List<Value> all = new ArrayList<>();
    for (int i = 0; i < buffers.size(); i++) {
      Buffer b = buffers.get(i);
      if (isGone[i] || (isOwn.get(i) && b.shape().size() >= large && b.isOwned())) {
        Eager.share(b);
        isGone[i] = true;
        all.add(b);
      } else {
        Buffer copy = Buffer.allocate(b.dtype(), b.shape());
        backend.copy(b, copy);
        all.add(copy);
      }
    }
    return all;
  }

  /// Gives the program other memory for what was handed out.
  ///
  /// @param exchange has the program use its second argument in place of its first from now on
  void renew(BiConsumer<Buffer, Buffer> exchange) {
    for (int i = 0; i < isGone.length; i++) {
      if (isGone[i]) {
        Buffer old = buffers.get(i);
        Buffer now = Buffer.allocate(old.dtype(), old.shape());
        exchange.accept(old, now);
        buffers.replaceAll(b -> b.sharesArray(old) ? now.view(b.layout()) : b);
        isGone[i] = false;
      }
    }
  }
}
