package org.cotangent.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Random equations against loops over all values of all labels.
class EinsumTest {
  /// An equation with operands that fit. Labels below 0 are the axes of `...`, from the last on.
  private static final class Example {
    final Random random;
    final List<List<Integer>> labels = new ArrayList<>();
    final List<Tensor> operands = new ArrayList<>();
    final List<Integer> output = new ArrayList<>();
    final Map<Integer, Integer> extents = new TreeMap<>();
    final String equation;

    Example(long seed) {
      random = new Random(seed);
      Draw draw = new Draw(seed);
      for (int l : List.of(-2, -1, (int) 'B', (int) 'a', (int) 'b', (int) 'c', (int) 'd')) {
        extents.put(l, random.nextInt(12) == 0 ? 0 : 1 + random.nextInt(3));
      }
      List<String> sides = new ArrayList<>();
      int count = 1 + random.nextInt(4);
      for (int k = 0; k < count; k++) {
        sides.add(operand(draw));
      }
      equation = String.join(random.nextBoolean() ? "," : " , ", sides) + result();
    }

    private String operand(Draw draw) {
      List<Integer> own = new ArrayList<>();
      var text = new StringBuilder();
      int letters = random.nextInt(4);
      int dots = random.nextInt(3) == 0 ? random.nextInt(letters + 1) : -1;
      for (int i = 0; i <= letters; i++) {
        if (i == dots) {
          text.append("...");
          for (int axes = random.nextInt(3); axes > 0; axes--) {
            own.add(-axes);
          }
        }
        if (i < letters) {
          char c = "Babcd".charAt(random.nextInt(5));
          text.append(c);
          own.add((int) c);
        }
      }
      labels.add(own);
      // An extent of 1 broadcasts, but in a diagonal all must be alike.
      int[] shape =
          own.stream()
              .mapToInt(l -> {
                boolean once = own.indexOf(l) == own.lastIndexOf(l);
                return once && random.nextInt(6) == 0 ? 1 : extents.getOrDefault(l, 1);
              })
              .toArray();
      operands.add(draw.uniform(-1, 1, shape));
      return text.toString();
    }

    private String result() {
      var all = new TreeSet<Integer>();
      List<Integer> every = new ArrayList<>();
      labels.forEach(every::addAll);
      all.addAll(every);
      if (random.nextInt(4) == 0) {
        all.stream()
            .filter(l -> l < 0 || Collections.frequency(every, l) == 1)
            .forEach(output::add);
        return "";
      }
      List<Integer> chosen = new ArrayList<>(all.stream().filter(l -> l > 0).toList());
      Collections.shuffle(chosen, random);
      chosen = chosen.subList(0, random.nextInt(chosen.size() + 1));
      var text = new StringBuilder("->");
      boolean dots = random.nextBoolean();
      int at = random.nextInt(chosen.size() + 1);
      for (int i = 0; i <= chosen.size(); i++) {
        if (dots && i == at) {
          text.append("...");
          all.stream().filter(l -> l < 0).forEach(output::add);
        }
        if (i < chosen.size()) {
          output.add(chosen.get(i));
          text.append((char) (int) chosen.get(i));
        }
      }
      return text.toString();
    }

    /// What an axis of the result has: 1 where all operands have 1.
    int extent(int label) {
      int n = 1;
      for (int k = 0; k < operands.size(); k++) {
        int axis = labels.get(k).indexOf(label);
        int own = axis < 0 ? 1 : operands.get(k).dim(axis);
        n = own == 1 ? n : own;
      }
      return n;
    }

    /// The result, or the size of its terms.
    Tensor byLoops(boolean sizes) {
      List<Integer> all =
          new ArrayList<>(new TreeSet<>(labels.stream().flatMap(List::stream).toList()));
      int[] n = all.stream().mapToInt(this::extent).toArray();
      Shape shape = Shape.of(output.stream().mapToInt(this::extent).toArray());
      double[] y = new double[shape.size()];
      Shape space = Shape.of(n);
      int[] at = new int[n.length];
      for (int i = 0; i < space.size(); i++) {
        int rest = i;
        for (int a = n.length - 1; a >= 0; a--) {
          at[a] = rest % n[a];
          rest /= n[a];
        }
        double product = 1;
        for (int k = 0; k < operands.size(); k++) {
          Tensor x = operands.get(k);
          int[] index = new int[x.rank()];
          for (int a = 0; a < index.length; a++) {
            index[a] = x.dim(a) == 1 ? 0 : at[all.indexOf(labels.get(k).get(a))];
          }
          product *= x.get(index);
        }
        int to = 0;
        for (int l : output) {
          to = to * extent(l) + at[all.indexOf(l)];
        }
        y[to] += sizes ? Math.abs(product) : product;
      }
      return Tensor.of(shape, y);
    }
  }

