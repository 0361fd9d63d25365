package org.cotangent.nn.model;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.cotangent.autograd.Jit;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.Module;
import org.cotangent.nn.Residual;
import org.cotangent.nn.Sequential;
import org.cotangent.nn.model.Table.Row;

/// Makes a network of a description, layer by layer, and follows the shape of a sample through it.
///
/// What a layer gives is asked of the layer itself: it is traced, so that no number is computed. So
/// no rule about shapes stands anywhere twice.
final class Builder {
  /// Keeps a short hostile text from asking for an endless network.
  private static final int MAX_LAYERS = 10_000;

  private final Source source;
  private final Start weight;
  private final Start bias;
  private final Rng rng;
  private final DType dtype;
  private final OptionalLong numbers;
  private final List<Row> rows = new ArrayList<>();
  private final Sequential network;

  /// The sample where the builder is: numbers are of no interest.
  private Tensor sample;

  /// @param numbers see [Architecture#built]
  Builder(
      Source source,
      Start weight,
      Start bias,
      List<Item> items,
      Shape input,
      Rng rng,
      DType dtype,
      OptionalLong numbers) {
    if (!dtype.isFloating()) {
      throw new IllegalArgumentException(
          "a network of dtype %s: it must be floating".formatted(dtype));
    }
    for (int d : input.dims()) {
      if (d < 1) {
        throw new IllegalArgumentException(
            "a network for samples of shape %s: every axis must be 1 or longer".formatted(input));
      }
    }
    long layers = 0;
    for (Item item : items) {
      layers += item.layers();
      if (layers > MAX_LAYERS) {
        throw source.error(item.at(), "these are more than %d layers".formatted(MAX_LAYERS));
      }
    }
    this.source = source;
    this.weight = weight;
    this.bias = bias;
    this.rng = rng;
    this.dtype = dtype;
    this.numbers = numbers;
    boolean indices = new Architecture(source, weight, bias, items).takesIndices();
    this.sample = sample(input, indices ? DType.I64 : dtype);
    this.network = sequence("", items);
  }

  private static Tensor sample(Shape shape, DType dtype) {
    return Tensor.zeros(shape.inserted(0, 1), dtype); // takes the memory of one number
  }

  private Shape arriving() {
    return sample.shape().without(0);
  }

  Sequential network() {
    return network;
  }

  List<Row> rows() {
    return rows;
  }

  /// What the network gives for a sample.
  Shape output() {
    return arriving();
  }

  private Sequential sequence(String prefix, List<Item> items) {
    List<Module> modules = new ArrayList<>();
    add(prefix, items, modules);
    return new Sequential(modules.toArray(Module[]::new));
  }

  private void add(String prefix, List<Item> items, List<Module> to) {
    for (Item item : items) {
      switch (item) {
        case Item.Layer l -> to.add(layer(prefix + to.size(), l));
        case Item.Repeat r -> {
          for (int i = 0; i < r.times(); i++) {
            add(prefix, r.body(), to);
          }
        }
        case Item.Residual r -> to.add(residual(prefix + to.size() + ".", r));
      }
    }
  }

  private OptionalLong left() {
    return numbers.isEmpty()
        ? numbers
        : OptionalLong.of(numbers.getAsLong() - rows.stream().mapToLong(Row::parameters).sum());
  }

  private Module layer(String name, Item.Layer l) {
    Module made;
    try {
      made = new Layers(l.arguments(), arriving(), dtype, rng, weight, bias, left()).make();
      made.eval();
      sample = given(made);
      made.train();
    } catch (IllegalArgumentException | ArithmeticException e) { // numbers beyond 2^31
      throw source.error(
          l.at(),
          "%s does not fit %s, which arrives here (without the batch): %s"
              .formatted(l, arriving(), e.getMessage()),
          e);
    }
    rows.add(new Row(name, l.toString(), arriving(), made.parameterCount()));
    return made;
  }

  private Tensor given(Module m) {
    List<Tensor> traced = new ArrayList<>();
    Jit.compile(
            x -> {
              traced.add(m.forward(x));
              return Tensor.scalar(0, DType.F32); // nothing is to be computed
            })
        .apply(sample);
    Tensor y = traced.getFirst(); // has shape and dtype, and no numbers
    return sample(y.shape().without(0), y.dtype());
  }

  private Module residual(String prefix, Item.Residual r) {
    Tensor before = sample;
    Module body = sequence(prefix + "body.", r.body());
    Tensor after = sample;
    sample = before;
    Module made =
        r.shortcut().isEmpty()
            ? new Residual(body)
            : new Residual(body, sequence(prefix + "shortcut.", r.shortcut()));
    if (!sample.shape().equals(after.shape())) {
      throw source.error(
          r.at(),
          "the body of this residual gives %s, but beside it is %s (without the batch); %s"
              .formatted(
                  after.shape().without(0),
                  arriving(),
                  "behind '|' stands a shortcut that gives the same shape"));
    }
    return made;
  }
}
