package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.cotangent.autograd.backend.Layout;
import org.cotangent.autograd.shape.Sliding;

/// The matrix of what the taps of a convolution meet, a row a tap of each channel and a column a
/// position of the output, without the matrix: element `(k, p)` is `padded[tap[k] + place[p]]`.
///
/// Part of the input is copied with its padding, which is read as often as there are taps, so that
/// nobody asks what lies inside. Positions that are neighbours are neighbours for every tap too: of
/// rows over which the kernel slides with a stride, every `stride`-th element is brought together.
/// And where images are more than a row has positions, the same places of all images are
/// neighbours, and so are they in the matrix: the longer a run of neighbours, the faster it is
/// copied.
///
/// An object is the workspace of one thread at a time.
final class ColumnsF32 {
  private float[] padded = {};
  private int[] tap = {};
  private int[] place = {};
  private int plane; // padded numbers of one channel
  private int width; // of one padded row
  private int phase; // of every stride-th number of a row
  private int height; // padded rows
  private int positions;
  private int lanes; // images of which the same places are neighbours; 1 if rows are kept

  // Positions that are neighbours: where they begin, in the matrix and in the padded input.
  private int runs;
  private int[] runAt = {};
  private int[] runPlace = {};
  private int[] runLength = {};

  /// The positions of a part, which are the columns: of one image after the other or, if
  /// [#interleaves], of one place in the images after the other.
  int positions() {
    return positions;
  }

  /// Whether the same places of all images of a part are neighbours.
  static boolean interleaves(ConvSizes s, ConvPart part) {
    return part.images() > s.columns().output();
  }

  /// The size and the tables of a part, without numbers.
  private void measure(ConvSizes s, ConvPart part) {
    Sliding rows = s.rows();
    Sliding columns = s.columns();
    phase = (columns.reach() + columns.stride() - 1) / columns.stride();
    width = phase * columns.stride();
    height = (part.rows() - 1) * rows.stride() + (rows.kernel() - 1) * rows.dilation() + 1;
    lanes = interleaves(s, part) ? part.images() : 1;
    plane = height * width * lanes;
    positions = part.images() * part.rows() * columns.output();
    int size = Math.multiplyExact(part.images() / lanes * part.channels(), plane);
    if (padded.length < size + L) {
      padded = new float[size + L];
    }
    Arrays.fill(padded, 0, size, 0f);
    tables(s, part);
  }

  private void tables(ConvSizes s, ConvPart part) {
    Sliding rows = s.rows();
    Sliding columns = s.columns();
    int taps = part.channels() * s.tapsEach();
    if (tap.length < taps) {
      tap = new int[taps];
    }
    for (int c = 0; c < part.channels(); c++) {
      for (int p = 0; p < rows.kernel(); p++) {
        for (int q = 0; q < columns.kernel(); q++) {
          int at = p * rows.dilation() * width + column(q * columns.dilation(), columns);
          int k = p * columns.kernel() + q;
          int which = s.turned() ? s.tapsEach() - 1 - k : k;
          tap[c * s.tapsEach() + which] = c * plane + at * lanes;
        }
      }
    }
    if (place.length < positions) {
      place = new int[positions];
      runAt = new int[positions];
      runPlace = new int[positions];
      runLength = new int[positions];
    }
    for (int i = 0, at = 0; i < part.images() / lanes; i++) {
      for (int r = 0; r < part.rows(); r++) {
        int line = i * part.channels() * plane + r * rows.stride() * width * lanes;
        for (int c = 0; c < columns.output() * lanes; c++) {
          place[at++] = line + c;
        }
      }
    }
  }

  /// Where the `i`-th number of a padded row stands.
  private int column(int i, Sliding columns) {
    return i % columns.stride() * phase + i / columns.stride();
  }

  /// Brings together what the part needs of `x`, `[images, groups * channels, h, w]`.
  void load(ConvSizes s, ConvPart part, float[] x, Layout layout) {
    measure(s, part);
    for (int c = 0; c < part.channels(); c++) {
      for (int i = 0; i < part.images(); i++) {
        lines(s, part, i, c, x, layout, true);
      }
    }
  }

