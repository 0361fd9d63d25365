package org.cotangent.autograd.backend;

import java.util.Optional;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// The result of an operation that is computed when its numbers are asked for, together with the
/// operations before it that wait too: one pass over memory for a whole chain.
///
/// Nobody can tell from the numbers: the same operations run in the same order on each element. A
/// value that waits keeps its operands in memory.
final class Deferred implements Value {
  /// Operations in a chain at most, each counted as often as it is reached: what is longer is cut.
  static final int LONGEST = 32;

  private static final Value[] NONE = {};

  private final Eager eager;
  private final Op op;
  private final DType dtype;
  private final Shape shape;
  private final int length;
  private final boolean product;
  private volatile Value[] in;
  private volatile Optional<Buffer> numbers = Optional.empty();
  private volatile boolean kept;
  private volatile boolean shared;
  private int loans; // while it waits; then the numbers count them
  private boolean donated;

  /// An operation on operands of which those that wait may be computed along with it.
  Deferred(Eager eager, Op op, Value[] in, DType dtype, Shape shape) {
    this.eager = eager;
    this.op = op;
    this.in = in;
    this.dtype = dtype;
    this.shape = shape;
    int n = 1;
    boolean multiplies = op instanceof Op.MatMul;
    for (Value v : in) {
      if (v instanceof Deferred d) {
        n += d.length;
        multiplies |= d.product;
      }
      Eager.lend(v);
    }
    length = n;
    product = multiplies;
  }

  @Override
  public Shape shape() {
    return shape;
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  Op op() {
    return op;
  }

  /// The operands; none once the numbers are there.
  Value[] in() {
    return in;
  }

  /// How many operations computing it may take.
  int length() {
    return length;
  }

  /// Whether a matrix product is among them.
  boolean multiplies() {
    return product;
  }

  /// The numbers, if they were computed already.
  Optional<Buffer> ready() {
    return numbers;
  }

  /// Says that the numbers will be read again, so that they are written down when they are computed
  /// on the way to others. Without this an elementwise operation may be computed twice, never more
  /// often.
  void keep() {
    kept = true;
  }

  boolean isKept() {
    return kept;
  }

  /// The numbers, computed now if they were not before.
  Buffer numbers() {
    if (numbers.isEmpty()) {
      synchronized (this) { // operands only ever lock their own operands, so nobody waits in a ring
        Value[] operands = in; // before asking: who completes this lets go of them after
        if (numbers.isEmpty()) {
          if (operands.length == 0) {
            throw new IllegalStateException("a donated value of " + op + " is asked for");
          }
          new Fusion(eager, this).run(operands);
        }
      }
    }
    return numbers.orElseThrow();
  }

  /// Says that somebody may read the numbers at any time from now on.
  void share() {
    shared = true;
    numbers.ifPresent(Buffer::share);
  }

  /// As [Buffer#lend], [Buffer#giveBack], [Buffer#donate], of numbers that may not be there yet.
  synchronized void lend() {
    if (numbers.isPresent()) {
      numbers.get().lend();
    } else {
      loans++;
    }
  }

  synchronized void giveBack() {
    if (numbers.isPresent()) {
      numbers.get().giveBack();
    } else {
      loans--;
      endIfForgotten();
    }
  }

  synchronized void donate() {
    if (numbers.isPresent()) {
      numbers.get().donate();
    } else {
      donated = true;
      endIfForgotten();
    }
  }

  /// Whether nobody else will ask for the numbers but so many that they are lent to.
  synchronized boolean isOnlyFor(int lent) {
    return donated && !shared && loans == lent;
  }

  /// What nobody can ask for any more keeps no operands.
  private void endIfForgotten() {
    if (donated && loans == 0 && !shared) {
      letGo();
    }
  }

  /// Takes the numbers and lets go of the operands; the first numbers, if two threads computed
  /// them.
  synchronized void complete(Buffer result) {
    if (numbers.isPresent()) {
      return;
    }
    for (int k = 0; k < loans; k++) {
      result.lend();
    }
    if (shared) {
      result.share();
    }
    if (donated) {
      result.donate();
    }
    numbers = Optional.of(result);
    letGo();
  }

  private void letGo() {
    Value[] operands = in;
    in = NONE;
    for (Value v : operands) {
      Eager.giveBack(v);
    }
  }
}
