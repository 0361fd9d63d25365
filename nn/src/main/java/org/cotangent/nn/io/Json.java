package org.cotangent.nn.io;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A JSON value, and the strict parser (RFC 8259) that the header of a safetensors file needs: no
/// repeated keys, no lone surrogates, nothing after the value but white space, bounded nesting.
sealed interface Json {
  /// How deep arrays and objects may nest. A header needs 3; the bound keeps the parser's recursion
  /// from overflowing the stack.
  int MAX_DEPTH = 64;

  /// An object, its fields in the order of the text.
  record Obj(Map<String, Json> fields) implements Json {}

  /// An array.
  record Arr(List<Json> items) implements Json {}

  /// A string, unescaped.
  record Str(String value) implements Json {}

  /// A number as it is written, so that no digit is lost.
  record Num(String literal) implements Json {}

  /// `true` or `false`.
  record Bool(boolean value) implements Json {}

  /// `null`.
  record Null() implements Json {}

  /// A text that is not JSON.
  final class SyntaxException extends Exception {
    private static final long serialVersionUID = 1L;

    /// @param index that of the first wrong character
    SyntaxException(int index, String expected, String found) {
      super("character " + index + ": expected " + expected + ", found " + found);
    }
  }

  /// Parses a text that holds one value.
  static Json parse(String text) throws SyntaxException {
    var parser = new Parser(text);
    Json value = parser.value(0);
    parser.skipSpace();
    if (parser.at < text.length()) {
      throw parser.wrong("the end of the text");
    }
    return value;
  }

  /// The beginning of a value's text, for messages: short, whatever the file holds.
  static String clip(Object value) {
    String text = value.toString();
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }

  /// A recursive-descent parser over one text.
  final class Parser {
    private final String text;
    private int at;

    private Parser(String text) {
      this.text = text;
    }

    private Json value(int depth) throws SyntaxException {
      if (depth > MAX_DEPTH) {
        throw new SyntaxException(at, "at most " + MAX_DEPTH + " nested levels", "one more");
      }
      skipSpace();
      return switch (peek()) {
        case '{' -> object(depth);
        case '[' -> array(depth);
        case '"' -> new Str(string());
        case 't' -> word("true", new Bool(true));
        case 'f' -> word("false", new Bool(false));
        case 'n' -> word("null", new Null());
        default -> number();
      };
    }

    private Json object(int depth) throws SyntaxException {
      Map<String, Json> fields = new LinkedHashMap<>();
      at++;
      skipSpace();
      if (!skip('}')) {
        do {
          skipSpace();
          int keyAt = at;
          String key = string();
          skipSpace();
          expect(':', "':'");
          if (fields.put(key, value(depth + 1)) != null) {
            throw new SyntaxException(keyAt, "each key once", "'" + key + "' again");
          }
          skipSpace();
        } while (skip(','));
        expect('}', "',' or '}'");
      }
      return new Obj(Collections.unmodifiableMap(fields));
    }

    private Json array(int depth) throws SyntaxException {
      List<Json> items = new ArrayList<>();
      at++;
      skipSpace();
      if (!skip(']')) {
        do {
          items.add(value(depth + 1));
          skipSpace();
        } while (skip(','));
        expect(']', "',' or ']'");
      }
      return new Arr(Collections.unmodifiableList(items));
    }

    private String string() throws SyntaxException {
      expect('"', "a string in double quotes");
      int start = at;
      var result = new StringBuilder();
      while (peek() != '"') {
        char c = peek();
        if (c < ' ') {
          throw wrong("the rest of a string, ending in '\"'"); // control characters and the end
        }
        at++;
        result.append(c == '\\' ? escape() : c);
      }
      at++;
      for (int i = 0; i < result.length(); i++) {
        if (Character.isHighSurrogate(result.charAt(i))
            && i + 1 < result.length()
            && Character.isLowSurrogate(result.charAt(i + 1))) {
          i++;
        } else if (Character.isSurrogate(result.charAt(i))) {
          throw new SyntaxException(start, "a string of whole characters", "half a surrogate pair");
        }
      }
      return result.toString();
    }

    private char escape() throws SyntaxException {
      int simple = "\"\\/bfnrt".indexOf(peek());
      if (simple >= 0) {
        at++;
        return "\"\\/\b\f\n\r\t".charAt(simple);
      }
      if (!skip('u')) {
        throw wrong("one of \" \\ / b f n r t u after a backslash");
      }
      int code = 0;
      for (int i = 0; i < 4; i++, at++) {
        int digit = peek() < 128 ? Character.digit(peek(), 16) : -1;
        if (digit < 0) {
          throw wrong("4 hexadecimal digits after \\u");
        }
        code = 16 * code + digit;
      }
      return (char) code;
    }

    private Json number() throws SyntaxException {
      int start = at;
      skip('-');
      if (!skip('0')) {
        digits(start == at ? "a value" : "a digit");
      }
      if (skip('.')) {
        digits("a digit");
      }
      if (skip('e') || skip('E')) {
        if (!skip('+')) {
          skip('-');
        }
        digits("a digit");
      }
      return new Num(text.substring(start, at));
    }

    private void digits(String expected) throws SyntaxException {
      if (peek() < '0' || peek() > '9') {
        throw wrong(expected);
      }
      while (peek() >= '0' && peek() <= '9') {
        at++;
      }
    }

    private Json word(String word, Json value) throws SyntaxException {
      if (!text.startsWith(word, at)) {
        throw wrong("'" + word + "'");
      }
      at += word.length();
      return value;
    }

    private void skipSpace() {
      while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') {
        at++;
      }
    }

    private boolean skip(char c) {
      boolean here = at < text.length() && text.charAt(at) == c;
      if (here) {
        at++;
      }
      return here;
    }

    private void expect(char c, String what) throws SyntaxException {
      if (!skip(c)) {
        throw wrong(what);
      }
    }

    /// The next character, or NUL at the end: JSON allows that character nowhere.
    private char peek() {
      return at < text.length() ? text.charAt(at) : '\0';
    }

    private SyntaxException wrong(String expected) {
      String found = at < text.length() ? printable(text.charAt(at)) : "the end of the text";
      return new SyntaxException(at, expected, found);
    }

    private static String printable(char c) {
      return c > ' ' && c < 127 ? "'" + c + "'" : "character U+%04X".formatted((int) c);
    }
  }
}
