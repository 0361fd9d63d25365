package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Training steps as lists of calls, as a compiler would make them: a network of linear layers with
/// an activation between them, softmax cross-entropy and plain descent.
final class TrainingCalls {
  private final DType dtype;
  private final Random random;
  private final List<Call> calls = new ArrayList<>();
  final List<Buffer> parameters = new ArrayList<>();

  private TrainingCalls(DType dtype, long seed) {
    this.dtype = dtype;
    this.random = new Random(seed);
  }

  List<Call> calls() {
    return calls;
  }

  private Buffer buffer(int... dims) {
    return Buffer.allocate(dtype, Shape.of(dims));
  }

  private Buffer numbers(double size, int... dims) {
    Buffer b = buffer(dims);
    for (int i = 0; i < b.shape().size(); i++) {
      double v = random.nextGaussian() * size;
      if (dtype == DType.F32) {
        b.f32()[i] = (float) v;
      } else {
        b.f64()[i] = v;
      }
    }
    return b;
  }

  private static Expr.Step step(Op.Elementwise op, DType d, int... operands) {
    return new Expr.Step(
        op,
        d,
        operands[0],
        operands.length > 1 ? operands[1] : -1,
        operands.length > 2 ? operands[2] : -1);
  }

  /// One step of descent for so many samples through layers of these sizes.
  ///
  /// @param activation `TANH`, `RELU` or `SIGMOID`
  static TrainingCalls step(
      DType dtype, long seed, int samples, Op.Unary activation, double rate, int... sizes) {
    var s = new TrainingCalls(dtype, seed);
    s.train(samples, activation, rate, sizes);
    return s;
  }

  private void train(int samples, Op.Unary activation, double rate, int... sizes) {
    int layers = sizes.length - 1;
    List<Buffer> weights = new ArrayList<>();
    List<Buffer> biases = new ArrayList<>();
    for (int l = 0; l < layers; l++) {
      weights.add(numbers(1 / Math.sqrt(sizes[l]), sizes[l + 1], sizes[l]));
      biases.add(numbers(0.1, sizes[l + 1]));
    }
    parameters.addAll(weights);
    parameters.addAll(biases);
    List<Buffer> values = new ArrayList<>(List.of(numbers(1, samples, sizes[0])));
    for (int l = 0; l < layers; l++) {
      Buffer product = buffer(samples, sizes[l + 1]);
      Buffer y = buffer(samples, sizes[l + 1]);
      List<Expr.Step> steps = new ArrayList<>(List.of(step(Op.Binary.ADD, dtype, 0, 1)));
      if (l < layers - 1) {
        steps.add(step(activation, dtype, 2));
      }
      var then =
          new Call.Elementwise(
              new Expr(2, List.of(), steps), List.of(product, biases.get(l)), List.of(y));
      calls.add(
          new Call.Product(values.get(l), false, weights.get(l), true, product, Optional.of(then)));
      values.add(y);
    }
    Buffer labels = Buffer.allocate(DType.I32, Shape.of(samples));
    for (int i = 0; i < samples; i++) {
      labels.i32()[i] = random.nextInt(sizes[layers]);
    }
    Buffer losses = buffer(samples, 1);
    Buffer loss = buffer(1, 1);
    calls.add(
        new Call.Primitive(
            new Op.SoftmaxCrossEntropy(), List.of(values.get(layers), labels), losses));
    calls.add(new Call.Primitive(new Op.Sum(loss.shape()), List.of(losses), loss));
    Buffer g = buffer(samples, sizes[layers]);
    Buffer each = Buffer.full(dtype, Shape.of(samples, 1), 1.0 / samples);
    calls.add(new Call.LogitsGrad(values.get(layers), labels, each, g));
    for (int l = layers - 1; l >= 0; l--) {
      Buffer x = values.get(l);
      Buffer w = weights.get(l);
      Buffer dw = buffer(sizes[l + 1], sizes[l]);
      Buffer db = buffer(sizes[l + 1]);
      calls.add(new Call.Product(g, true, x, false, dw, Optional.empty()));
      calls.add(new Call.Primitive(new Op.Sum(db.shape()), List.of(g), db));
      if (l > 0) {
        Buffer product = buffer(samples, sizes[l]);
        Buffer dx = buffer(samples, sizes[l]);
        var then = new Call.Elementwise(slope(activation), List.of(product, x), List.of(dx));
        calls.add(new Call.Product(g, false, w, false, product, Optional.of(then)));
        g = dx;
      }
      descend(w, dw, rate);
      descend(biases.get(l), db, rate);
    }
  }

