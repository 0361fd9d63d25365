package org.cotangent.nn.opinfo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Compares what ours gives for a recorded call with what PyTorch gave.
///
/// At a rough point ([Recorded#isSmooth]) the value must still be PyTorch's, and so must
/// derivatives wherever PyTorch's are finite. What is left is held by two identities, which are
/// checked at every point: forward and reverse mode are adjoint, `<cotangent, jvp> = <vjp,
/// tangent>`, and second derivatives are symmetric, so that the gradient of `<vjp, tangent>` by
/// reverse over reverse is the derivative of the vjp along the tangent by forward over reverse.
///
/// Errors are relative to the largest number of a tensor, or to a floor where that is smaller; a
/// few calls have a bound of their own ([Inexact]).
final class Check {
  private static final double FIRST = 1e-10;
  private static final double SECOND = 1e-8;

  /// What values and first derivatives are compared beside at least: what roundings leave of sums
  /// that cancel is below 1e-13 in these calls.
  private static final double FIRST_FLOOR = 1e-3;

  /// The same of second derivatives, which are often sums that come to 0 but for roundings.
  private static final double SECOND_FLOOR = 1;

  private final Recorded c;
  private final Replay replay;
  private final Agreement agreement;

  private Check(Recorded c, Replay replay) {
    this.c = c;
    this.replay = replay;
    this.agreement = c.isSmooth() ? Agreement.EVERYWHERE : Agreement.WHERE_FINITE;
  }

  static void run(Recorded c, Replay replay) {
    Check check = new Check(c, replay);
    check.values();
    if (!c.cotangents().isEmpty()) {
      check.derivatives();
    }
  }

  private void values() {
    Args args = c.with(c.tensors());
    List<Tensor> out = replay.apply(args);
    assertThat(args.unread()).as("arguments that the replay ignores").isEmpty();
    assertThat(out).as("results").hasSameSizeAs(c.out());
    for (int i = 0; i < out.size(); i++) {
      double bound = Inexact.bound(c, "result", FIRST);
      Agreement.EVERYWHERE.check("result " + i, out.get(i), c.out().get(i), bound, FIRST_FLOOR);
    }
  }

  // ---- Derivatives

  private void derivatives() {
    List<Tensor> x = inputs(c.tensors());
    List<Tensor> tangents = c.tangents().orElseGet(() -> x.stream().map(Check::waves).toList());
    List<Tensor> vjp = vjp(x);
    List<Tensor> jvp = forward(this::results, x, tangents);
    List<Tensor> gg = reverseOverReverse(x, tangents);

    compare("vjp", vjp, c.vjp(), FIRST, FIRST_FLOOR);
    if (c.tangents().isPresent()) {
      compare("jvp", jvp, c.jvp(), FIRST, FIRST_FLOOR);
      compare("gg", gg, c.gg(), SECOND, SECOND_FLOOR);
    }
    adjoint(vjp, tangents, jvp);
    List<Tensor> again = forward(this::vjp, x, tangents);
    for (int i = 0; i < gg.size(); i++) {
      String what = "gg %d by forward over reverse".formatted(i);
      Agreement.EVERYWHERE.check(what, again.get(i), gg.get(i), SECOND, SECOND_FLOOR);
    }
  }

  /// Against what is recorded, where an empty one or none at all is zero.
  private void compare(
      String what, List<Tensor> ours, List<Optional<Tensor>> theirs, double bound, double floor) {
    for (int i = 0; i < ours.size(); i++) {
      Tensor a = ours.get(i);
      Tensor zeros = Tensor.zeros(a.shape(), a.dtype());
      Tensor b = theirs.isEmpty() ? zeros : theirs.get(i).orElse(zeros);
      agreement.check(what + " " + i, a, b, Inexact.bound(c, what, bound), floor);
    }
  }

  private void adjoint(List<Tensor> vjp, List<Tensor> tangents, List<Tensor> jvp) {
    double back = 0;
    double size = 0;
    for (int i = 0; i < vjp.size(); i++) {
      Tensor product = vjp.get(i).mul(tangents.get(i));
      back += product.sum().item();
      size += product.abs().sum().item();
    }
    double forth = 0;
    for (int k = 0; k < jvp.size(); k++) {
      Tensor product = jvp.get(k).mul(c.cotangents().get(k));
      forth += product.sum().item();
      size += product.abs().sum().item();
    }
    if (Double.isFinite(size)) {
      assertThat(Math.abs(back - forth))
          .as("<cotangent, jvp> = %s, <vjp, tangent> = %s", forth, back)
          .isLessThanOrEqualTo(FIRST * Math.max(1, size));
    }
  }

  private List<Tensor> inputs(List<Tensor> tensors) {
    List<Tensor> x = new ArrayList<>();
    for (int i = 0; i < tensors.size(); i++) {
      if (c.isInput().get(i)) {
        x.add(tensors.get(i));
      }
    }
    return x;
  }

  /// The differentiated results, as a function of the inputs.
  private List<Tensor> results(List<Tensor> x) {
    List<Tensor> all = new ArrayList<>(c.tensors());
    int next = 0;
    for (int i = 0; i < all.size(); i++) {
      if (c.isInput().get(i)) {
        all.set(i, x.get(next++));
      }
    }
    List<Tensor> out = replay.apply(c.with(all));
    List<Tensor> chosen = new ArrayList<>();
    for (int i = 0; i < out.size(); i++) {
      if (c.isDifferentiable().get(i)) {
        chosen.add(out.get(i));
      }
    }
    return chosen;
  }

  /// `Σ <cotangent, result>`, whose gradient is the vjp.
  private Tensor paired(List<Tensor> x) {
    return inner(results(x), c.cotangents());
  }

  private static Tensor inner(List<Tensor> a, List<Tensor> b) {
    Tensor sum = Tensor.scalar(0, DType.F64);
    for (int i = 0; i < a.size(); i++) {
      sum = sum.add(a.get(i).mul(b.get(i)).sum());
    }
    return sum;
  }

  private List<Tensor> vjp(List<Tensor> x) {
    return Grad.valueAndGrad(this::paired, x).grads();
  }

  private List<Tensor> reverseOverReverse(List<Tensor> x, List<Tensor> tangents) {
    return Grad.valueAndGrad(in -> inner(vjp(in), tangents), x).grads();
  }

  /// The tangents of several results in one pass: of all their elements one after another.
  private static List<Tensor> forward(
      Function<List<Tensor>, List<Tensor>> f, List<Tensor> x, List<Tensor> tangents) {
    List<Shape> shapes = new ArrayList<>();
    Function<List<Tensor>, Tensor> joined =
        in -> {
          List<Tensor> y = f.apply(in);
          shapes.clear();
          y.forEach(t -> shapes.add(t.shape()));
          return Tensor.concat(0, y.stream().map(Tensor::flatten).toArray(Tensor[]::new));
        };
    Tensor all = Grad.jvp(joined, x, tangents).tangent();
    List<Tensor> apart = new ArrayList<>();
    int from = 0;
    for (Shape s : shapes) {
      apart.add(all.slice(0, from, from + s.size()).reshape(s));
      from += s.size();
    }
    return apart;
  }

  /// A tangent for where none is recorded: no two neighbours alike.
  private static Tensor waves(Tensor x) {
    return Tensor.arange(0, x.size(), 1, x.dtype()).add(1).sin().reshape(x.shape());
  }
}
