package org.cotangent.nn.io;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.Set;
import org.cotangent.nn.data.BadDataException;

/// A safetensors file that is open: its header has been read and checked, its tensors are read one
/// by one when they are asked for. For files that are larger than what is wanted of them.
///
/// ```java
/// try (var file = Safetensors.open(path)) {
///   Tensor table = Tensors.of(file.entry("embedding.weight"));
/// }
/// ```
///
/// A checksum ([Safetensors#writeChecked]) is not looked at: that would mean to read everything.
/// Any thread may read.
public final class OpenSafetensors implements Closeable {
  private final FileChannel channel;
  private final SafetensorsHeader header;
  private final SequencedMap<String, SafetensorsSlot> slots = new LinkedHashMap<>();

  private OpenSafetensors(FileChannel channel, SafetensorsHeader header) {
    this.channel = channel;
    this.header = header;
    header.slots().forEach(slot -> slots.put(slot.tensor(), slot));
  }

  static OpenSafetensors open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file);
    boolean done = false;
    try {
      var in = new BufferedInputStream(Channels.newInputStream(channel));
      var reader =
          new SafetensorsHeaderReader(in, file.toString(), OptionalLong.of(channel.size()));
      var opened = new OpenSafetensors(channel, reader.read());
      done = true;
      return opened;
    } finally {
      if (!done) {
        channel.close();
      }
    }
  }

  /// The names of all tensors, in the order of the header.
  public Set<String> names() {
    return Collections.unmodifiableSet(slots.keySet());
  }

  /// The text that the file carries under `__metadata__`; empty if none.
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /// The element type of a tensor as the file spells it, such as F32 or BF16.
  ///
  /// @throws NoSuchElementException if the file holds no such tensor
  public String dtype(String name) {
    return slot(name).type().name();
  }

  /// The sizes of a tensor's dimensions; empty for a scalar.
  ///
  /// @throws NoSuchElementException if the file holds no such tensor
  public int[] shape(String name) {
    return slot(name).shape().stream().mapToInt(Integer::intValue).toArray();
  }

  /// Reads a tensor.
  ///
  /// @throws NoSuchElementException if the file holds no such tensor
  /// @throws BadDataException if its elements are not there any more, or not of its type
  /// @throws IOException if reading fails, or the file was closed here
  public SafetensorsEntry entry(String name) throws IOException {
    SafetensorsSlot slot = slot(name);
    byte[] elements = new byte[slot.bytes()];
    ByteBuffer to = ByteBuffer.wrap(elements);
    long at = header.begin() + slot.begin();
    while (to.hasRemaining()) {
      if (channel.read(to, at + to.position()) < 0) { // the file has become shorter
        return slot.entry(header.name(), Arrays.copyOf(elements, to.position()));
      }
    }
    return slot.entry(header.name(), elements);
  }

  private SafetensorsSlot slot(String name) {
    SafetensorsSlot slot = slots.get(name);
    if (slot == null) {
      throw new NoSuchElementException(
          header.name() + ": no tensor '" + name + "'; it holds " + slots.keySet());
    }
    return slot;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
