package org.cotangent.autograd.backend;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.Shape;
import org.jspecify.annotations.Nullable;

/// Computes a [Deferred] value and all that waits behind it in one kernel.
///
/// Elementwise operations of the same shape become one [Expr], with which a matrix product may end.
/// What has another shape is computed before.
final class Fusion {
  private final Eager eager;
  private final Deferred root;
  private final Shape shape;
  private final IdentityHashMap<Value, Integer> place = new IdentityHashMap<>(); // input or step
  private final List<Buffer> inputs = new ArrayList<>();
  private final List<Deferred> steps = new ArrayList<>();
  private final List<Value[]> operands = new ArrayList<>(); // of each step
  private @Nullable Deferred product;
  private Value[] factors = {};

  Fusion(Eager eager, Deferred root) {
    this.eager = eager;
    this.root = root;
    this.shape = root.shape();
  }

  void run(Value[] in) {
    if (root.op() instanceof Op.MatMul f) {
      Buffer out = eager.allocate(root.dtype(), shape);
      eager
          .backend()
          .matmul(Eager.numbers(in[0]), f.transA(), Eager.numbers(in[1]), f.transB(), out);
      root.complete(out);
      return;
    }
    collect(root, in);
    List<Integer> results = new ArrayList<>();
    List<Deferred> computed = new ArrayList<>();
    for (Deferred d : steps) {
      if (d == root || d.isKept()) {
        computed.add(d);
      } else {
        d.keep(); // if it is needed once more, it was worth writing down
      }
    }
    Buffer[] out = new Buffer[computed.size()];
    for (int k = 0; k < out.length; k++) {
      out[k] = eager.allocate(computed.get(k).dtype(), shape);
    }
    Deferred multiplied = product;
    if (multiplied == null) {
      eager.backend().elementwise(program(computed, results), inputs.toArray(Buffer[]::new), out);
    } else {
      boolean ends = endsHere(multiplied, computed) && multiplied.dtype() == root.dtype();
      Buffer c = ends ? out[computed.indexOf(root)] : eager.allocate(multiplied.dtype(), shape);
      inputs.set(place(multiplied), c);
      multiply(multiplied, c, program(computed, results), out);
      if (!ends) {
        // Written down: a product is too dear to be computed twice, and its operands, often
        // parameters, cannot be updated in place while it waits.
        multiplied.complete(c);
      }
    }
    for (int k = 0; k < out.length; k++) {
      computed.get(k).complete(out[k]);
    }
  }

  /// Whether nobody will read the product after this kernel.
  private boolean endsHere(Deferred product, List<Deferred> computed) {
    Set<Deferred> over = new HashSet<>(computed); // those that need no operand any more
    for (int s = steps.size() - 1; s >= 0; s--) {
      if (!over.contains(steps.get(s)) && isOnlyFor(steps.get(s), over)) {
        over.add(steps.get(s));
      }
    }
    return isOnlyFor(product, over);
  }

  private boolean isOnlyFor(Deferred d, Set<Deferred> users) {
    int uses = 0;
    for (int s = 0; s < steps.size(); s++) {
      for (Value v : operands.get(s)) {
        uses += v.equals(d) && users.contains(steps.get(s)) ? 1 : 0;
      }
    }
    return d.isOnlyFor(uses);
  }

  private void multiply(Deferred d, Buffer c, Expr program, Buffer[] out) {
    Op.MatMul f = (Op.MatMul) d.op();
    eager
        .backend()
        .matmulThen(
            Eager.numbers(factors[0]),
            f.transA(),
            Eager.numbers(factors[1]),
            f.transB(),
            c,
            program,
            inputs.toArray(Buffer[]::new),
            out);
  }

  /// Writes down a waiting operation after those it needs.
  private void collect(Deferred d, Value[] in) {
    Value[] resolved = in.clone();
    for (int k = 0; k < in.length; k++) {
      resolved[k] = operand(in[k]);
    }
    place.put(d, steps.size());
    steps.add(d);
    operands.add(resolved);
  }

  /// The operand as a step of this kernel, or as numbers, which are an input of it.
  private Value operand(Value v) {
    if (place.containsKey(v)) {
      return v;
    }
    if (v instanceof Deferred d && d.shape().equals(shape)) {
      Value[] in = d.in(); // before asking whether it is ready: it lets go of them after
      if (d.ready().isEmpty()) {
        if (!(d.op() instanceof Op.MatMul)) {
          collect(d, in);
          return d;
        }
        if (product == null) {
          product = d;
          factors = in;
          return input(d, Buffer.full(d.dtype(), Shape.SCALAR, 0)); // until there is memory for it
        }
      }
    }
    Buffer x = Eager.numbers(v);
    return place.containsKey(x) ? x : input(x, x);
  }

  private Value input(Value v, Buffer x) {
    place.put(v, inputs.size());
    inputs.add(x);
    return v;
  }

  private int place(Value v) {
    return place.getOrDefault(v, -1);
  }

  private Expr program(List<Deferred> computed, List<Integer> results) {
    List<Expr.Step> program = new ArrayList<>();
    for (int s = 0; s < steps.size(); s++) {
      Value[] in = operands.get(s);
      int[] register = {-1, -1, -1};
      for (int k = 0; k < in.length; k++) {
        register[k] = register(in[k]);
      }
      Deferred d = steps.get(s);
      program.add(
          new Expr.Step((Op.Elementwise) d.op(), d.dtype(), register[0], register[1], register[2]));
    }
    for (Deferred d : computed) {
      results.add(register(d));
    }
    return new Expr(inputs.size(), List.of(), program, results);
  }

  private int register(Value v) {
    boolean isStep = v instanceof Deferred d && d != product;
    return isStep ? inputs.size() + place(v) : place(v);
  }
}
