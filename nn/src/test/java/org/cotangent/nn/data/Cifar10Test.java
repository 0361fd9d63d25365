package org.cotangent.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Cifar10Test {
  private static final int RECORD = 3073;

  @TempDir Path folder = Path.of(""); // replaced before each test

  /// Images `first` to `first + n - 1` as golden-tools/data.py numbers them.
  private static byte[] batch(int first, int n) {
    byte[] bytes = new byte[n * RECORD];
    for (int i = 0; i < n; i++) {
      bytes[i * RECORD] = (byte) ((first + i) % 10);
      for (int c = 0; c < 3; c++) {
        int from = i * RECORD + 1 + c * 1024;
        Arrays.fill(bytes, from, from + 1024, (byte) (100 * c + first + i));
      }
    }
    return bytes;
  }

  private void write(String name, byte[] contents) throws IOException {
    Files.write(folder.resolve(name), contents);
  }

  private static void isTheGoldenSet(Cifar10 cifar) {
    assertThat(cifar.train().size()).isEqualTo(5);
    assertThat(cifar.test().size()).isEqualTo(2);
    Batch b = cifar.train().batch(IntStream.range(0, 5).toArray());
    assertThat(b.x().shape()).isEqualTo(Shape.of(5, 3, 32, 32));
    assertThat(b.x().dtype()).isEqualTo(DType.F32);
    assertThat(b.y().toIntArray()).containsExactly(0, 1, 2, 3, 4);
    for (int i = 0; i < 5; i++) {
      for (int c = 0; c < 3; c++) {
        Tensor channel = b.x().select(0, i).select(0, c);
        assertThat(channel.min().item()).isEqualTo(100 * c + i).isEqualTo(channel.max().item());
      }
    }
    assertThat(cifar.test().batch(1).x().get(0, 2, 31, 31)).isEqualTo(221);
    assertThat(cifar.test().batch(1).y().toIntArray()).containsExactly(1);
    assertThat(cifar.classes()).hasSize(10).startsWith("thing 0").endsWith("thing 9");
  }

  static byte[] resource(String name) throws IOException {
    try (InputStream in = Objects.requireNonNull(Cifar10Test.class.getResourceAsStream(name))) {
      return in.readAllBytes();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ustar", "gnu", "pax"})
  void archivesOfEachFormatAreReadAsAStream(String format) throws IOException {
    byte[] archive = resource("cifar-" + format + ".tar.gz");
    isTheGoldenSet(Cifar10.read(new ByteArrayInputStream(archive), "archive"));
    write("a.tar.gz", archive);
    isTheGoldenSet(Cifar10.read(folder.resolve("a.tar.gz")));
  }

  @Test
  void aFolderIsReadWithTheBatchesThatItHasInOrder() throws IOException {
    write("data_batch_2.bin", batch(3, 2));
    write("data_batch_1.bin", batch(0, 3));
    write("test_batch.bin", batch(20, 2));
    write("readme.html", new byte[] {1});
    assertThat(Cifar10.read(folder).classes()).startsWith("airplane").endsWith("truck");
    String names = String.join("\n", IntStream.range(0, 10).mapToObj(i -> "thing " + i).toList());
    write("batches.meta.txt", names.getBytes(StandardCharsets.UTF_8));
    isTheGoldenSet(Cifar10.read(folder));
  }

  @Test
  void meansAndSpreadsAreThoseOfTheNumbers() throws IOException {
    write("data_batch_1.bin", batch(0, 5));
    byte[] test = batch(20, 2);
    test[1 + 5] = (byte) 255; // one red pixel
    write("test_batch.bin", test);
    Cifar10 cifar = Cifar10.read(folder);
    assertThat(cifar.train().channelMeans()).containsExactly(2, 102, 202);
    assertThat(cifar.train().channelStds())
        .containsExactly(new double[] {Math.sqrt(2), Math.sqrt(2), Math.sqrt(2)}, within(1e-15));
    Tensor images = cifar.test().batch(0, 1).x().to(DType.F64);
    assertThat(cifar.test().mean().toDoubleArray())
        .isEqualTo(images.mean(0).to(DType.F32).toDoubleArray());
    assertThat(cifar.test().channelMeans())
        .containsExactly(images.mean(0, 2, 3).toDoubleArray(), within(1e-11));
    Tensor centred = images.sub(images.mean(0, 2, 3).reshape(3, 1, 1));
    assertThat(cifar.test().channelStds())
        .containsExactly(centred.square().mean(0, 2, 3).sqrt().toDoubleArray(), within(1e-11));
  }

  @Test
  void samplesAreFoundByTheirNumbers() throws IOException {
    write("data_batch_1.bin", batch(0, 5));
    write("test_batch.bin", batch(20, 2));
    ByteImages train = Cifar10.read(folder).train();
    assertThat(train.batch(3, 1, 3).y().toIntArray()).containsExactly(3, 1, 3);
    assertThat(train.batch(3, 1, 3).x().select(3, 0).select(2, 0).toIntArray())
        .containsExactly(3, 103, 203, 1, 101, 201, 3, 103, 203);
    assertThat(train.batch().x().shape()).isEqualTo(Shape.of(0, 3, 32, 32));
    assertThatThrownBy(() -> train.batch(5)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void filesThatAreNotWhatTheyShouldBeAreNamed() throws IOException {
    write("test_batch.bin", batch(0, 1));
    assertThatThrownBy(() -> Cifar10.read(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("data_batch_1.bin");
    write("data_batch_1.bin", new byte[RECORD + 1]);
    assertThatThrownBy(() -> Cifar10.read(folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("data_batch_1.bin: size")
        .hasMessageEndingWith("expected 1 to 10000 records of 3073 bytes, found 3074 bytes");
    write("data_batch_1.bin", new byte[0]);
    assertThatThrownBy(() -> Cifar10.read(folder)).hasMessageEndingWith("found 0 bytes");
    byte[] eleventh = batch(0, 3);
    eleventh[RECORD] = 10;
    write("data_batch_1.bin", eleventh);
    assertThatThrownBy(() -> Cifar10.read(folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining(
            "data_batch_1.bin: byte 3073: expected a class from 0 to 9, found 10");
    write("data_batch_1.bin", batch(0, 1));
    write("batches.meta.txt", "cat\ndog\n".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> Cifar10.read(folder))
        .hasMessageEndingWith("lines: expected a name for each of 10 classes, found 2");
    Files.delete(folder.resolve("test_batch.bin"));
    assertThatThrownBy(() -> Cifar10.read(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("test_batch.bin");
    assertThatThrownBy(() -> Cifar10.read(folder.resolve("nothing")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("expected the folder cifar-10-batches-bin or");
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  /// The golden archive, unpacked, changed and packed again.
  private static byte[] changed(Consumer<byte[]> change) throws IOException {
    byte[] tar = tar();
    change.accept(tar);
    return gzip(tar);
  }

  private static byte[] tar() throws IOException {
    byte[] archive = resource("cifar-ustar.tar.gz");
    return new GZIPInputStream(new ByteArrayInputStream(archive)).readAllBytes();
  }

  private static void put(byte[] tar, int at, String text) {
    System.arraycopy(text.getBytes(StandardCharsets.ISO_8859_1), 0, tar, at, text.length());
  }

  /// Makes the checksum of the header at a place right again.
  private static void sum(byte[] tar, int header) {
    put(tar, header + 148, "        ");
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += tar[header + i] & 0xFF;
    }
    put(tar, header + 148, "%06o\0 ".formatted(sum));
  }

  private static void refused(byte[] archive, String message) {
    assertThatThrownBy(() -> Cifar10.read(new ByteArrayInputStream(archive), "a.tar.gz"))
        .isInstanceOf(BadDataException.class)
        .hasMessageStartingWith("a.tar.gz")
        .hasMessageContaining(message);
  }

  /// In the golden archive the folder's header is at 0, the first file's at 512.
  @ParameterizedTest
  @CsvSource({
    "512, 'X', false, 'byte 512 of the archive: expected a tar header whose checksum is'",
    "660, '9', false, 'expected octal digits of the entry''s checksum, found byte 39'",
    "769, 'xstar', true, 'byte 769 of the archive: expected ''ustar'' or zeros'",
    "636, 'a', true, 'expected octal digits of the entry''s size, found byte 61'",
    "668, '2', true, 'byte 668 of the archive: expected the type of a file or folder, found type 32'",
    "668, 'x', true, 'expected a pax note'",
    "636, '77777777777', true, 'records of 3073 bytes, found 8589934591 bytes'",
    "636, '00000000000', true, 'records of 3073 bytes, found 0 bytes'",
  })
  void aDamagedArchiveIsNamed(int at, String text, boolean sum, String message) throws IOException {
    byte[] archive =
        changed(tar -> {
          put(tar, at, text);
          if (sum) {
            sum(tar, at / 512 * 512);
          }
        });
    refused(archive, message);
  }

  @Test
  void anArchiveWithoutEndOrFilesIsNamed() throws IOException {
    byte[] tar = tar();
    refused(gzip(Arrays.copyOf(tar, 700)), "expected a block of 512 bytes, found 188");
    refused(gzip(Arrays.copyOf(tar, 2000)), "found 976: the archive is cut short");
    refused(gzip(new byte[1024]), "expected data_batch_1.bin to data_batch_5.bin");
    refused(tar, "expected an archive compressed by gzip, beginning 1f 8b");
    byte[] whole = gzip(tar);
    refused(Arrays.copyOf(whole, whole.length / 2), "expected a whole gzip stream");
    whole[whole.length - 8] ^= 1;
    refused(whole, "Corrupt GZIP trailer");
  }

  @Test
  void aFileThatComesTwiceIsNamed() throws IOException {
    byte[] tar = tar();
    var twice = new ByteArrayOutputStream();
    int first = 512 + 13 * 512; // header and two records, filled up
    twice.write(tar, 0, 512 + first);
    twice.write(tar, 512, tar.length - 512);
    refused(
        gzip(twice.toByteArray()),
        "cifar-10-batches-bin/data_batch_2.bin: expected one file data_batch_2.bin, found two");
  }

  @Test
  void theRealImagesReadAsPublished() throws IOException {
    String value = System.getenv("COTANGENT_DATA");
    Assumptions.assumeTrue(value != null, "COTANGENT_DATA is not set");
    Path data = Path.of(value == null ? "" : value).resolve("cifar-10-batches-bin");
    Assumptions.assumeTrue(Files.isDirectory(data), "no CIFAR-10 in COTANGENT_DATA");
    Cifar10 cifar = Cifar10.read(data);
    assertThat(cifar.train().size() % 10_000).isZero();
    assertThat(cifar.test().size()).isEqualTo(10_000);
    assertThat(cifar.classes()).startsWith("airplane").endsWith("truck");
    // The first images: a frog, a truck, a truck; a cat, a ship, a ship.
    assertThat(cifar.train().batch(0, 1, 2).y().toIntArray()).containsExactly(6, 9, 9);
    assertThat(cifar.test().batch(0, 1, 2).y().toIntArray()).containsExactly(3, 8, 8);
    int[] counts = new int[10];
    for (int label : cifar.test().batch(IntStream.range(0, 10_000).toArray()).y().toIntArray()) {
      counts[label]++;
    }
    assertThat(counts).containsOnly(1000);
    // The channels' means of the whole training set are 0.4914, 0.4822, 0.4465 of 255, their
    // standard deviations 0.2470, 0.2435, 0.2616; those of one batch lie close.
    double[] means = {0.4914 * 255, 0.4822 * 255, 0.4465 * 255};
    double[] stds = {0.2470 * 255, 0.2435 * 255, 0.2616 * 255};
    assertThat(cifar.train().channelMeans()).containsExactly(means, within(1.0));
    assertThat(cifar.train().channelStds()).containsExactly(stds, within(1.0));
  }
}
