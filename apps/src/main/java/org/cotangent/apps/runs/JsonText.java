package org.cotangent.apps.runs;

import java.util.List;
import java.util.Map;

/// Writes JSON (RFC 8259) for people: two spaces a level, one field a line.
final class JsonText {
  private JsonText() {}

  /// @param value a map with text keys, a list, a text, a truth value or a number; numbers that
  ///   JSON has not, NaN and the infinities, become null
  static String of(Object value) {
    var out = new StringBuilder();
    write(value, "\n", out);
    return out.append('\n').toString();
  }

  private static void write(Object value, String indent, StringBuilder out) {
    switch (value) {
      case Map<?, ?> map -> {
        String inner = indent + "  ";
        String separator = "{";
        for (Map.Entry<?, ?> field : map.entrySet()) {
          out.append(separator).append(inner).append(quoted(String.valueOf(field.getKey())));
          write(field.getValue(), inner, out.append(": "));
          separator = ",";
        }
        out.append(map.isEmpty() ? "{}" : indent + "}");
      }
      case List<?> list -> {
        out.append('[');
        for (int i = 0; i < list.size(); i++) {
          write(list.get(i), indent, out.append(i > 0 ? ", " : ""));
        }
        out.append(']');
      }
      case Double d when !Double.isFinite(d) -> out.append("null");
      case Float f when !Float.isFinite(f) -> out.append("null");
      case Number n -> out.append(n);
      case Boolean b -> out.append(b);
      default -> out.append(quoted(value.toString()));
    }
  }

  /// A text in double quotes, as JSON and YAML read it.
  static String quoted(String text) {
    var out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        default -> {
          if (c < ' ') {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }
}
