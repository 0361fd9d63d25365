package org.cotangent.nn.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.data.BadDataException;

/// Random files: written, read, and damaged.
class SafetensorsPropertyTest {
  private static Path folder = Path.of("");

  @BeforeContainer
  static void makeFolder() throws IOException {
    folder = Files.createTempDirectory("safetensors");
  }

  @AfterContainer
  static void deleteFolder() throws IOException {
    try (var files = Files.list(folder)) {
      for (Path f : files.toList()) {
        Files.delete(f);
      }
    }
    Files.delete(folder);
  }

  /// Letters, what JSON escapes, and characters of two, three and four bytes.
  private static String text(Random random, int number) {
    String[] letters = {"a", ".", "\"", "\\", "\n", "\u0001", "/", "é", "€", "\ud83d\ude00", " "};
    var s = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      s.append(letters[random.nextInt(letters.length)]);
    }
    return s.append(number).toString();
  }

  private static List<SafetensorsEntry> entries(Random random) {
    List<SafetensorsEntry> entries = new ArrayList<>();
    for (int k = random.nextInt(5); k > 0; k--) {
      SafetensorsEntry.Type[] types = SafetensorsEntry.Type.values();
      SafetensorsEntry.Type type = types[random.nextInt(types.length)];
      int[] shape = new int[random.nextInt(4)];
      int size = 1;
      for (int d = 0; d < shape.length; d++) {
        shape[d] = random.nextInt(4);
        size *= shape[d];
      }
      byte[] elements = new byte[size * type.bytes];
      random.nextBytes(elements);
      if (type == SafetensorsEntry.Type.BOOL) {
        for (int i = 0; i < elements.length; i++) {
          elements[i] &= 1;
        }
      }
      entries.add(new SafetensorsEntry(text(random, k), type, shape, elements));
    }
    return entries;
  }

  private static Map<String, String> metadata(Random random) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (int k = random.nextInt(3); k > 0; k--) {
      texts.put(text(random, k), text(random, k));
    }
    return texts;
  }

  private static byte[] bytes(List<SafetensorsEntry> entries, Map<String, String> metadata)
      throws IOException {
    var bytes =
        new ByteArrayOutputStream(); // forcing files to the disk would take most of the time
    Safetensors.write(bytes, entries, metadata);
    return bytes.toByteArray();
  }

  private static byte[] bytes(Random random) throws IOException {
    List<SafetensorsEntry> entries = entries(random);
    Map<String, String> texts = metadata(random);
    return bytes(entries, random.nextBoolean() ? texts : Safetensors.withChecksum(entries, texts));
  }

  private static SafetensorsFile read(byte[] bytes) throws IOException {
    return Safetensors.read(new ByteArrayInputStream(bytes), "t");
  }

  @Property(tries = 200)
  void whatIsWrittenIsRead(@ForAll long seed) throws IOException {
    var random = new Random(seed);
    List<SafetensorsEntry> entries = entries(random);
    Map<String, String> metadata = metadata(random);
    byte[] bytes = bytes(entries, metadata);
    SafetensorsFile read = read(bytes);
    Path file = Files.write(folder.resolve("a"), bytes);
    assertThat(read.metadata()).containsExactlyEntriesOf(metadata);
    assertThat(read.names())
        .containsExactlyElementsOf(entries.stream().map(SafetensorsEntry::name).toList());
    try (OpenSafetensors open = Safetensors.open(file)) {
      for (SafetensorsEntry e : entries) {
        for (SafetensorsEntry found : List.of(read.entry(e.name()), open.entry(e.name()))) {
          assertThat(found.dtype()).isEqualTo(e.dtype());
          assertThat(found.shape()).isEqualTo(e.shape());
          assertThat(found.elements()).isEqualTo(e.elements());
        }
      }
    }
    assertThat(bytes(List.copyOf(read.entries()), read.metadata())).isEqualTo(bytes);
  }

  @Property(tries = 200)
  void tensorsOfWhatIsReadAreWrittenAndReadAsTheyAre(@ForAll long seed) throws IOException {
    Map<String, Tensor> tensors = Tensors.of(read(bytes(new Random(seed))));
    List<SafetensorsEntry> entries = new ArrayList<>();
    tensors.forEach((name, t) -> entries.add(Tensors.entry(name, t)));
    Map<String, Tensor> again = Tensors.of(read(bytes(entries, Map.of())));
    assertThat(again.keySet()).containsExactlyElementsOf(tensors.keySet());
    tensors.forEach((name, t) -> {
      Tensor u = again.getOrDefault(name, Tensor.zeros(0));
      assertThat(u.dtype()).isEqualTo(t.dtype());
      assertThat(u.shape()).isEqualTo(t.shape());
      assertThat(u.toDoubleArray()).isEqualTo(t.toDoubleArray());
    });
  }

  @Property(tries = 300)
  void aDamagedFileIsReadOrRefusedAndNothingElse(@ForAll long seed) throws IOException {
    damage(new Random(seed));
  }

  @Property(tries = 30_000)
  @Tag("slow")
  void soAreMany(@ForAll long seed) throws IOException {
    damage(new Random(seed));
  }

  /// Changes, inserts, deletes and repeats bytes; some of them digits and brackets, so that headers
  /// stay JSON more often.
  private static void damage(Random random) throws IOException {
    byte[] bytes = bytes(random);
    String likely = "0123456789[]{}\",:-.eE\\u FI";
    for (int k = 1 + random.nextInt(4); k > 0; k--) {
      int at = random.nextInt(bytes.length);
      byte value =
          random.nextBoolean()
              ? (byte) likely.charAt(random.nextInt(likely.length()))
              : (byte) random.nextInt();
      bytes =
          switch (random.nextInt(4)) {
            case 0 -> spliced(bytes, at, at, value);
            case 1 -> spliced(bytes, at, at + 1);
            case 2 -> spliced(bytes, at, Math.min(bytes.length, at + random.nextInt(20)));
            default -> spliced(bytes, at, at + 1, value);
          };
      if (bytes.length == 0) {
        break;
      }
    }
    try {
      SafetensorsFile read = read(bytes);
      assertThat(read.entries()).allSatisfy(e -> assertThat(e.size()).isNotNegative());
      Tensors.of(read);
    } catch (BadDataException e) {
      assertThat(e).hasMessageStartingWith("t: ");
    }
    Path file = folder.resolve("c");
    Files.write(file, bytes);
    try (OpenSafetensors open = Safetensors.open(file)) {
      for (String name : open.names()) {
        Tensors.of(open.entry(name));
      }
    } catch (BadDataException e) {
      assertThat(e).hasMessageStartingWith(file + ": ");
    }
  }

  private static byte[] spliced(byte[] a, int from, int to, byte... by) {
    byte[] result = Arrays.copyOf(a, a.length - (to - from) + by.length);
    System.arraycopy(by, 0, result, from, by.length);
    System.arraycopy(a, to, result, from + by.length, a.length - to);
    return result;
  }
}
