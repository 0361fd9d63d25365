package org.cotangent.nn.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.cotangent.nn.data.BadDataException;

/// Reads and checks the header of a safetensors stream, up to where the elements begin.
///
/// The elements may begin anywhere: files of early writers are not aligned, and nothing here needs
/// them to be.
///
/// @param in the stream, at its beginning
/// @param name what messages call it
/// @param size its size in bytes, where known
record SafetensorsHeaderReader(InputStream in, String name, OptionalLong size) {
  private static final Set<String> FIELDS = Set.of("dtype", "shape", "data_offsets");

  SafetensorsHeader read() throws IOException {
    int length = headerLength();
    Map<String, String> metadata = new LinkedHashMap<>();
    List<SafetensorsSlot> slots = new ArrayList<>();
    for (var field : parse(headerBytes(length)).fields().entrySet()) {
      if (field.getKey().equals(Safetensors.METADATA)) {
        readMetadata(field.getValue(), metadata);
      } else {
        slots.add(slot(field.getKey(), field.getValue()));
      }
    }
    long begin = Long.BYTES + (long) length;
    long total = checkLayout(slots);
    if (size.isPresent() && size.getAsLong() - begin != total) {
      throw bad(
          "byte " + begin,
          total + " bytes of elements, as the header says",
          (size.getAsLong() - begin) + " bytes");
    }
    return new SafetensorsHeader(name, metadata, slots, begin, total);
  }

  private int headerLength() throws IOException {
    byte[] bytes = in.readNBytes(Long.BYTES);
    if (bytes.length < Long.BYTES) {
      String found = bytes.length == 0 ? "nothing: it is empty" : bytes.length + " bytes";
      throw bad("byte 0", "the 8 bytes of the header's length", found);
    }
    long length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > Safetensors.MAX_HEADER) {
      throw bad(
          "byte 0",
          "a header length from 2 to " + Safetensors.MAX_HEADER,
          Long.toUnsignedString(length));
    }
    if (size.isPresent() && length > size.getAsLong() - Long.BYTES) {
      throw bad(
          "byte 0",
          "a header that fits in the file's " + size.getAsLong() + " bytes",
          "a header length of " + length);
    }
    return (int) length;
  }

  private byte[] headerBytes(int length) throws IOException {
    byte[] header = in.readNBytes(length);
    if (header.length < length) {
      throw bad("byte 8", "a header of " + length + " bytes", header.length + ": it is cut short");
    }
    if (header[0] != '{') {
      throw bad("byte 8", "a header that begins with '{'", "byte " + (header[0] & 0xFF));
    }
    return header;
  }

  private Json.Obj parse(byte[] header) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(header)).toString();
    } catch (CharacterCodingException e) {
      throw new BadDataException(name, "header", "UTF-8", "'" + e.getMessage() + "'", e);
    }
    try {
      if (Json.parse(text) instanceof Json.Obj object) {
        return object;
      }
    } catch (Json.SyntaxException e) {
      throw new BadDataException(name, "header", "strict JSON", "at " + e.getMessage(), e);
    }
    throw bad("header", "a JSON object", "another JSON value");
  }

  private void readMetadata(Json json, Map<String, String> metadata) {
    if (!(json instanceof Json.Obj object)) {
      throw bad("header, __metadata__", "a JSON object", show(json));
    }
    object
        .fields()
        .forEach((key, value) -> {
          if (!(value instanceof Json.Str text)) {
            throw bad("header, __metadata__, '" + key + "'", "a string", show(value));
          }
          metadata.put(key, text.value());
        });
  }

  private SafetensorsSlot slot(String tensor, Json json) {
    String where = "tensor '" + tensor + "'";
    if (!(json instanceof Json.Obj object) || !object.fields().keySet().equals(FIELDS)) {
      throw bad(where, "exactly the fields dtype, shape and data_offsets", show(json));
    }
    Map<String, Json> fields = object.fields();
    SafetensorsEntry.Type type = type(where + ", dtype", get(fields, "dtype"));
    List<Long> dims = wholeNumbers(where + ", shape", get(fields, "shape"));
    List<Long> offsets = wholeNumbers(where + ", data_offsets", get(fields, "data_offsets"));
    if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
      throw bad(where + ", data_offsets", "two numbers, begin <= end", offsets.toString());
    }
    long bytes = bytes(where + ", shape", type, dims);
    long begin = offsets.get(0);
    long end = offsets.get(1);
    if (end - begin != bytes) {
      throw bad(
          where + ", data_offsets",
          bytes + " bytes for " + type + " " + dims,
          (end - begin) + " bytes " + offsets);
    }
    return new SafetensorsSlot(
        tensor, type, dims.stream().map(Long::intValue).toList(), begin, end);
  }

  private static Json get(Map<String, Json> fields, String key) {
    Json value = fields.get(key);
    return value == null ? new Json.Null() : value;
  }

  private SafetensorsEntry.Type type(String where, Json json) {
    if (json instanceof Json.Str text) {
      for (SafetensorsEntry.Type type : SafetensorsEntry.Type.values()) {
        if (type.name().equals(text.value())) {
          return type;
        }
      }
    }
    throw bad(where, "one of " + Arrays.toString(SafetensorsEntry.Type.values()), show(json));
  }

  private List<Long> wholeNumbers(String where, Json json) {
    if (!(json instanceof Json.Arr array)) {
      throw bad(where, "a list of whole numbers", show(json));
    }
    List<Long> numbers = new ArrayList<>();
    for (Json item : array.items()) {
      // At most 18 digits: such a number fits a long, and the sums below cannot overflow.
      if (!(item instanceof Json.Num number) || !number.literal().matches("[0-9]{1,18}")) {
        throw bad(where, "whole numbers from 0 to 10^18", show(item));
      }
      numbers.add(Long.valueOf(number.literal()));
    }
    return numbers;
  }

  private long bytes(String where, SafetensorsEntry.Type type, List<Long> dims) {
    boolean empty = dims.contains(0L);
    long bytes = type.bytes;
    for (long d : dims) {
      if (d > Integer.MAX_VALUE) {
        throw bad(where, "dimensions of at most " + Integer.MAX_VALUE, dims.toString());
      }
      bytes = empty ? 0 : bytes * d; // below 2^31 * 2^31: cannot overflow
      if (bytes > Integer.MAX_VALUE - 8) {
        throw bad(where, "a tensor of at most 2 GiB", type + " " + dims);
      }
    }
    return bytes;
  }

  /// Checks that the slots follow each other without overlap or gap, and returns where they end.
  private long checkLayout(List<SafetensorsSlot> slots) {
    long at = 0;
    for (SafetensorsSlot slot : SafetensorsSlot.inOrderOfData(slots)) {
      if (slot.begin() != at) {
        throw bad(
            "tensor '" + slot.tensor() + "', data_offsets",
            "begin " + at + ", where the tensor before it ends",
            slot.begin() + (slot.begin() < at ? ": they overlap" : ": a gap"));
      }
      at = slot.end();
    }
    return at;
  }

  private BadDataException bad(String where, String expected, String found) {
    return new BadDataException(name, where, expected, found);
  }

  /// A JSON value as a message shows it: short, whatever the file holds.
  private static String show(Json json) {
    return switch (json) {
      case Json.Obj object -> "an object with the fields " + Json.clip(object.fields().keySet());
      case Json.Arr array -> "a list of " + array.items().size();
      case Json.Str text -> "'" + Json.clip(text.value()) + "'";
      case Json.Num number -> Json.clip(number.literal());
      case Json.Bool flag -> Boolean.toString(flag.value());
      case Json.Null _ -> "null";
    };
  }
}
