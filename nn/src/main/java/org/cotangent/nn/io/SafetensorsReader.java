package org.cotangent.nn.io;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.cotangent.nn.data.BadDataException;

/// Reads one safetensors stream: header, then each array in the order of the data, then the
/// checksum.
///
/// @param in the stream, at its beginning
/// @param name what messages call it
/// @param size its size in bytes, where known
record SafetensorsReader(InputStream in, String name, OptionalLong size) {
  SafetensorsFile read() throws IOException {
    SafetensorsHeader header = new SafetensorsHeaderReader(in, name, size).read();
    Map<String, SafetensorsEntry> read = new HashMap<>();
    for (SafetensorsSlot slot : SafetensorsSlot.inOrderOfData(header.slots())) {
      read.put(slot.tensor(), slot.entry(name, in.readNBytes(slot.bytes())));
    }
    if (in.read() != -1) {
      throw new BadDataException(
          name, "byte " + (header.begin() + header.total()), "the end of the data", "more bytes");
    }
    Map<String, SafetensorsEntry> inOrder = new LinkedHashMap<>();
    for (SafetensorsSlot slot : header.slots()) {
      inOrder.put(slot.tensor(), Objects.requireNonNull(read.get(slot.tensor())));
    }
    Checksum.verify(name, inOrder.values(), header.metadata());
    return new SafetensorsFile(name, inOrder, header.metadata());
  }
}
