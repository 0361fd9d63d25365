package org.cotangent.nn;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;

/// A function of tensors with parameters of its own: a layer, or a network made of other modules.
///
/// A module names what it owns once, in its constructor: its parameters by [#parameter], the
/// modules it uses by [#child], what it remembers without learning it by [#buffer], what it draws
/// random numbers from by [#generator]. From these names come the dotted names of all parameters,
/// such as `hidden.weight`, saving and loading, and the printed architecture.
///
/// ```java
/// final class Mlp extends Module {
///   private final Linear hidden;
///   private final Linear out;
///
///   Mlp(Rng rng) {
///     hidden = child("hidden", new Linear(2, 10, rng));
///     out = child("out", new Linear(10, 3, rng));
///   }
///
///   @Override
///   public Tensor forward(Tensor x) {
///     return out.forward(hidden.forward(x).relu());
///   }
/// }
/// ```
///
/// Import this class by its name: `java.lang` has a `Module` too, so `org.cotangent.nn.*` alone is
/// ambiguous. Modules are not for two threads at once; models in different threads share nothing.
public abstract class Module {
  private final SequencedMap<String, Tensor> own = new LinkedHashMap<>();
  private final SequencedMap<String, Tensor> ownBuffers = new LinkedHashMap<>();
  private final SequencedMap<String, Rng> ownGenerators = new LinkedHashMap<>();
  private final SequencedMap<String, Module> children = new LinkedHashMap<>();
  private boolean training = true;

  /// For subclasses.
  protected Module() {}

  /// The result of this module for an input; its class says which shapes fit.
  public abstract Tensor forward(Tensor x);

  // ---- Naming, for constructors of subclasses

  /// Makes a parameter with the numbers of `init`, F32 or F64, and names it as this module's own.
  ///
  /// @throws IllegalArgumentException if the name is taken, empty or has a dot, or the dtype is not
  ///   floating
  protected final Tensor parameter(String name, Tensor init) {
    requireFree(name);
    Tensor p = Tensor.parameter(init);
    own.put(name, p);
    return p;
  }

  /// Makes a tensor that is saved and loaded with the parameters but moved by no optimiser, such as
  /// a running mean, and names it as this module's own. It can be assigned, also by
  /// [org.cotangent.autograd.Fused#assign]; read it with `detach()`, so that no gradient goes
  /// there.
  ///
  /// @throws IllegalArgumentException if the name is taken, empty or has a dot, or the dtype is not
  ///   floating
  protected final Tensor buffer(String name, Tensor init) {
    requireFree(name);
    Tensor b = Tensor.parameter(init);
    ownBuffers.put(name, b);
    return b;
  }

  /// Names the generator of random numbers that this module draws from when it is used, and returns
  /// it. It is not part of [#state]; a run that is to go on to the bit keeps the state of each
  /// ([Rng#state]) beside it.
  ///
  /// @throws IllegalArgumentException if the name is taken, empty or has a dot
  protected final Rng generator(String name, Rng rng) {
    requireFree(name);
    ownGenerators.put(name, rng);
    return rng;
  }

  /// Names a module that this one uses, and returns it.
  ///
  /// @throws IllegalArgumentException if the name is taken, empty or has a dot
  protected final <M extends Module> M child(String name, M module) {
    requireFree(name);
    children.put(name, module);
    return module;
  }

  private void requireFree(String name) {
    if (name.isEmpty() || name.indexOf('.') >= 0) {
      throw new IllegalArgumentException(
          "the name '%s' must have a character or more and no dot; dots join the names of nested modules"
              .formatted(name));
    }
    if (own.containsKey(name)
        || ownBuffers.containsKey(name)
        || ownGenerators.containsKey(name)
        || children.containsKey(name)) {
      throw new IllegalArgumentException(
          "the name '%s' is taken; this module already names %s%s%s and %s"
              .formatted(
                  name,
                  own.keySet(),
                  ownBuffers.isEmpty() ? "" : ", " + ownBuffers.keySet(),
                  ownGenerators.isEmpty() ? "" : ", " + ownGenerators.keySet(),
                  children.keySet()));
    }
  }

