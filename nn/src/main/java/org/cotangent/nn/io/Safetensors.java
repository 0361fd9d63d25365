package org.cotangent.nn.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.cotangent.nn.data.BadDataException;

/// Reads and writes files in the safetensors format: the length of a header as a 64-bit
/// little-endian integer, the header as JSON (each tensor's type, shape and place), then the
/// elements, little-endian, row-major and without gaps.
///
/// The reader is strict, so that two programs cannot understand one file differently: it refuses
/// overlaps, gaps, sizes that do not fit the shape, repeated names and unknown fields, each with a
/// [BadDataException]. So it does with types that no tensor here could hold: U64, complex numbers,
/// and floating ones of 8 bits or less.
public final class Safetensors {
  /// The limit that the format's reference implementation sets.
  static final int MAX_HEADER = 100_000_000;

  static final String METADATA = "__metadata__";

  private Safetensors() {}

  /// Reads a whole file.
  ///
  /// A header that promises more than the file holds is refused before anything of that size is
  /// allocated.
  ///
  /// @throws BadDataException if the contents are not one whole, well-formed safetensors file
  /// @throws IOException if the file is missing or cannot be read
  public static SafetensorsFile read(Path file) throws IOException {
    requireFile(file);
    OptionalLong size =
        Files.isRegularFile(file) ? OptionalLong.of(Files.size(file)) : OptionalLong.empty();
    try (InputStream in = Files.newInputStream(file)) {
      return new SafetensorsReader(in, file.toString(), size).read();
    }
  }

  private static void requireFile(Path file) throws NoSuchFileException {
    if (Files.notExists(file)) {
      throw new NoSuchFileException(
          file.toString(), null, "no such file; expected a safetensors file");
    }
    if (Files.isDirectory(file)) {
      throw new BadDataException(file.toString(), "the path", "a safetensors file", "a folder");
    }
  }

  /// Reads a whole stream, such as a resource. Memory grows with what the stream delivers, never
  /// with what its header promises. The stream is left open.
  ///
  /// @param name what messages call the stream
  /// @throws BadDataException if the contents are not one whole, well-formed safetensors file
  /// @throws IOException if reading fails
  public static SafetensorsFile read(InputStream in, String name) throws IOException {
    return new SafetensorsReader(in, name, OptionalLong.empty()).read();
  }

  /// Opens a file to read some of what it holds, now or later; the rest is not read.
  ///
  /// @throws BadDataException if the header is not well-formed or does not fit the file's size
  /// @throws IOException if the file is missing or cannot be read
  public static OpenSafetensors open(Path file) throws IOException {
    requireFile(file);
    return OpenSafetensors.open(file);
  }

  /// Writes entries to a file, which appears whole or not at all.
  ///
  /// @throws IllegalArgumentException if two entries have one name, or a name cannot be written
  /// @throws IOException if writing fails
  public static void write(Path file, Collection<SafetensorsEntry> entries) throws IOException {
    write(file, entries, Map.of());
  }

  /// Writes entries and free text about them to a file, which appears whole or not at all: a
  /// temporary file in the same folder is forced to the disk, then renamed.
  ///
  /// @throws IllegalArgumentException if two entries have one name, or a name cannot be written
  /// @throws IOException if writing fails
  public static void write(
      Path file, Collection<SafetensorsEntry> entries, Map<String, String> metadata)
      throws IOException {
    try (var out = AtomicFile.create(file)) {
      write(out.stream(), entries, metadata);
      out.commit();
    }
  }

  static void write(
      OutputStream stream, Collection<SafetensorsEntry> entries, Map<String, String> metadata)
      throws IOException {
    List<SafetensorsEntry> layout = new ArrayList<>(entries);
    // Widest elements first, so that every array is aligned to its element for readers that map
    // the file into memory. The sort is stable.
    layout.sort(Comparator.comparingInt((SafetensorsEntry e) -> e.type().bytes).reversed());
    byte[] header = header(entries, layout, metadata);
    stream.write(
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .array());
    stream.write(header);
    for (SafetensorsEntry entry : layout) {
      stream.write(entry.elements());
    }
  }

  /// Writes entries and free text with a checksum of all of them, which is one more text,
  /// `cotangent.checksum`. [#read] refuses a file that has one and does not agree with it.
  ///
  /// @throws IllegalArgumentException if two entries have one name, or a name cannot be written
  /// @throws IOException if writing fails
  public static void writeChecked(
      Path file, Collection<SafetensorsEntry> entries, Map<String, String> metadata)
      throws IOException {
    write(file, entries, withChecksum(entries, metadata));
  }

  static Map<String, String> withChecksum(
      Collection<SafetensorsEntry> entries, Map<String, String> metadata) {
    Map<String, String> texts = new LinkedHashMap<>(metadata);
    texts.put(Checksum.KEY, Checksum.of(entries, metadata));
    return texts;
  }

  private static byte[] header(
      Collection<SafetensorsEntry> entries,
      List<SafetensorsEntry> layout,
      Map<String, String> metadata) {
    Map<SafetensorsEntry, Long> begins = new HashMap<>(); // by identity: entries have no equals
    long at = 0;
    for (SafetensorsEntry entry : layout) {
      begins.put(entry, at);
      at += entry.elements().length;
    }
    Set<String> names = new HashSet<>();
    List<String> fields = new ArrayList<>();
    if (!metadata.isEmpty()) {
      List<String> texts = new ArrayList<>();
      metadata.forEach((key, value) -> texts.add(quote(key) + ":" + quote(value)));
      fields.add(quote(METADATA) + ":{" + String.join(",", texts) + "}");
    }
    for (SafetensorsEntry entry : entries) {
      if (entry.name().equals(METADATA) || !names.add(entry.name())) {
        throw new IllegalArgumentException(
            "tensor name '%s' is %s"
                .formatted(
                    entry.name(), entry.name().equals(METADATA) ? "reserved" : "used twice"));
      }
      Long begin = begins.get(entry);
      fields.add(field(entry, begin == null ? 0 : begin));
    }
    var json = new StringBuilder("{").append(String.join(",", fields)).append('}');
    byte[] header = utf8(json);
    int padding = -header.length & 7; // the elements begin at a multiple of 8
    if (padding > 0) {
      json.repeat(' ', padding);
      header = utf8(json);
    }
    if (header.length > MAX_HEADER) {
      throw new IllegalArgumentException(
          "the header would take %d bytes, more than the format's limit of %d"
              .formatted(header.length, MAX_HEADER));
    }
    return header;
  }

  private static String field(SafetensorsEntry entry, long begin) {
    List<String> shape = new ArrayList<>();
    for (int d : entry.shape()) {
      shape.add(Integer.toString(d));
    }
    return "%s:{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%d,%d]}"
        .formatted(
            quote(entry.name()),
            entry.dtype(),
            String.join(",", shape),
            begin,
            begin + entry.elements().length);
  }

  private static String quote(String text) {
    var quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  private static byte[] utf8(CharSequence text) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] result = new byte[bytes.remaining()];
      bytes.get(result);
      return result;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "a tensor's name or the metadata holds half a surrogate pair, which UTF-8 cannot hold",
          e);
    }
  }
}
