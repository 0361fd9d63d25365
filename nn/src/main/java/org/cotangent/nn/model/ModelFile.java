package org.cotangent.nn.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Module;
import org.cotangent.nn.data.BadDataException;
import org.cotangent.nn.io.Safetensors;
import org.cotangent.nn.io.SafetensorsFile;
import org.cotangent.nn.io.Tensors;

/// A [Model] as a safetensors file. The metadata have
///
/// | key | value |
/// |---|---|
/// | `format` | `cotangent-model 1` |
/// | `network` | the description |
/// | `input` | the shape of a sample, `3x32x32`; of a single number nothing |
/// | `dtype` | `F32` or `F64` |
/// | `classes` | their names, one a line; may be missing |
///
/// and the tensors are parameters and buffers under their names, `standardise.mean` and
/// `standardise.std`, which may be missing.
final class ModelFile {
  private static final String FORMAT = "cotangent-model 1";
  private static final String MEAN = "standardise.mean";
  private static final String STD = "standardise.std";

  private ModelFile() {}

  static void write(Path file, Model m) throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("network", m.architecture().toString());
    metadata.put(
        "input",
        IntStream.of(m.input().dims()).mapToObj(String::valueOf).collect(Collectors.joining("x")));
    metadata.put("dtype", m.dtype().name());
    if (!m.classes().isEmpty()) {
      metadata.put("classes", String.join("\n", m.classes()));
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>(m.state());
    m.standardisation()
        .ifPresent(s -> {
          tensors.put(MEAN, s.mean());
          tensors.put(STD, s.std());
        });
    Tensors.write(file, tensors, metadata);
  }

  static Model read(Path file) throws IOException {
    SafetensorsFile f = Safetensors.read(file);
    String format = f.metadata().getOrDefault("format", "");
    if (!format.equals(FORMAT)) {
      throw new BadDataException(
          file.toString(),
          "metadata 'format'",
          "'"
              + FORMAT
              + "', as Model.save writes it; for parameters alone say of which network: Model.load(file, architecture, input)",
          format.isEmpty() ? "none" : "'" + format + "'");
    }
    Map<String, Tensor> state = new LinkedHashMap<>(Tensors.of(f));
    Optional<Tensor> mean = Optional.ofNullable(state.remove(MEAN));
    Optional<Tensor> std = Optional.ofNullable(state.remove(STD));
    Shape input = shape(file, f);
    Architecture architecture =
        of(
            file,
            "metadata 'network'",
            "a network",
            () -> Architecture.parse(metadata(file, f, "network")));
    DType dtype = dtype(file, f);
    for (Map.Entry<String, Tensor> e : state.entrySet()) {
      if (e.getValue().dtype() != dtype) {
        throw new BadDataException(
            file.toString(),
            "tensor '" + e.getKey() + "'",
            dtype + " as the metadata say",
            e.getValue().dtype().toString());
      }
    }
    Model m =
        of(file, "the tensors", "those of the network", () -> Model.of(architecture, input, state));
    if (mean.isPresent() != std.isPresent()) {
      throw new BadDataException(
          file.toString(), "the tensors", "both '" + MEAN + "' and '" + STD + "'", "one of them");
    }
    Model standardised =
        mean.isEmpty()
            ? m
            : of(
                file,
                "'" + MEAN + "'",
                "what fits the samples",
                () -> m.standardised(mean.get(), std.orElseThrow()));
    String classes = f.metadata().getOrDefault("classes", "");
    return classes.isEmpty()
        ? standardised
        : of(
            file,
            "metadata 'classes'",
            "a name for each output",
            () -> standardised.classes(List.of(classes.split("\n", -1))));
  }

  static Model readState(
      Path file,
      Architecture architecture,
      Shape input,
      BiFunction<Module, Map<String, Tensor>, Map<String, Tensor>> as)
      throws IOException {
    Map<String, Tensor> state = Tensors.read(file);
    return of(
        file,
        "the tensors",
        "those of the network",
        () -> Model.of(architecture, input, state, as));
  }

  private static <T> T of(Path file, String where, String expected, Supplier<T> body) {
    try {
      return body.get();
    } catch (IllegalArgumentException e) {
      throw new BadDataException(file.toString(), where, expected, "another: " + e.getMessage(), e);
    }
  }

  private static String metadata(Path file, SafetensorsFile f, String key) {
    String v = f.metadata().get(key);
    if (v == null) {
      throw new BadDataException(
          file.toString(), "metadata", "'" + key + "'", "only " + f.metadata().keySet());
    }
    return v;
  }

  private static Shape shape(Path file, SafetensorsFile f) {
    String text = metadata(file, f, "input");
    if (!text.matches("([1-9][0-9]{0,8}(x[1-9][0-9]{0,8})*)?")) {
      throw new BadDataException(
          file.toString(), "metadata 'input'", "a shape such as 3x32x32", "'" + text + "'");
    }
    int[] dims =
        text.isEmpty()
            ? new int[0]
            : Stream.of(text.split("x", -1)).mapToInt(Integer::parseInt).toArray();
    return of(file, "metadata 'input'", "a shape", () -> Shape.of(dims));
  }

  private static DType dtype(Path file, SafetensorsFile f) {
    return switch (metadata(file, f, "dtype")) {
      case "F32" -> DType.F32;
      case "F64" -> DType.F64;
      case String other ->
          throw new BadDataException(
              file.toString(), "metadata 'dtype'", "F32 or F64", "'" + other + "'");
    };
  }
}
