package org.cotangent.nn.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.IntToLongFunction;
import java.util.function.IntUnaryOperator;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.data.BadDataException;

/// Between the numbers of an NPY array and Java arrays.
final class NpyElements {
  /// Numbers that are written at a time: 64 KB of the widest.
  private static final int CHUNK = 1 << 13;

  private NpyElements() {}

  /// The Java array of the tensor's dtype.
  ///
  /// @param in all elements, in their order of bytes
  /// @param file what messages call the file
  static Object decode(NpyHeader header, ByteBuffer in, String file) {
    int n = header.size();
    return switch (header.type()) {
      case F64 -> {
        double[] a = new double[n];
        in.asDoubleBuffer().get(a);
        yield a;
      }
      case F32 -> {
        float[] a = new float[n];
        in.asFloatBuffer().get(a);
        yield a;
      }
      case F16 -> {
        float[] a = new float[n];
        for (int i = 0; i < n; i++) {
          a[i] = Float.float16ToFloat(in.getShort(2 * i));
        }
        yield a;
      }
      case I64 -> {
        long[] a = new long[n];
        in.asLongBuffer().get(a);
        yield a;
      }
      case U64 -> longs(n, i -> positive(in.getLong(8 * i), i, file));
      case U32 -> longs(n, i -> Integer.toUnsignedLong(in.getInt(4 * i)));
      case I32 -> {
        int[] a = new int[n];
        in.asIntBuffer().get(a);
        yield a;
      }
      case I16 -> ints(n, i -> in.getShort(2 * i));
      case U16 -> ints(n, i -> Short.toUnsignedInt(in.getShort(2 * i)));
      case I8 -> ints(n, in::get);
      case U8 -> ints(n, i -> Byte.toUnsignedInt(in.get(i)));
      case BOOL -> {
        boolean[] a = new boolean[n];
        for (int i = 0; i < n; i++) {
          a[i] = bool(in.get(i), i, file);
        }
        yield a;
      }
    };
  }

  private static int[] ints(int n, IntUnaryOperator of) {
    int[] a = new int[n];
    Arrays.setAll(a, of);
    return a;
  }

  private static long[] longs(int n, IntToLongFunction of) {
    long[] a = new long[n];
    Arrays.setAll(a, of);
    return a;
  }

  private static long positive(long v, int i, String file) {
    if (v < 0) {
      throw new BadDataException(
          file, "element " + i, "a number below 2^63", Long.toUnsignedString(v));
    }
    return v;
  }

  private static boolean bool(byte v, int i, String file) {
    if (v != 0 && v != 1) {
      throw new BadDataException(file, "element " + i, "0 or 1", Integer.toString(v & 0xFF));
    }
    return v == 1;
  }

  /// Puts number `i` of an array where the buffer stands.
  @FunctionalInterface
  private interface Put {
    void put(ByteBuffer to, int i);
  }

  /// Writes all elements in row-major order, little-endian.
  static void encode(Tensor t, OutputStream out) throws IOException {
    switch (t.dtype()) {
      case F64 -> {
        double[] a = t.toDoubleArray();
        write(out, a.length, (to, i) -> to.putDouble(a[i]));
      }
      case F32 -> {
        float[] a = t.toFloatArray();
        write(out, a.length, (to, i) -> to.putFloat(a[i]));
      }
      case I64 -> {
        long[] a = t.toLongArray();
        write(out, a.length, (to, i) -> to.putLong(a[i]));
      }
      case I32 -> {
        int[] a = t.toIntArray();
        write(out, a.length, (to, i) -> to.putInt(a[i]));
      }
      case BOOL -> {
        boolean[] a = t.toBooleanArray();
        write(out, a.length, (to, i) -> to.put((byte) (a[i] ? 1 : 0)));
      }
    }
  }

  private static void write(OutputStream out, int n, Put put) throws IOException {
    ByteBuffer chunk =
        ByteBuffer.allocate(Math.min(n, CHUNK) * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int next = 0; next < n; ) {
      chunk.clear();
      for (int left = Math.min(n - next, CHUNK); left > 0; left--) {
        put.put(chunk, next++);
      }
      out.write(chunk.array(), 0, chunk.position());
    }
  }
}
