package org.cotangent.autograd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Recorded;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.jspecify.annotations.Nullable;

/// The recorded graph behind a tensor, as it was when it was asked for: see [Tensor#graph].
///
/// `toString` lists it, one line a vertex, operands before what is computed from them; [#toDot]
/// writes it for Graphviz.
///
/// @param vertices in an order in which they can be computed; the last is the tensor itself
/// @param savedBytes memory that the graph keeps for the backward pass, beside that of the
///   parameters; numbers that several steps share count once
public record GraphView(List<Vertex> vertices, long savedBytes) {
  /// What a vertex is.
  public enum Kind {
    /// Data: no gradient flows to it.
    INPUT,
    /// A leaf that asks for gradients.
    PARAMETER,
    /// The result of an operation through which gradients flow.
    OPERATION
  }

  /// Where the numbers come from that the backward pass reads of a vertex.
  public enum Memory {
    /// It reads none.
    NONE,
    /// They are kept.
    SAVED,
    /// They will be computed again: see [Grad#checkpoint].
    RECOMPUTED
  }

  /// A parameter, an input, or the result of an operation.
  ///
  /// @param id its place in the list of vertices
  /// @param what the operation, with what it is told (`SUM`, `PERMUTE [1, 0]`); the number, of an
  ///   input that is one known number; else empty
  /// @param name the name that was given, or empty
  /// @param operands the ids of the operands, in order
  /// @param gradNorm the Euclidean norm of the gradient it has gathered, if any
  public record Vertex(
      int id,
      Kind kind,
      String what,
      String name,
      Shape shape,
      DType dtype,
      List<Integer> operands,
      Memory memory,
      OptionalDouble gradNorm) {}

  /// Copies the list.
  public GraphView {
    vertices = List.copyOf(vertices);
  }

  /// The text of a Graphviz file.
  public String toDot() {
    return Graphviz.dot(this);
  }

  /// How many bytes, for reading.
  String memory() {
    return savedBytes < 10_000
        ? savedBytes + " bytes"
        : savedBytes < 10_000_000 ? savedBytes / 1000 + " kB" : savedBytes / 1_000_000 + " MB";
  }

  /// One line a vertex: what it is, its shape and dtype, whether the backward pass needs it, and
  /// the norm of its gradient; and a line that counts.
  @Override
  public String toString() {
    List<String> left = vertices.stream().map(GraphView::describe).toList();
    List<String> types = vertices.stream().map(v -> v.shape + " " + v.dtype).toList();
    int wide = left.stream().mapToInt(String::length).max().orElse(0);
    int typed = types.stream().mapToInt(String::length).max().orElse(0);
    StringBuilder s = new StringBuilder();
    for (Vertex v : vertices) {
      List<String> notes = new ArrayList<>();
      if (v.memory != Memory.NONE) {
        notes.add(v.memory.name().toLowerCase(Locale.ROOT));
      }
      v.gradNorm.ifPresent(n -> notes.add("|grad| " + number(n)));
      String line =
          "%%%-" + digits() + "d  %-" + wide + "s  %-" + typed + "s  %s"; // columns by content
      s.append(
          line.formatted(v.id, left.get(v.id), types.get(v.id), String.join(", ", notes))
              .stripTrailing());
      s.append('\n');
    }
    return s.append(
            "%s, %s, %s; %s saved for the backward pass"
                .formatted(
                    count(Kind.OPERATION, "operation"),
                    count(Kind.PARAMETER, "parameter"),
                    count(Kind.INPUT, "input"),
                    memory()))
        .toString();
  }

  private int digits() {
    return String.valueOf(vertices.size() - 1).length();
  }

  private String count(Kind kind, String word) {
    long n = vertices.stream().filter(v -> v.kind == kind).count();
    return n + " " + word + (n == 1 ? "" : "s");
  }

  private static String describe(Vertex v) {
    String operands =
        v.operands.stream().map(i -> "%" + i).collect(Collectors.joining(", ", "(", ")"));
    String body =
        switch (v.kind) {
          case INPUT -> v.what.isEmpty() ? "input" : v.what;
          case PARAMETER -> "parameter";
          case OPERATION -> v.what + operands;
        };
    return v.name.isEmpty() ? body : v.name + " = " + body;
  }

  /// A number to four digits.
  static String number(double x) {
    return String.format(Locale.ROOT, "%.4g", x);
  }

  // ---- Looking at the graph

  static GraphView of(Tensor y, Map<String, Tensor> names) {
    return new Builder(names).build(y);
  }

