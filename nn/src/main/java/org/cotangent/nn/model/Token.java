package org.cotangent.nn.model;

import java.util.ArrayList;
import java.util.List;
import org.cotangent.nn.model.Source.Span;

/// A word, a number or a mark of a description.
///
/// @param kind which of them
/// @param text as it stands there; of the end, nothing
/// @param at where
record Token(Kind kind, String text, Span at) {
  /// What a token is.
  enum Kind {
    WORD,
    /// A number or a size: begins with a digit, a point or a sign.
    NUMBER,
    MARK,
    END
  }

  private static final String MARKS = "(),|*;";

  boolean isMark(char c) {
    return kind == Kind.MARK && text.charAt(0) == c;
  }

  boolean isWord(String w) {
    return kind == Kind.WORD && text.equals(w);
  }

  /// For messages.
  @Override
  public String toString() {
    return kind == Kind.END ? "the end" : "'" + text + "'";
  }

  /// All tokens; the last is the end.
  static List<Token> of(Source source) {
    String s = source.text();
    List<Token> tokens = new ArrayList<>();
    int i = 0;
    while (i < s.length()) {
      char c = s.charAt(i);
      int from = i;
      if (Character.isWhitespace(c)) {
        i++;
      } else if (MARKS.indexOf(c) >= 0) {
        i++;
        tokens.add(new Token(Kind.MARK, s.substring(from, i), new Span(from, i)));
      } else if (isLetter(c) || isNumeric(c)) {
        while (i < s.length() && (isLetter(s.charAt(i)) || isNumeric(s.charAt(i)))) {
          i++;
        }
        Kind kind = isLetter(c) ? Kind.WORD : Kind.NUMBER;
        tokens.add(new Token(kind, s.substring(from, i), new Span(from, i)));
      } else {
        int end = s.offsetByCodePoints(i, 1);
        throw source.error(
            new Span(i, end),
            "'%s' means nothing here; layers are separated by commas"
                .formatted(s.substring(i, end)));
      }
    }
    tokens.add(new Token(Kind.END, "", new Span(i, i)));
    return tokens;
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  private static boolean isNumeric(char c) {
    return (c >= '0' && c <= '9') || c == '.' || c == '+' || c == '-';
  }
}
