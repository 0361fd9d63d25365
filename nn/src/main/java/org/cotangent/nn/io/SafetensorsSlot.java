package org.cotangent.nn.io;

import java.util.Comparator;
import java.util.List;
import org.cotangent.nn.data.BadDataException;

/// What a header says of one tensor: its elements lie in `begin <= byte < end` of the data.
record SafetensorsSlot(
    String tensor, SafetensorsEntry.Type type, List<Integer> shape, long begin, long end) {
  /// The size in bytes, which the header's reader has bounded.
  int bytes() {
    return (int) (end - begin);
  }

  /// The entry with the elements that were read.
  ///
  /// @param name what messages call the stream
  /// @throws BadDataException if there are too few, or one of a BOOL is neither 0 nor 1
  SafetensorsEntry entry(String name, byte[] elements) {
    String where = "tensor '" + tensor + "', elements";
    if (elements.length < bytes()) {
      throw new BadDataException(
          name, where, bytes() + " bytes", elements.length + ": the file is cut short");
    }
    if (type == SafetensorsEntry.Type.BOOL) {
      for (int i = 0; i < elements.length; i++) {
        if (elements[i] != 0 && elements[i] != 1) {
          throw new BadDataException(
              name, where + "[" + i + "]", "0 or 1", Integer.toString(elements[i] & 0xFF));
        }
      }
    }
    return new SafetensorsEntry(
        tensor, type, shape.stream().mapToInt(Integer::intValue).toArray(), elements);
  }

  static List<SafetensorsSlot> inOrderOfData(List<SafetensorsSlot> slots) {
    return slots.stream()
        .sorted(
            Comparator.comparingLong(SafetensorsSlot::begin)
                .thenComparingLong(SafetensorsSlot::end))
        .toList();
  }
}
