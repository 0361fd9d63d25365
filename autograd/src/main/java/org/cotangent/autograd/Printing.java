package org.cotangent.autograd;

import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.Shape;

/// Tensors as text, nested in brackets like NumPy's, long axes shortened to their ends.
final class Printing {
  private static final int LONG = 1000; // elements from which axes are shortened
  private static final int EDGE = 3; // elements kept at each end

  private Printing() {}

  static String show(Tensor x) {
    Value v = Example.shared(Recording.here(x).peek());
    if (v instanceof Example e) {
      return "Tensor(%s, %s, each of %d examples in vmap: %s)"
          .formatted(x.shape(), x.dtype(), e.vmap().size(), show(e.all()));
    }
    if (!Eager.hasNumbers(v)) {
      return "Tensor(%s, %s, no numbers yet)".formatted(x.shape(), x.dtype());
    }
    if (x.size() == 0) {
      return "[] (shape %s)".formatted(x.shape());
    }
    Buffer b = Eager.numbers(v);
    var out = new StringBuilder();
    axis(b, 0, b.layout().offset(), x.size() > LONG, out);
    return out.toString();
  }

  private static void axis(Buffer b, int axis, int at, boolean shorten, StringBuilder out) {
    Shape s = b.shape();
    if (axis == s.rank()) {
      out.append(number(b, at));
      return;
    }
    int n = s.dim(axis);
    boolean cut = shorten && n > 2 * EDGE;
    String between = axis == s.rank() - 1 ? ", " : ",\n" + " ".repeat(axis + 1);
    out.append('[');
    for (int i = 0; i < n; i++) {
      if (cut && i == EDGE) {
        out.append(between).append("...");
        i = n - EDGE;
      }
      if (i > 0) {
        out.append(between);
      }
      axis(b, axis + 1, at + i * b.layout().stride(axis), shorten, out);
    }
    out.append(']');
  }

  private static String number(Buffer b, int at) {
    return switch (b.dtype()) {
      case BOOL -> Boolean.toString(b.bool()[at]);
      case I32, I64 -> Long.toString(b.getLong(at));
      case F32 -> Float.toString(b.f32()[at]);
      case F64 -> Double.toString(b.f64()[at]);
    };
  }
}
