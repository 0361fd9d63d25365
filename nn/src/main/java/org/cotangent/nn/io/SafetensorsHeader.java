package org.cotangent.nn.io;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the header of a safetensors stream says.
///
/// @param name what messages call the stream
/// @param slots in the order of the header
/// @param begin the place of the first element in the stream, in bytes
/// @param total how many bytes of elements there are
record SafetensorsHeader(
    String name,
    Map<String, String> metadata,
    List<SafetensorsSlot> slots,
    long begin,
    long total) {
  SafetensorsHeader {
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    slots = List.copyOf(slots);
  }
}
