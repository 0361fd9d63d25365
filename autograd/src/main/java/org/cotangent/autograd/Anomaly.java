package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Interpreter;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Recorded;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.jspecify.annotations.Nullable;

/// Finds where the first NaN or infinity comes from.
///
/// Inside [#detecting], every operation is computed at once and its result looked at, and so is
/// every gradient of a backward pass. The first that should not be there ends the run with an
/// `ArithmeticException` that names the operation, the ranges of what it read, and the user's line
/// that applied it: for a gradient, the line of the forward operation. The trace of that line is
/// the exception's cause.
///
/// - A NaN in a result is an anomaly, also where it came in with an operand.
/// - An infinity is one if all that the operation read was finite: `1 / 0`, an overflow. Masks of
///   -∞ are not.
/// - Integers and booleans are not looked at, nor are intermediate values inside a rule of the
///   table, of which only the gradient counts.
///
/// Scoped: no other thread sees it, and outside of it nothing is slower.
///
/// ```java
/// Tensor loss = Anomaly.detecting(() -> {
///   Tensor l = model.forward(x).log().mean();
///   l.backward();
///   return l;
/// });
/// ```
public final class Anomaly {
  /// Bound during a walk, whose rules may meet infinities on the way to finite gradients.
  private static final ScopedValue<Boolean> WALKING = ScopedValue.newInstance();

  private static final StackWalker STACK = StackWalker.getInstance();

  private static final Anomaly ON = new Anomaly();

  private Anomaly() {}

  /// Runs `body` and looks at everything it computes.
  ///
  /// @throws ArithmeticException at the first NaN or infinity
  public static <T> T detecting(Supplier<T> body) {
    return ScopedValue.where(Interpreter.CURRENT, new Looking(Recording.interpreter()))
        .call(body::get);
  }

  /// Runs `body` and looks at everything it computes.
  ///
  /// @throws ArithmeticException at the first NaN or infinity
  public static void runDetecting(Runnable body) {
    ScopedValue.where(Interpreter.CURRENT, new Looking(Recording.interpreter())).run(body);
  }

  /// The mode, if it is on in this scope and no walk has begun yet.
  static @Nullable Anomaly current() {
    Interpreter i = Recording.interpreter();
    while (i instanceof Witness w) {
      if (w instanceof Looking) {
        return WALKING.isBound() ? null : ON;
      }
      i = w.beneath();
    }
    return null;
  }

  /// A walk: its operations are not looked at one by one, only what comes out of the rules.
  void quietly(Runnable walk) {
    ScopedValue.where(WALKING, true).run(walk);
  }

  /// Looks at every result, and remembers who asked for it.
  private record Looking(Interpreter beneath) implements Witness {
    @Override
    public Value apply(Op op, Value... in) {
      Value y = beneath.apply(op, in);
      if (!WALKING.isBound()) {
        Range found = Range.of(y);
        List<Range> read = found.isClean() ? List.of() : Range.of(List.of(in));
        if (found.isAnomaly(read)) {
          throw error(Node.name(op), "the result", found, operands(read), origin());
        }
      }
      return y;
    }

    @Override
    public Value constant(double v, DType dtype) {
      return beneath.constant(v, dtype);
    }

    @Override
    public void recorded(Tensor[] in, Tensor y) {
      if (y.node() != null) {
        y.node().notes().origin = origin();
      }
      passOn(in, y);
    }
  }

  // ---- What a walk asks

  /// Looks at the gradient that a step sends to an operand.
  void checkGradient(Node.Step s, int i, Tensor[] in, Tensor out, Tensor g, Tensor gi) {
    check(s, "backward", "the gradient of operand " + i, "the incoming gradient", in, out, g, gi);
  }

  /// Looks at the tangent that a step gets from an operand.
  void checkTangent(Node.Step s, int i, Tensor[] in, Tensor out, Tensor t, Tensor part) {
    check(s, "forward mode", "the tangent from operand " + i, "its tangent", in, out, t, part);
  }

  private static void check(
      Node.Step s,
      String mode,
      String what,
      String flow,
      Tensor[] in,
      Tensor out,
      Tensor g,
      Tensor result) {
    Range found = Range.of(result.peek());
    if (found.isClean()) {
      return;
    }
    List<Range> read = Range.of(Arrays.stream(in).map(Tensor::peek).toList());
    Range incoming = Range.of(g.peek());
    Range y = Range.of(out.peek());
    List<Range> all = new ArrayList<>(read);
    all.addAll(List.of(incoming, y));
    if (found.isAnomaly(all)) {
      String ranges = "%s is %s; %s; the result is %s".formatted(flow, incoming, operands(read), y);
      throw error(name(s.op) + " " + mode, what, found, ranges, origin(s));
    }
  }

