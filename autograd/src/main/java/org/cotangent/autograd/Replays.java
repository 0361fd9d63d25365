package org.cotangent.autograd;

import java.util.IdentityHashMap;

/// What the rules of one walk over a graph read: what the steps saved, computed again where a
/// checkpoint let go of it.
///
/// A checkpoint is run again when the walk comes to the first of its steps; each step's numbers go
/// when the walk has passed it. The graph itself stays as it was, so that several walks do not
/// meet.
final class Replays {
  private final IdentityHashMap<Checkpoint, Checkpoint.Again> runs = new IdentityHashMap<>();

  /// The operands of a step, with the numbers that its rule reads.
  Tensor[] in(Node.Step step) {
    Tensor[] in = step.in();
    Checkpoint c = step.checkpoint();
    if (c == null) {
      return in;
    }
    Tensor[] again = again(c).step(step).in();
    Tensor[] full = new Tensor[in.length];
    for (int i = 0; i < full.length; i++) {
      full[i] = new Tensor(again[i].peek(), in[i].node());
    }
    return full;
  }

  /// The result of a step, with its numbers if the rule reads them.
  Tensor out(Node.Step step) {
    Checkpoint c = step.checkpoint();
    return c == null ? step.out() : new Tensor(again(c).step(step).out().peek(), step);
  }

  /// Lets go of a step's numbers.
  void done(Node.Step step) {
    Checkpoint c = step.checkpoint();
    if (c != null) {
      again(c).forget(step);
      end(c);
    }
  }

  /// Lets go of a run, with the inputs of the checkpoints in it, when the walk has passed it.
  private void end(Checkpoint c) {
    for (Checkpoint at = c; again(at).isDone(); at = at.around()) {
      runs.remove(at);
      if (!at.isInside()) {
        return;
      }
      again(at.around()).forget(at);
    }
  }

  private Checkpoint.Again again(Checkpoint c) {
    Checkpoint.Again run = runs.get(c);
    if (run == null) {
      Checkpoint whole = c.isInside() ? again(c.around()).nested(c) : c;
      run = whole.again();
      run.requireLike(c);
      runs.put(c, run);
    }
    return run;
  }
}
