package org.cotangent.nn.io;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.cotangent.autograd.Tensor;

/// The recorded experiments of the lab reports, from the test resources.
public final class Labs {
  private Labs() {}

  /// The tensors of `xor` or `spiral`: data, initial weights, first gradients.
  public static Map<String, Tensor> tensors(String experiment) throws IOException {
    String name = experiment + ".safetensors";
    try (InputStream in = open(name)) {
      return Tensors.read(in, name);
    }
  }

  /// The recorded trajectory of an experiment: one row a recorded epoch.
  public static List<double[]> rows(String experiment) throws Exception {
    return items(field(experiment, "rows")).stream().map(Labs::numbers).toList();
  }

  /// A recorded number, vector or matrix of an experiment as F64.
  public static Tensor value(String experiment, String name) throws Exception {
    Json json = field(experiment, name);
    if (json instanceof Json.Num n) {
      return Tensor.of(Double.parseDouble(n.literal())).sum();
    }
    if (items(json).getFirst() instanceof Json.Num) {
      return Tensor.of(numbers(json));
    }
    return Tensor.of(items(json).stream().map(Labs::numbers).toArray(double[][]::new));
  }

  private static Json field(String experiment, String name) throws Exception {
    try (InputStream in = open("labs.json")) {
      Json all = Json.parse(new String(in.readAllBytes(), UTF_8));
      return get(get(all, experiment), name);
    }
  }

  private static Json get(Json object, String name) {
    return Objects.requireNonNull(((Json.Obj) object).fields().get(name), name);
  }

  private static List<Json> items(Json array) {
    return ((Json.Arr) array).items();
  }

  private static double[] numbers(Json array) {
    return items(array).stream()
        .mapToDouble(j -> Double.parseDouble(((Json.Num) j).literal()))
        .toArray();
  }

  private static InputStream open(String name) {
    return Objects.requireNonNull(
        Labs.class.getResourceAsStream("/org/cotangent/nn/labs/" + name), name);
  }
}
