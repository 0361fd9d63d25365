package org.cotangent.nn;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;

/// L-BFGS with a line search under the strong conditions of Wolfe (Nocedal, Wright: Numerical
/// Optimization, 2006; algorithms 7.4, 7.5, 3.5 and 3.6): for smooth losses of all data, where it
/// needs far fewer evaluations than a first-order method.
///
/// ```java
/// var lbfgs = new LBFGS(net);
/// double loss = lbfgs.step(() -> Functional.mseLoss(net.forward(x), y));
/// ```
///
/// It is no [Optimizer], because it evaluates the loss itself, several times a step. Each step runs
/// up to 20 iterations; what it has learnt of the curvature stays for the next step.
public final class LBFGS {
  private final List<Tensor> parameters = new ArrayList<>();
  private final Deque<Pair> history = new ArrayDeque<>();
  private int iterations = 20;
  private int remembered = 100;
  private double gradientTolerance = 1e-7;
  private double changeTolerance = 1e-9;

  /// A move `s` of the parameters and the change `y` of the gradient along it.
  private record Pair(Tensor s, Tensor y, double rho) {
    static Pair of(Tensor s, Tensor y) {
      return new Pair(s, y, 1 / dot(s, y));
    }
  }

  /// On all parameters of a module.
  ///
  /// @throws IllegalArgumentException if there are none
  public LBFGS(Module module) {
    this(module.parameters().values());
  }

  /// On the given parameters.
  ///
  /// @throws IllegalArgumentException if there are none, or a tensor is not one
  public LBFGS(Collection<Tensor> parameters) {
    if (parameters.isEmpty() || parameters.stream().anyMatch(p -> !p.isLeaf())) {
      throw new IllegalArgumentException(
          "LBFGS needs one parameter or more, made with Tensor.parameter(...), and nothing else");
    }
    var seen = Collections.newSetFromMap(new IdentityHashMap<Tensor, Boolean>());
    parameters.stream().filter(seen::add).forEach(this.parameters::add);
  }

  /// Sets how many iterations a step has at most.
  public LBFGS iterations(int n) {
    iterations = n;
    return this;
  }

  /// Sets how many past moves the curvature is estimated from.
  public LBFGS history(int n) {
    remembered = n;
    return this;
  }

  /// Sets when a step ends early: at a largest slope, or a largest move or change of the loss, not
  /// above these.
  public LBFGS tolerances(double gradient, double change) {
    gradientTolerance = Optimizer.number("gradient tolerance", gradient);
    changeTolerance = Optimizer.number("change tolerance", change);
    return this;
  }

  /// Moves the parameters downhill; they end where the loss was lowest.
  ///
  /// @param loss computes the loss, a scalar, of the parameters as they are
  /// @return the loss at the end
  public double step(Supplier<Tensor> loss) {
    Wolfe.Point at = evaluate(loss, position());
    for (int k = 0; k < iterations && largest(at.gradient()) > gradientTolerance; k++) {
      Tensor direction = direction(at.gradient());
      double slope = dot(at.gradient(), direction);
      if (!(slope < 0)) { // the estimate has gone wrong: begin anew, straight downhill
        history.clear();
        direction = at.gradient().neg();
        slope = dot(at.gradient(), direction);
      }
      // The first direction has no scale yet: no number moves by more than 1.
      double first = history.isEmpty() ? Math.min(1, 1 / at.gradient().abs().sum().item()) : 1;
      Tensor from = at.x();
      Tensor d = direction;
      Wolfe.Point next =
          Wolfe.search(t -> evaluate(loss, from.add(d.mul(t))).along(d, t), at.along(d, 0), first);
      if (!(next.value() < at.value())) {
        break;
      }
      Tensor s = next.x().sub(at.x());
      remember(s, next.gradient().sub(at.gradient()));
      double change = at.value() - next.value();
      at = next;
      if (largest(s) <= changeTolerance || change <= changeTolerance) {
        break;
      }
    }
    move(at.x());
    return at.value();
  }

  /// The product of minus the gradient with the estimate of the inverse Hessian (algorithm 7.4).
  private Tensor direction(Tensor gradient) {
    Tensor q = gradient.neg();
    Deque<Double> factors = new ArrayDeque<>();
    for (Iterator<Pair> newest = history.descendingIterator(); newest.hasNext(); ) {
      Pair p = newest.next();
      double a = p.rho * dot(p.s, q);
      factors.addLast(a);
      q = q.sub(p.y.mul(a));
    }
    if (!history.isEmpty()) {
      Pair last = history.getLast();
      q = q.mul(1 / (last.rho * dot(last.y, last.y))); // equation 7.20
    }
    for (Pair p : history) {
      double b = p.rho * dot(p.y, q);
      q = q.add(p.s.mul(factors.removeLast() - b));
    }
    return q;
  }

  private void remember(Tensor s, Tensor y) {
    if (dot(s, y) > 1e-10) { // PyTorch's: else the estimate would not stay positive
      if (history.size() == remembered) {
        history.removeFirst();
      }
      history.addLast(Pair.of(s, y));
    }
  }

  // ---- The parameters as one vector, in F64

  private Tensor position() {
    return joined(parameters.stream().map(Tensor::detach).toList());
  }

  private static Tensor joined(List<Tensor> parts) {
    return Tensor.concat(
        0, parts.stream().map(t -> t.flatten().to(DType.F64)).toArray(Tensor[]::new));
  }

  private void move(Tensor to) {
    int start = 0;
    for (Tensor p : parameters) {
      p.assign(to.slice(0, start, start + p.size()).reshape(p.shape()).to(p.dtype()));
      start += p.size();
    }
  }

  private Wolfe.Point evaluate(Supplier<Tensor> loss, Tensor x) {
    move(x);
    parameters.forEach(Tensor::zeroGrad);
    Tensor value = Grad.recording(loss);
    value.backward();
    Tensor gradient =
        Grad.without(() ->
            joined(
                parameters.stream()
                    .map(p -> p.hasGrad() ? p.grad() : Tensor.zeros(p.shape(), p.dtype()))
                    .toList()));
    return new Wolfe.Point(0, value.item(), 0, gradient, x);
  }

  static double dot(Tensor a, Tensor b) {
    return a.mul(b).sum().item();
  }

  private static double largest(Tensor v) {
    return v.abs().max().item();
  }

  // ---- Saving and loading

  /// What is known of the curvature: the moves `0.s` and changes `0.y`, the oldest first.
  public SequencedMap<String, Tensor> state() {
    SequencedMap<String, Tensor> state = new LinkedHashMap<>();
    int i = 0;
    for (Pair p : history) {
      state.put(i + ".s", p.s);
      state.put(i + ".y", p.y);
      i++;
    }
    return Collections.unmodifiableSequencedMap(state);
  }

  /// Goes on from a state.
  ///
  /// @throws IllegalArgumentException if it is not one of [#state] for as many parameters
  public void load(Map<String, Tensor> state) {
    Map<String, Tensor> expected = new LinkedHashMap<>();
    Tensor like = position();
    for (int i = 0; i < (state.size() + 1) / 2; i++) {
      expected.put(i + ".s", like);
      expected.put(i + ".y", like);
    }
    State.requireFits("load", expected, state);
    history.clear();
    for (int i = 0; i < state.size() / 2; i++) {
      history.addLast(Pair.of(State.get(state, i + ".s"), State.get(state, i + ".y")));
    }
  }
}
