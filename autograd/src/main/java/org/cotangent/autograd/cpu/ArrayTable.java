package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.shape.DType;

/// The arrays that written code works on, each with a number, and one array of each kind for what
/// it keeps in between.
final class ArrayTable {
  private static final List<DType> KINDS = List.of(DType.BOOL, DType.I64, DType.F32, DType.F64);

  private final List<Object> arrays = new ArrayList<>();
  private final List<DType> dtypes = new ArrayList<>();
  private final Map<DType, Integer> scratch = new EnumMap<>(DType.class); // elements wanted

  /// The number of a buffer's array.
  @SuppressWarnings("ReferenceEquality") // one array, not two with equal numbers
  int slot(Buffer x) {
    Object array = Elementwise.arrayOf(x);
    for (int k = 0; k < arrays.size(); k++) {
      if (arrays.get(k) == array) {
        return k;
      }
    }
    arrays.add(array);
    dtypes.add(x.dtype());
    return arrays.size() - 1;
  }

  /// The dtype of the elements of array `slot`.
  DType dtype(int slot) {
    return slot < arrays.size() ? dtypes.get(slot) : KINDS.get(slot - arrays.size());
  }

  /// The number of the array in between for a dtype, when all others have theirs.
  int between(DType dtype) {
    return arrays.size() + KINDS.indexOf(wide(dtype));
  }

  /// How many arrays there are.
  int size() {
    return arrays.size() + KINDS.size();
  }

  /// Asks for room in between; what a later call asks for is the same room.
  void reserve(DType dtype, int elements) {
    scratch.merge(wide(dtype), elements, Math::max);
  }

  /// The dtype in which something is kept in between: all integers as `I64`.
  static DType wide(DType dtype) {
    return dtype == DType.I32 ? DType.I64 : dtype;
  }

  /// All arrays: the numbered ones, then those in between.
  Object[] all() {
    Object[] all = arrays.toArray(new Object[size()]);
    for (DType d : KINDS) {
      int n = scratch.getOrDefault(d, 0);
      all[between(d)] =
          switch (d) {
            case BOOL -> new boolean[n];
            case I32, I64 -> new long[n];
            case F32 -> new float[n];
            case F64 -> new double[n];
          };
    }
    return all;
  }
}
