package org.cotangent.nn.opinfo;

import java.util.List;
import java.util.function.Function;
import org.cotangent.autograd.Sorting;
import org.cotangent.autograd.Statistics;
import org.cotangent.autograd.Tensor;

/// PyTorch's ways with dimensions: a scalar may be named 0 or -1 as if it had one, and no list or
/// an empty one may mean all.
final class Dims {
  private Dims() {}

  /// The axes of a reduction, which are all of them if the argument is absent or empty.
  static int[] orAll(Args a, Tensor x, int position, String name) {
    int[] dims = a.ints(position, name, new int[0]);
    return dims.length == 0 || x.rank() == 0 ? Statistics.all(x) : dims;
  }

  /// A function of one axis, with a scalar as a vector of one element.
  static Tensor along(Tensor x, int dim, Function<Tensor, Tensor> f) {
    return x.rank() > 0 ? f.apply(x) : f.apply(x.unsqueeze(check(dim))).squeeze(0);
  }

  /// The same with positions; a result that has lost its axis stays as it is.
  static List<Tensor> entries(Tensor x, int dim, Function<Tensor, Sorting.Entries> f) {
    Sorting.Entries e = f.apply(x.rank() > 0 ? x : x.unsqueeze(check(dim)));
    return x.rank() > 0 || e.values().rank() == 0
        ? List.of(e.values(), e.indices())
        : List.of(e.values().squeeze(0), e.indices().squeeze(0));
  }

  private static int check(int dim) {
    if (dim != 0 && dim != -1) {
      throw new IndexOutOfBoundsException("a scalar has no dimension " + dim);
    }
    return 0;
  }
}
