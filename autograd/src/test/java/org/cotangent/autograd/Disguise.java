package org.cotangent.autograd;

import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Eager;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.Axes;
import org.cotangent.autograd.shape.Shape;

/// The same numbers laid out otherwise in memory.
enum Disguise {
  /// The axes in the opposite order in memory.
  TRANSPOSED {
    @Override
    Tensor of(Tensor x) {
      int rank = x.rank();
      int[] reversed = new int[rank];
      Arrays.setAll(reversed, i -> rank - 1 - i);
      Axes order = Axes.permutation(x.shape(), reversed);
      Buffer array = Buffer.allocate(x.dtype(), order.apply(x.shape()));
      return filled(array.view(array.layout().permute(order.inverse())), x);
    }
  },
  /// The middle of a larger array of garbage.
  SLICED {
    @Override
    Tensor of(Tensor x) {
      return inside(x, 1, 1);
    }
  },
  /// Every second element, with garbage between.
  STRIDED {
    @Override
    Tensor of(Tensor x) {
      return inside(x, 0, 2);
    }
  },
  /// Each axis backwards.
  FLIPPED {
    @Override
    Tensor of(Tensor x) {
      Buffer array = Buffer.allocate(x.dtype(), x.shape());
      Layout layout = array.layout();
      for (int axis = 0; axis < x.rank(); axis++) {
        int n = x.dim(axis);
        layout = layout.slice(axis, Math.max(0, n - 1), n, -1);
      }
      return filled(array.view(layout), x);
    }
  },
  /// In row-major order, but not from the start of the array.
  SHIFTED {
    @Override
    Tensor of(Tensor x) {
      Buffer array = Buffer.allocate(x.dtype(), Shape.of(x.size() + 5));
      array.poison();
      Layout part = array.layout().slice(0, 3, x.size(), 1);
      return filled(array.view(part.reshape(x.shape()).orElseThrow()), x);
    }
  };

  /// A tensor with the numbers of `x`.
  abstract Tensor of(Tensor x);

  /// All of them.
  final List<Tensor> of(List<Tensor> all) {
    return all.stream().map(this::of).toList();
  }

  private static Tensor inside(Tensor x, int margin, int step) {
    int[] dims = x.shape().dims();
    for (int i = 0; i < dims.length; i++) {
      dims[i] = margin + Math.max(1, dims[i]) * step + margin;
    }
    Buffer array = Buffer.allocate(x.dtype(), Shape.of(dims));
    array.poison();
    Layout layout = array.layout();
    for (int axis = 0; axis < dims.length; axis++) {
      layout = layout.slice(axis, margin, x.dim(axis), step);
    }
    return filled(array.view(layout), x);
  }

  private static Tensor filled(Buffer to, Tensor x) {
    Buffer from = Eager.numbers(x.value());
    for (int i = 0; i < x.size(); i++) {
      int a = to.layout().at(i);
      int b = from.layout().at(i);
      switch (x.dtype()) {
        case BOOL -> to.bool()[a] = from.bool()[b];
        case I32 -> to.i32()[a] = from.i32()[b];
        case I64 -> to.i64()[a] = from.i64()[b];
        case F32 -> to.f32()[a] = from.f32()[b];
        case F64 -> to.f64()[a] = from.f64()[b];
      }
    }
    return new Tensor(to, null);
  }
}
