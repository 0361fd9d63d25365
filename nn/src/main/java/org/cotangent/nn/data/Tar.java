package org.cotangent.nn.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/// Reads a tar archive as a stream: the formats of POSIX (ustar, pax), GNU and Unix v7, with files
/// and folders whose names have at most 100 bytes, or 255 in ustar. Anything else is refused.
final class Tar {
  /// A file: its name with its folders, and the number of its bytes.
  record Entry(String name, long size) {}

  /// A number of a header: where it begins, and the bytes that it has.
  private enum Field {
    SIZE(124, 12),
    CHECKSUM(148, 8);

    final int offset;
    final int length;

    Field(int offset, int length) {
      this.offset = offset;
      this.length = length;
    }
  }

  private static final int BLOCK = 512;
  private static final int TYPE = 156;
  private static final int MAGIC = 257;
  private static final int PREFIX = 345;

  /// Pax notes say such things as a time with fractions: a few lines.
  private static final int MAX_NOTES = 1 << 16;

  private final InputStream in;
  private final String archive;
  private long at;

  /// The bytes of the entry, and those that fill its last block, that were not read.
  private long left;

  /// @param archive what messages call it
  Tar(InputStream in, String archive) {
    this.in = in;
    this.archive = archive;
  }

  /// The next file, once the rest of the one before is skipped; none at the end of the archive.
  Optional<Entry> next() throws IOException {
    while (true) {
      skipRest();
      byte[] header = in.readNBytes(BLOCK);
      if (header.length < BLOCK) {
        throw bad(at, "a block of 512 bytes", header.length + ": the archive is cut short");
      }
      if (isZero(header)) {
        in.transferTo(OutputStream.nullOutputStream()); // to where gzip has its checksum
        return Optional.empty();
      }
      checkChecksum(header);
      boolean posix = isPosix(header);
      long size = octal(header, Field.SIZE);
      int type = header[TYPE] & 0xFF;
      at += BLOCK;
      left = Math.ceilDiv(size, BLOCK) * BLOCK;
      switch (type) {
        case '0', 0, '7' -> {
          return Optional.of(new Entry(name(header, posix), size));
        }
        case 'x', 'g' -> checkNotes(size);
        case '5' -> {} // a folder
        default ->
            throw bad(
                at - BLOCK + TYPE, "the type of a file or folder", "type %02x".formatted(type));
      }
    }
  }

  /// The bytes of the file that [#next] gave. Memory grows with what the stream delivers.
  byte[] read(Entry entry) throws IOException {
    byte[] bytes = in.readNBytes(Math.toIntExact(entry.size()));
    if (bytes.length < entry.size()) {
      throw bad(
          at,
          "%d bytes of %s".formatted(entry.size(), entry.name()),
          bytes.length + ": the archive is cut short");
    }
    at += bytes.length;
    left -= bytes.length;
    return bytes;
  }

  private void skipRest() throws IOException {
    byte[] scratch = new byte[BLOCK * 16];
    while (left > 0) {
      int n = in.readNBytes(scratch, 0, (int) Math.min(left, scratch.length));
      if (n == 0) {
        throw bad(at, left + " bytes more of this entry", "the end: the archive is cut short");
      }
      at += n;
      left -= n;
    }
  }

  private static boolean isZero(byte[] header) {
    for (byte b : header) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /// The sum of the header's bytes, with the sum's own place full of spaces.
  private void checkChecksum(byte[] header) {
    int sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      int offset = i - Field.CHECKSUM.offset;
      sum += 0 <= offset && offset < Field.CHECKSUM.length ? ' ' : header[i] & 0xFF;
    }
    long stated = octal(header, Field.CHECKSUM);
    if (stated != sum) {
      throw bad(at, "a tar header whose checksum is " + stated, Integer.toString(sum));
    }
  }

  private boolean isPosix(byte[] header) {
    String magic = latin(header, MAGIC, 6);
    return switch (magic) {
      case "ustar\0" -> true;
      case "ustar ", "\0\0\0\0\0\0" -> false; // GNU, Unix v7
      default -> throw bad(at + MAGIC, "'ustar' or zeros", "'" + magic + "'");
    };
  }

  /// Octal digits, after spaces or none, until a space, a zero or the end of the field.
  private long octal(byte[] header, Field field) {
    int i = field.offset;
    int end = field.offset + field.length;
    while (i < end && header[i] == ' ') {
      i++;
    }
    long value = 0;
    int first = i;
    while (i < end && '0' <= header[i] && header[i] <= '7') {
      value = value * 8 + (header[i++] - '0'); // 12 digits: below 2^36
    }
    if (i == first || (i < end && header[i] != ' ' && header[i] != 0)) {
      throw bad(
          at + i,
          "octal digits of the entry's " + field.name().toLowerCase(Locale.ROOT),
          "byte %02x".formatted(i < end ? header[i] & 0xFF : 0));
    }
    return value;
  }

  private static String name(byte[] header, boolean posix) {
    String name = text(header, 0, 100);
    String prefix = posix ? text(header, PREFIX, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  /// Refuses notes that change the name or the size of an entry; the others do not matter here. A
  /// note is its own length, a space, `key=value` and a line feed.
  private void checkNotes(long size) throws IOException {
    if (size > MAX_NOTES) {
      throw bad(at, "at most " + MAX_NOTES + " bytes of pax notes", Long.toString(size));
    }
    String notes = latin(read(new Entry("pax notes", size)));
    int start = 0;
    while (start < notes.length()) {
      int space = notes.indexOf(' ', start);
      int equals = notes.indexOf('=', start);
      String digits = space < 0 ? "" : notes.substring(start, space);
      int end = digits.matches("[1-9][0-9]{0,5}") ? start + Integer.parseInt(digits) : 0;
      if (space < 0
          || equals < space
          || end <= equals
          || end > notes.length()
          || notes.charAt(end - 1) != '\n') {
        throw bad(at - size + start, "a pax note 'length key=value'", "something else");
      }
      String key = notes.substring(space + 1, equals);
      if (key.equals("path") || key.equals("size")) {
        throw bad(
            at - size + start, "names of at most 100 bytes, sizes below 8 GiB", "a long " + key);
      }
      start = end;
    }
  }

  private static String text(byte[] header, int from, int length) {
    String field = latin(header, from, length);
    int end = field.indexOf('\0');
    return end < 0 ? field : field.substring(0, end);
  }

  private static String latin(byte[] bytes) {
    return latin(bytes, 0, bytes.length);
  }

  private static String latin(byte[] bytes, int from, int length) {
    return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
  }

  private BadDataException bad(long where, String expected, String found) {
    return new BadDataException(archive, "byte " + where + " of the archive", expected, found);
  }
}
