package org.cotangent.nn.model;

import java.util.List;
import java.util.stream.Collectors;
import org.cotangent.nn.model.Source.Span;

/// A part of a description. Printed, it is canonical text: equal networks print alike.
sealed interface Item {
  /// Where it stands.
  Span at();

  /// A layer.
  record Layer(LayerKind kind, Arguments arguments, Span at) implements Item {
    @Override
    public String toString() {
      return kind.word() + arguments;
    }
  }

  /// Items that stand there several times, each time with weights of its own.
  record Repeat(int times, List<Item> body, Span at) implements Item {
    @Override
    public String toString() {
      return "%d * %s".formatted(times, isOne(body) ? text(body) : "(" + text(body) + ")");
    }

    private static boolean isOne(List<Item> body) {
      return body.size() == 1 && !(body.getFirst() instanceof Repeat);
    }
  }

  /// `body(x) + shortcut(x)`; without items in the shortcut `body(x) + x`.
  record Residual(List<Item> body, List<Item> shortcut, Span at) implements Item {
    @Override
    public String toString() {
      return "residual(%s%s)"
          .formatted(text(body), shortcut.isEmpty() ? "" : " | " + text(shortcut));
    }
  }

  /// How many layers it becomes, or a large number if that is more.
  default long layers() {
    return switch (this) {
      case Layer _ -> 1;
      case Repeat r -> Math.min(Integer.MAX_VALUE, r.times * layers(r.body));
      case Residual r -> layers(r.body) + layers(r.shortcut);
    };
  }

  private static long layers(List<Item> items) {
    return Math.min(Integer.MAX_VALUE, items.stream().mapToLong(Item::layers).sum());
  }

  /// Items one after another.
  static String text(List<Item> items) {
    return items.stream().map(Item::toString).collect(Collectors.joining(", "));
  }
}
