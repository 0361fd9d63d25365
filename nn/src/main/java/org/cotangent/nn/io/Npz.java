package org.cotangent.nn.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.data.BadDataException;

/// Named arrays in NumPy's NPZ format: a zip archive of [Npy] files.
///
/// ```java
/// Npz.write(Path.of("batch.npz"), Map.of("x", x, "y", y)); // numpy.load("batch.npz")["x"]
/// Tensor x = Npz.read(Path.of("batch.npz")).get("x");
/// ```
public final class Npz {
  private static final String SUFFIX = ".npy";

  /// The same arrays give the same bytes: the first moment that a zip archive can name, as in
  /// NumPy.
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private Npz() {}

  /// Reads all arrays, stored or deflated, by name, in the order of the archive.
  ///
  /// @throws BadDataException if the contents are not a well-formed archive of arrays of numbers
  /// @throws IOException if the file is missing or cannot be read
  public static SequencedMap<String, Tensor> read(Path file) throws IOException {
    if (Files.notExists(file)) {
      throw new NoSuchFileException(file.toString(), null, "no such file; expected an NPZ archive");
    }
    if (Files.isDirectory(file)) {
      throw new BadDataException(file.toString(), "the path", "an NPZ file", "a folder");
    }
    SequencedMap<String, Tensor> arrays = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      Enumeration<? extends ZipEntry> entries = zip.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        String name = entry.getName();
        if (!name.endsWith(SUFFIX)) {
          throw new BadDataException(
              file.toString(), "the archive", "names that end in .npy", "'" + name + "'");
        }
        Tensor array = array(zip, entry, file + ", " + name);
        if (arrays.put(name.substring(0, name.length() - SUFFIX.length()), array) != null) {
          throw new BadDataException(
              file.toString(), "the archive", "each name once", "'" + name + "' again");
        }
      }
    } catch (ZipException | EOFException e) { // EOFException: places beyond the end of the file
      throw new BadDataException(
          file.toString(), "the archive", "a valid zip archive", "'" + e + "'", e);
    }
    return Collections.unmodifiableSequencedMap(arrays);
  }

  private static Tensor array(ZipFile zip, ZipEntry entry, String name) throws IOException {
    try (InputStream raw = zip.getInputStream(entry)) {
      var in = new CheckedInputStream(raw, new CRC32());
      OptionalLong size =
          entry.getSize() < 0 ? OptionalLong.empty() : OptionalLong.of(entry.getSize());
      Tensor array = Npy.read(in, name, size);
      long sum = in.getChecksum().getValue(); // of all: reading ends at the end of the stream
      if (sum != entry.getCrc()) {
        throw new BadDataException(
            name,
            "the checksum",
            Long.toHexString(entry.getCrc()) + ", as the archive says",
            Long.toHexString(sum));
      }
      return array;
    } catch (ZipException e) {
      throw new BadDataException(
          name, "the compressed data", "a valid deflate stream", "'" + e.getMessage() + "'", e);
    } catch (EOFException e) {
      throw new BadDataException(
          name, "the compressed data", "a whole deflate stream", "one cut short", e);
    }
  }

  /// Writes arrays to a file, which appears whole or not at all: as `numpy.savez`, uncompressed.
  ///
  /// @throws IOException if writing fails
  public static void write(Path file, Map<String, Tensor> arrays) throws IOException {
    write(file, arrays, ZipEntry.STORED);
  }

  /// The same, compressed: as `numpy.savez_compressed`.
  ///
  /// @throws IOException if writing fails
  public static void writeCompressed(Path file, Map<String, Tensor> arrays) throws IOException {
    write(file, arrays, ZipEntry.DEFLATED);
  }

  private static void write(Path file, Map<String, Tensor> arrays, int method) throws IOException {
    try (var out = AtomicFile.create(file)) {
      var zip = new ZipOutputStream(out.stream());
      for (Map.Entry<String, Tensor> array : arrays.entrySet()) {
        var entry = new ZipEntry(array.getKey() + SUFFIX);
        entry.setTimeLocal(TIME);
        entry.setMethod(method);
        if (method == ZipEntry.STORED) {
          describe(entry, array.getValue());
        }
        zip.putNextEntry(entry);
        Npy.write(zip, array.getValue());
        zip.closeEntry();
      }
      zip.finish();
      out.commit();
    }
  }

  /// Sets size and checksum, which stand before what is stored.
  private static void describe(ZipEntry entry, Tensor array) throws IOException {
    var counted = new CountingStream();
    var checked = new CheckedOutputStream(counted, new CRC32());
    Npy.write(checked, array);
    entry.setSize(counted.count);
    entry.setCompressedSize(counted.count);
    entry.setCrc(checked.getChecksum().getValue());
  }

  private static final class CountingStream extends OutputStream {
    private long count;

    @Override
    public void write(int b) {
      count++;
    }

    @Override
    public void write(byte[] b, int from, int length) {
      count += length;
    }
  }
}
