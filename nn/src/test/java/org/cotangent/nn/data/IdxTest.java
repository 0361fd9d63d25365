package org.cotangent.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.ByteRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdxTest {
  @TempDir Path folder = Path.of(""); // replaced before each test

  private static byte[] hex(String bytes) {
    return HexFormat.of().parseHex(bytes.replace(" ", ""));
  }

  private static byte[] gzip(byte[] bytes) {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static byte[] join(byte[] a, byte[] b) {
    return ByteBuffer.allocate(a.length + b.length).put(a).put(b).array();
  }

  private Idx read(byte[] contents) throws IOException {
    Path file = folder.resolve("x.idx");
    Files.write(file, contents);
    return Idx.read(file);
  }

  private static final byte[] MATRIX = hex("00 00 08 02 00000002 00000003 00 01 7f 80 fe ff");

  @Test
  void unsignedBytesGoFrom0To255() throws IOException {
    Idx idx = read(MATRIX);
    assertThat(idx.type()).isEqualTo(Idx.Type.UBYTE);
    assertThat(idx.shape()).containsExactly(2, 3);
    assertThat(idx.rank()).isEqualTo(2);
    assertThat(idx.dim(1)).isEqualTo(3);
    assertThat(idx.size()).isEqualTo(6);
    assertThat(idx.toIntArray()).containsExactly(0, 1, 127, 128, 254, 255);
    assertThat(idx.toFloatArray()).containsExactly(0, 1, 127, 128, 254, 255);
    assertThat(idx.toDoubleArray()).containsExactly(0, 1, 127, 128, 254, 255);
    assertThat(idx.toByteArray()).containsExactly(0, 1, 127, -128, -2, -1);
    assertThat(idx).hasToString("Idx[UBYTE [2, 3]]");
  }

  @Test
  void gzipIsRecognisedByItsFirstBytes() throws IOException {
    assertThat(read(gzip(MATRIX)).toIntArray()).containsExactly(0, 1, 127, 128, 254, 255);
  }

  @ParameterizedTest
  @CsvSource({
    "09, 7f80ff, '127 -128 -1'",
    "0b, 7fff8000ffff, '32767 -32768 -1'",
    "0c, 7fffffff80000000ffffffff, '2147483647 -2147483648 -1'"
  })
  void signedIntegersAreBigEndian(String type, String elements, String expected)
      throws IOException {
    Idx idx = read(hex("0000" + type + "01 00000003" + elements));
    int[] values = Arrays.stream(expected.split(" ")).mapToInt(Integer::parseInt).toArray();
    assertThat(idx.toIntArray()).isEqualTo(values);
    for (int i = 0; i < 3; i++) {
      assertThat(idx.toDoubleArray()[i]).isEqualTo(values[i]);
      assertThat(idx.toFloatArray()[i]).isEqualTo((float) values[i]);
    }
  }

  @Test
  void floatsAndDoublesAreBigEndian() throws IOException {
    Idx floats = read(hex("00000d01 00000002 3fc00000 c0490fdb"));
    assertThat(floats.toFloatArray()).containsExactly(1.5f, (float) -Math.PI);
    assertThat(floats.toDoubleArray()).containsExactly(1.5, (float) -Math.PI);
    Idx doubles = read(hex("00000e01 00000001 400921fb54442d18"));
    assertThat(doubles.toDoubleArray()).containsExactly(Math.PI);
    assertThat(doubles.toFloatArray()).containsExactly((float) Math.PI);
    assertThatThrownBy(doubles::toIntArray)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("DOUBLE, not whole numbers; use toFloatArray");
    assertThatThrownBy(floats::toByteArray).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void arraysThatGoOutAreCopies() throws IOException {
    Idx idx = read(MATRIX);
    idx.shape()[0] = 99;
    idx.toByteArray()[0] = 99;
    assertThat(idx.shape()).containsExactly(2, 3);
    assertThat(idx.toIntArray()[0]).isZero();
  }

  @Test
  void anEmptyDimensionMakesAnEmptyArrayWhateverTheOthers() throws IOException {
    Idx idx = read(hex("00000804 7fffffff 7fffffff 7fffffff 00000000"));
    assertThat(idx.size()).isZero();
    assertThat(idx.toIntArray()).isEmpty();
  }

  @Test
  void anAxisOutOfRangeNamesTheShape() throws IOException {
    Idx idx = read(MATRIX);
    assertThatThrownBy(() -> idx.dim(2))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("axis 2 of an array of shape [2, 3]");
  }

  @ParameterizedTest
  @CsvSource({
    "'', byte 0: expected an IDX header of at least 8 bytes, found nothing: it is empty",
    "'0000', 'byte 0: expected the 4 bytes of the IDX magic number, found 2 bytes'",
    "'89504e470d0a', found 89 50 4e 47",
    "'00000a0100000000', 'byte 2: expected an element type of 08, 09, 0b, 0c, 0d or 0e, found 0a'",
    "'0000080000', 'byte 3: expected at least one dimension, found 0 dimensions'",
    "'0000080200000001', 'byte 4: expected the sizes of 2 dimensions, found 4 bytes'",
    "'00000801ffffffff', 'byte 4: expected a dimension of at most 2147483647, found 4294967295'",
    "'000008020000ffff00010000', 'byte 4: expected sizes of at most 2 GiB in all'",
    "'000008037fffffff7fffffff7fffffff', 'byte 4: expected sizes of at most 2 GiB in all'",
    "'00000e017fffffff', 'byte 4: expected sizes of at most 2 GiB in all'",
    "'00000801000000020a', 'byte 8: expected 2 bytes of elements (UBYTE [2]), found 1'",
    "'00000801000000010a0b', 'byte 9: expected the end of the data, found more bytes'",
  })
  void badContentsAreNamedPlainAndCompressed(String contents, String message) {
    assertThatThrownBy(() -> read(hex(contents)))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("x.idx: ")
        .hasMessageContaining(message);
    assertThatThrownBy(() -> read(gzip(hex(contents))))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("x.idx: ")
        .hasMessageContaining(message);
  }

  @Test
  void sizesBeyondWhatAFileCanHoldAreRefusedWithoutAllocatingThem() {
    byte[] lying = hex("00000801 7fffffe0 01 02 03");
    for (byte[] contents : new byte[][] {lying, gzip(lying)}) {
      assertThatThrownBy(() -> read(contents))
          .isInstanceOf(BadDataException.class)
          .hasMessageContaining("expected 2147483616 bytes of elements (UBYTE [2147483616]), found")
          .hasMessageEndingWith("the data is cut short");
      assertThatThrownBy(() -> Idx.read(new ByteArrayInputStream(contents), "stream"))
          .isInstanceOf(BadDataException.class)
          .hasMessage(
              "stream: byte 8: expected 2147483616 bytes of elements (UBYTE [2147483616]),"
                  + " found 3: the data is cut short");
    }
  }

  @Test
  void corruptGzipIsNamed() {
    byte[] whole = gzip(MATRIX);
    assertThatThrownBy(() -> read(Arrays.copyOf(whole, whole.length - 4)))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("expected a whole gzip stream, found one cut short");
    byte[] checksum = whole.clone();
    checksum[whole.length - 8] ^= 1;
    assertThatThrownBy(() -> read(checksum))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("expected a valid gzip stream, found 'Corrupt GZIP trailer'");
  }

  @Test
  void aMissingFileAndAFolderAreNamed() {
    Path missing = folder.resolve("missing.gz");
    assertThatThrownBy(() -> Idx.read(missing))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("missing.gz")
        .hasMessageContaining("no such file; expected an IDX file");
    assertThatThrownBy(() -> Idx.read(folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("found a folder");
  }

  @Property
  void mutatedBytesGiveAGoodValueOrBadData(
      @ForAll boolean compress,
      @ForAll @IntRange(max = 60) int at,
      @ForAll byte value,
      @ForAll @IntRange(max = 80) int length)
      throws IOException {
    byte[] contents = compress ? gzip(MATRIX) : MATRIX.clone();
    contents[at % contents.length] = value;
    readOrRefuse(length < contents.length ? Arrays.copyOf(contents, length) : contents);
  }

  @Property
  void anyBytesAfterAnyHeaderGiveAGoodValueOrBadData(
      @ForAll boolean compress,
      @ForAll @IntRange(min = 7, max = 15) int type,
      @ForAll @ByteRange(max = 3) byte rank,
      @ForAll @Size(max = 40) byte[] rest)
      throws IOException {
    byte[] contents = join(new byte[] {0, 0, (byte) type, rank}, rest);
    readOrRefuse(compress ? gzip(contents) : contents);
  }

  private static void readOrRefuse(byte[] contents) throws IOException {
    try {
      Idx idx = Idx.read(new ByteArrayInputStream(contents), "mutant");
      assertThat(idx.toDoubleArray()).hasSize(idx.size());
    } catch (BadDataException e) {
      assertThat(e.file()).isEqualTo("mutant");
      assertThat(e).hasMessageContainingAll("mutant: ", e.where(), e.expected(), e.found());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"train", "t10k"})
  void mnistReadsAsPublished(String part) throws IOException {
    Path data = mnistFolder();
    Idx images = Idx.read(data.resolve(part + "-images-idx3-ubyte.gz"));
    Idx labels = Idx.read(data.resolve(part + "-labels-idx1-ubyte.gz"));
    int n = part.equals("train") ? 60_000 : 10_000;
    assertThat(images.shape()).containsExactly(n, 28, 28);
    assertThat(labels.shape()).containsExactly(n);
    int[] first = Arrays.copyOf(labels.toIntArray(), 3);
    assertThat(first).isEqualTo(n == 60_000 ? new int[] {5, 0, 4} : new int[] {7, 2, 1});
    double sum = 0;
    for (int pixel : images.toIntArray()) {
      sum += pixel;
    }
    // The mean pixel of the training set, 33.3184, is the 0.1307 that every tutorial normalises by.
    assertThat(sum / images.size())
        .isBetween(n == 60_000 ? 33.318 : 33.79, n == 60_000 ? 33.319 : 33.80);
  }

  private static Path mnistFolder() {
    String value = System.getenv("COTANGENT_DATA");
    Assumptions.assumeTrue(value != null, "COTANGENT_DATA is not set");
    Path data = Path.of(value == null ? "" : value);
    Path nested = data.resolve("mnist");
    Path found = Files.isDirectory(nested) ? nested : data;
    Assumptions.assumeTrue(
        Files.exists(found.resolve("train-images-idx3-ubyte.gz")), "no MNIST in COTANGENT_DATA");
    return found;
  }
}