  // ---- What a module consists of

  /// The modules directly inside, by name, in the order in which they were named.
  public final SequencedMap<String, Module> children() {
    return Collections.unmodifiableSequencedMap(children);
  }

  /// All parameters by dotted name, this module's own first, then those of its children in order. A
  /// parameter that two modules share is listed once, under its first name.
  public final SequencedMap<String, Tensor> parameters() {
    return all(m -> m.own);
  }

  /// All buffers by dotted name, in the same order.
  public final SequencedMap<String, Tensor> buffers() {
    return all(m -> m.ownBuffers);
  }

  /// All generators of random numbers that using this module draws from, by dotted name, in the
  /// same order.
  public final SequencedMap<String, Rng> generators() {
    return all(m -> m.ownGenerators);
  }

  private <T> SequencedMap<String, T> all(Function<Module, Map<String, T>> which) {
    SequencedMap<String, T> all = new LinkedHashMap<>();
    collect("", which, all, Collections.newSetFromMap(new IdentityHashMap<>()));
    return Collections.unmodifiableSequencedMap(all);
  }

  private <T> void collect(
      String prefix, Function<Module, Map<String, T>> which, Map<String, T> into, Set<T> seen) {
    which
        .apply(this)
        .forEach((name, t) -> {
          if (seen.add(t)) {
            into.put(prefix + name, t);
          }
        });
    children.forEach((name, m) -> m.collect(prefix + name + ".", which, into, seen));
  }

  /// How many numbers the parameters hold.
  public final long parameterCount() {
    return parameters().values().stream().mapToLong(Tensor::size).sum();
  }

  /// Forgets the gradients of all parameters.
  public final void zeroGrad() {
    parameters().values().forEach(Tensor::zeroGrad);
  }

  // ---- Mode

  /// Puts this module and all inside it into training mode, the mode in which they start.
  public final void train() {
    mode(true);
  }

  /// Puts this module and all inside it into evaluation mode.
  public final void eval() {
    mode(false);
  }

  private void mode(boolean on) {
    training = on;
    children.values().forEach(m -> m.mode(on));
  }

  /// Whether this module is in training mode.
  public final boolean isTraining() {
    return training;
  }

  // ---- Saving and loading

  /// The numbers of all parameters, then of all buffers now, by dotted name; later steps do not
  /// change them.
  public final SequencedMap<String, Tensor> state() {
    SequencedMap<String, Tensor> state = new LinkedHashMap<>();
    saved().forEach((name, p) -> state.put(name, p.detach()));
    return Collections.unmodifiableSequencedMap(state);
  }

  private SequencedMap<String, Tensor> saved() {
    SequencedMap<String, Tensor> saved = new LinkedHashMap<>(parameters());
    saved.putAll(buffers());
    return saved;
  }

  /// Gives every parameter and buffer the numbers of the tensor of its name. Gradients stay as they
  /// are.
  ///
  /// @throws IllegalArgumentException if a name is missing or unexpected, or a shape or dtype
  ///   differs; the message lists every such fault, and nothing has changed
  public final void load(Map<String, Tensor> state) {
    State.load("load", saved(), state);
  }

  // ---- Printing

  /// What stands in parentheses after the class name when the module is printed, such as
  /// `in_features=2, out_features=4`; empty unless overridden.
  protected String details() {
    return "";
  }

  /// The architecture, one module a line, the modules inside indented.
  @Override
  public final String toString() {
    String name = getClass().getSimpleName();
    StringBuilder s = new StringBuilder(name.isEmpty() ? "Module" : name).append('(');
    s.append(details());
    children.forEach(
        (key, m) -> s.append("\n  (%s): %s".formatted(key, m.toString().replace("\n", "\n  "))));
    return s.append(children.isEmpty() ? ")" : "\n)").toString();
  }
}
