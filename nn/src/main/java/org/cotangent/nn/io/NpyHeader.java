package org.cotangent.nn.io;

import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Collectors;

/// What stands before the numbers of an NPY array.
///
/// @param type of the elements
/// @param order of the bytes of an element
/// @param fortran whether the first index runs fastest
/// @param shape the extents
record NpyHeader(Type type, ByteOrder order, boolean fortran, List<Integer> shape) {
  /// The element types that are read, by NumPy's kind and size.
  enum Type {
    BOOL("b1"),
    I8("i1"),
    I16("i2"),
    I32("i4"),
    I64("i8"),
    U8("u1"),
    U16("u2"),
    U32("u4"),
    U64("u8"),
    F16("f2"),
    F32("f4"),
    F64("f8");

    final String code;

    Type(String code) {
      this.code = code;
    }

    /// The size of an element.
    int bytes() {
      return code.charAt(1) - '0';
    }
  }

  NpyHeader {
    shape = List.copyOf(shape);
  }

  /// The number of elements.
  int size() {
    return shape.contains(0) ? 0 : shape.stream().reduce(1, Math::multiplyExact);
  }

  /// The dictionary as NumPy writes it.
  String text() {
    String mark = type.bytes() == 1 ? "|" : order == ByteOrder.LITTLE_ENDIAN ? "<" : ">";
    String dims = shape.stream().map(String::valueOf).collect(Collectors.joining(", "));
    return "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }"
        .formatted(
            mark + type.code, fortran ? "True" : "False", shape.size() == 1 ? dims + "," : dims);
  }
}
