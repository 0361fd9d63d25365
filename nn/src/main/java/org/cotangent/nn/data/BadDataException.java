package org.cotangent.nn.data;

/// A file whose contents break the rules of its format. The message is one sentence that names the
/// file, the place in it, what stood there and what should have.
///
/// This is about *contents*. A file that is missing or cannot be read is an [java.io.IOException],
/// as everywhere in Java.
public final class BadDataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final String where;
  private final String expected;
  private final String found;

  /// @param file the file's path or another name by which a person knows the data
  /// @param where the place in it, such as `byte 4` or `tensor 'x', shape`
  /// @param expected what the format asks for
  /// @param found what is there
  public BadDataException(String file, String where, String expected, String found) {
    super(file + ": " + where + ": expected " + expected + ", found " + found);
    this.file = file;
    this.where = where;
    this.expected = expected;
    this.found = found;
  }

  /// As the other constructor, keeping the exception that revealed the fault.
  public BadDataException(
      String file, String where, String expected, String found, Throwable cause) {
    this(file, where, expected, found);
    initCause(cause);
  }

  /// The file's path or another name by which a person knows the data.
  public String file() {
    return file;
  }

  /// The place in the file.
  public String where() {
    return where;
  }

  /// What the format asks for.
  public String expected() {
    return expected;
  }

  /// What is there.
  public String found() {
    return found;
  }
}
