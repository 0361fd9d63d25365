package org.cotangent.nn.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// One named array of a safetensors file. Immutable: arrays are copied on the way in and out.
public final class SafetensorsEntry {
  /// The types that this library reads, with the size of an element in bytes. It writes what
  /// tensors have: F64, F32, I64, I32 and BOOL; and the others as they were read.
  enum Type {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    I64(8),
    I32(4),
    I16(2),
    I8(1),
    U32(4),
    U16(2),
    U8(1),
    BOOL(1);

    final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }
  }

  private final String name;
  private final Type type;
  private final int[] shape;
  private final byte[] elements;

  /// Takes both arrays as they are; `elements` little-endian and as long as type and shape say.
  SafetensorsEntry(String name, Type type, int[] shape, byte[] elements) {
    this.name = name;
    this.type = type;
    this.shape = shape;
    this.elements = elements;
  }

  /// An entry of type F64.
  ///
  /// @param shape the sizes of its dimensions; none for a scalar
  /// @param values the elements in row-major order
  /// @throws IllegalArgumentException if the shape does not hold that many values
  public static SafetensorsEntry ofF64(String name, int[] shape, double... values) {
    byte[] bytes = allocate(name, Type.F64, shape, values.length);
    littleEndian(bytes).asDoubleBuffer().put(values);
    return new SafetensorsEntry(name, Type.F64, shape.clone(), bytes);
  }

  /// An entry of type F32; see [#ofF64].
  public static SafetensorsEntry ofF32(String name, int[] shape, float... values) {
    byte[] bytes = allocate(name, Type.F32, shape, values.length);
    littleEndian(bytes).asFloatBuffer().put(values);
    return new SafetensorsEntry(name, Type.F32, shape.clone(), bytes);
  }

  /// An entry of type I64; see [#ofF64].
  public static SafetensorsEntry ofI64(String name, int[] shape, long... values) {
    byte[] bytes = allocate(name, Type.I64, shape, values.length);
    littleEndian(bytes).asLongBuffer().put(values);
    return new SafetensorsEntry(name, Type.I64, shape.clone(), bytes);
  }

  /// An entry of type I32; see [#ofF64].
  public static SafetensorsEntry ofI32(String name, int[] shape, int... values) {
    byte[] bytes = allocate(name, Type.I32, shape, values.length);
    littleEndian(bytes).asIntBuffer().put(values);
    return new SafetensorsEntry(name, Type.I32, shape.clone(), bytes);
  }

  /// An entry of type BOOL; see [#ofF64].
  public static SafetensorsEntry ofBool(String name, int[] shape, boolean... values) {
    byte[] bytes = allocate(name, Type.BOOL, shape, values.length);
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) (values[i] ? 1 : 0);
    }
    return new SafetensorsEntry(name, Type.BOOL, shape.clone(), bytes);
  }

  private static byte[] allocate(String name, Type type, int[] shape, int count) {
    long product = 1;
    for (int d : shape) {
      product = d < 0 || product > Integer.MAX_VALUE ? -1 : product * d;
      if (product < 0) {
        break;
      }
    }
    if (product != count) {
      throw new IllegalArgumentException(
          "tensor '%s': shape %s does not hold %d values"
              .formatted(name, Arrays.toString(shape), count));
    }
    return new byte[Math.multiplyExact(count, type.bytes)];
  }

  /// The name, unique in its file.
  public String name() {
    return name;
  }

  /// The element type as the file spells it, such as F32 or BF16.
  public String dtype() {
    return type.name();
  }

  /// A copy of the sizes of the dimensions; empty for a scalar.
  public int[] shape() {
    return shape.clone();
  }

  /// The number of elements.
  public int size() {
    return elements.length / type.bytes;
  }

  /// A copy of the elements of an F64 entry.
  ///
  /// @throws IllegalStateException if the entry has another type
  public double[] f64() {
    double[] result = new double[size()];
    as(Type.F64).asDoubleBuffer().get(result);
    return result;
  }

  /// A copy of the elements of an F32 entry, or what those of an F16 or BF16 entry are exactly; see
  /// [#f64].
  public float[] f32() {
    float[] result = new float[size()];
    ByteBuffer b = littleEndian(elements);
    switch (type) {
      case F32 -> b.asFloatBuffer().get(result);
      case F16 -> {
        for (int i = 0; i < result.length; i++) {
          result[i] = Float.float16ToFloat(b.getShort(2 * i));
        }
      }
      case BF16 -> {
        for (int i = 0; i < result.length; i++) {
          result[i] = Float.intBitsToFloat(b.getShort(2 * i) << 16); // the upper half of an F32
        }
      }
      case F64, I64, I32, I16, I8, U32, U16, U8, BOOL -> throw isNot("F32, F16 or BF16");
    }
    return result;
  }

  /// A copy of the elements of an I64 entry, or those of a U32 entry as such; see [#f64].
  public long[] i64() {
    long[] result = new long[size()];
    ByteBuffer b = littleEndian(elements);
    switch (type) {
      case I64 -> b.asLongBuffer().get(result);
      case U32 -> Arrays.setAll(result, i -> Integer.toUnsignedLong(b.getInt(4 * i)));
      case F64, F32, F16, BF16, I32, I16, I8, U16, U8, BOOL -> throw isNot("I64 or U32");
    }
    return result;
  }

  /// A copy of the elements of an I32 entry, or those of an entry of smaller integers, with or
  /// without a sign, as such; see [#f64].
  public int[] i32() {
    int[] result = new int[size()];
    ByteBuffer b = littleEndian(elements);
    switch (type) {
      case I32 -> b.asIntBuffer().get(result);
      case I16 -> Arrays.setAll(result, i -> b.getShort(2 * i));
      case I8 -> Arrays.setAll(result, b::get);
      case U16 -> Arrays.setAll(result, i -> Short.toUnsignedInt(b.getShort(2 * i)));
      case U8 -> Arrays.setAll(result, i -> Byte.toUnsignedInt(b.get(i)));
      case F64, F32, F16, BF16, I64, U32, BOOL -> throw isNot("I32, I16, I8, U16 or U8");
    }
    return result;
  }

  /// A copy of the elements of a BOOL entry; see [#f64].
  public boolean[] bool() {
    ByteBuffer bytes = as(Type.BOOL);
    boolean[] result = new boolean[size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = bytes.get(i) != 0;
    }
    return result;
  }

  private ByteBuffer as(Type wanted) {
    if (type != wanted) {
      throw isNot(wanted.name());
    }
    return littleEndian(elements);
  }

  private IllegalStateException isNot(String wanted) {
    return new IllegalStateException("tensor '" + name + "' is " + type + ", not " + wanted);
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  Type type() {
    return type;
  }

  /// The elements as the file holds them; not a copy, not to be written.
  byte[] elements() {
    return elements;
  }

  @Override
  public String toString() {
    return "SafetensorsEntry[" + name + " " + type + " " + Arrays.toString(shape) + "]";
  }
}
