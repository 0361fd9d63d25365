package org.cotangent.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.data.BadDataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NpzTest {
  @TempDir Path folder = Path.of(""); // replaced before each test

  private Path golden(String name) throws IOException {
    try (InputStream in = Objects.requireNonNull(NpzTest.class.getResourceAsStream(name), name)) {
      return Files.write(folder.resolve(name), in.readAllBytes());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"stored", "deflated"})
  void archivesOfNumPyAreRead(String name) throws IOException {
    Map<String, Tensor> arrays = Npz.read(golden(name + ".npz"));
    assertThat(arrays.keySet()).containsExactly("x", "labels", "layer.0/w");
    List<Tensor> values = List.copyOf(arrays.values());
    assertThat(values.get(0).shape()).isEqualTo(Shape.of(2, 2, 3));
    assertThat(values.get(0).toDoubleArray()).isEqualTo(Tensor.arange(12).toDoubleArray());
    assertThat(values.get(1).toLongArray()).containsExactly(0, 1, 2);
    assertThat(values.get(2).toDoubleArray()).containsExactly(1, 1);
  }

  @Test
  void whatIsWrittenIsReadAgainAndHasTheSameBytes() throws IOException {
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    for (DType d : DType.values()) {
      arrays.put("a " + d + " é", Rng.of(1).uniform(Shape.of(3, 700), -2, 2, DType.F64).to(d));
    }
    arrays.put("zeros", Tensor.zeros(100, 100));
    arrays.put("empty", Tensor.zeros(0));
    Path stored = folder.resolve("stored.npz");
    Path deflated = folder.resolve("deflated.npz");
    Npz.write(stored, arrays);
    Npz.writeCompressed(deflated, arrays);
    for (Path file : new Path[] {stored, deflated}) {
      Map<String, Tensor> back = Npz.read(file);
      assertThat(back.keySet()).containsExactlyElementsOf(arrays.keySet());
      back.forEach((name, t) -> {
        Tensor original = Objects.requireNonNull(arrays.get(name));
        assertThat(t.dtype()).isEqualTo(original.dtype());
        assertThat(t.toDoubleArray()).isEqualTo(original.toDoubleArray());
      });
    }
    assertThat(Files.size(deflated)).isLessThan(Files.size(stored) - 39_000); // the zeros
    Path again = folder.resolve("again.npz");
    Npz.write(again, arrays);
    assertThat(again).hasSameBinaryContentAs(stored);
    Npz.write(again, Map.of());
    assertThat(Npz.read(again)).isEmpty();
  }

  private Path changed(String name, int at) throws IOException {
    Path file = golden(name);
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 1;
    return Files.write(file, bytes);
  }

  @Test
  void changedNumbersAreNoticedByTheChecksum() throws IOException {
    // Some number of the first array, whose header takes 128 bytes after the name.
    Path file = changed("stored.npz", 220);
    assertThatThrownBy(() -> Npz.read(file))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("stored.npz, x.npy: the checksum: expected");
  }

  @Test
  void whatIsNoArchiveOfArraysIsNamed() throws IOException {
    Path file = folder.resolve("x.npz");
    Files.write(file, new byte[] {1, 2, 3});
    assertThatThrownBy(() -> Npz.read(file))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("x.npz: the archive: expected a valid zip archive, found '");
    try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("readme.txt"));
    }
    assertThatThrownBy(() -> Npz.read(file))
        .isInstanceOf(BadDataException.class)
        .hasMessageEndingWith("expected names that end in .npy, found 'readme.txt'");
    try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("a.npy"));
      zip.write(7);
    }
    assertThatThrownBy(() -> Npz.read(file))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("x.npz, a.npy: byte 0: expected an NPY array");
    assertThatThrownBy(() -> Npz.read(folder.resolve("y.npz")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("expected an NPZ archive");
    assertThatThrownBy(() -> Npz.read(folder)).isInstanceOf(BadDataException.class);
  }
}
