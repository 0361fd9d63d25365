package org.cotangent.nn.opinfo;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;

/// The arguments of one call of an operator, found by position or by name as in Python.
///
/// Every accessor with a default gives it where the argument is absent or `None`. What a replay
/// never looks at is told by [#unread]: an option that we would silently ignore is a failure.
final class Args {
  private final List<Arg> positional;
  private final Map<String, Arg> named;
  private final Set<Object> read = new HashSet<>();

  Args(List<Arg> positional, Map<String, Arg> named) {
    this.positional = List.copyOf(positional);
    this.named = Map.copyOf(named);
  }

  /// The number of positional arguments.
  int count() {
    return positional.size();
  }

  /// The argument itself; empty if it is absent or `None`.
  Optional<Arg> find(int position, String name) {
    Arg found = null;
    if (position >= 0 && position < positional.size()) {
      read.add(position);
      found = positional.get(position);
    } else if (named.containsKey(name)) {
      read.add(name);
      found = named.get(name);
    }
    return found == null || found instanceof Arg.None ? Optional.empty() : Optional.of(found);
  }

  /// Whether the argument is there and not `None`.
  boolean has(int position, String name) {
    return find(position, name).isPresent();
  }

  /// Whether there is an argument of that name, also if it is `None`.
  boolean isNamed(String name) {
    return named.containsKey(name);
  }

  /// Notes that an argument makes no difference to us.
  void ignore(int position, String name) {
    var _ = find(position, name);
  }

  private Arg required(int position, String name) {
    return find(position, name)
        .orElseThrow(() -> new IllegalArgumentException("no argument %s".formatted(name)));
  }

  private static IllegalArgumentException wrong(String name, String expected, Arg found) {
    return new IllegalArgumentException("%s: not %s: %s".formatted(name, expected, found));
  }

  /// A tensor.
  Tensor tensor(int position, String name) {
    return tensorOf(name, required(position, name));
  }

  /// A tensor that may be absent or `None`.
  Optional<Tensor> optionalTensor(int position, String name) {
    return find(position, name).map(a -> tensorOf(name, a));
  }

  /// A tensor, or a number as a scalar of the given dtype.
  Tensor operand(int position, String name, DType dtype) {
    return switch (required(position, name)) {
      case Arg.OfTensor(Tensor t) -> t;
      case Arg other -> Tensor.scalar(numberOf(name, other), dtype);
    };
  }

  /// A list of tensors.
  List<Tensor> tensors(int position, String name) {
    return itemsOf(name, required(position, name)).stream().map(a -> tensorOf(name, a)).toList();
  }

  private static Tensor tensorOf(String name, Arg a) {
    if (a instanceof Arg.OfTensor(Tensor t)) {
      return t;
    }
    throw wrong(name, "a tensor", a);
  }

  private static List<Arg> itemsOf(String name, Arg a) {
    if (a instanceof Arg.Items(List<Arg> items)) {
      return items;
    }
    throw wrong(name, "a list", a);
  }

  /// An integer.
  int integer(int position, String name) {
    return integerOf(name, required(position, name));
  }

  /// An integer or its default.
  int integer(int position, String name, int absent) {
    return find(position, name).map(a -> integerOf(name, a)).orElse(absent);
  }

  private static int integerOf(String name, Arg a) {
    return switch (a) {
      case Arg.Whole(long v) -> Math.toIntExact(v);
      case Arg.Flag(boolean b) -> b ? 1 : 0;
      case Arg.OfTensor(Tensor t) when t.dtype().isInteger() && t.size() == 1 ->
          Math.toIntExact(Math.round(t.item()));
      default -> throw wrong(name, "an integer", a);
    };
  }

  /// Integers: a list or tuple of them, or a single one.
  int[] ints(int position, String name) {
    return intsOf(name, required(position, name));
  }

  /// Integers or their default.
  int[] ints(int position, String name, int... absent) {
    return find(position, name).map(a -> intsOf(name, a)).orElse(absent);
  }

  /// All positional arguments from the given one on as integers: one list, or one number each, as
  /// in `x.repeat(2, 3)`.
  int[] intsFrom(int position, String name) {
    if (count() <= position + 1) {
      return ints(position, name, new int[0]);
    }
    List<Integer> all = new ArrayList<>();
    for (int i = position; i < count(); i++) {
      all.add(integer(i, name));
    }
    return all.stream().mapToInt(i -> i).toArray();
  }

  private static int[] intsOf(String name, Arg a) {
    return a instanceof Arg.Items(List<Arg> items)
        ? items.stream().mapToInt(i -> integerOf(name, i)).toArray()
        : new int[] {integerOf(name, a)};
  }

  /// A truth value or its default.
  boolean flag(int position, String name, boolean absent) {
    return find(position, name).map(a -> flagOf(name, a)).orElse(absent);
  }

  private static boolean flagOf(String name, Arg a) {
    return switch (a) {
      case Arg.Flag(boolean b) -> b;
      case Arg.Whole(long v) -> v != 0;
      default -> throw wrong(name, "a truth value", a);
    };
  }

  /// A number.
  double number(int position, String name) {
    return numberOf(name, required(position, name));
  }

  /// A number or its default.
  double number(int position, String name, double absent) {
    return find(position, name).map(a -> numberOf(name, a)).orElse(absent);
  }

  /// Numbers: a list or tuple of them, or a single one.
  double[] numbers(int position, String name) {
    Arg a = required(position, name);
    return a instanceof Arg.Items(List<Arg> items)
        ? items.stream().mapToDouble(i -> numberOf(name, i)).toArray()
        : new double[] {numberOf(name, a)};
  }

  private static double numberOf(String name, Arg a) {
    return switch (a) {
      case Arg.Whole(long v) -> v;
      case Arg.Real(double v) -> v;
      case Arg.Flag(boolean b) -> b ? 1 : 0;
      default -> throw wrong(name, "a number", a);
    };
  }

  /// A string or its default.
  String text(int position, String name, String absent) {
    return find(position, name)
        .map(a -> {
          if (a instanceof Arg.Text(String s)) {
            return s;
          }
          throw wrong(name, "a string", a);
        })
        .orElse(absent);
  }

  /// A string.
  String text(int position, String name) {
    Arg a = required(position, name);
    if (a instanceof Arg.Text(String s)) {
      return s;
    }
    throw wrong(name, "a string", a);
  }

  /// A dtype or its default.
  DType dtype(int position, String name, DType absent) {
    return find(position, name)
        .map(a -> {
          if (a instanceof Arg.Type(DType d)) {
            return d;
          }
          throw wrong(name, "a dtype", a);
        })
        .orElse(absent);
  }

  /// The arguments that nobody has looked at.
  List<String> unread() {
    List<String> unread = new ArrayList<>();
    for (int i = 0; i < positional.size(); i++) {
      if (!read.contains(i)) {
        unread.add("argument %d = %s".formatted(i, positional.get(i)));
      }
    }
    named.forEach((name, value) -> {
      if (!read.contains(name)) {
        unread.add(name + " = " + value);
      }
    });
    return unread;
  }

  @Override
  public String toString() {
    return positional + (named.isEmpty() ? "" : " " + named);
  }
}
