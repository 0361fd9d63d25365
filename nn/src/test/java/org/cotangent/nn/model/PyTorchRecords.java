package org.cotangent.nn.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.io.Safetensors;
import org.cotangent.nn.io.SafetensorsFile;
import org.cotangent.nn.io.Tensors;

/// What PyTorch 1.13 gave (`golden-tools/pytorch.py`).
final class PyTorchRecords {
  private PyTorchRecords() {}

  private static final SafetensorsFile FILE = read();
  private static final Map<String, Tensor> ALL = Tensors.of(FILE);

  private static SafetensorsFile read() {
    String name = "/org/cotangent/nn/golden/pytorch.safetensors";
    try (InputStream in = PyTorchRecords.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + name);
      }
      return Safetensors.read(in, name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Map<String, String> metadata() {
    return FILE.metadata();
  }

  static boolean has(String name) {
    return ALL.containsKey(name);
  }

  static Tensor named(String name) {
    Tensor t = ALL.get(name);
    if (t == null) {
      throw new IllegalArgumentException("not recorded: " + name);
    }
    return t;
  }

  /// All whose name begins so, by the rest of it.
  static Map<String, Tensor> all(String start) {
    Map<String, Tensor> found = new LinkedHashMap<>();
    ALL.forEach((name, t) -> {
      if (name.startsWith(start)) {
        found.put(name.substring(start.length()), t);
      }
    });
    return found;
  }

  /// @param bound relative to the largest number, or to 1 if that is less
  static void assertClose(String what, Tensor actual, Tensor expected, double bound) {
    assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
    double scale = Math.max(1, expected.abs().max().item());
    assertThat(actual.sub(expected).abs().max().item() / scale).as(what).isLessThan(bound);
  }
}
