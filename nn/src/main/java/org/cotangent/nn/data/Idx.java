package org.cotangent.nn.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.OptionalLong;

/// An array read from a file in the IDX format, the one in which MNIST is published: two zero
/// bytes, a byte for the element type, a byte for the rank, each dimension as a 32-bit integer,
/// then the elements in row-major order. All numbers are big-endian.
///
/// Files compressed with gzip are recognised by their first two bytes, whatever their name.
/// Immutable: every array that goes out is a copy.
///
/// ```java
/// Idx images = Idx.read(Path.of("train-images-idx3-ubyte.gz"));
/// float[] pixels = images.toFloatArray(); // images.dim(0) * 28 * 28 values from 0 to 255
/// ```
public final class Idx {
  /// The element types that the format defines.
  public enum Type {
    /// Unsigned 8-bit integer: what MNIST uses for pixels and labels.
    UBYTE(0x08, 1),
    /// Signed 8-bit integer.
    BYTE(0x09, 1),
    /// Signed 16-bit integer.
    SHORT(0x0B, 2),
    /// Signed 32-bit integer.
    INT(0x0C, 4),
    /// IEEE 754 single precision.
    FLOAT(0x0D, 4),
    /// IEEE 754 double precision.
    DOUBLE(0x0E, 8);

    private final int code;
    private final int bytes;

    Type(int code, int bytes) {
      this.code = code;
      this.bytes = bytes;
    }

    /// The size of one element in the file, in bytes.
    public int bytes() {
      return bytes;
    }
  }

  private static final int BUFFER = 1 << 16;

  private final Type type;
  private final int[] shape;
  private final ByteBuffer elements;

  private Idx(Type type, int[] shape, byte[] elements) {
    this.type = type;
    this.shape = shape;
    this.elements = ByteBuffer.wrap(elements).asReadOnlyBuffer(); // big-endian by default
  }

