package org.cotangent.autograd.cpu;

import java.util.Arrays;
import org.cotangent.autograd.backend.Buffer;

/// The class of each row, read from integers of either width in any layout.
final class Classes {
  /// The classes, after [#read].
  final int[] all;

  private final Buffer from;
  private final int[] at;
  private final int count;

  /// @param count of classes
  Classes(Buffer from, int rows, int count) {
    this.from = from;
    this.count = count;
    all = new int[rows];
    at = new int[rows];
    Arrays.setAll(at, from.layout()::at);
  }

  /// Reads them anew.
  ///
  /// @throws IndexOutOfBoundsException if one is not in range
  void read() {
    for (int r = 0; r < all.length; r++) {
      long c = from.getLong(at[r]);
      all[r] = c >= 0 && c < count ? (int) c : ReferenceBackend.classIndex(from, r, count);
    }
  }
}
