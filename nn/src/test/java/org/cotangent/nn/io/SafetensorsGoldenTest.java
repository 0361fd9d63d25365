package org.cotangent.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.nn.data.BadDataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that `golden-tools/safetensors_files.py` wrote with Python's json, NumPy and PyTorch.
class SafetensorsGoldenTest {
  @TempDir private Path folder;

  private Path file(String name) throws IOException {
    Path copy = folder.resolve(name);
    try (InputStream in =
        Objects.requireNonNull(SafetensorsGoldenTest.class.getResourceAsStream(name))) {
      Files.copy(in, copy);
    }
    return copy;
  }

  @Test
  void halfPrecisionIsWidenedExactly() throws IOException {
    SafetensorsFile read = Safetensors.read(file("halves.safetensors"));
    for (String type : new String[] {"f16", "bf16"}) {
      assertThat(read.entry(type).dtype()).isEqualTo(type.toUpperCase(Locale.ROOT));
      float[] expected = read.entry(type + ".expected").f32();
      assertThat(expected).hasSizeGreaterThan(1000);
      assertThat(read.entry(type).f32()).as(type).isEqualTo(expected);
      Tensor t = Tensors.of(read.entry(type));
      assertThat(t.dtype()).isEqualTo(DType.F32);
      assertThat(t.toFloatArray()).isEqualTo(expected);
    }
  }

  /// Its elements begin at an odd byte, and few tensors at a multiple of their elements' size.
  @Test
  void allTypesNamesAndTextsAreRead() throws IOException {
    SafetensorsFile read = Safetensors.read(file("kinds.safetensors"));
    assertThat(read.metadata())
        .containsExactly(Map.entry("überschrift", "a \"quoted\" line\n"), Map.entry("", "odd"));
    assertThat(read.entry("mask").bool()).containsExactly(true, false, true);
    assertThat(read.entry("u8").i32()).containsExactly(0, 127, 128, 255);
    assertThat(read.entry("i8").i32()).containsExactly(-128, -1, 0, 127);
    assertThat(read.entry("u16").i32()).containsExactly(0, 65535);
    assertThat(read.entry("i16").i32()).containsExactly(-32768, 32767);
    assertThat(read.entry("u32").i64()).containsExactly(0, 4294967295L);
    assertThat(read.entry("i32").i32()).containsExactly(Integer.MIN_VALUE, Integer.MAX_VALUE);
    assertThat(read.entry("i64").i64()).containsExactly(Long.MIN_VALUE, Long.MAX_VALUE);
    assertThat(read.entry("f32 größe \ud83d\ude00").f32())
        .containsExactly(1.5f, -0.0f, Float.POSITIVE_INFINITY, Float.MIN_VALUE);
    assertThat(read.entry("f64").f64()).containsExactly(2 / 3.0);
    assertThat(read.entry("empty").shape()).containsExactly(0, 3);
    Map<String, DType> dtypes =
        Map.of(
            "mask",
            DType.BOOL,
            "u8",
            DType.I32,
            "i8",
            DType.I32,
            "u16",
            DType.I32,
            "i16",
            DType.I32,
            "u32",
            DType.I64,
            "i32",
            DType.I32,
            "i64",
            DType.I64,
            "f64",
            DType.F64);
    dtypes.forEach((name, dtype) ->
        assertThat(Tensors.of(read.entry(name)).dtype()).as(name).isEqualTo(dtype));
    assertThatThrownBy(() -> read.entry("u8").bool()).hasMessage("tensor 'u8' is U8, not BOOL");
    assertThatThrownBy(() -> read.entry("u32").i32())
        .hasMessage("tensor 'u32' is U32, not I32, I16, I8, U16 or U8");
    assertThatThrownBy(() -> read.entry("u8").i64())
        .hasMessage("tensor 'u8' is U8, not I64 or U32");
    assertThatThrownBy(() -> read.entry("f64").f32())
        .hasMessage("tensor 'f64' is F64, not F32, F16 or BF16");
  }

  @Test
  void whatWasReadIsWrittenWithTheTypesThatItHad() throws IOException {
    for (String name : new String[] {"halves.safetensors", "kinds.safetensors"}) {
      SafetensorsFile read = Safetensors.read(file(name));
      Path copy = folder.resolve("copy-" + name);
      Safetensors.write(copy, read.entries(), read.metadata());
      SafetensorsFile again = Safetensors.read(copy);
      assertThat(again.metadata()).isEqualTo(read.metadata());
      assertThat(again.names()).containsExactlyElementsOf(read.names());
      for (SafetensorsEntry e : read.entries()) {
        assertThat(again.entry(e.name()).dtype()).isEqualTo(e.dtype());
        assertThat(again.entry(e.name()).elements()).isEqualTo(e.elements());
      }
    }
  }

  @Test
  void anOpenFileGivesWhatIsAskedFor() throws IOException {
    Path path = file("kinds.safetensors");
    SafetensorsFile all = Safetensors.read(path);
    try (OpenSafetensors open = Safetensors.open(path)) {
      assertThat(open.names()).containsExactlyElementsOf(all.names());
      assertThat(open.metadata()).isEqualTo(all.metadata());
      for (String name : List.copyOf(all.names()).reversed()) {
        assertThat(open.dtype(name)).isEqualTo(all.entry(name).dtype());
        assertThat(open.shape(name)).isEqualTo(all.entry(name).shape());
        assertThat(open.entry(name).elements()).as(name).isEqualTo(all.entry(name).elements());
      }
      assertThatThrownBy(() -> open.entry("none"))
          .isInstanceOf(NoSuchElementException.class)
          .hasMessageContaining("no tensor 'none'; it holds [mask, u8");
    }
    byte[] whole = Files.readAllBytes(path);
    Files.write(path, Arrays.copyOf(whole, whole.length - 1));
    assertThatThrownBy(() -> Safetensors.open(path)).isInstanceOf(BadDataException.class);
    assertThatThrownBy(() -> Safetensors.open(folder.resolve("none")))
        .hasMessageContaining("no such file");
  }

  @Test
  void aFileThatBecomesShorterWhileItIsOpenIsNamed() throws IOException {
    Path path = folder.resolve("shrinking");
    Safetensors.write(path, List.of(SafetensorsEntry.ofF64("a", new int[] {2}, 1, 2)));
    try (OpenSafetensors open = Safetensors.open(path)) {
      byte[] all = Files.readAllBytes(path);
      Files.write(path, Arrays.copyOf(all, all.length - 3));
      assertThatThrownBy(() -> open.entry("a"))
          .isInstanceOf(BadDataException.class)
          .hasMessageEndingWith("expected 16 bytes, found 13: the file is cut short");
    }
  }
}
