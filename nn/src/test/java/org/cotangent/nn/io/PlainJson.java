package org.cotangent.nn.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// JSON as plain Java objects, for tests of other packages: a `Map<String, Object>`, a
/// `List<Object>`, a `String`, a `Boolean`, a `Long` or a `Double`, or [Null#NULL].
public final class PlainJson {
  private PlainJson() {}

  /// What `null` is read as.
  public enum Null {
    /// The only one.
    NULL
  }

  /// Parses a text that holds one value.
  ///
  /// @throws IllegalArgumentException if it is not JSON
  public static Object parse(String text) {
    try {
      return plain(Json.parse(text));
    } catch (Json.SyntaxException e) {
      throw new IllegalArgumentException("not JSON: " + e.getMessage(), e);
    }
  }

  private static Object plain(Json json) {
    return switch (json) {
      case Json.Obj(var fields) -> {
        Map<String, Object> map = new LinkedHashMap<>();
        fields.forEach((name, value) -> map.put(name, plain(value)));
        yield map;
      }
      case Json.Arr(var items) -> {
        List<Object> list = new ArrayList<>(items.size());
        items.forEach(i -> list.add(plain(i)));
        yield list;
      }
      case Json.Str(String value) -> value;
      case Json.Num(String literal) -> number(literal);
      case Json.Bool(boolean value) -> value;
      case Json.Null() -> Null.NULL;
    };
  }

  private static Object number(String literal) {
    boolean whole = literal.chars().allMatch(c -> c == '-' || Character.isDigit(c));
    if (whole && literal.length() < 19) {
      return Long.parseLong(literal);
    }
    return Double.parseDouble(literal);
  }
}
