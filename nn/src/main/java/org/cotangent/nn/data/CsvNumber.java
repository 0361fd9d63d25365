package org.cotangent.nn.data;

import java.nio.charset.StandardCharsets;

/// Decimal numbers in bytes: `[+-] digits [. digits] [e [+-] digits]`, digits before or after the
/// point, or `nan`, `inf`, `infinity` in any case, with blanks around or none. Correctly rounded.
final class CsvNumber {
  /// The powers of ten that F64 holds exactly.
  private static final double[] TEN = new double[23];

  static {
    TEN[0] = 1;
    for (int i = 1; i < TEN.length; i++) {
      TEN[i] = TEN[i - 1] * 10;
    }
  }

  private static final long EXACT = 1L << 53;

  private CsvNumber() {}

  /// The number, or NaN if there is none.
  static double parse(byte[] text, int from, int to) {
    int start = from;
    int end = to;
    while (start < end && isBlank(text[start])) {
      start++;
    }
    while (end > start && isBlank(text[end - 1])) {
      end--;
    }
    int at = start;
    boolean negative = at < end && text[at] == '-';
    if (at < end && (negative || text[at] == '+')) {
      at++;
    }
    if (isWord(text, at, end, "inf") || isWord(text, at, end, "infinity")) {
      return negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    long digits = 0;
    int count = 0;
    int scale = 0;
    boolean point = false;
    for (; at < end; at++) {
      byte b = text[at];
      if (b == '.' && !point) {
        point = true;
      } else if (isDigit(b)) {
        digits = digits >= EXACT ? EXACT : digits * 10 + (b - '0'); // below 2^57
        count++;
        scale -= point ? 1 : 0;
      } else {
        break;
      }
    }
    if (count == 0) {
      return Double.NaN;
    }
    if (at < end) {
      int exponent = exponent(text, at, end);
      if (exponent == Integer.MIN_VALUE) {
        return Double.NaN;
      }
      scale += exponent;
    }
    // One rounding of two exact numbers (Clinger: How to Read Floating Point Numbers Accurately,
    // PLDI'90).
    if (digits < EXACT && Math.abs(scale) < TEN.length) {
      double v = scale < 0 ? digits / TEN[-scale] : digits * TEN[scale];
      return negative ? -v : v;
    }
    return Double.parseDouble(new String(text, start, end - start, StandardCharsets.ISO_8859_1));
  }

  /// Whether the number says that it is none.
  static boolean isNan(byte[] text, int from, int to) {
    String s = new String(text, from, Math.min(to - from, 16), StandardCharsets.ISO_8859_1).strip();
    return to - from <= 16 && s.matches("[+-]?(?i:nan)");
  }

  /// What follows the digits: `e`, a sign or none, digits; cut off at 10^6, beyond any double.
  private static int exponent(byte[] text, int from, int end) {
    int at = from;
    if ((text[at] | 0x20) != 'e') {
      return Integer.MIN_VALUE;
    }
    at++;
    boolean negative = at < end && text[at] == '-';
    if (at < end && (negative || text[at] == '+')) {
      at++;
    }
    if (at == end) {
      return Integer.MIN_VALUE;
    }
    int value = 0;
    for (; at < end; at++) {
      if (!isDigit(text[at])) {
        return Integer.MIN_VALUE;
      }
      value = Math.min(value * 10 + (text[at] - '0'), 1_000_000);
    }
    return negative ? -value : value;
  }

  private static boolean isWord(byte[] text, int from, int end, String word) {
    if (end - from != word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if ((text[from + i] | 0x20) != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDigit(byte b) {
    return '0' <= b && b <= '9';
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }
}
