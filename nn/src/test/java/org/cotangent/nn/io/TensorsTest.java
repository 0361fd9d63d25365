package org.cotangent.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Linear;
import org.cotangent.nn.data.Idx;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorsTest {
  @TempDir private Path folder;

  @Test
  void tensorsOfAllTypesAndShapesMakeTheRoundTrip() throws IOException {
    Path file = folder.resolve("all.safetensors");
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    for (DType d : DType.values()) {
      tensors.put("scalar." + d, Tensor.scalar(1, d));
      tensors.put("empty." + d, Tensor.zeros(Shape.of(0, 3), d));
      // A view: what is written must follow the order of its elements, not that of its memory.
      tensors.put("matrix." + d, Tensor.arange(6).sub(2).reshape(2, 3).t().to(d));
    }

    Tensors.write(file, tensors, Map.of("made by", "a test"));

    SequencedMap<String, Tensor> read = Tensors.read(file);
    assertThat(read.keySet()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
    tensors.forEach((name, t) ->
        assertThat(read.get(name))
            .satisfies(r -> {
              assertThat(r.dtype()).isEqualTo(t.dtype());
              assertThat(r.shape()).isEqualTo(t.shape());
              assertThat(r.toDoubleArray()).isEqualTo(t.toDoubleArray());
            }));
    assertThat(Safetensors.read(file).metadata()).containsEntry("made by", "a test");
  }

  @Test
  void aNetworkIsSavedAndLoaded() throws IOException {
    Path file = folder.resolve("net.safetensors");
    Linear a = new Linear(3, 2, Rng.of(1));
    Linear b = new Linear(3, 2, Rng.of(2));
    Tensors.write(file, a.state());
    b.load(Tensors.read(file));
    assertThat(b.weight().toFloatArray()).isEqualTo(a.weight().toFloatArray());
    assertThatThrownBy(() -> new Linear(2, 2, Rng.of(1)).load(Tensors.read(file)))
        .hasMessageContaining("'weight' has shape [3, 2], but here it is [2, 2]");
  }

  private static Idx idx(int code, int n, byte... elements) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(8 + elements.length);
    b.put((byte) 0).put((byte) 0).put((byte) code).put((byte) 1).putInt(n).put(elements);
    return Idx.read(new ByteArrayInputStream(b.array()), "test");
  }

  @Test
  void idxArraysBecomeTensorsOfTheirKind() throws IOException {
    Tensor bytes = Tensors.of(idx(0x08, 3, (byte) 0, (byte) 7, (byte) 255));
    assertThat(bytes.dtype()).isEqualTo(DType.I32);
    assertThat(bytes.toIntArray()).containsExactly(0, 7, 255);

    byte[] single = ByteBuffer.allocate(8).putFloat(1.5f).putFloat(-2).array();
    Tensor floats = Tensors.of(idx(0x0D, 2, single));
    assertThat(floats.dtype()).isEqualTo(DType.F32);
    assertThat(floats.toFloatArray()).containsExactly(1.5f, -2);

    byte[] twice = ByteBuffer.allocate(8).putDouble(0.1).array();
    Tensor doubles = Tensors.of(idx(0x0E, 1, twice));
    assertThat(doubles.dtype()).isEqualTo(DType.F64);
    assertThat(doubles.item()).isEqualTo(0.1);
  }

  @Test
  void idxArraysConvertOnTheWay() throws IOException {
    Idx pixels = idx(0x08, 2, (byte) 0, (byte) 255);
    for (DType d : DType.values()) {
      Tensor t = Tensors.of(pixels, d);
      assertThat(t.dtype()).isEqualTo(d);
      assertThat(t.toDoubleArray()).containsExactly(0, d == DType.BOOL ? 1 : 255);
    }
  }
}
