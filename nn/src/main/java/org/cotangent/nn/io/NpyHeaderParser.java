package org.cotangent.nn.io;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.cotangent.nn.data.BadDataException;

/// Reads the text of an NPY header: a Python dictionary with exactly the keys `descr`,
/// `fortran_order` and `shape`, in any order. It is parsed, never evaluated, and nothing else that
/// Python would understand is: no escapes, expressions, comments.
final class NpyHeaderParser {
  /// What NumPy's arrays have at most.
  private static final int MAX_RANK = 64;

  private final String text;
  private final String file;
  private int at;
  private Optional<String> descr = Optional.empty();
  private Optional<Boolean> fortran = Optional.empty();
  private Optional<List<Integer>> shape = Optional.empty();

  /// @param file what messages call the file
  NpyHeaderParser(String text, String file) {
    this.text = text;
    this.file = file;
  }

  NpyHeader parse() {
    dictionary();
    Optional<NpyHeader> header =
        descr.flatMap(
            d -> fortran.flatMap(f -> shape.map(s -> new NpyHeader(type(d), order(d), f, s))));
    return header.orElseThrow(
        () -> bad("the keys 'descr', 'fortran_order' and 'shape'", "fewer of them"));
  }

  private void dictionary() {
    Set<String> keys = new HashSet<>();
    expect('{');
    while (!accept('}')) {
      String key = string();
      if (!keys.add(key)) {
        throw bad("each key once", "'" + key + "' again");
      }
      expect(':');
      switch (key) {
        case "descr" -> descr = Optional.of(descr());
        case "fortran_order" -> fortran = Optional.of(bool());
        case "shape" -> shape = Optional.of(tuple());
        default -> throw bad("the keys 'descr', 'fortran_order' and 'shape'", "'" + key + "'");
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skipBlanks();
    if (at < text.length()) {
      throw bad("blanks only after the closing brace", found());
    }
  }

  private String descr() {
    skipBlanks();
    if (at < text.length() && text.charAt(at) == '[') {
      throw bad("one type of number", "a structure of several");
    }
    return string();
  }

  private NpyHeader.Type type(String descr) {
    for (NpyHeader.Type type : NpyHeader.Type.values()) {
      if (descr.length() == 3
          && descr.endsWith(type.code)
          && (type.bytes() == 1 ? "|<>" : "<>").indexOf(descr.charAt(0)) >= 0) {
        return type;
      }
    }
    boolean object = descr.contains("O");
    throw new BadDataException(
        file,
        "header, 'descr'",
        "a type such as '<f4', '>i8', '|b1': f2 f4 f8, i1 i2 i4 i8, u1 u2 u4 u8, b1",
        "'" + descr + "'" + (object ? ": Python objects, which are never read" : ""));
  }

  private static ByteOrder order(String descr) {
    return descr.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  private String string() {
    skipBlanks();
    char quote = at < text.length() ? text.charAt(at) : ' ';
    if (quote != '\'' && quote != '"') {
      throw bad("a quoted string", found());
    }
    int end = text.indexOf(quote, at + 1);
    if (end < 0 || text.substring(at, end).indexOf('\\') >= 0) {
      throw bad("a quoted string without escapes", found());
    }
    String s = text.substring(at + 1, end);
    if (s.length() > 40) {
      throw bad("a short string", "one of %d characters".formatted(s.length()));
    }
    at = end + 1;
    return s;
  }

  private boolean bool() {
    skipBlanks();
    for (boolean value : new boolean[] {true, false}) {
      String word = value ? "True" : "False";
      if (text.startsWith(word, at)) {
        at += word.length();
        return value;
      }
    }
    throw bad("True or False", found());
  }

  private List<Integer> tuple() {
    List<Integer> dims = new ArrayList<>();
    expect('(');
    while (!accept(')')) {
      dims.add(extent());
      if (dims.size() > MAX_RANK) {
        throw bad("at most %d dimensions".formatted(MAX_RANK), "more");
      }
      if (!accept(',')) {
        if (dims.size() == 1) {
          throw bad("a comma after the only extent", found()); // else it is no tuple in Python
        }
        expect(')');
        break;
      }
    }
    return dims;
  }

  private int extent() {
    skipBlanks();
    int start = at;
    while (at < text.length() && '0' <= text.charAt(at) && text.charAt(at) <= '9') {
      at++;
    }
    String digits = text.substring(start, at);
    if (!digits.matches("0|[1-9][0-9]{0,9}") || Long.parseLong(digits) > Integer.MAX_VALUE) {
      at = start;
      throw bad("an extent from 0 to " + Integer.MAX_VALUE, found());
    }
    if (at < text.length() && text.charAt(at) == 'L') {
      at++; // as Python 2 wrote them
    }
    return Integer.parseInt(digits);
  }

  private void skipBlanks() {
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\n')) {
      at++;
    }
  }

  private boolean accept(char c) {
    skipBlanks();
    boolean there = at < text.length() && text.charAt(at) == c;
    if (there) {
      at++;
    }
    return there;
  }

  private void expect(char c) {
    if (!accept(c)) {
      throw bad("'" + c + "'", found());
    }
  }

  private String found() {
    if (at >= text.length()) {
      return "the end of the header";
    }
    return "'" + text.substring(at, Math.min(at + 20, text.length())).stripTrailing() + "'";
  }

  private BadDataException bad(String expected, String found) {
    return new BadDataException(file, "header, character " + at, expected, found);
  }
}
