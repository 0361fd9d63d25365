package org.cotangent.autograd.cpu;

import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.backend.Call;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.DType;

/// A sum of numbers that come [block by block][Blocks], with the bits of [Pieces#sum].
interface BlockSum {
  /// Takes `count` numbers of a block from its number `from` on: whole pieces, or all that is left
  /// of it. They are from `at` on in an array of the dtype's type. Any block first, each by any
  /// thread.
  void add(int block, int from, int count, Object x, int at);

  /// Makes the result of what the blocks gave, when all of them are done.
  void join();

  /// A sum that is made ready.
  static BlockSum of(Call.Total total) {
    Buffer y = total.sum();
    Nest nest = Nest.of(total.shape(), Layout.of(total.shape()), y.layout());
    return y.dtype() == DType.F32 ? BlockSumF32.of(nest, y) : BlockSumF64.of(nest, y);
  }
}
