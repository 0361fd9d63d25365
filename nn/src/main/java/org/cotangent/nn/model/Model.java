package org.cotangent.nn.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Module;
import org.cotangent.nn.Sequential;
import org.cotangent.nn.data.BadDataException;

/// A trained network to be used: what it is, its numbers, what is done to inputs before it, and
/// what its outputs are called. One file holds it all.
///
/// ```java
/// Model.of(architecture, Shape.of(3, 32, 32), net).standardised(mean, std).classes(names).save(file);
///
/// Model model = Model.load(file);
/// Tensor scores = model.predict(images);               // [n, 3, 32, 32] to [n, 10]
/// String what = model.classify(images).getFirst().name();
/// ```
///
/// The network is in evaluation mode and compiled. Batches may have any size: they are computed in
/// parts of 64 samples, then of powers of two, the last filled up, so that seven programs at most
/// are compiled however batches vary.
///
/// Any number of threads may use a model at once. Each call has a compiled network of its own
/// meanwhile, at most as many as there are processors, and further calls wait; all share the
/// numbers. Immutable; training the module that it was made of does not change it.
public final class Model {
  private final Architecture architecture;
  private final Shape input;
  private final DType dtype;
  private final SequencedMap<String, Tensor> state;
  private final Optional<Standardisation> standardisation;
  private final List<String> classes;
  private final Shape output;
  private final CompiledNetwork network;

  private Model(
      Architecture architecture,
      Shape input,
      DType dtype,
      SequencedMap<String, Tensor> state,
      Optional<Standardisation> standardisation,
      List<String> classes,
      Shape output,
      CompiledNetwork network) {
    this.architecture = architecture;
    this.input = input;
    this.dtype = dtype;
    this.state = state;
    this.standardisation = standardisation;
    this.classes = classes;
    this.output = output;
    this.network = network;
  }

  // ---- Making one

  /// A model of a trained network: of the parameters and buffers that it has now.
  ///
  /// @param input the shape of a sample
  /// @throws IllegalArgumentException if the module's parameters are not those that the description
  ///   gives for such samples
  public static Model of(Architecture architecture, Shape input, Module trained) {
    return of(architecture, input, trained.state());
  }

  /// A model of parameters and buffers by name, as in [Module#state].
  ///
  /// @param input the shape of a sample
  /// @throws IllegalArgumentException if they are not those that the description gives for such
  ///   samples; the message lists every difference
  public static Model of(Architecture architecture, Shape input, Map<String, Tensor> state) {
    return of(architecture, input, state, (_, s) -> s);
  }

  /// @param as what the network makes of the state before it is loaded
  static Model of(
      Architecture architecture,
      Shape input,
      Map<String, Tensor> state,
      BiFunction<Module, Map<String, Tensor>, Map<String, Tensor>> as) {
    DType dtype =
        state.values().stream()
            .map(Tensor::dtype)
            .filter(DType::isFloating)
            .findFirst()
            .orElse(DType.F32);
    long numbers = state.values().stream().mapToLong(Tensor::size).sum();
    Builder built = architecture.built(input, Rng.of(0), dtype, OptionalLong.of(numbers));
    Sequential net = built.network();
    net.load(as.apply(net, state));
    net.eval();
    return new Model(
        architecture,
        input,
        dtype,
        net.state(),
        Optional.empty(),
        List.of(),
        built.output(),
        new CompiledNetwork(net));
  }

  /// This model with `(x - mean)/std` before the network, computed in F64.
  ///
  /// @param mean a number, or numbers that broadcast to the shape of a sample: of each channel,
  ///   `[3, 1, 1]`, or a whole mean image
  /// @param std the same; a place where it is 0 is only centred
  /// @throws IllegalArgumentException if one does not broadcast to the shape of a sample, or the
  ///   network takes indices
  public Model standardised(Tensor mean, Tensor std) {
    if (architecture.takesIndices()) {
      throw new IllegalArgumentException(
          "Model: a network that begins with an embedding takes indices, which are not standardised");
    }
    return with(Optional.of(Standardisation.of(mean, std, input)), classes);
  }

  /// This model with names of its classes, in the order of its outputs.
  ///
  /// @throws IllegalArgumentException if there are not as many as outputs, one is empty or has a
  ///   line break, or two are equal
  public Model classes(List<String> names) {
    if (output.rank() != 1 || output.dim(0) != names.size()) {
      throw new IllegalArgumentException(
          "Model: %d names of classes, but the network gives %s".formatted(names.size(), output));
    }
    for (String n : names) {
      if (n.isBlank() || n.lines().count() != 1 || names.indexOf(n) != names.lastIndexOf(n)) {
        throw new IllegalArgumentException(
            "Model: the name '%s' of a class is empty, has more than one line, or is there twice"
                .formatted(n));
      }
    }
    return with(standardisation, List.copyOf(names));
  }

  private Model with(Optional<Standardisation> s, List<String> names) {
    return new Model(architecture, input, dtype, state, s, names, output, network);
  }

  // ---- Files

  /// Reads a model that [#save] wrote.
  ///
  /// @throws BadDataException if the file is damaged, is none of a model, or does not hold together
  /// @throws IOException if it is missing or cannot be read
  public static Model load(Path file) throws IOException {
    return ModelFile.read(file);
  }

  /// A model of the parameters in a plain safetensors file, such as [org.cotangent.nn.io.Tensors]
  /// writes it, for a given network.
  ///
  /// @throws BadDataException if the file is damaged or has other parameters than the network
  /// @throws IOException if it is missing or cannot be read
  public static Model load(Path file, Architecture architecture, Shape input) throws IOException {
    return ModelFile.readState(file, architecture, input, (_, s) -> s);
  }

