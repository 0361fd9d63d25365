package org.cotangent.nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.data.BadDataException;
import org.cotangent.nn.io.AtomicFile;
import org.cotangent.nn.io.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
  @TempDir private Path folder;

  private static Checkpoint at(long step) {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("net.weight", Tensor.of(1.5f, -2f, (float) step));
    state.put("optimizer.0.step", Counters.of(step));
    state.put("on", Tensor.of(true, false));
    return new Checkpoint(step, state, Map.of("note", "größer"));
  }

  private List<Long> steps() throws IOException {
    return Checkpoints.in(folder).files().stream()
        .map(p -> Long.parseLong(p.getFileName().toString().replaceAll("[^0-9]", "")))
        .toList();
  }

  @Test
  void whatIsSavedIsFound() throws IOException {
    Checkpoints files = Checkpoints.in(folder.resolve("a/b")); // is made
    assertThat(files.newest()).isEmpty();
    Path file = files.save(at(3));
    Checkpoints.Found found = files.newest().orElseThrow();
    assertThat(found.file()).isEqualTo(file);
    assertThat(found.skipped()).isEmpty();
    assertThat(found.checkpoint().step()).isEqualTo(3);
    assertThat(found.checkpoint().metadata()).containsExactly(Map.entry("note", "größer"));
    assertThat(found.checkpoint().state().keySet())
        .containsExactly("net.weight", "optimizer.0.step", "on");
    assertThat(found.checkpoint().part("net")).hasSize(1);
    assertThat(found.checkpoint().part("net").firstEntry().getValue().toFloatArray())
        .containsExactly(1.5f, -2f, 3f);
  }

  @Test
  void theSameCheckpointIsTheSameFile() throws IOException {
    at(3).write(folder.resolve("a"));
    at(3).write(folder.resolve("b"));
    assertThat(Files.mismatch(folder.resolve("a"), folder.resolve("b"))).isEqualTo(-1);
  }

  @Test
  void theNewestFewStay() throws IOException {
    Checkpoints files = Checkpoints.in(folder).keep(2);
    Files.writeString(folder.resolve("metrics.csv"), "mine");
    Files.writeString(folder.resolve("step-1.safetensors"), "mine too");
    for (long step : new long[] {2, 10, 9_999, 1_000_000}) {
      files.save(at(step));
    }
    assertThat(steps()).containsExactly(1_000_000L, 9_999L);
    assertThat(folder.resolve("metrics.csv")).exists();
    assertThat(folder.resolve("step-1.safetensors")).exists();
    assertThatThrownBy(() -> files.keep(0))
        .hasMessage("Checkpoints: keep(0); it must be 1 or more");
  }

  @Test
  void oneThatIsSavedBeforeNewerOnesStaysAndTheyDoToo() throws IOException {
    Checkpoints files = Checkpoints.in(folder).keep(1);
    files.save(at(30));
    files.save(at(10));
    files.save(at(20));
    assertThat(steps()).containsExactly(30L, 20L);
  }

  private static void flip(Path file, long at) throws IOException {
    byte[] all = Files.readAllBytes(file);
    all[(int) at] ^= 0x10;
    Files.write(file, all);
  }

  @Test
  void aDamagedNewestOneFallsBackToTheOneBeforeAndSaysSo() throws IOException {
    Checkpoints files = Checkpoints.in(folder).keep(2);
    files.save(at(1));
    Path newest = files.save(at(2));
    flip(newest, Files.size(newest) - 5); // within the elements
    Checkpoints.Found found = files.newest().orElseThrow();
    assertThat(found.checkpoint().step()).isEqualTo(1);
    assertThat(found.skipped()).hasSize(1);
    assertThat(found.skipped().getFirst().file()).isEqualTo(newest);
    assertThat(found.skipped().getFirst().reason()).contains("the checksum: expected crc32c:");

    // it does not count among those that are kept
    files.save(at(3));
    assertThat(steps()).containsExactly(3L, 2L, 1L);
    files.save(at(4));
    assertThat(steps()).containsExactly(4L, 3L);
  }

  /// Nothing of a file is outside of what is checked.
  @Test
  void aFlippedBitIsNoticedAnywhere() throws IOException {
    Checkpoints files = Checkpoints.in(folder);
    Path file = files.save(at(2));
    byte[] good = Files.readAllBytes(file);
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= (byte) (1 << i % 8);
      Files.write(file, bad);
      String where = "byte %d of %d".formatted(i, good.length);
      assertThatThrownBy(() -> Checkpoint.read(file))
          .as(where)
          .isInstanceOf(BadDataException.class);
    }
  }

  @Test
  void aCutIsNoticed() throws IOException {
    Path file = Checkpoints.in(folder).save(at(2));
    byte[] good = Files.readAllBytes(file);
    for (int length = 0; length < good.length; length += 7) {
      Files.write(file, Arrays.copyOf(good, length));
      assertThatThrownBy(() -> Checkpoint.read(file)).isInstanceOf(BadDataException.class);
    }
  }

  @Test
  void ifAllAreDamagedNothingBeginsAnewBySilence() throws IOException {
    Checkpoints files = Checkpoints.in(folder);
    for (long step = 1; step <= 2; step++) {
      Path file = files.save(at(step));
      Files.write(file, new byte[] {1, 2, 3}, StandardOpenOption.TRUNCATE_EXISTING);
    }
    assertThatThrownBy(files::newest)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none of the 2 in " + folder)
        .hasMessageContaining("delete them to begin anew");
  }

  @Test
  void leftoversOfWritersThatDiedGo() throws IOException {
    Path dead = folder.resolve(".step-000000000004.safetensors.0123456789abcdef.part");
    Files.writeString(dead, "half of it");
    Path mine = folder.resolve("my.part");
    Files.writeString(mine, "not ours");
    try (AtomicFile open = AtomicFile.create(folder.resolve("open"))) { // of this process
      Checkpoints.in(folder).save(at(5));
      assertThat(dead).doesNotExist();
      assertThat(mine).exists();
      open.commit();
    }
    assertThat(folder.resolve("open")).exists();
  }

  @Test
  void aFileInTheWayOfTheFolderIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "mine");
    assertThatThrownBy(() -> Checkpoints.in(file).save(at(1)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("checkpoint: cannot write " + file)
        .hasMessageEndingWith("the ones before it are intact");
    assertThat(file).hasContent("mine");
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamedAndTheCheckpointsStay() throws IOException {
    assumeThat(folder.getFileSystem().supportedFileAttributeViews()).contains("posix");
    Checkpoints files = Checkpoints.in(folder);
    files.save(at(1));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      assumeThat(Files.isWritable(folder)).as("the user may write anywhere").isFalse();
      assertThatThrownBy(() -> files.save(at(2)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("AccessDeniedException")
          .hasMessageEndingWith("the ones before it are intact");
      assertThat(files.newest().orElseThrow().checkpoint().step()).isEqualTo(1);
    } finally {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  @Test
  void filesThatAreNoCheckpointsAreRefused() throws IOException {
    Path plain = folder.resolve("plain.safetensors");
    Tensors.write(plain, Map.of("a", Tensor.of(1.0)));
    assertThatThrownBy(() -> Checkpoint.read(plain))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining(
            "expected the step and checksum of a checkpoint, found 'nothing' and no checksum");
    assertThatThrownBy(() -> new Checkpoint(1, Map.of(), Map.of("cotangent.x", "y")))
        .hasMessageContaining("'cotangent.x' begins with 'cotangent.', which is reserved");
    assertThatThrownBy(() -> new Checkpoint(-1, Map.of(), Map.of()))
        .hasMessageContaining("-1 is negative");
  }

  /// Other checkpoints than those of a trainer, and larger than any buffer.
  @Test
  void largeTensorsSurvive() throws IOException {
    float[] numbers = new float[300_000];
    var random = new Random(1);
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = random.nextFloat();
    }
    Path file = folder.resolve("large");
    new Checkpoint(0, Map.of("x", Tensor.of(numbers)), Map.of()).write(file);
    Tensor read = Checkpoint.read(file).state().getOrDefault("x", Tensor.scalar(0));
    assertThat(read.toFloatArray()).isEqualTo(numbers);
  }
}
