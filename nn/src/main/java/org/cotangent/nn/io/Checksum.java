package org.cotangent.nn.io;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.cotangent.nn.data.BadDataException;

/// A checksum of everything that a safetensors file says: CRC-32C (Castagnoli, 1993) of the
/// metadata and of each tensor's name, type, shape and elements, both sorted by name, so that it
/// does not depend on the order in which a tool writes them.
final class Checksum {
  /// Its place in the metadata.
  static final String KEY = "cotangent.checksum";

  private final CRC32C crc = new CRC32C();

  private Checksum() {}

  /// As the metadata has it, such as `crc32c:e3069283`.
  static String of(Collection<SafetensorsEntry> entries, Map<String, String> metadata) {
    var sum = new Checksum();
    new TreeMap<>(metadata)
        .forEach((key, value) -> {
          if (!key.equals(KEY)) {
            sum.add(key);
            sum.add(value);
          }
        });
    Map<String, SafetensorsEntry> byName = new TreeMap<>();
    entries.forEach(e -> byName.put(e.name(), e));
    byName.forEach((name, e) -> {
      sum.add(name);
      sum.add(e.dtype());
      sum.add(e.shape().length);
      for (int d : e.shape()) {
        sum.add(d);
      }
      sum.crc.update(e.elements());
    });
    return "crc32c:%08x".formatted(sum.crc.getValue());
  }

  /// Checks a file against its checksum, if it has one.
  ///
  /// @throws BadDataException if they do not agree
  static void verify(
      String name, Collection<SafetensorsEntry> entries, Map<String, String> metadata) {
    String stated = metadata.get(KEY);
    if (stated == null) {
      return;
    }
    String found = of(entries, metadata);
    if (!found.equals(stated)) {
      throw new BadDataException(
          name, "the checksum", Json.clip(stated) + ", as the header says", found);
    }
  }

  /// Texts go in after their length, so that no two lists of texts look alike.
  private void add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    add(bytes.length);
    crc.update(bytes);
  }

  private void add(int number) {
    crc.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, number));
  }
}
