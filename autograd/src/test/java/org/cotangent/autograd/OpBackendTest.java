package org.cotangent.autograd;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.cotangent.autograd.OpSample.Kind;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.shape.DType;

/// Every operation on the standard backend against the specification.
class OpBackendTest {
  @Property(tries = 5, shrinking = ShrinkingMode.OFF)
  void doublesAreWithinTheirBounds(@ForAll long seed) {
    OpSamples.check(seed, s -> s.kind() != Kind.WHOLE, OpBackendTest::compare);
  }

  @Property(tries = 5, shrinking = ShrinkingMode.OFF)
  void floatsAreWithinTheirBounds(@ForAll long seed) {
    OpSamples.check(seed, s -> s.kind() != Kind.WHOLE, s -> compare(s.in(DType.F32)));
  }

  @Property(tries = 5, shrinking = ShrinkingMode.OFF)
  void integersAndTruthValuesAreEqual(@ForAll long seed) {
    OpSamples.check(seed, s -> s.kind() == Kind.WHOLE, OpBackendTest::compare);
  }

  /// Elementwise operations and products wait until somebody reads them.
  @Property(tries = 3, shrinking = ShrinkingMode.OFF)
  void waitingChangesNoBit(@ForAll long seed) {
    Eager waiting = Eager.careful(Eager.standard().backend(), 1);
    OpSamples.check(
        seed,
        s -> s.kind() != Kind.WHOLE,
        s -> {
          Tensor expected = s.apply();
          Tensor actual = ScopedValue.where(Interpreter.CURRENT, waiting).call(s::apply);
          Numbers.assertSame("result", actual, expected);
        });
  }

  private static void compare(OpSample s) {
    Tensor expected = Bounds.byReference(s);
    if (expected.dtype().isFloating()) {
      Numbers.assertWithin("result", s.apply(), expected, Bounds.of(s, expected));
    } else {
      Numbers.assertSame("result", s.apply(), expected);
    }
  }
}