  @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
  void anEquationIsItsLoops(@ForAll long seed) {
    var e = new Example(seed);
    Tensor[] in = e.operands.toArray(Tensor[]::new);
    Tensor expected = e.byLoops(false);
    double[] bounds = e.byLoops(true).mul(1e-14).toDoubleArray();
    Numbers.assertWithin(e.equation, Linalg.einsum(e.equation, in), expected, bounds);
    Tensor[] floats = e.operands.stream().map(t -> t.to(DType.F32)).toArray(Tensor[]::new);
    Tensor single = Linalg.einsum(e.equation, floats);
    assertThat(single.dtype()).isEqualTo(DType.F32);
    assertThat(single.shape()).isEqualTo(expected.shape());
  }

  @Property(tries = 25, edgeCases = EdgeCasesMode.NONE)
  void gradientsOfFirstAndSecondOrderAreRight(@ForAll long seed) {
    var e = new Example(seed);
    if (e.operands.stream().mapToInt(Tensor::size).sum() > 0) {
      GradCheck.standard()
          .order(2)
          .projected(seed)
          .check(e.equation, in -> Linalg.einsum(e.equation, in.toArray(Tensor[]::new)), e.operands)
          .requirePassed();
    }
  }

  @Test
  void capitalsComeFirstInAnImpliedResult() {
    Tensor x = Tensor.arange(6).to(DType.F64).reshape(2, 3);
    assertThat(Linalg.einsum("aB", x).shape()).isEqualTo(Shape.of(3, 2));
    assertThat(Linalg.einsum("ba", x).shape()).isEqualTo(Shape.of(3, 2));
    assertThat(Linalg.einsum("ii", Tensor.eye(4, DType.F64)).item()).isEqualTo(4);
  }

  @Test
  void whatDoesNotFitIsNamed() {
    Tensor x = Tensor.zeros(2, 3);
    fails("EINSUM: 'ij,jk' of [[2, 3]]: 2 operands in the equation, but 1 tensors", "ij,jk", x);
    fails("EINSUM: 'ijk' of [[2, 3]]: 'ijk' names 3 axes, but operand 0 has 2", "ijk", x);
    fails("EINSUM: 'i' of [[2, 3]]: 'i' names 1 axes, but operand 0 has 2", "i", x);
    fails(
        "EINSUM: 'ij,jk' of [[2, 3], [2, 3]]: 'j' has extents 3 and 2; they must be equal or 1",
        "ij,jk",
        x,
        x);
    fails("EINSUM: 'ij->k' of [[2, 3]]: 'k' of the result is in no operand", "ij->k", x);
    fails(
        "EINSUM: 'ij->ii' of [[2, 3]]: 'i' is twice in the result; multiply by an identity matrix instead",
        "ij->ii",
        x);
    fails(
        "EINSUM: 'i1' of [[2, 3]]: '1' is no label; labels are letters, a to z and A to Z",
        "i1",
        x);
    fails("EINSUM: '......' of [[2, 3]]: '......' has more than one '...'", "......", x);
    fails(
        "EINSUM: '.ij' of [[2, 3]]: '.' is no label; labels are letters, a to z and A to Z",
        ".ij",
        x);
    fails(
        "EINSUM: 'ii' of [[1, 3]]: 'i' is twice in one operand, with other extents",
        "ii",
        Tensor.zeros(1, 3));
    fails("EINSUM: 'i': no tensors given", "i");
  }

  private static void fails(String message, String equation, Tensor... in) {
    assertThatThrownBy(() -> Linalg.einsum(equation, in))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
