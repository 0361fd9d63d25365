package org.cotangent.nn.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.cotangent.nn.data.BadDataException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir Path folder = Path.of(""); // replaced before each test

  private static byte[] file(byte[] header, int dataBytes) {
    return ByteBuffer.allocate(8 + header.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }

  private static byte[] file(String header, int dataBytes) {
    return file(header.getBytes(UTF_8), dataBytes);
  }

  private static SafetensorsFile read(byte[] contents) throws IOException {
    return Safetensors.read(new ByteArrayInputStream(contents), "t");
  }

  private SafetensorsFile readFile(byte[] contents) throws IOException {
    Path path = folder.resolve("t");
    Files.write(path, contents);
    return Safetensors.read(path);
  }

  @Test
  void everyTypeSurvivesWritingAndReading() throws IOException {
    Path path = folder.resolve("all.safetensors");
    Safetensors.write(
        path,
        List.of(
            SafetensorsEntry.ofBool("mask", new int[] {3}, true, false, true),
            SafetensorsEntry.ofF32("w", new int[] {1, 2}, 1.5f, Float.NEGATIVE_INFINITY),
            SafetensorsEntry.ofF64("scalar", new int[0], Math.PI),
            SafetensorsEntry.ofI64("n", new int[] {2}, Long.MIN_VALUE, 7),
            SafetensorsEntry.ofI32("empty", new int[] {0, 5}),
            SafetensorsEntry.ofI32("a \"\\\n\u00e9 \ud83d\ude00", new int[] {1}, -1)),
        Map.of("note", "tab\there"));
    SafetensorsFile read = Safetensors.read(path);
    assertThat(read.names())
        .containsExactly("mask", "w", "scalar", "n", "empty", "a \"\\\n\u00e9 \ud83d\ude00");
    assertThat(read.entry("mask").bool()).containsExactly(true, false, true);
    assertThat(read.entry("w").f32()).containsExactly(1.5f, Float.NEGATIVE_INFINITY);
    assertThat(read.entry("w").shape()).containsExactly(1, 2);
    assertThat(read.entry("scalar").f64()).containsExactly(Math.PI);
    assertThat(read.entry("scalar").shape()).isEmpty();
    assertThat(read.entry("n").i64()).containsExactly(Long.MIN_VALUE, 7);
    assertThat(read.entry("empty").i32()).isEmpty();
    assertThat(read.entry("empty").shape()).containsExactly(0, 5);
    assertThat(read.metadata()).containsExactly(Map.entry("note", "tab\there"));
    assertThat(Files.readAllBytes(path).length % 8).isEqualTo((3 + 8 + 8 + 16 + 4) % 8);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void aTensorThatIsNotThereIsNamedWithThoseThatAre() throws IOException {
    SafetensorsFile read =
        read(file("{\"a\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4));
    assertThatThrownBy(() -> read.entry("b"))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessage("t: no tensor 'b'; it holds [a]");
    assertThatThrownBy(() -> read.entry("a").f64())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("tensor 'a' is I32, not F64");
  }

  @Test
  void arraysThatComeInAndGoOutAreCopies() {
    int[] shape = {2};
    double[] values = {1, 2};
    var entry = SafetensorsEntry.ofF64("a", shape, values);
    shape[0] = 9;
    values[0] = 9;
    entry.shape()[0] = 9;
    entry.f64()[0] = 9;
    assertThat(entry.shape()).containsExactly(2);
    assertThat(entry.f64()).containsExactly(1, 2);
  }

  /// In the headers below, `'` stands for a double quote.
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "{'a':{'dtype':'F8_E4M3','shape':[1],'data_offsets':[0,1]}} | 1"
            + "| tensor 'a', dtype: expected one of [F64, F32, F16, BF16, I64, I32, I16, I8, U32, U16,"
            + " U8, BOOL], found 'F8_E4M3'",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}} | 4"
            + "| tensor 'a', data_offsets: expected 8 bytes for F32 [2], found 4 bytes [0, 4]",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | 8"
            + "| tensor 'a', data_offsets: expected begin 0, where the tensor before it ends,"
            + " found 4: a gap",
        "{'a':{'dtype':'I32','shape':[2],'data_offsets':[0,8]},"
            + "'b':{'dtype':'I32','shape':[1],'data_offsets':[4,8]}} | 8"
            + "| tensor 'b', data_offsets: expected begin 8, where the tensor before it ends,"
            + " found 4: they overlap",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,0]}} | 4"
            + "| tensor 'a', data_offsets: expected two numbers, begin <= end, found [4, 0]",
        "{'a':{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}} | 4"
            + "| tensor 'a', shape: expected whole numbers from 0 to 10^18, found -1",
        "{'a':{'dtype':'F32','shape':[1.0],'data_offsets':[0,4]}} | 4"
            + "| tensor 'a', shape: expected whole numbers from 0 to 10^18, found 1.0",
        "{'a':{'dtype':'F32','shape':[3000000000],'data_offsets':[0,4]}} | 4"
            + "| tensor 'a', shape: expected dimensions of at most 2147483647, found [3000000000]",
        "{'a':{'dtype':'F64','shape':[65536,65536,65536,65536],'data_offsets':[0,0]}} | 0"
            + "| tensor 'a', shape: expected a tensor of at most 2 GiB,"
            + " found F64 [65536, 65536, 65536, 65536]",
        "{'a':{'dtype':'F32','shape':'x','data_offsets':[0,4]}} | 4"
            + "| tensor 'a', shape: expected a list of whole numbers, found 'x'",
        "{'a':{'dtype':'F32','shape':[]}} | 4"
            + "| tensor 'a': expected exactly the fields dtype, shape and data_offsets,"
            + " found an object with the fields [dtype, shape]",
        "{'a':{'dtype':'F32','shape':[],'data_offsets':[0,4],'more':1}} | 4"
            + "| tensor 'a': expected exactly the fields dtype, shape and data_offsets,"
            + " found an object with the fields [dtype, shape, data_offsets, more]",
        "{'a':7} | 0 | tensor 'a': expected exactly the fields dtype, shape and data_offsets,"
            + " found 7",
        "{'a':{'dtype':'F32','shape':[],'data_offsets':[0,4]},"
            + "'a':{'dtype':'F32','shape':[],'data_offsets':[0,4]}} | 4"
            + "| header: expected strict JSON, found at character 53: expected each key once,"
            + " found 'a' again",
        "{'__metadata__':{'k':1}} | 0 | header, __metadata__, 'k': expected a string, found 1",
        "{'__metadata__':[]} | 0 | header, __metadata__: expected a JSON object, found a list of 0",
        "[1,2] | 0 | byte 8: expected a header that begins with '{', found byte 91",
        "{]} | 0 | header: expected strict JSON, found at character 1:"
            + " expected a string in double quotes, found ']'",
      })
  void badHeadersAreNamed(String header, int dataBytes, String message) {
    byte[] contents = file(header.replace('\'', '"'), dataBytes);
    assertThatThrownBy(() -> read(contents))
        .isInstanceOf(BadDataException.class)
        .hasMessage("t: " + message);
  }

  private static final String ONE =
      "{\"a\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[0,8]}}";

  @Test
  void cutAndTrailingDataAreNamed() {
    int dataAt = 8 + ONE.length();
    assertThatThrownBy(() -> read(file(ONE, 5)))
        .hasMessage("t: tensor 'a', elements: expected 8 bytes, found 5: the file is cut short");
    assertThatThrownBy(() -> read(file(ONE, 9)))
        .hasMessage("t: byte " + (dataAt + 8) + ": expected the end of the data, found more bytes");
    assertThatThrownBy(() -> readFile(file(ONE, 5)))
        .isInstanceOf(BadDataException.class)
        .hasMessageEndingWith(
            "byte %d: expected 8 bytes of elements, as the header says, found 5 bytes"
                .formatted(dataAt));
    assertThatThrownBy(() -> readFile(file(ONE, 9))).isInstanceOf(BadDataException.class);
    assertThatThrownBy(() -> read(Arrays.copyOf(file(ONE, 8), 20)))
        .hasMessageEndingWith("header of " + ONE.length() + " bytes, found 12: it is cut short");
    assertThatThrownBy(() -> read(new byte[0])).hasMessageContaining("nothing: it is empty");
    assertThatThrownBy(() -> read(new byte[3])).hasMessageEndingWith("found 3 bytes");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "100000001, 100000001", "-1, 18446744073709551615"})
  void headerLengthsOutOfRangeAreRefused(long length, String shown) {
    byte[] contents =
        ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
    assertThatThrownBy(() -> read(contents))
        .isInstanceOf(BadDataException.class)
        .hasMessage("t: byte 0: expected a header length from 2 to 100000000, found " + shown);
  }

  @Test
  void aHeaderLongerThanTheFileIsRefused() {
    byte[] contents =
        ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN).putLong(99_000_000).array();
    assertThatThrownBy(() -> readFile(contents))
        .isInstanceOf(BadDataException.class)
        .hasMessageEndingWith(
            "expected a header that fits in the file's 20 bytes, found a header length of"
                + " 99000000");
    assertThatThrownBy(() -> read(contents)).isInstanceOf(BadDataException.class);
  }

  @Test
  void badUtf8AndBadBooleansAreRefused() {
    assertThatThrownBy(() -> read(file(new byte[] {'{', '"', (byte) 0xC3, '"', '}'}, 0)))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("header: expected UTF-8");
    byte[] mask = file("{\"m\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2);
    mask[mask.length - 1] = 2;
    assertThatThrownBy(() -> read(mask))
        .hasMessage("t: tensor 'm', elements[1]: expected 0 or 1, found 2");
  }

  @Test
  void missingFilesAndFoldersAreNamed() {
    assertThatThrownBy(() -> Safetensors.read(folder.resolve("none")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("none");
    assertThatThrownBy(() -> Safetensors.read(folder)).isInstanceOf(BadDataException.class);
  }

  @Test
  void whatCannotBeWrittenIsRefusedAndLeavesNoFile() throws IOException {
    Path path = folder.resolve("x");
    var a = SafetensorsEntry.ofF64("a", new int[0], 1);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Safetensors.write(path, List.of(a, SafetensorsEntry.ofI32("a", new int[0], 1))))
        .withMessage("tensor name 'a' is used twice");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            Safetensors.write(path, List.of(SafetensorsEntry.ofI32("__metadata__", new int[0], 1))))
        .withMessageContaining("reserved");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.write(path, List.of(), Map.of("k", "\ud83d")));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SafetensorsEntry.ofF64("a", new int[] {2, 2}, 1, 2, 3))
        .withMessage("tensor 'a': shape [2, 2] does not hold 3 values");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SafetensorsEntry.ofF64("a", new int[] {-1, -1}, 1));
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Property
  void mutatedBytesGiveAGoodValueOrBadData(
      @ForAll @IntRange(max = 200) int at, @ForAll byte value, @ForAll @IntRange(max = 250) int cut)
      throws IOException {
    String two =
        "{\"a\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"BOOL\",\"shape\":[1,3],\"data_offsets\":[8,11]}}";
    byte[] contents = file(two, 11);
    contents[at % contents.length] = value;
    try {
      SafetensorsFile read = read(cut < contents.length ? Arrays.copyOf(contents, cut) : contents);
      assertThat(read.entries()).allSatisfy(e -> assertThat(e.size()).isNotNegative());
    } catch (BadDataException e) {
      assertThat(e).hasMessageStartingWith("t: ");
    }
  }

  @Test
  void theLabsFilesAreReadAndRewrittenToTheSameValues() throws IOException {
    String golden = System.getenv("COTANGENT_GOLDEN");
    Assumptions.assumeTrue(golden != null, "COTANGENT_GOLDEN is not set");
    for (String name : List.of("xor", "spiral", "mnist-init")) {
      Path path = Path.of(golden == null ? "" : golden, "labs", name + ".safetensors");
      SafetensorsFile read = Safetensors.read(path);
      Path copy = folder.resolve(name);
      Safetensors.write(copy, read.entries(), read.metadata());
      SafetensorsFile again = Safetensors.read(copy);
      assertThat(again.names()).containsExactlyElementsOf(read.names());
      for (String tensor : read.names()) {
        assertThat(again.entry(tensor).shape()).isEqualTo(read.entry(tensor).shape());
        assertThat(again.entry(tensor).f64()).isEqualTo(read.entry(tensor).f64());
      }
    }
    Path xor = Path.of(golden == null ? "" : golden, "labs", "xor.safetensors");
    assertThat(Safetensors.read(xor).entry("init.layer1.bias").f64()).containsExactly(1, 1, 1, 1);
  }
}
