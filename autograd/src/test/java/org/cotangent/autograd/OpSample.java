package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;

/// One use of an operation, as every property test meets it.
///
/// @param name what failures call it
/// @param op the operation
/// @param in its operands, without history; floating ones in `F64`
/// @param kind what may be asked of it
record OpSample(String name, Op op, List<Tensor> in, Kind kind) {
  /// What may be asked of a sample.
  enum Kind {
    /// Smooth around the operands: finite differences are right.
    SMOOTH,
    /// At kinks, ties, infinities and NaN, or where the result is rounded: values and the agreement
    /// of two ways to a gradient may be asked for, finite differences not.
    HARD,
    /// Of integers and truth values only: no gradients.
    WHOLE
  }

  OpSample {
    in = List.copyOf(in);
  }

  /// The operation on the sample's operands.
  Tensor apply() {
    return apply(in);
  }

  /// The operation on other operands.
  Tensor apply(List<Tensor> operands) {
    return Recording.apply(op, operands.toArray(Tensor[]::new));
  }

  /// The same with the floating operands in another dtype, rounded.
  OpSample in(DType dtype) {
    return with(in.stream().map(t -> t.dtype().isFloating() ? t.to(dtype) : t).toList());
  }

  /// The same operation on other operands.
  OpSample with(List<Tensor> operands) {
    return new OpSample(name, op, operands, kind);
  }

  /// Whether gradients can flow to some operand.
  boolean isDifferentiable() {
    return apply().dtype().isFloating() && !floating().isEmpty();
  }

  /// The numbers of the operands to which gradients can flow.
  List<Integer> floating() {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < in.size(); i++) {
      if (in.get(i).dtype().isFloating()) {
        all.add(i);
      }
    }
    return all;
  }

  /// All choices of floating operands that may ask for gradients, but the empty one, as bits.
  List<Integer> masks() {
    List<Integer> floating = floating();
    List<Integer> masks = new ArrayList<>();
    for (int choice = 1; choice < 1 << floating.size(); choice++) {
      int mask = 0;
      for (int k = 0; k < floating.size(); k++) {
        mask |= (choice >> k & 1) << floating.get(k);
      }
      masks.add(mask);
    }
    return masks;
  }

  /// The operands, those of the mask as parameters.
  List<Tensor> parameters(int mask) {
    Tensor[] p = in.toArray(Tensor[]::new);
    for (int i = 0; i < p.length; i++) {
      if ((mask >> i & 1) != 0) {
        p[i] = Tensor.parameter(p[i]);
      }
    }
    return Arrays.asList(p);
  }

  /// The number of elements in all operands.
  int size() {
    return in.stream().mapToInt(Tensor::size).sum();
  }

  @Override
  public String toString() {
    return "%s %s".formatted(name, in.stream().map(t -> t.dtype() + "" + t.shape()).toList());
  }
}
