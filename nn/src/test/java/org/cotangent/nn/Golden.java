package org.cotangent.nn;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.io.PlainJson;

/// The numbers that `golden-tools/layers.py` wrote.
final class Golden {
  private Golden() {}

  private static final Map<String, Object> ALL = read();

  private static Map<String, Object> read() {
    try (InputStream in = Golden.class.getResourceAsStream("golden/layers.json")) {
      if (in == null) {
        throw new IllegalStateException("no resource golden/layers.json");
      }
      return map(PlainJson.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Object get(String name) {
    return value(ALL, name);
  }

  static Map<String, Object> map(Object json) {
    Map<String, Object> map = new LinkedHashMap<>();
    ((Map<?, ?>) json).forEach((k, v) -> map.put(String.valueOf(k), v));
    return map;
  }

  static Object value(Map<String, Object> map, String name) {
    Object v = map.get(name);
    if (v == null) {
      throw new IllegalArgumentException("no '%s' in %s".formatted(name, map.keySet()));
    }
    return v;
  }

  /// Nested lists of numbers as a tensor of F64.
  static Tensor tensor(Object json) {
    List<Integer> dims = new ArrayList<>();
    for (Object level = json; level instanceof List<?> l; level = l.getFirst()) {
      dims.add(l.size());
    }
    List<Double> numbers = new ArrayList<>();
    collect(json, numbers);
    return Tensor.of(
        Shape.of(dims.stream().mapToInt(d -> d).toArray()),
        numbers.stream().mapToDouble(d -> d).toArray());
  }

  static List<Tensor> tensors(Object json) {
    return ((List<?>) json).stream().map(Golden::tensor).toList();
  }

  static Map<String, Tensor> named(Object json) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    map(json).forEach((name, v) -> named.put(name, tensor(v)));
    return named;
  }

  private static void collect(Object json, List<Double> to) {
    switch (json) {
      case List<?> l -> l.forEach(i -> collect(i, to));
      case Number n -> to.add(n.doubleValue());
      default -> throw new IllegalArgumentException("no number: " + json);
    }
  }
}
