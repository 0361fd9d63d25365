package org.cotangent.nn.opinfo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.io.PlainJson;

/// One recorded call: an operator, its arguments, and what PyTorch gave.
///
/// @param tensors the tensors that arguments name
/// @param isInput which of `tensors` are differentiated by
/// @param isDifferentiable which results are differentiated
/// @param out the results
/// @param cotangents one for each differentiated result
/// @param vjp for each input the cotangents pulled back; empty is zero
/// @param tangents one for each input; none if PyTorch could not go on
/// @param jvp for each differentiated result the tangents pushed forward; empty is zero, and so is
///   the whole list where PyTorch's pulled-back cotangents were constants
/// @param gg for each input the gradient of `<vjp, tangents>`; as `jvp`
/// @param roughness by how much PyTorch's derivative differs from a finite difference; NaN if it
///   was not taken
record Recorded(
    String op,
    int sample,
    List<Object> args,
    Map<String, Object> kwargs,
    List<Tensor> tensors,
    List<Boolean> isInput,
    List<Boolean> isDifferentiable,
    List<Tensor> out,
    List<Tensor> cotangents,
    List<Optional<Tensor>> vjp,
    Optional<List<Tensor>> tangents,
    List<Optional<Tensor>> jvp,
    List<Optional<Tensor>> gg,
    double roughness) {

  /// Above this the point is no smooth one, or the value is NaN: our own conventions decide.
  private static final double SMOOTH = 1e-5;

  boolean isSmooth() {
    return roughness <= SMOOTH;
  }

  /// Reads a line of a file.
  ///
  /// @throws IllegalArgumentException if it is not of the form that is documented
  static Recorded parse(String line) {
    Map<?, ?> json = object(PlainJson.parse(line), "the line");
    try {
      List<Object> tensors = list(json, "tensors");
      return new Recorded(
          String.valueOf(required(json, "op")),
          Math.toIntExact((Long) required(json, "sample")),
          list(json, "args"),
          kwargs(json),
          tensors(tensors),
          tensors.stream()
              .map(t -> Boolean.TRUE.equals(object(t, "a tensor").get("diff")))
              .toList(),
          flags(list(json, "out_diff")),
          tensors(list(json, "out")),
          tensors(list(json, "cot")),
          optionals(list(json, "vjp")),
          json.containsKey("tan") ? Optional.of(tensors(list(json, "tan"))) : Optional.empty(),
          json.containsKey("jvp") ? optionals(list(json, "jvp")) : List.of(),
          json.containsKey("gg") ? optionals(list(json, "gg")) : List.of(),
          json.get("fd_rho") instanceof Number n ? n.doubleValue() : Double.NaN);
    } catch (ClassCastException | ArithmeticException e) {
      throw new IllegalArgumentException("a field is of the wrong kind: " + e.getMessage(), e);
    }
  }

  private static Object required(Map<?, ?> json, String name) {
    Object value = json.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no field '" + name + "'");
    }
    return value;
  }

  private static Map<?, ?> object(Object json, String what) {
    if (json instanceof Map<?, ?> map) {
      return map;
    }
    throw new IllegalArgumentException("%s is no object: %s".formatted(what, json));
  }

  private static List<Object> list(Map<?, ?> json, String name) {
    if (required(json, name) instanceof List<?> list) {
      return new ArrayList<>(list);
    }
    throw new IllegalArgumentException("field '" + name + "' is no list");
  }

  private static Map<String, Object> kwargs(Map<?, ?> json) {
    Map<String, Object> kwargs = new LinkedHashMap<>();
    object(required(json, "kwargs"), "kwargs").forEach((k, v) -> kwargs.put(String.valueOf(k), v));
    return kwargs;
  }

  private static List<Boolean> flags(List<Object> json) {
    return json.stream().map(Boolean.class::cast).toList();
  }

  private static List<Tensor> tensors(List<Object> json) {
    return json.stream().map(Recorded::tensor).toList();
  }

  private static List<Optional<Tensor>> optionals(List<Object> json) {
    return json.stream()
        .map(j -> j instanceof PlainJson.Null ? Optional.<Tensor>empty() : Optional.of(tensor(j)))
        .toList();
  }

  static Tensor tensor(Object json) {
    Map<?, ?> fields = object(json, "a tensor");
    int[] dims = list(fields, "shape").stream().mapToInt(n -> Math.toIntExact((Long) n)).toArray();
    Shape shape = Shape.of(dims);
    List<Object> data = list(fields, "data");
    if (data.size() != shape.size()) {
      throw new IllegalArgumentException(
          "a tensor of shape %s has %d numbers".formatted(shape, data.size()));
    }
    DType dtype = dtype(String.valueOf(required(fields, "dtype")));
    return switch (dtype) {
      case BOOL -> Tensor.of(shape, truths(data));
      case I32, I64 -> Tensor.of(shape, data.stream().mapToLong(n -> (Long) n).toArray()).to(dtype);
      case F32, F64 ->
          Tensor.of(shape, data.stream().mapToDouble(Recorded::number).toArray()).to(dtype);
    };
  }

  private static boolean[] truths(List<Object> data) {
    boolean[] b = new boolean[data.size()];
    for (int i = 0; i < b.length; i++) {
      b[i] = data.get(i) instanceof Long n ? n != 0 : (Boolean) data.get(i);
    }
    return b;
  }

  private static double number(Object json) {
    return switch (json) {
      case Number n -> n.doubleValue();
      case String s when s.equals("nan") -> Double.NaN;
      case String s when s.equals("inf") -> Double.POSITIVE_INFINITY;
      case String s when s.equals("-inf") -> Double.NEGATIVE_INFINITY;
      default -> throw new IllegalArgumentException("no number: " + json);
    };
  }

  static DType dtype(String name) {
    return switch (name.replace("torch.", "")) {
      case "float64" -> DType.F64;
      case "float32" -> DType.F32;
      case "int64" -> DType.I64;
      case "int32", "int16", "int8", "uint8" -> DType.I32;
      case "bool" -> DType.BOOL;
      default -> throw new IllegalArgumentException("a dtype we do not have: " + name);
    };
  }

  /// The arguments with other tensors in the places of the recorded ones.
  Args with(List<Tensor> replaced) {
    Map<String, Arg> named = new LinkedHashMap<>();
    kwargs.forEach((name, value) -> named.put(name, Arg.of(value, replaced)));
    return new Args(args.stream().map(a -> Arg.of(a, replaced)).toList(), named);
  }

  @Override
  public String toString() {
    return "%s[%d]".formatted(op, sample);
  }
}
