package org.cotangent.nn.opinfo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.nn.io.PlainJson;

/// One recorded argument.
sealed interface Arg {
  /// One of the case's tensors.
  record OfTensor(Tensor tensor) implements Arg {}

  /// An integer.
  record Whole(long value) implements Arg {}

  /// A number with a fraction, or what is not finite.
  record Real(double value) implements Arg {}

  /// A truth value.
  record Flag(boolean value) implements Arg {}

  /// A string.
  record Text(String value) implements Arg {}

  /// A list or a tuple.
  record Items(List<Arg> items) implements Arg {}

  /// `start:stop:step` of an index.
  record Slice(Optional<Integer> start, Optional<Integer> stop, Optional<Integer> step)
      implements Arg {}

  /// A dtype.
  record Type(DType dtype) implements Arg {}

  /// `...` in an index.
  record Ellipsis() implements Arg {}

  /// `None`.
  record None() implements Arg {}

  /// Reads an argument as it is recorded; `{"t": i}` stands for `tensors.get(i)`.
  ///
  /// @throws IllegalArgumentException if it is of no known form
  static Arg of(Object json, List<Tensor> tensors) {
    return switch (json) {
      case Long n -> new Whole(n);
      case Double v -> new Real(v);
      case Boolean b -> new Flag(b);
      case String s -> text(s);
      case List<?> list -> items(list, tensors);
      case Map<?, ?> map when map.size() == 1 -> {
        var entry = map.entrySet().iterator().next();
        yield tagged(String.valueOf(entry.getKey()), entry.getValue(), tensors);
      }
      case PlainJson.Null _ -> new None();
      default -> throw new IllegalArgumentException("an argument of no known form: " + json);
    };
  }

  private static Arg text(String s) {
    return switch (s) {
      case "nan" -> new Real(Double.NaN);
      case "inf" -> new Real(Double.POSITIVE_INFINITY);
      case "-inf" -> new Real(Double.NEGATIVE_INFINITY);
      default -> new Text(s);
    };
  }

  private static Arg items(List<?> list, List<Tensor> tensors) {
    List<Arg> items = new ArrayList<>();
    list.forEach(i -> items.add(of(i, tensors)));
    return new Items(items);
  }

  private static Arg tagged(String tag, Object value, List<Tensor> tensors) {
    return switch (tag) {
      case "t" -> {
        if (value instanceof Long i && i >= 0 && i < tensors.size()) {
          yield new OfTensor(tensors.get(i.intValue()));
        }
        throw new IllegalArgumentException(
            "tensor %s of %d: no such tensor".formatted(value, tensors.size()));
      }
      case "tuple", "list" -> items((List<?>) value, tensors);
      case "slice" -> {
        List<?> s = (List<?>) value;
        yield new Slice(place(s.get(0)), place(s.get(1)), place(s.get(2)));
      }
      case "dtype" -> new Type(Recorded.dtype(String.valueOf(value)));
      case "ellipsis" -> new Ellipsis();
      case "scalar", "float", "int", "bool" -> of(value, tensors);
      default -> {
        if ("Ellipsis".equals(value) || "...".equals(value)) {
          yield new Ellipsis();
        }
        throw new IllegalArgumentException("an argument of unknown form '" + tag + "'");
      }
    };
  }

  private static Optional<Integer> place(Object json) {
    return json instanceof Long n ? Optional.of(Math.toIntExact(n)) : Optional.empty();
  }
}
