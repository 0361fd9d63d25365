package org.cotangent.nn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.cotangent.nn.model.PyTorchRecords.assertClose;
import static org.cotangent.nn.model.PyTorchRecords.named;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.GradCheck;
import org.cotangent.autograd.Jit;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Module;
import org.cotangent.nn.Sequential;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every layer against PyTorch 1.13 itself, in F64 (`golden-tools/pytorch.py`): results, gradients
/// by input and parameters, running statistics. Then the same layers compiled, in F32, and at
/// second order.
class PyTorchLayersTest {
  /// Relative to the largest number of a tensor. The sums here have at most some 100 terms.
  static final double BOUND = 1e-13;

  /// A recorded layer.
  record Case(String key, String text, boolean train) {
    Tensor get(String what) {
      return named(key + "/" + what);
    }

    Architecture architecture() {
      return Architecture.parse(text);
    }

    Sequential build(DType dtype) {
      Shape sample = get("x").shape().without(0);
      Sequential net = architecture().build(sample, Rng.of(1), dtype);
      Map<String, Tensor> state = new LinkedHashMap<>();
      PyTorchState.converted(net, all("state/"), n -> n)
          .forEach((name, t) -> state.put(name, t.to(dtype)));
      net.load(state);
      if (!train) {
        net.eval();
      }
      return net;
    }

    Map<String, Tensor> all(String prefix) {
      return PyTorchRecords.all(key + "/" + prefix);
    }

    @Override
    public String toString() {
      return text + (train ? "" : ", evaluated");
    }
  }

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    PyTorchRecords.metadata()
        .forEach((key, v) -> {
          if (key.startsWith("layer")) {
            int colon = v.indexOf(": ");
            cases.add(new Case(key, v.substring(colon + 2), v.startsWith("train")));
          }
        });
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void resultsAndGradientsArePyTorchs(Case c) {
    Sequential net = c.build(DType.F64);
    boolean indices = c.architecture().takesIndices();
    Tensor x = indices ? c.get("x") : Tensor.parameter(c.get("x"));

    Tensor y = net.forward(x);

    assertClose("result", y, c.get("y"), BOUND);
    net.zeroGrad();
    y.backward(c.get("g"));
    if (!indices) {
      // PyTorch 1.13 multiplies by 1/6 as a float there: 6e-9 too much.
      double bound = c.text.equals("hardsigmoid") ? 1e-8 : BOUND;
      assertClose("gradient of the input", x.grad(), c.get("dx"), bound);
    }
    Map<String, Tensor> gradients = PyTorchState.converted(net, c.all("grad/"), n -> n);
    assertThat(gradients.keySet()).isEqualTo(net.parameters().keySet());
    net.parameters()
        .forEach((name, p) ->
            assertClose("gradient of " + name, p.grad(), gradients.getOrDefault(name, x), BOUND));
    c.all("after/")
        .forEach(
            (name, t) -> assertClose(name, net.buffers().getOrDefault(name, x).detach(), t, BOUND));
  }

  /// The layer as a function of its input, unless that is of integers, and of its parameters.
  private static Function<List<Tensor>, Tensor> function(Case c, Sequential net) {
    List<Tensor> parameters = List.copyOf(net.parameters().values());
    boolean indices = c.architecture().takesIndices();
    return in -> {
      Tensor x = indices ? c.get("x") : in.getFirst();
      List<Tensor> by = indices ? in : in.subList(1, in.size());
      return Grad.replacing(parameters, by, () -> net.forward(x));
    };
  }