  private static final class Builder {
    private final IdentityHashMap<Object, String> names = new IdentityHashMap<>();
    private final IdentityHashMap<Object, Integer> ids = new IdentityHashMap<>();
    private final List<Vertex> vertices = new ArrayList<>();
    private final Set<Object> needed = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Object> recomputed = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Object> counted = Collections.newSetFromMap(new IdentityHashMap<>());
    private long bytes;

    Builder(Map<String, Tensor> given) {
      given.forEach((name, t) -> {
        names.put(key(t), name);
        if (t.isLeaf()) {
          counted.add(Eager.memory(t.peek()));
        }
      });
    }

    /// What makes a vertex: its node, else its numbers.
    private static Object key(Tensor t) {
      Node n = t.node();
      return n == null ? t.peek() : n;
    }

    GraphView build(Tensor y) {
      Node root = y.node();
      List<Node> order =
          root == null ? List.of() : Backward.consumersFirst(List.of(root)).reversed();
      for (Node n : order) {
        if (n instanceof Node.Step s) {
          note(s);
        }
      }
      for (Node n : order) {
        if (n instanceof Node.Step s) {
          add(s);
        }
      }
      if (!(root instanceof Node.Step)) {
        leaf(y);
      }
      return new GraphView(vertices, bytes);
    }

    /// Which numbers the step's rule reads, and their memory.
    private void note(Node.Step s) {
      @Nullable Checkpoint c = s.checkpoint();
      Tensor[] in = s.in();
      int reads = Derivatives.reads(s.op, in);
      for (int i = 0; i < in.length; i++) {
        if ((reads & Derivatives.input(i)) != 0) {
          needed.add(key(in[i]));
          count(in[i]);
        }
      }
      if ((reads & Derivatives.RESULT) != 0) {
        needed.add(s);
        count(s.out());
      }
      if (c != null) {
        recomputed.add(s);
      }
    }

    private void count(Tensor t) {
      if (Eager.hasNumbers(t.peek()) && counted.add(Eager.memory(t.peek())) && !t.isLeaf()) {
        bytes += Eager.bytes(t.peek());
      }
    }

    private void add(Node.Step s) {
      List<Integer> operands = new ArrayList<>();
      for (Tensor x : s.in()) {
        Integer known = ids.get(key(x));
        operands.add(known == null ? leaf(x) : known);
      }
      Tensor out = s.out();
      vertex(s, Kind.OPERATION, what(s.op), out.shape(), out.dtype(), operands, s.grad);
    }

    private int leaf(Tensor x) {
      Node n = x.node();
      boolean one = n == null && x.size() == 1 && Eager.hasNumbers(x.peek());
      return vertex(
          key(x),
          n == null ? Kind.INPUT : Kind.PARAMETER,
          one ? number(x) : "",
          x.shape(),
          x.dtype(),
          List.of(),
          n == null ? null : n.grad);
    }

    private static String number(Tensor x) {
      double v = x.item();
      return v == Math.rint(v) && Math.abs(v) < 1e6
          ? String.format(Locale.ROOT, "%.0f", v)
          : GraphView.number(v);
    }

    private int vertex(
        Object key,
        Kind kind,
        String what,
        Shape shape,
        DType dtype,
        List<Integer> operands,
        @Nullable Tensor grad) {
      int id = vertices.size();
      ids.put(key, id);
      Memory memory =
          !needed.contains(key)
              ? Memory.NONE
              : recomputed.contains(key) ? Memory.RECOMPUTED : Memory.SAVED;
      vertices.add(
          new Vertex(
              id,
              kind,
              what,
              names.getOrDefault(key, ""),
              shape,
              dtype,
              operands,
              memory,
              grad == null ? OptionalDouble.empty() : OptionalDouble.of(norm(grad))));
      return id;
    }

    private static double norm(Tensor g) {
      double sum = 0;
      for (double v : Reading.doubles(g)) {
        sum += v * v;
      }
      return Math.sqrt(sum);
    }

    /// The operation with what it is told beside its operands, unless the shape says it already.
    private static String what(Recorded op) {
      String name = Node.name(op);
      return switch (op) {
        case Op.Permute p -> name + " " + p.order();
        case Op.MatMul(boolean ta, boolean tb) when ta || tb ->
            name + (ta ? " Aᵀ" : " A") + (tb ? "Bᵀ" : "B");
        case Op.Slice s ->
            "%s axis %d, %d..%d%s"
                .formatted(
                    name,
                    s.axis(),
                    s.start(),
                    s.start() + (s.length() - 1) * s.step(),
                    s.step() == 1 ? "" : " by " + s.step());
        case Op.Concat(int axis) -> name + " axis " + axis;
        case Op.Softmax(int axis) -> name + " axis " + axis;
        default -> name;
      };
    }
  }
}
