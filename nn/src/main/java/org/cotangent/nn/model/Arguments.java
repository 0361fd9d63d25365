package org.cotangent.nn.model;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.cotangent.nn.PadMode;
import org.cotangent.nn.Pair;

/// What stands behind a layer's name, in the order of the layer's parameters.
record Arguments(LayerKind kind, Map<Parameter, Value> values) {
  /// A value that was checked against its parameter's type.
  sealed interface Value {
    /// `64`, `3x3`, `3x32x32`.
    record Sizes(List<Integer> of) implements Value {
      @Override
      public String toString() {
        return of.stream().map(String::valueOf).collect(Collectors.joining("x"));
      }
    }

    /// `0.5`
    record Real(double v) implements Value {
      @Override
      public String toString() {
        return Numbers.text(v);
      }
    }

    /// `same`, `reflect`, .., or a flag, of which the word is all.
    record Word(String text) implements Value {
      @Override
      public String toString() {
        return text;
      }
    }

    /// `normal 0.01`
    record Starting(Start start) implements Value {
      @Override
      public String toString() {
        return start.toString();
      }
    }
  }

  /// The value of the parameter of that name.
  Optional<Value> get(String name) {
    return Optional.ofNullable(values.get(kind.parameter(name)));
  }

  boolean has(String name) {
    return get(name).isPresent();
  }

  /// Of a `COUNT`.
  int count(String name) {
    return count(name, 1);
  }

  int count(String name, int otherwise) {
    return get(name).map(v -> ((Value.Sizes) v).of().getFirst()).orElse(otherwise);
  }

  /// Of an `INDEX`.
  OptionalInt index(String name) {
    return has(name) ? OptionalInt.of(count(name)) : OptionalInt.empty();
  }

  /// Of a value that is a word.
  String word(String name, String otherwise) {
    return get(name).map(v -> ((Value.Word) v).text()).orElse(otherwise);
  }

  /// Of a `MODE`.
  PadMode mode(String name) {
    String word = word(name, "zeros");
    return word.equals("zeros") ? PadMode.CONSTANT : PadMode.valueOf(word.toUpperCase(Locale.ROOT));
  }

  /// Of a `SHAPE`.
  int[] shape(String name) {
    return ((Value.Sizes) get(name).orElseThrow()).of().stream().mapToInt(i -> i).toArray();
  }

  /// Of a number.
  double real(String name, double otherwise) {
    return optional(name).orElse(otherwise);
  }

  OptionalDouble optional(String name) {
    Optional<Value> v = get(name);
    return v.isPresent() ? OptionalDouble.of(((Value.Real) v.get()).v()) : OptionalDouble.empty();
  }

  /// Of a size, for so many spatial axes.
  ///
  /// @throws IllegalArgumentException if it has a number for more or fewer axes
  Pair size(String name, int axes, Pair otherwise) {
    Optional<Value> v = get(name);
    if (v.isEmpty()) {
      return otherwise;
    }
    List<Integer> n = ((Value.Sizes) v.get()).of();
    if (n.size() != 1 && n.size() != axes) {
      throw new IllegalArgumentException(
          "%s %s has %d numbers, but here are %s"
              .formatted(
                  name,
                  v.get(),
                  n.size(),
                  axes == 1 ? "signals, with one axis" : "images, with two axes"));
    }
    return new Pair(n.getFirst(), n.getLast());
  }

  /// How weights or biases start.
  Start start(String name, Start otherwise) {
    return get(name).map(v -> ((Value.Starting) v).start()).orElse(otherwise);
  }

  @Override
  public String toString() {
    StringBuilder s = new StringBuilder();
    for (Parameter p : kind.parameters()) {
      Value v = values.get(p);
      if (v != null) {
        boolean named = p.place() == Parameter.Place.NAMED && p.takes() != Parameter.Takes.FLAG;
        s.append(' ').append(named ? p.name() + " " : "").append(v);
      }
    }
    return s.toString();
  }
}
