package org.cotangent.nn.data;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Walks over the fields of a CSV text, RFC 4180: fields may be quoted, and hold separators, line
/// ends and doubled quotes then. Lines end with a line feed, or a carriage return before it; the
/// last one may end without. Empty lines count as nothing.
final class CsvScanner {
  private final byte[] text;
  private final byte separator;
  private final String file;

  private int at;
  private int line = 1;
  private int column;
  private int fieldLine = 1;
  private int start;
  private int end;
  private boolean quoted;

  /// @param text in UTF-8
  /// @param from where the first record begins
  /// @param file what messages call it
  CsvScanner(byte[] text, int from, char separator, String file) {
    this.text = text;
    this.at = from;
    this.separator = (byte) separator;
    this.file = file;
  }

  /// Whether there is a record more; its fields are next. Those of the record before were all read.
  boolean nextRecord() {
    column = 0;
    while (at < text.length && lineEnd() > 0) {
      at += lineEnd();
      line++;
    }
    return at < text.length;
  }

  /// Whether the record has a field more, which is the current one then.
  boolean nextField() {
    if (column > 0) {
      if (at == text.length || text[at] != separator) {
        endRecord();
        return false;
      }
      at++;
    }
    column++;
    fieldLine = line;
    quoted = at < text.length && text[at] == '"';
    if (quoted) {
      scanQuoted();
    } else {
      scanPlain();
    }
    return true;
  }

  private void endRecord() {
    if (at < text.length) {
      at += lineEnd();
      line++;
    }
  }

  /// The bytes of the line end that stands here; 0 if none does.
  private int lineEnd() {
    if (text[at] == '\n') {
      return 1;
    }
    return text[at] == '\r' && at + 1 < text.length && text[at + 1] == '\n' ? 2 : 0;
  }

  private void scanPlain() {
    start = at;
    while (at < text.length && text[at] != separator && lineEnd() == 0) {
      if (text[at] == '"') {
        throw bad("quotes around a whole field only", "one after '" + show(start, at) + "'");
      }
      if (text[at] == '\r') {
        throw bad("a line feed after a carriage return", "none");
      }
      at++;
    }
    end = at;
  }

  private void scanQuoted() {
    start = ++at;
    while (true) {
      if (at == text.length) {
        throw bad("a field whose quotes are closed", "the end of the file");
      }
      byte b = text[at++];
      if (b == '\n') {
        line++;
      } else if (b == '"') {
        if (at == text.length || text[at] != '"') {
          break;
        }
        at++;
      }
    }
    end = at - 1;
    if (at < text.length && text[at] != separator && lineEnd() == 0) {
      throw bad(
          "a separator or the end of the line after closing quotes",
          "'" + show(at, Math.min(at + 1, text.length)) + "'");
    }
  }

  /// The current field's number, from 1.
  int column() {
    return column;
  }

  /// The current field as a number.
  double number(String name) {
    double v = CsvNumber.parse(text, start, end);
    if (Double.isNaN(v) && !CsvNumber.isNan(text, start, end)) {
      String found = start == end ? "nothing" : "'" + show(start, end) + "'";
      throw bad(where(name), "a number", found);
    }
    return v;
  }

  /// The current field as text.
  String text(String name) {
    String s;
    try {
      ByteBuffer bytes = ByteBuffer.wrap(text, start, end - start);
      s = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new BadDataException(file, where(name), "UTF-8", "'" + e.getMessage() + "'", e);
    }
    return quoted ? s.replace("\"\"", "\"") : s;
  }

  /// What is wrong with the current field.
  BadDataException bad(String expected, String found) {
    return bad(where(""), expected, found);
  }

  BadDataException bad(String where, String expected, String found) {
    return new BadDataException(file, where, expected, found);
  }

  /// The place of the current field.
  ///
  /// @param name of its column; empty if that is not known
  String where(String name) {
    String number = "line %d, column %d".formatted(fieldLine, column);
    return name.isEmpty() || name.equals(Integer.toString(column))
        ? number
        : number + " ('" + name + "')";
  }

  private String show(int from, int to) {
    int stop = Math.min(to, from + 40);
    String s = new String(text, from, stop - from, StandardCharsets.UTF_8);
    return stop < to ? s + "..." : s;
  }
}
