package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Sums of products over named axes: an equation is parsed to labels, repeated labels of one
/// operand become diagonals, and operands are contracted in pairs by matrix products.
final class Einsum {
  /// An operand and the label of each of its axes, no label twice.
  private record Term(Tensor x, List<Integer> labels) {
    int extent(int label) {
      return x.dim(labels.indexOf(label));
    }

    /// Along the given labels, in this order; a label that is missing gives an axis of extent 1.
    Term arranged(List<Integer> order) {
      List<Integer> present = order.stream().filter(labels::contains).toList();
      Tensor y = x.permute(present.stream().mapToInt(labels::indexOf).toArray());
      int[] dims = order.stream().mapToInt(l -> labels.contains(l) ? extent(l) : 1).toArray();
      return new Term(y.reshape(Shape.of(dims)), order);
    }

    Term summed(List<Integer> away) {
      if (away.isEmpty()) {
        return this;
      }
      Tensor y = x.sum(away.stream().mapToInt(labels::indexOf).toArray(), false);
      return new Term(y, labels.stream().filter(l -> !away.contains(l)).toList());
    }
  }

  private final String equation;
  private final Tensor[] operands;
  private final List<List<Integer>> inputs = new ArrayList<>();
  private final List<Integer> output;
  private final Map<Integer, Integer> extents = new HashMap<>();

  /// Letters are labels in the order of the alphabet, capitals first; the axes of `...` come before
  /// them, numbered from the last one back, so that they align as in broadcasting.
  private static final int ELLIPSIS = -1;

  private Einsum(String equation, Tensor... operands) {
    this.equation = equation;
    this.operands = operands;
    String text = equation.replace(" ", "");
    int arrow = text.indexOf("->");
    String[] sides = (arrow < 0 ? text : text.substring(0, arrow)).split(",", -1);
    if (sides.length != operands.length) {
      throw error(
          "%d operands in the equation, but %d tensors".formatted(sides.length, operands.length));
    }
    for (int k = 0; k < sides.length; k++) {
      inputs.add(labels(sides[k], operands[k].rank(), k));
      measure(k);
    }
    output = arrow < 0 ? implicit() : explicit(text.substring(arrow + 2));
  }

  static Tensor of(String equation, Tensor... operands) {
    DType d = DType.F32;
    if (operands.length == 0) {
      throw new IllegalArgumentException("EINSUM: '%s': no tensors given".formatted(equation));
    }
    for (int k = 0; k < operands.length; k++) {
      d = k == 0 ? operands[0].dtype() : DType.promote(d, operands[k].dtype());
    }
    DType common = Promotion.floating(d);
    Tensor[] in = new Tensor[operands.length];
    Arrays.setAll(in, k -> operands[k].to(common));
    return new Einsum(equation, in).run();
  }

  // ---- The equation

  private IllegalArgumentException error(String what) {
    List<Shape> shapes = Arrays.stream(operands).map(Tensor::shape).toList();
    return new IllegalArgumentException("EINSUM: '%s' of %s: %s".formatted(equation, shapes, what));
  }

  /// The labels of an operand, or of the result if `rank` is negative.
  private List<Integer> labels(String side, int rank, int operand) {
    String marked = side.replace("...", "…");
    int dots = marked.indexOf('…');
    int letters = marked.length() - (dots < 0 ? 0 : 1);
    List<Integer> labels = new ArrayList<>();
    for (int i = 0; i < marked.length(); i++) {
      char c = marked.charAt(i);
      if (c == '…' && labels.contains(ELLIPSIS)) {
        throw error("'%s' has more than one '...'".formatted(side));
      }
      if (c != '…' && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z')) {
        throw error("'%s' is no label; labels are letters, a to z and A to Z".formatted(c));
      }
      labels.add(c == '…' ? ELLIPSIS : (int) c);
    }
    if (rank < 0) {
      return labels;
    }
    if (dots < 0 ? letters != rank : letters > rank) {
      throw error(
          "'%s' names %d axes, but operand %d has %d".formatted(side, letters, operand, rank));
    }
    List<Integer> all = new ArrayList<>();
    for (int l : labels) {
      if (l == ELLIPSIS) {
        for (int i = rank - letters; i > 0; i--) {
          all.add(-i);
        }
      } else {
        all.add(l);
      }
    }
    return all;
  }

  private void measure(int operand) {
    List<Integer> labels = inputs.get(operand);
    for (int axis = 0; axis < labels.size(); axis++) {
      int l = labels.get(axis);
      int n = operands[operand].dim(axis);
      int known = extents.merge(l, n, (a, b) -> a == 1 ? b : a);
      if (n != 1 && n != known) {
        throw error(
            "%s has extents %d and %d; they must be equal or 1".formatted(name(l), known, n));
      }
    }
  }

  private static String name(int label) {
    return label < 0 ? "axis %d of '...'".formatted(label) : "'%c'".formatted(label);
  }

  /// All axes of `...`, then the labels that occur once, in alphabetical order.
  private List<Integer> implicit() {
    List<Integer> all = new ArrayList<>();
    inputs.forEach(all::addAll);
    return all.stream()
        .filter(l -> l < 0 || all.indexOf(l) == all.lastIndexOf(l))
        .distinct()
        .sorted()
        .toList();
  }

  private List<Integer> explicit(String side) {
    List<Integer> result = new ArrayList<>();
    for (int l : labels(side, -1, -1)) {
      if (l == ELLIPSIS) {
        extents.keySet().stream().filter(e -> e < 0).sorted().forEach(result::add);
      } else if (!extents.containsKey(l)) {
        throw error("%s of the result is in no operand".formatted(name(l)));
      } else if (result.contains(l)) {
        throw error(
            "%s is twice in the result; multiply by an identity matrix instead".formatted(name(l)));
      } else {
        result.add(l);
      }
    }
    return result;
  }

