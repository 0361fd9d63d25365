package org.cotangent.autograd.cpu;

import org.cotangent.autograd.shape.Sliding;

/// The tiles of a plane for [WinogradF32]: squares of 2 by 2 places of the output, and the 4 by 4
/// of the input that a 3 by 3 kernel meets from there. Tiles may reach beyond either.
final class WinogradTiles {
  private final int[] in;
  private final int[] out;
  private final int inputs;
  private final int outputs;

  WinogradTiles(Sliding rows, Sliding columns) {
    inputs = rows.input() * columns.input();
    outputs = rows.output() * columns.output();
    int down = (rows.output() + 1) / 2;
    int across = (columns.output() + 1) / 2;
    in = new int[16 * down * across];
    out = new int[4 * down * across];
    for (int t = 0; t < down * across; t++) {
      int row = t / across * 2;
      int column = t % across * 2;
      for (int i = 0; i < 16; i++) {
        int r = rows.at(row, i / 4);
        int c = columns.at(column, i % 4);
        boolean isInside = r >= 0 && r < rows.input() && c >= 0 && c < columns.input();
        in[16 * t + i] = isInside ? r * columns.input() + c : inputs;
      }
      for (int i = 0; i < 4; i++) {
        int r = row + i / 2;
        int c = column + i % 2;
        boolean isInside = r < rows.output() && c < columns.output();
        out[4 * t + i] = isInside ? r * columns.output() + c : outputs;
      }
    }
  }

  int count() {
    return out.length / 4;
  }

  /// Places of a plane of the input.
  int inputs() {
    return inputs;
  }

  /// Places of a plane of the output.
  int outputs() {
    return outputs;
  }

  /// The place of the input that stands at `i` of 16 in a tile; [#inputs] if outside.
  int in(int tile, int i) {
    return in[16 * tile + i];
  }

  /// The place of the output that stands at `i` of 4 in a tile; [#outputs] if outside.
  int out(int tile, int i) {
    return out[4 * tile + i];
  }
}