  /// A model of the parameters that PyTorch wrote to a safetensors file, its `state_dict`: matrices
  /// are transposed, parameters of recurrent layers renamed, `num_batches_tracked` is left out. The
  /// names are those of an `nn.Sequential` of the same layers in the same order.
  ///
  /// @throws BadDataException if the file is damaged or has other parameters than the network
  /// @throws IOException if it is missing or cannot be read
  public static Model loadPyTorch(Path file, Architecture architecture, Shape input)
      throws IOException {
    return loadPyTorch(file, architecture, input, name -> name);
  }

  /// The same for other names.
  ///
  /// @param rename gives the name that a tensor of the file has in an `nn.Sequential`, such as
  ///   `3.weight` for `fc1.weight`
  /// @throws BadDataException if the file is damaged or has other parameters than the network
  /// @throws IOException if it is missing or cannot be read
  public static Model loadPyTorch(
      Path file, Architecture architecture, Shape input, UnaryOperator<String> rename)
      throws IOException {
    return ModelFile.readState(
        file, architecture, input, (net, s) -> PyTorchState.converted(net, s, rename));
  }

  /// Writes the model to a safetensors file, which appears whole or not at all: parameters and
  /// buffers under their names, everything else as metadata.
  ///
  /// @throws IOException if writing fails
  public void save(Path file) throws IOException {
    ModelFile.write(file, this);
  }

  // ---- What it is

  /// The network's description.
  public Architecture architecture() {
    return architecture;
  }

  /// The shape of a sample.
  public Shape input() {
    return input;
  }

  /// The shape of what the network gives for a sample.
  public Shape output() {
    return output;
  }

  /// The dtype of the network's parameters and of its results.
  public DType dtype() {
    return dtype;
  }

  /// The names of the classes; empty if they have none.
  public List<String> classes() {
    return classes;
  }

  /// Parameters and buffers by name.
  public SequencedMap<String, Tensor> state() {
    return state;
  }

  Optional<Standardisation> standardisation() {
    return standardisation;
  }

  // ---- Using it

  /// What the network gives for a batch, without a history.
  ///
  /// @param x samples along the first axis, `[n, ..]`, of any dtype: it is converted; integers if
  ///   the network takes indices
  /// @return `[n, ..]`, of the model's dtype
  /// @throws IllegalArgumentException if the samples have another shape
  public Tensor predict(Tensor x) {
    if (x.rank() == 0 || !x.shape().without(0).equals(input)) {
      throw new IllegalArgumentException(
          "Model: the input %s must be a batch of samples of shape %s, [n, ..]; for one sample use unsqueeze(0)"
              .formatted(x.shape(), input));
    }
    if (architecture.takesIndices() && x.dtype().isFloating()) {
      throw new IllegalArgumentException(
          "Model: the network begins with an embedding and takes indices, but the input is %s; pass I32 or I64"
              .formatted(x.dtype()));
    }
    return Grad.without(() -> {
      if (x.dim(0) == 0) {
        return Tensor.zeros(output.inserted(0, 0), dtype);
      }
      Tensor in = x.detach();
      if (architecture.takesIndices()) {
        return network.apply(in.to(DType.I64));
      }
      return network.apply(
          standardisation.map(s -> s.apply(in, dtype)).orElseGet(() -> in.to(dtype)));
    });
  }

  /// The probability of each class for each sample: the softmax of what the network gives, or that
  /// itself if its last layer is a softmax (its exponential, of a log-softmax).
  ///
  /// @return `[n, classes]`
  /// @throws IllegalArgumentException if the samples have another shape
  /// @throws IllegalStateException if the network does not give two numbers or more a sample
  public Tensor probabilities(Tensor x) {
    if (output.rank() != 1 || output.dim(0) < 2) {
      throw new IllegalStateException(
          "Model: probabilities need an output [classes] with two classes or more, but it is %s; use predict"
              .formatted(output));
    }
    Tensor y = predict(x);
    return Grad.without(() ->
        architecture.endsWith(LayerKind.SOFTMAX)
            ? y
            : architecture.endsWith(LayerKind.LOG_SOFTMAX) ? y.exp() : y.softmax(-1));
  }

  /// What a sample most probably is.
  ///
  /// @param index of the class, from 0
  /// @param name of the class, or its index if classes have no names
  /// @param probability that it is right, as the network sees it
  public record Guess(int index, String name, double probability) {}

  /// The most probable class of each sample; of equal ones the first.
  ///
  /// @throws IllegalArgumentException if the samples have another shape
  /// @throws IllegalStateException if the network does not give two numbers or more a sample
  public List<Guess> classify(Tensor x) {
    Tensor p = probabilities(x);
    double[] numbers = p.toDoubleArray();
    long[] best = x.dim(0) == 0 ? new long[0] : p.argmax(1).to(DType.I64).toLongArray();
    List<Guess> guesses = new ArrayList<>();
    for (int i = 0; i < best.length; i++) {
      int k = Math.toIntExact(best[i]);
      String name = classes.isEmpty() ? Integer.toString(k) : classes.get(k);
      guesses.add(new Guess(k, name, numbers[i * p.dim(1) + k]));
    }
    return List.copyOf(guesses);
  }

  /// The layers as a table.
  @Override
  public String toString() {
    return architecture.table(input);
  }
}
