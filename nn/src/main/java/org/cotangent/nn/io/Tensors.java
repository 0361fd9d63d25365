package org.cotangent.nn.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.data.BadDataException;
import org.cotangent.nn.data.Idx;

/// Between files and tensors.
///
/// ```java
/// Tensors.write(Path.of("net.safetensors"), net.state());
/// net.load(Tensors.read(Path.of("net.safetensors")));
/// ```
public final class Tensors {
  private Tensors() {}

  /// The tensors of a safetensors file by name, in the order of its header.
  ///
  /// @throws BadDataException if the contents are not one whole, well-formed safetensors file
  /// @throws IOException if the file is missing or cannot be read
  public static SequencedMap<String, Tensor> read(Path file) throws IOException {
    return of(Safetensors.read(file));
  }

  /// The tensors of a safetensors stream, such as a resource. The stream is left open.
  ///
  /// @param name what messages call the stream
  /// @throws BadDataException if the contents are not one whole, well-formed safetensors file
  /// @throws IOException if reading fails
  public static SequencedMap<String, Tensor> read(InputStream in, String name) throws IOException {
    return of(Safetensors.read(in, name));
  }

  /// The tensors of a safetensors file that has been read.
  public static SequencedMap<String, Tensor> of(SafetensorsFile file) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    for (SafetensorsEntry e : file.entries()) {
      tensors.put(e.name(), of(e));
    }
    return Collections.unmodifiableSequencedMap(tensors);
  }

  /// The tensor of one entry, of its shape, and of its dtype or the smallest that holds it: F16 and
  /// BF16 become F32, U32 I64, and smaller integers I32.
  public static Tensor of(SafetensorsEntry entry) {
    Object elements =
        switch (entry.type()) {
          case F64 -> entry.f64();
          case F32, F16, BF16 -> entry.f32();
          case I64, U32 -> entry.i64();
          case I32, I16, I8, U16, U8 -> entry.i32();
          case BOOL -> entry.bool();
        };
    return Tensor.of(Shape.of(entry.shape()), elements);
  }

  /// Writes tensors to a safetensors file, which appears whole or not at all.
  ///
  /// @throws IllegalArgumentException if a name cannot be written
  /// @throws IOException if writing fails
  public static void write(Path file, Map<String, Tensor> tensors) throws IOException {
    write(file, tensors, Map.of());
  }

  /// Writes tensors and free text about them to a safetensors file, which appears whole or not at
  /// all.
  ///
  /// @throws IllegalArgumentException if a name cannot be written
  /// @throws IOException if writing fails
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    List<SafetensorsEntry> entries = new ArrayList<>();
    tensors.forEach((name, t) -> entries.add(entry(name, t)));
    Safetensors.write(file, entries, metadata);
  }

  /// The entry that holds a tensor's numbers under a name.
  public static SafetensorsEntry entry(String name, Tensor t) {
    int[] shape = t.shape().dims();
    return switch (t.dtype()) {
      case F64 -> SafetensorsEntry.ofF64(name, shape, t.toDoubleArray());
      case F32 -> SafetensorsEntry.ofF32(name, shape, t.toFloatArray());
      case I64 -> SafetensorsEntry.ofI64(name, shape, t.toLongArray());
      case I32 -> SafetensorsEntry.ofI32(name, shape, t.toIntArray());
      case BOOL -> SafetensorsEntry.ofBool(name, shape, t.toBooleanArray());
    };
  }

  /// The tensor of an IDX array, of its shape: I32 for integers, F32 or F64 for the others.
  public static Tensor of(Idx idx) {
    Object elements =
        switch (idx.type()) {
          case UBYTE, BYTE, SHORT, INT -> idx.toIntArray();
          case FLOAT -> idx.toFloatArray();
          case DOUBLE -> idx.toDoubleArray();
        };
    return Tensor.of(Shape.of(idx.shape()), elements);
  }

  /// The tensor of an IDX array in another dtype, such as pixels in F32.
  public static Tensor of(Idx idx, DType dtype) {
    return dtype == DType.F32
        ? Tensor.of(Shape.of(idx.shape()), idx.toFloatArray()) // no detour for large images
        : of(idx).to(dtype);
  }
}
