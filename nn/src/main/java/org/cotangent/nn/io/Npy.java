package org.cotangent.nn.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.data.BadDataException;

/// Arrays in NumPy's NPY format (NEP 1), one in a file.
///
/// Versions 1 to 3 are read, in either order of bytes and of indices:
///
/// | NumPy | tensor |
/// |---|---|
/// | float16, float32 | F32 |
/// | float64 | F64 |
/// | int8, int16, int32, uint8, uint16 | I32 |
/// | int64, uint32, uint64 below 2^63 | I64 |
/// | bool | BOOL |
///
/// Complex numbers, structures, texts and Python objects are refused. Written are version 1,
/// little-endian, with the first index slowest: what `numpy.save` writes.
///
/// ```java
/// Tensor x = Npy.read(Path.of("x.npy"));
/// Npy.write(Path.of("y.npy"), x.exp()); // numpy.load("y.npy")
/// ```
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /// The numbers begin at a multiple of this, so that the file can be mapped into memory.
  private static final int ALIGNMENT = 64;

  /// Far more than 64 dimensions take; NumPy itself trusts no header above 10,000 bytes.
  private static final int MAX_HEADER = 1 << 16;

  private Npy() {}

  /// Reads a file.
  ///
  /// A header that promises more than the file holds is refused before anything of that size is
  /// allocated.
  ///
  /// @throws BadDataException if the contents are not one whole, well-formed array of numbers
  /// @throws IOException if the file is missing or cannot be read
  public static Tensor read(Path file) throws IOException {
    if (Files.notExists(file)) {
      throw new NoSuchFileException(file.toString(), null, "no such file; expected an NPY array");
    }
    if (Files.isDirectory(file)) {
      throw new BadDataException(file.toString(), "the path", "an NPY file", "a folder");
    }
    OptionalLong size =
        Files.isRegularFile(file) ? OptionalLong.of(Files.size(file)) : OptionalLong.empty();
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString(), size);
    }
  }

  /// Reads a whole stream. Memory grows with what the stream delivers, never with what its header
  /// promises. The stream is left open.
  ///
  /// @param name what messages call the stream
  /// @throws BadDataException if the contents are not one whole, well-formed array of numbers
  /// @throws IOException if reading fails
  public static Tensor read(InputStream in, String name) throws IOException {
    return read(in, name, OptionalLong.empty());
  }

  /// @param size the number of bytes that the stream has at most, where known
  static Tensor read(InputStream in, String name, OptionalLong size) throws IOException {
    return new Reader(in, name, size).read();
  }

  private record Reader(InputStream in, String name, OptionalLong size) {
    Tensor read() throws IOException {
      byte[] start = in.readNBytes(MAGIC.length + 2);
      if (start.length < MAGIC.length + 2
          || !Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
        throw bad("byte 0", "an NPY array, beginning 93 'NUMPY'", "something else");
      }
      int major = start[MAGIC.length];
      int minor = start[MAGIC.length + 1];
      if (major < 1 || major > 3 || minor != 0) {
        throw bad("byte 6", "version 1.0, 2.0 or 3.0", (major & 0xFF) + "." + (minor & 0xFF));
      }
      int lengthBytes = major == 1 ? Short.BYTES : Integer.BYTES;
      int length = headerLength(lengthBytes);
      byte[] text = in.readNBytes(length);
      if (text.length < length) {
        throw bad("header", length + " bytes", text.length + ": the data is cut short");
      }
      // Only names of structures' fields, which are refused, could hold more than ASCII.
      NpyHeader header =
          new NpyHeaderParser(new String(text, StandardCharsets.ISO_8859_1), name).parse();
      byte[] elements = elements(header, start.length + lengthBytes + length);
      return tensor(header, elements);
    }

    private int headerLength(int bytes) throws IOException {
      byte[] little = in.readNBytes(bytes);
      if (little.length < bytes) {
        throw bad("byte 8", "the length of the header", "the end: the data is cut short");
      }
      long length = 0;
      for (int i = bytes - 1; i >= 0; i--) {
        length = (length << 8) | (little[i] & 0xFF);
      }
      if (length > MAX_HEADER) {
        throw bad("byte 8", "a header of at most " + MAX_HEADER + " bytes", Long.toString(length));
      }
      return (int) length;
    }

    private byte[] elements(NpyHeader header, int begin) throws IOException {
      String described = header.type() + " " + header.shape();
      long bytes = header.shape().contains(0) ? 0 : header.type().bytes();
      for (int d : header.shape()) {
        bytes *= d; // below 2^31 * 2^31: cannot overflow
        if (bytes > Integer.MAX_VALUE - 8) {
          throw bad("header, 'shape'", "an array of at most 2 GiB", described);
        }
      }
      String promise = bytes + " bytes of elements (" + described + ")";
      String where = "byte " + begin;
      if (size.isPresent() && size.getAsLong() - begin < bytes) {
        throw bad(where, promise, (size.getAsLong() - begin) + ": the data is cut short");
      }
      byte[] elements = in.readNBytes((int) bytes);
      if (elements.length < bytes) {
        throw bad(where, promise, elements.length + ": the data is cut short");
      }
      if (in.read() != -1) {
        throw bad("byte " + (begin + bytes), "the end of the data", "more bytes");
      }
      return elements;
    }

    private Tensor tensor(NpyHeader header, byte[] elements) {
      int rank = header.shape().size();
      int[] dims = new int[rank];
      int[] order = new int[rank];
      for (int i = 0; i < rank; i++) {
        order[i] = header.fortran() ? rank - 1 - i : i;
        dims[i] = header.shape().get(order[i]);
      }
      Object values =
          NpyElements.decode(header, ByteBuffer.wrap(elements).order(header.order()), name);
      Tensor t = Tensor.of(Shape.of(dims), values);
      return header.fortran() && rank > 1 ? t.permute(order) : t;
    }

    private BadDataException bad(String where, String expected, String found) {
      return new BadDataException(name, where, expected, found);
    }
  }

  /// Writes a tensor to a file, which appears whole or not at all.
  ///
  /// @throws IOException if writing fails
  public static void write(Path file, Tensor t) throws IOException {
    try (var out = AtomicFile.create(file)) {
      write(out.stream(), t);
      out.commit();
    }
  }

  /// Writes a tensor to a stream, which is left open.
  ///
  /// @throws IOException if writing fails
  public static void write(OutputStream out, Tensor t) throws IOException {
    NpyHeader.Type type =
        switch (t.dtype()) {
          case BOOL -> NpyHeader.Type.BOOL;
          case I32 -> NpyHeader.Type.I32;
          case I64 -> NpyHeader.Type.I64;
          case F32 -> NpyHeader.Type.F32;
          case F64 -> NpyHeader.Type.F64;
        };
    var header =
        new NpyHeader(
            type, ByteOrder.LITTLE_ENDIAN, false, Arrays.stream(t.shape().dims()).boxed().toList());
    out.write(preamble(header));
    NpyElements.encode(t, out);
  }

  private static byte[] preamble(NpyHeader header) {
    byte[] text = header.text().getBytes(StandardCharsets.US_ASCII);
    int before = MAGIC.length + 2 + Short.BYTES;
    int length = Math.ceilDiv(before + text.length + 1, ALIGNMENT) * ALIGNMENT;
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (length - before)).put(text);
    while (bytes.remaining() > 1) {
      bytes.put((byte) ' ');
    }
    return bytes.put((byte) '\n').array();
  }
}