  /// The adjoint of [#load] for whole images: adds up the matrix `met`, `positions` numbers a row,
  /// and writes the sums to `x`.
  void spread(ConvSizes s, ConvPart part, float[] met, float[] x, Layout layout) {
    runs(0, positions);
    for (int k = 0; k < part.channels() * s.tapsEach(); k++) {
      for (int r = 0; r < runs; r++) {
        int to = tap[k] + runPlace[r];
        int from = k * positions + runAt[r];
        for (int i = 0; i < runLength[r]; i++) {
          padded[to + i] += met[from + i];
        }
      }
    }
    for (int c = 0; c < part.channels(); c++) {
      for (int i = 0; i < part.images(); i++) {
        lines(s, part, i, c, x, layout, false);
      }
    }
  }

  /// Prepares a part for [#spread].
  void clear(ConvSizes s, ConvPart part) {
    measure(s, part);
  }

  /// Copies the rows of one channel between `x` and the padded input.
  private void lines(
      ConvSizes s, ConvPart part, int image, int channel, float[] x, Layout layout, boolean load) {
    Sliding rows = s.rows();
    Sliding columns = s.columns();
    int to = lanes > 1 ? channel * plane + image : (image * part.channels() + channel) * plane;
    int c = part.group() * s.in() + part.channel() + channel;
    int from = layout.offset() + (part.image() + image) * layout.stride(0) + c * layout.stride(1);
    int above = part.row() * rows.stride() - rows.before(); // the input's row of padded row 0
    int first = Math.max(0, -columns.before());
    int last = Math.min(columns.input(), columns.reach() - columns.before());
    int end = Math.max(first, last); // there may be nothing but padding
    int step = layout.stride(3);
    for (int r = Math.max(0, -above); r < Math.min(height, rows.input() - above); r++) {
      int line = from + (above + r) * layout.stride(2);
      int start = to + r * width * lanes;
      if (load && columns.stride() == 1 && lanes == 1) {
        int at = start + first + columns.before();
        Runs.read(x, line + first * step, step, end - first, padded, at);
      } else if (load && columns.stride() == 1) {
        for (int i = first, at = start + (first + columns.before()) * lanes; i < end; i++) {
          padded[at] = x[line + i * step];
          at += lanes;
        }
      } else {
        for (int i = first; i < end; i++) {
          int at = start + column(i + columns.before(), columns) * lanes;
          if (load) {
            padded[at] = x[line + i * step];
          } else {
            x[line + i * step] = padded[at];
          }
        }
      }
    }
  }

  /// Rows `k` to `k + h - 1` of columns `p` to `p + w - 1`, `step` apart. Behind a row, up to the
  /// length of a vector, anything may stand until the next one is written.
  void rows(int k, int h, int p, int w, float[] to, int at, int step) {
    runs(p, w);
    if (runs == 1) {
      for (int i = 0; i < h; i++) {
        copy(w, tap[k + i] + runPlace[0], to, at + i * step);
      }
      return;
    }
    for (int i = 0; i < h; i++) {
      int from = tap[k + i];
      int line = at + i * step;
      for (int r = 0; r < runs; r++) {
        copy(runLength[r], from + runPlace[r], to, line + runAt[r]);
      }
    }
  }

  private void copy(int n, int from, float[] to, int at) {
    for (int i = 0; i < n; i += L) {
      FloatVector.fromArray(S, padded, from + i).intoArray(to, at + i);
    }
  }

  private void runs(int p, int w) {
    runs = 0;
    for (int i = 0; i < w; i++) {
      if (i == 0 || place[p + i] != place[p + i - 1] + 1) {
        runAt[runs] = i;
        runPlace[runs] = place[p + i];
        runLength[runs++] = 0;
      }
      runLength[runs - 1]++;
    }
  }
}