  private void descend(Buffer parameter, Buffer gradient, double rate) {
    Expr program =
        new Expr(
            2,
            List.of(new Expr.Constant(rate, dtype)),
            List.of(step(Op.Binary.MUL, dtype, 1, 2), step(Op.Binary.SUB, dtype, 0, 3)));
    calls.add(new Call.Elementwise(program, List.of(parameter, gradient), List.of(parameter)));
  }

  /// g and the activation's result y to g times its derivative.
  private Expr slope(Op.Unary activation) {
    DType d = dtype;
    return switch (activation) {
      case RELU ->
          new Expr(
              2,
              List.of(new Expr.Constant(0, d)),
              List.of(step(Op.Compare.GT, DType.BOOL, 1, 2), step(new Op.Where(), d, 3, 0, 2)));
      case TANH ->
          new Expr(
              2,
              List.of(new Expr.Constant(1, d)),
              List.of(
                  step(Op.Unary.SQUARE, d, 1),
                  step(Op.Binary.SUB, d, 2, 3),
                  step(Op.Binary.MUL, d, 0, 4)));
      case SIGMOID ->
          new Expr(
              2,
              List.of(new Expr.Constant(1, d)),
              List.of(
                  step(Op.Binary.SUB, d, 2, 1),
                  step(Op.Binary.MUL, d, 1, 3),
                  step(Op.Binary.MUL, d, 0, 4)));
      default -> throw new IllegalArgumentException(activation + " is no activation here");
    };
  }

  /// A chain of `y = tanh(y a + b) + c` on `n` numbers, forward and backward, as one program.
  static TrainingCalls chain(DType d, long seed, int n, int links) {
    var s = new TrainingCalls(d, seed);
    List<Expr.Step> steps = new ArrayList<>();
    int first = 6; // y, a, b, c, dx; 1
    int y = 0;
    int[] tanh = new int[links];
    for (int i = 0; i < links; i++) {
      int r = first + steps.size();
      steps.add(step(Op.Binary.MUL, d, y, 1));
      steps.add(step(Op.Binary.ADD, d, r, 2));
      steps.add(step(Op.Unary.TANH, d, r + 1));
      steps.add(step(Op.Binary.ADD, d, r + 2, 3));
      tanh[i] = r + 2;
      y = r + 3;
    }
    int end = y;
    int g = 4;
    for (int i = links - 1; i >= 0; i--) {
      int r = first + steps.size();
      steps.add(step(Op.Unary.SQUARE, d, tanh[i]));
      steps.add(step(Op.Binary.SUB, d, 5, r));
      steps.add(step(Op.Binary.MUL, d, g, r + 1));
      steps.add(step(Op.Binary.MUL, d, r + 2, 1));
      g = r + 3;
    }
    Expr program = new Expr(5, List.of(new Expr.Constant(1, d)), steps, List.of(end, g));
    Buffer value = s.buffer(n);
    Buffer slope = s.buffer(n);
    Buffer sum = s.buffer(1);
    List<Buffer> in =
        List.of(
            s.numbers(0.5, n),
            s.numbers(0.5, n),
            s.numbers(0.5, n),
            s.numbers(0.5, n),
            Buffer.full(d, Shape.of(n), 1));
    s.calls.add(new Call.Elementwise(program, in, List.of(value, slope)));
    s.calls.add(new Call.Primitive(new Op.Sum(sum.shape()), List.of(value), sum));
    return s;
  }
}