  /// Looks at the sum of gradients that meet at a node.
  void checkSum(Node n, Tensor g) {
    check(n, g, "the sum of its gradients");
  }

  /// Looks at what hooks made of a gradient.
  void checkHooked(Node n, Tensor g) {
    check(n, g, "its gradient, as hooks left it,");
  }

  private static void check(Node n, Tensor g, String what) {
    Range found = Range.of(g.peek());
    if (found.isAnomaly(List.of())) {
      String of = n instanceof Node.Step s ? name(s.op) : "a parameter";
      throw error(of + " backward", what, found, "it is " + found, origin(n));
    }
  }

  // ---- Saying it

  private static String name(Recorded op) {
    return Node.name(op);
  }

  private static String operands(List<Range> read) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < read.size(); i++) {
      parts.add("operand %d is %s".formatted(i, read.get(i)));
    }
    return String.join("; ", parts);
  }

  private static ArithmeticException error(
      String op, String what, Range found, String ranges, List<StackTraceElement> origin) {
    StackTraceElement at = origin.isEmpty() ? null : origin.getFirst();
    var error =
        new ArithmeticException(
            "%s: %s became %s; %s; %s"
                .formatted(
                    op,
                    what,
                    found.trouble(),
                    ranges,
                    at == null
                        ? "recorded outside Anomaly.detecting, so the line is not known"
                        : "created at %s:%d".formatted(at.getFileName(), at.getLineNumber())));
    if (at != null) {
      var trace = new Throwable("the operation was applied here");
      trace.setStackTrace(origin.toArray(StackTraceElement[]::new));
      error.initCause(trace);
    }
    return error;
  }

  private static List<StackTraceElement> origin(Node n) {
    return n.notes == null ? List.of() : n.notes.origin;
  }

  /// The stack without the library's own frames.
  private static List<StackTraceElement> origin() {
    return STACK.walk(frames ->
        frames
            .filter(f -> !isOurs(f.getClassName()))
            .map(StackWalker.StackFrame::toStackTraceElement)
            .toList());
  }

  private static boolean isOurs(String className) {
    return className.startsWith("org.cotangent.autograd.")
        || className.startsWith("org.cotangent.nn.")
        || className.startsWith("java.lang.ScopedValue");
  }

  /// What is to be known of a tensor's numbers.
  private record Range(Value of, boolean known, double min, double max, int nans, int infinities) {
    static Range of(Value v) {
      if (!Eager.hasNumbers(v)) {
        return new Range(v, false, 0, 0, 0, 0);
      }
      double min = Double.POSITIVE_INFINITY;
      double max = Double.NEGATIVE_INFINITY;
      int nans = 0;
      int infinities = 0;
      for (double x : Reading.doubles(new Tensor(v, null))) {
        if (Double.isNaN(x)) {
          nans++;
        } else {
          min = Math.min(min, x);
          max = Math.max(max, x);
          infinities += Double.isInfinite(x) ? 1 : 0;
        }
      }
      return new Range(v, true, min, max, nans, infinities);
    }

    static List<Range> of(List<Value> values) {
      return values.stream().map(Range::of).toList();
    }

    boolean isClean() {
      return nans == 0 && infinities == 0;
    }

    boolean isAnomaly(List<Range> read) {
      return nans > 0 || (infinities > 0 && read.stream().allMatch(Range::isClean));
    }

    String trouble() {
      int n = nans > 0 ? nans : infinities;
      return "%s (%d of %d elements)"
          .formatted(nans > 0 ? "NaN" : "infinite", n, of.shape().size());
    }

    @Override
    public String toString() {
      StringBuilder s = new StringBuilder("%s, %s".formatted(of.shape(), of.dtype()));
      if (!known) {
        return s.append(", not saved").toString();
      }
      if (min <= max) {
        s.append(", from %s to %s".formatted(min, max));
      }
      if (nans > 0) {
        s.append(", %d NaN".formatted(nans));
      }
      if (infinities > 0) {
        s.append(", %d infinite".formatted(infinities));
      }
      return s.toString();
    }
  }
}