  private static List<Tensor> operands(Case c, Sequential net, Tensor x) {
    List<Tensor> operands = new ArrayList<>();
    if (!c.architecture().takesIndices()) {
      operands.add(x);
    }
    net.parameters().values().forEach(p -> operands.add(p.detach()));
    return operands;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void compiledItHasTheSameBits(Case c) {
    Sequential net = c.build(DType.F64);
    Function<List<Tensor>, Tensor> f = function(c, net);
    List<Tensor> in = operands(c, net, c.get("x"));
    if (in.isEmpty()) {
      return;
    }
    Tensor g = c.get("g");
    Function<List<Tensor>, List<Tensor>> both =
        at -> {
          var vg = Grad.valueAndGrad((List<Tensor> a) -> f.apply(a).mul(g).sum(), at);
          List<Tensor> all = new ArrayList<>(vg.grads());
          all.add(vg.value());
          return all;
        };
    List<Tensor> eager = both.apply(in);
    Jit jit = Jit.compileAll(both);
    for (int run = 0; run < 2; run++) {
      List<Tensor> compiled = jit.applyAll(in.toArray(Tensor[]::new));
      for (int i = 0; i < eager.size(); i++) {
        assertThat(compiled.get(i).toDoubleArray())
            .as("%s, result %d", c, i)
            .isEqualTo(eager.get(i).toDoubleArray());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void singlePrecisionIsNear(Case c) {
    Tensor x = c.get("x");
    Tensor y = c.build(DType.F32).forward(x.dtype().isFloating() ? x.to(DType.F32) : x);
    assertThat(y.dtype()).isEqualTo(DType.F32);
    // Some ten operations, each rounded to 6e-8; exponentials of numbers up to 40 lose two digits.
    assertClose("result", y.to(DType.F64), c.get("y"), 1e-5);
  }

  /// Without the table whose padding has gradient 0 by decree, whatever differences say.
  static Stream<Case> withDifferences() {
    return cases().stream().filter(c -> !c.text.equals("embedding 6 3 padding 5"));
  }

  /// At random places: differences see nothing at the kinks where the gradients above are.
  @ParameterizedTest
  @MethodSource("withDifferences")
  void secondDerivativesAgreeWithDifferences(Case c) {
    Sequential net = c.build(DType.F64);
    Tensor x = c.get("x");
    long seed = c.text.contains("nonlinearity relu") ? 6 : 5; // 5 meets the kink
    Tensor at = x.dtype().isFloating() ? Rng.of(seed).normal(x.shape(), DType.F64) : x;
    List<Tensor> in = operands(c, net, at);
    GradCheck.standard()
        .projected(1)
        .order(2)
        .check(c.toString(), function(c, net), in)
        .requirePassed();
  }

  // ---- Nothing is left out

  /// Those that PyTorch has no layer of, or none of another form, are tested in [ArchitectureTest].
  @Test
  void everyNameOfADescriptionIsRecorded() {
    Set<LayerKind> seen =
        EnumSet.of(LayerKind.FLATTEN, LayerKind.RESHAPE, LayerKind.LAST, LayerKind.MEAN);
    for (Case c : cases()) {
      LayerKind.of(c.text.split("[ (]", -1)[0]).ifPresent(seen::add);
    }
    assertThat(seen).containsExactlyInAnyOrder(LayerKind.values());
  }

  /// A new layer without a sample fails here.
  @Test
  void everyLayerIsRecorded() throws Exception {
    Set<String> all = new TreeSet<>();
    Path classes =
        Path.of(Module.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.list(classes.resolve("org/cotangent/nn"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        String name = file.getFileName().toString().replace(".class", "");
        Class<?> k =
            Class.forName("org.cotangent.nn." + name, false, Module.class.getClassLoader());
        if (Module.class.isAssignableFrom(k) && !Modifier.isAbstract(k.getModifiers())) {
          all.add(name);
        }
      }
    }
    Set<String> seen = new TreeSet<>(Set.of("Flatten")); // a view
    cases().forEach(c -> collect(c.build(DType.F64), seen));
    PyTorchSeveralTest.cases().forEach(c -> collect(c.make().apply(DType.F64), seen));
    assertThat(all).hasSizeGreaterThan(30);
    assertThat(seen).containsAll(all);
  }

  private static void collect(Module m, Set<String> to) {
    to.add(m.getClass().getSimpleName());
    m.children().values().forEach(child -> collect(child, to));
  }

  // ---- Whole networks

  @Test
  void aStateDictOfPyTorchIsLoaded(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("state.safetensors");
    String name = "/org/cotangent/nn/golden/pytorch-state.safetensors";
    try (InputStream in = PyTorchLayersTest.class.getResourceAsStream(name)) {
      Files.copy(java.util.Objects.requireNonNull(in), file);
    }
    Shape sample = Shape.of(3, 8, 8);
    Architecture a =
        Architecture.parse("conv 4 3 padding 1, batchnorm, relu, maxpool 2, flatten, linear 5");
    Tensor y = Model.loadPyTorch(file, a, sample).predict(named("network/x"));
    // Sums of up to 64 terms in F32.
    assertClose("result", y, named("network/y"), 1e-6);

    Architecture later = Architecture.parse("relu, " + a);
    Tensor shifted =
        Model.loadPyTorch(file, later, sample, n -> (n.charAt(0) - '0' + 1) + n.substring(1))
            .predict(named("network/x").abs());
    Tensor same = Model.loadPyTorch(file, a, sample).predict(named("network/x").abs());
    assertThat(shifted.toDoubleArray()).isEqualTo(same.toDoubleArray());
    assertThat(Stream.of(a, later)).allMatch(b -> !b.takesIndices());
  }
}
