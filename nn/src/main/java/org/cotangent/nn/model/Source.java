package org.cotangent.nn.model;

/// The text of a description, and how an error points into it.
record Source(String text) {
  /// How much of the line is shown on each side of the place; a description may be one long line.
  private static final int AROUND = 60;

  /// From where to where an item stands.
  record Span(int from, int to) {}

  /// An error at a place: line and column, what is wrong, and the line with the place underlined.
  IllegalArgumentException error(Span at, String message) {
    return new IllegalArgumentException(describe(at, message));
  }

  IllegalArgumentException error(Span at, String message, RuntimeException cause) {
    return new IllegalArgumentException(describe(at, message), cause);
  }

  private String describe(Span at, String message) {
    int begin = text.lastIndexOf('\n', at.from - 1) + 1;
    int newline = text.indexOf('\n', at.from);
    int end = newline < 0 ? text.length() : newline;
    long line = text.substring(0, begin).chars().filter(c -> c == '\n').count() + 1;
    int from = Math.max(begin, at.from - AROUND);
    int to = Math.min(end, Math.max(at.to, at.from) + AROUND);
    String before = text.substring(from, at.from).replaceAll("[^\t]", " ");
    int width = Math.max(1, Math.min(at.to, to) - at.from);
    return "network, line %d, column %d: %s\n  %s\n  %s%s"
        .formatted(
            line,
            at.from - begin + 1,
            message,
            text.substring(from, to),
            before,
            "^".repeat(width));
  }
}
