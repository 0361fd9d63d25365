package org.cotangent.autograd.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.Shape;

/// One piece of work with fixed operands: what a compiled program is a list of.
///
/// Operands may have any layout, results are contiguous. Operands and results of one call share no
/// element, except that a result of an elementwise program may be an operand too, in the same
/// layout.
public sealed interface Call {
  /// What is read.
  List<Buffer> in();

  /// What is written, all of it.
  List<Buffer> out();

  /// Whether it makes no difference which of two calls comes first, or whether both are done at the
  /// same time: neither writes to an array that the other uses.
  default boolean isIndependentOf(Call other) {
    return !writesWhatIsUsedBy(other) && !other.writesWhatIsUsedBy(this);
  }

  private boolean writesWhatIsUsedBy(Call other) {
    return steps()
        .flatMap(c -> c.out().stream())
        .anyMatch(y ->
            other
                .steps()
                .flatMap(c -> Stream.concat(c.in().stream(), c.out().stream()))
                .anyMatch(y::sharesArray));
  }

  /// This and what follows it, if it is a product.
  private Stream<Call> steps() {
    return this instanceof Product p
        ? Stream.concat(Stream.of(p), p.then.stream())
        : Stream.of(this);
  }

  /// The same call on other buffers of the same layouts.
  default Call on(UnaryOperator<Buffer> other) {
    return switch (this) {
      case Elementwise e -> e.with(other);
      case Summed s ->
          new Summed(
              s.program,
              s.shape,
              s.in.stream().map(other).toList(),
              s.written.stream().map(other).toList(),
              s.totals.stream()
                  .map(t -> new Total(t.result, t.shape, other.apply(t.sum)))
                  .toList());
      case Product p ->
          new Product(
              other.apply(p.a),
              p.transA,
              other.apply(p.b),
              p.transB,
              other.apply(p.product),
              p.then.map(e -> e.with(other)));
      case LogitsGrad g ->
          new LogitsGrad(
              other.apply(g.logits),
              other.apply(g.target),
              other.apply(g.g),
              other.apply(g.result));
      case Copy c -> new Copy(other.apply(c.from), other.apply(c.to));
      case Primitive p ->
          new Primitive(p.op, p.in.stream().map(other).toList(), other.apply(p.result));
    };
  }

  /// [Backend#elementwise].
  record Elementwise(Expr program, List<Buffer> in, List<Buffer> out) implements Call {
    private Elementwise with(UnaryOperator<Buffer> other) {
      return new Elementwise(
          program, in.stream().map(other).toList(), out.stream().map(other).toList());
    }
  }

  /// [Backend#elementwise], and [Backend#sum] of what it gives. The first results are written to
  /// memory, the others are only summed.
  ///
  /// @param shape of all results of the program
  /// @param totals from one shape to one shape
  record Summed(
      Expr program, Shape shape, List<Buffer> in, List<Buffer> written, List<Total> totals)
      implements Call {
    @Override
    public List<Buffer> out() {
      List<Buffer> all = new ArrayList<>(written);
      totals.forEach(t -> all.add(t.sum));
      return all;
    }
  }

  /// A sum of a result of a program, in row-major order.
  ///
  /// @param result its place among the results
  /// @param shape in which it is seen
  record Total(int result, Shape shape, Buffer sum) {}

  /// [Backend#matmul] of two matrices or batches of them into `product`, and then, if asked, an
  /// elementwise program of which `product` is an operand.
  record Product(
      Buffer a,
      boolean transA,
      Buffer b,
      boolean transB,
      Buffer product,
      Optional<Elementwise> then)
      implements Call {
    @Override
    public List<Buffer> in() {
      return List.of(a, b); // those of `then` are its own
    }

    @Override
    public List<Buffer> out() {
      return List.of(product);
    }
  }

  /// [Backend#softmaxCrossEntropyGrad].
  record LogitsGrad(Buffer logits, Buffer target, Buffer g, Buffer result) implements Call {
    @Override
    public List<Buffer> in() {
      return List.of(logits, target, g);
    }

    @Override
    public List<Buffer> out() {
      return List.of(result);
    }
  }

  /// The elements of one buffer in row-major order: what a reshape of a strided operand is.
  record Copy(Buffer from, Buffer to) implements Call {
    @Override
    public List<Buffer> in() {
      return List.of(from);
    }

    @Override
    public List<Buffer> out() {
      return List.of(to);
    }
  }

  /// Any other operation that is not a view.
  record Primitive(Op op, List<Buffer> in, Buffer result) implements Call {
    @Override
    public List<Buffer> out() {
      return List.of(result);
    }
  }
}