  // ---- The sum

  private Tensor run() {
    List<Term> terms = new ArrayList<>();
    for (int k = 0; k < operands.length; k++) {
      terms.add(diagonals(operands[k], inputs.get(k)));
    }
    while (terms.size() > 1) {
      int[] pair = cheapest(terms);
      Term b = terms.remove(pair[1]);
      Term a = terms.remove(pair[0]);
      terms.add(pair[0], contract(a, b, needed(terms)));
    }
    Term last = terms.getFirst();
    return last.summed(without(last.labels, output)).arranged(output).x;
  }

  /// The labels that the result or one of the given operands has.
  private List<Integer> needed(List<Term> others) {
    List<Integer> all = new ArrayList<>(output);
    others.forEach(t -> all.addAll(t.labels));
    return all;
  }

  /// The pair whose product is smallest beside its factors; the first among equals.
  private int[] cheapest(List<Term> terms) {
    int[] best = {0, 1};
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < terms.size(); i++) {
      for (int j = i + 1; j < terms.size(); j++) {
        List<Term> others = new ArrayList<>(terms);
        others.remove(j);
        others.remove(i);
        List<Integer> needed = needed(others);
        double size = 1;
        List<Integer> labels = new ArrayList<>(terms.get(i).labels);
        labels.addAll(without(terms.get(j).labels, labels));
        for (int l : labels) {
          size *= needed.contains(l) ? extents.getOrDefault(l, 1) : 1;
        }
        double gain = size - terms.get(i).x.size() - terms.get(j).x.size();
        if (gain < least) {
          least = gain;
          best = new int[] {i, j};
        }
      }
    }
    return best;
  }

  private static List<Integer> without(List<Integer> labels, List<Integer> away) {
    return labels.stream().filter(l -> !away.contains(l)).toList();
  }

  private Term diagonals(Tensor x, List<Integer> labels) {
    Tensor y = x;
    List<Integer> rest = new ArrayList<>(labels);
    for (int l : labels) {
      while (rest.indexOf(l) != rest.lastIndexOf(l)) {
        int first = rest.indexOf(l);
        int second = rest.lastIndexOf(l);
        if (y.dim(first) != y.dim(second)) {
          throw error("%s is twice in one operand, with other extents".formatted(name(l)));
        }
        List<Integer> kept = new ArrayList<>(rest.subList(0, first));
        kept.addAll(rest.subList(first + 1, second));
        kept.addAll(rest.subList(second + 1, rest.size()));
        kept.add(l);
        rest = kept;
        y = Matrices.diagonal(lastTwo(y, first, second));
      }
    }
    return new Term(y, rest);
  }

  /// Two axes moved to the end.
  private static Tensor lastTwo(Tensor x, int first, int second) {
    int[] order = new int[x.rank()];
    int next = 0;
    for (int i = 0; i < order.length; i++) {
      if (i != first && i != second) {
        order[next++] = i;
      }
    }
    order[next++] = first;
    order[next] = second;
    return x.permute(order);
  }

  /// The product of two operands, summed over the labels that nobody needs.
  private static Term contract(Term left, Term right, List<Integer> needed) {
    Term a = left.summed(alone(left, right, needed));
    Term b = right.summed(alone(right, left, needed));
    List<Integer> both = a.labels.stream().filter(b.labels::contains).toList();
    List<Integer> sum = without(both, needed);
    List<Integer> batch = without(both, sum);
    List<Integer> rows = without(a.labels, both);
    List<Integer> columns = without(b.labels, both);
    List<Integer> labels = joined(batch, rows, columns);
    if (sum.isEmpty()) {
      return new Term(a.arranged(labels).x.mul(b.arranged(labels).x), labels);
    }
    Tensor x = matrix(a, batch, rows, sum);
    Tensor y = matrix(b, batch, sum, columns);
    Tensor product = x.matmul(y);
    int[] dims = product.shape().dims();
    List<Integer> extents = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      extents.add(dims[i]);
    }
    rows.forEach(l -> extents.add(a.extent(l)));
    columns.forEach(l -> extents.add(b.extent(l)));
    Shape shape = Shape.of(extents.stream().mapToInt(i -> i).toArray());
    return new Term(product.reshape(shape), labels);
  }

  /// What can be summed before the product: labels that only this operand has, or that the other
  /// has with extent 1 or this one with extent 1.
  private static List<Integer> alone(Term t, Term other, List<Integer> needed) {
    return t.labels.stream()
        .filter(l -> !needed.contains(l))
        .filter(l -> !other.labels.contains(l) || t.extent(l) != other.extent(l))
        .toList();
  }

  @SafeVarargs
  private static List<Integer> joined(List<Integer>... parts) {
    List<Integer> all = new ArrayList<>();
    for (List<Integer> p : parts) {
      all.addAll(p);
    }
    return all;
  }

  /// Batch axes one by one, so that they can broadcast; rows and columns as one axis each.
  private static Tensor matrix(
      Term t, List<Integer> batch, List<Integer> rows, List<Integer> columns) {
    Tensor x = t.arranged(joined(batch, rows, columns)).x;
    int[] dims = new int[batch.size() + 2];
    for (int i = 0; i < batch.size(); i++) {
      dims[i] = t.extent(batch.get(i));
    }
    dims[batch.size()] = rows.stream().mapToInt(t::extent).reduce(1, Math::multiplyExact);
    dims[batch.size() + 1] = columns.stream().mapToInt(t::extent).reduce(1, Math::multiplyExact);
    return x.reshape(Shape.of(dims));
  }
}