  /// Reads a file, plain or compressed with gzip.
  ///
  /// A header that promises more than the file holds is refused before anything of that size is
  /// allocated.
  ///
  /// @throws BadDataException if the contents are not one whole, well-formed IDX array
  /// @throws IOException if the file is missing or cannot be read
  public static Idx read(Path file) throws IOException {
    if (Files.notExists(file)) {
      throw new NoSuchFileException(
          file.toString(), null, "no such file; expected an IDX file, plain or compressed by gzip");
    }
    if (Files.isDirectory(file)) {
      throw new BadDataException(file.toString(), "the path", "an IDX file", "a folder");
    }
    OptionalLong size =
        Files.isRegularFile(file) ? OptionalLong.of(Files.size(file)) : OptionalLong.empty();
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString(), size);
    }
  }

  /// Reads a whole stream, plain or compressed with gzip. Memory grows with what the stream
  /// delivers, never with what its header promises. The stream is left open.
  ///
  /// @param name what messages call the stream
  /// @throws BadDataException if the contents are not one whole, well-formed IDX array
  /// @throws IOException if reading fails
  public static Idx read(InputStream in, String name) throws IOException {
    return read(in, name, OptionalLong.empty());
  }

  @SuppressWarnings("resource") // the caller owns the stream; the wrappers hold nothing else
  private static Idx read(InputStream in, String name, OptionalLong size) throws IOException {
    var raw = new BufferedInputStream(in, BUFFER);
    raw.mark(2);
    boolean gzip = raw.read() == 0x1F && raw.read() == 0x8B;
    raw.reset();
    if (!gzip) {
      return new Reader(raw, name, size, 1).read();
    }
    return Gzip.read(
        raw, name, unpacked -> new Reader(unpacked, name, size, Gzip.MAX_RATIO).read());
  }

  /// Reads one array; `size` is that of the file and `ratio` how far its bytes may expand.
  private record Reader(InputStream in, String name, OptionalLong size, int ratio) {

    Idx read() throws IOException {
      byte[] magic = in.readNBytes(4);
      if (magic.length == 0) {
        throw bad("byte 0", "an IDX header of at least 8 bytes", "nothing: it is empty");
      }
      if (magic.length < 4) {
        throw bad("byte 0", "the 4 bytes of the IDX magic number", magic.length + " bytes");
      }
      if (magic[0] != 0 || magic[1] != 0) {
        throw bad(
            "byte 0",
            "an IDX file (beginning 00 00) or a gzip file (beginning 1f 8b)",
            HexFormat.ofDelimiter(" ").formatHex(magic));
      }
      Type type = type(magic[2]);
      int[] shape = shape(magic[3] & 0xFF);
      int header = 4 + 4 * shape.length;
      long bytes = elementBytes(type, shape);
      String promise = bytes + " bytes of elements (" + describe(type, shape) + ")";
      checkPromise(header, bytes, promise);
      byte[] elements = in.readNBytes((int) bytes);
      if (elements.length < bytes) {
        throw bad("byte " + header, promise, elements.length + ": the data is cut short");
      }
      // Reading past the end also makes gzip verify its checksum.
      if (in.read() != -1) {
        throw bad("byte " + (header + bytes), "the end of the data", "more bytes");
      }
      return new Idx(type, shape, elements);
    }

    private Type type(byte code) {
      for (Type t : Type.values()) {
        if (t.code == code) {
          return t;
        }
      }
      throw bad(
          "byte 2",
          "an element type of 08, 09, 0b, 0c, 0d or 0e",
          HexFormat.of().toHexDigits(code));
    }

    private int[] shape(int rank) throws IOException {
      if (rank == 0) {
        throw bad("byte 3", "at least one dimension", "0 dimensions");
      }
      byte[] dims = in.readNBytes(4 * rank);
      if (dims.length < 4 * rank) {
        throw bad("byte 4", "the sizes of " + rank + " dimensions", dims.length + " bytes");
      }
      int[] shape = new int[rank];
      ByteBuffer.wrap(dims).asIntBuffer().get(shape);
      for (int i = 0; i < rank; i++) {
        if (shape[i] < 0) {
          throw bad(
              "byte " + (4 + 4 * i),
              "a dimension of at most " + Integer.MAX_VALUE,
              Integer.toUnsignedString(shape[i]));
        }
      }
      return shape;
    }

    private long elementBytes(Type type, int[] shape) {
      for (int d : shape) {
        if (d == 0) {
          return 0; // decided before the product, which the other sizes might overflow
        }
      }
      long bytes = type.bytes;
      for (int d : shape) {
        bytes *= d; // below 2^31 * 2^31: cannot overflow
        if (bytes > Integer.MAX_VALUE - 8) {
          throw bad("byte 4", "sizes of at most 2 GiB in all", describe(type, shape));
        }
      }
      return bytes;
    }

    private void checkPromise(int header, long bytes, String promise) {
      if (size.isEmpty()) {
        return;
      }
      long atMost = size.getAsLong() * ratio - header;
      if (bytes > atMost) {
        String holds = ratio == 1 ? Long.toString(atMost) : "a file of " + size.getAsLong();
        throw bad("byte " + header, promise, holds + ": the data is cut short");
      }
    }

    private BadDataException bad(String where, String expected, String found) {
      return new BadDataException(name, where, expected, found);
    }

    private static String describe(Type type, int[] shape) {
      return type + " " + Arrays.toString(shape);
    }
  }

  /// The type of the elements in the file.
  public Type type() {
    return type;
  }

  /// The number of dimensions, at least 1.
  public int rank() {
    return shape.length;
  }

  /// The size of one dimension.
  ///
  /// @throws IndexOutOfBoundsException if there is no such dimension
  public int dim(int axis) {
    if (axis < 0 || axis >= shape.length) {
      throw new IndexOutOfBoundsException(
          "axis " + axis + " of an array of shape " + Arrays.toString(shape));
    }
    return shape[axis];
  }

  /// A copy of the sizes of all dimensions.
  public int[] shape() {
    return shape.clone();
  }

  /// The number of elements.
  public int size() {
    return elements.capacity() / type.bytes;
  }

  /// The elements of an UBYTE or BYTE array as they are in the file; unsigned ones need `& 0xFF`.
  ///
  /// @throws IllegalStateException for any other type
  public byte[] toByteArray() {
    if (type.bytes != 1) {
      throw new IllegalStateException("elements are " + type + ", not bytes");
    }
    byte[] result = new byte[size()];
    elements.get(0, result);
    return result;
  }

  /// The elements as whole numbers; unsigned bytes from 0 to 255.
  ///
  /// @throws IllegalStateException for FLOAT and DOUBLE: see [#toFloatArray], [#toDoubleArray]
  public int[] toIntArray() {
    int[] result = new int[size()];
    switch (type) {
      case UBYTE -> {
        for (int i = 0; i < result.length; i++) {
          result[i] = elements.get(i) & 0xFF;
        }
      }
      case BYTE -> {
        for (int i = 0; i < result.length; i++) {
          result[i] = elements.get(i);
        }
      }
      case SHORT -> {
        for (int i = 0; i < result.length; i++) {
          result[i] = elements.getShort(2 * i);
        }
      }
      case INT -> elements.asIntBuffer().get(result);
      case FLOAT, DOUBLE ->
          throw new IllegalStateException(
              "elements are " + type + ", not whole numbers; use toFloatArray or toDoubleArray");
    }
    return result;
  }

  /// The elements as single-precision numbers, rounded where INT or DOUBLE hold more digits.
  public float[] toFloatArray() {
    float[] result = new float[size()];
    switch (type) {
      case FLOAT -> elements.asFloatBuffer().get(result);
      case DOUBLE -> {
        for (int i = 0; i < result.length; i++) {
          result[i] = (float) elements.getDouble(8 * i);
        }
      }
      case UBYTE -> {
        for (int i = 0; i < result.length; i++) {
          result[i] = elements.get(i) & 0xFF;
        }
      }
      case BYTE, SHORT, INT -> {
        int[] whole = toIntArray();
        for (int i = 0; i < result.length; i++) {
          result[i] = whole[i];
        }
      }
    }
    return result;
  }

  /// The elements as double-precision numbers, exactly.
  public double[] toDoubleArray() {
    double[] result = new double[size()];
    switch (type) {
      case DOUBLE -> elements.asDoubleBuffer().get(result);
      case FLOAT -> {
        for (int i = 0; i < result.length; i++) {
          result[i] = elements.getFloat(4 * i);
        }
      }
      case UBYTE, BYTE, SHORT, INT -> {
        int[] whole = toIntArray();
        for (int i = 0; i < result.length; i++) {
          result[i] = whole[i];
        }
      }
    }
    return result;
  }

  @Override
  public String toString() {
    return "Idx[" + type + " " + Arrays.toString(shape) + "]";
  }
}
