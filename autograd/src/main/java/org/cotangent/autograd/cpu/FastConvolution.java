package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Convolutions divided into parts for threads.
///
/// The division depends on the sizes alone, but for one thing, who computes which rows or columns
/// of a product, and these have the same bits in any product.
final class FastConvolution {
  private final Pool<ConvF32> floats = new Pool<>(ConvF32::new);
  private final Pool<ConvF64> doubles = new Pool<>(ConvF64::new);
  private final Pool<WinogradF32> floatTiles = new Pool<>(WinogradF32::new);
  private final Pool<WinogradF64> doubleTiles = new Pool<>(WinogradF64::new);
  private final Depthwise depthwise;
  private final Parallel parallel;

  /// Columns of a product at least, if there are as many: so often is a packed row of kernels used.
  private static final int COLUMNS = 512;

  /// Images with shorter rows come in so many at a time, whose same places then are neighbours.
  private static final int TOGETHER = 16;

  /// By how much parts may grow by this.
  private static final int MOST = 4;

  /// Numbers about taps that are added up at a time, so that they stay in the cache.
  private static final int MET = 1 << 19;

  /// Inputs of fewer channels are too few rows of a product.
  private static final int FEW_CHANNELS = 8;

  /// Parts of fewer terms are not worth sharing out.
  private static final long SHARED = 1 << 19;

  /// Kernels of fewer taps are too few columns to share out; images are, in so many shares.
  private static final int FEW_TAPS = 128;

  private static final int SHARES = 8;

  FastConvolution(Parallel parallel) {
    this.parallel = parallel;
    this.depthwise = new Depthwise(parallel);
  }

  /// `out` is zeroed.
  void run(Backend backend, Op.Conv op, Buffer a, Buffer b, Buffer out) {
    if (a.shape().size() == 0 || b.shape().size() == 0 || out.shape().size() == 0) {
      return;
    }
    switch (op.kind()) {
      case OUTPUT -> {
        Buffer w = rowMajor(backend, b);
        ConvSizes s = sizes(op, a.shape(), b.shape());
        if (Depthwise.fits(s)) {
          depthwise.run(op.kind(), s, rowMajor(backend, a), w, out);
          return;
        }
        if (isTiled(s, w.dtype())) {
          tiled(s, rowMajor(backend, a), w, out);
          return;
        }
        Object array = w.dtype() == DType.F32 ? w.f32() : w.f64();
        output(s, a, array, w.layout().offset(), out);
      }
      case INPUT -> input(sizes(op, a.shape(), b.shape()), a, rowMajor(backend, b), out, backend);
      case KERNEL -> {
        ConvSizes s = sizes(op, a.shape(), out.shape());
        Buffer y = rowMajor(backend, b);
        if (Depthwise.fits(s)) {
          depthwise.run(op.kind(), s, rowMajor(backend, a), out, y);
        } else if (isTiled(s, y.dtype())) {
          tiledKernels(s, rowMajor(backend, a), y, out);
        } else {
          kernels(s, a, y, out);
        }
      }
    }
  }

  private static boolean isTiled(ConvSizes s, DType dtype) {
    return dtype == DType.F32 ? WinogradF32.fits(s) : WinogradF64.fits(s);
  }

  private void tiled(ConvSizes s, Buffer x, Buffer w, Buffer y) {
    int xo = x.layout().offset();
    int wo = w.layout().offset();
    int yo = y.layout().offset();
    if (y.dtype() == DType.F32) {
      WinogradF32 conv = floatTiles.take();
      conv.output(s, x.f32(), xo, w.f32(), wo, y.f32(), yo, parallel);
      floatTiles.give(conv);
    } else {
      WinogradF64 conv = doubleTiles.take();
      conv.output(s, x.f64(), xo, w.f64(), wo, y.f64(), yo, parallel);
      doubleTiles.give(conv);
    }
  }

  private void tiledKernels(ConvSizes s, Buffer x, Buffer y, Buffer w) {
    int xo = x.layout().offset();
    int yo = y.layout().offset();
    int wo = w.layout().offset();
    if (w.dtype() == DType.F32) {
      WinogradF32 conv = floatTiles.take();
      conv.kernels(s, x.f32(), xo, y.f32(), yo, w.f32(), wo, parallel);
      floatTiles.give(conv);
    } else {
      WinogradF64 conv = doubleTiles.take();
      conv.kernels(s, x.f64(), xo, y.f64(), yo, w.f64(), wo, parallel);
      doubleTiles.give(conv);
    }
  }

  private static ConvSizes sizes(Op.Conv op, Shape batch, Shape kernels) {
    int out = kernels.dim(0) / op.groups();
    return new ConvSizes(
        batch.dim(0), op.groups(), kernels.dim(1), out, op.rows(), op.columns(), false);
  }

  private static Buffer rowMajor(Backend backend, Buffer x) {
    if (x.layout().isContiguous()) {
      return x;
    }
    Buffer y = Buffer.allocate(x.dtype(), x.shape());
    backend.copy(x, y);
    return y;
  }

  /// All positions of all images, as parts of so many columns or a little more; of large images
  /// bands, unless they are to be whole.
  private static List<ConvPart> parts(ConvSizes s, int columns, boolean whole) {
    List<ConvPart> parts = new ArrayList<>();
    int height = s.rows().output();
    int images = Math.max(1, columns / s.positions());
    if (s.columns().output() < TOGETHER && s.positions() <= MOST * columns / TOGETHER) {
      images = (images + TOGETHER - 1) / TOGETHER * TOGETHER;
    }
    int bands = whole ? 1 : Math.max(1, s.positions() / (2 * columns));
    for (int g = 0; g < s.groups(); g++) {
      for (int i = 0; i < s.images(); i += images) {
        int count = Math.min(images, s.images() - i);
        for (int band = 0; band < Math.min(bands, height); band++) {
          int row = (int) ((long) band * height / bands);
          int end = (int) ((band + 1L) * height / bands);
          if (end > row) {
            parts.add(new ConvPart(g, 0, s.in(), i, count, row, end - row));
          }
        }
      }
    }
    return parts;
  }

  /// The array of the kernels is given apart, for it may be a workspace's.
  private void output(ConvSizes s, Buffer x, Object w, int wo, Buffer y) {
    List<ConvPart> parts = parts(s, COLUMNS, false);
    boolean few = parts.size() < 2 * parallel.threads() && terms(s) >= SHARED;
    int cuts = few ? Math.min(s.out(), parallel.threads()) : 1; // also along the channels
    share(
        terms(s),
        parts.size() * cuts,
        i -> {
          ConvPart part = parts.get(i / cuts);
          int first = (int) ((long) (i % cuts) * s.out() / cuts);
          int count = (int) ((i % cuts + 1L) * s.out() / cuts) - first;
          if (y.dtype() == DType.F32) {
            ConvF32 conv = floats.take();
            conv.output(s, part, x, (float[]) w, wo, first, count, y);
            floats.give(conv);
          } else {
            ConvF64 conv = doubles.take();
            conv.output(s, part, x, (double[]) w, wo, first, count, y);
            doubles.give(conv);
          }
        });
  }

  private static long terms(ConvSizes s) {
    return (long) s.images() * s.groups() * s.out() * s.taps() * s.positions();
  }

  private void share(long terms, int parts, IntConsumer body) {
    if (terms < SHARED) {
      for (int i = 0; i < parts; i++) {
        body.accept(i);
      }
    } else {
      parallel.run(parts, body);
    }
  }

  private void input(ConvSizes s, Buffer y, Buffer w, Buffer x, Backend backend) {
    if (Depthwise.fits(s)) {
      depthwise.run(Op.Conv.Kind.INPUT, s, x, w, rowMajor(backend, y));
      return;
    }
    boolean slides = s.rows().stride() == 1 && s.columns().stride() == 1;
    if (slides && s.in() >= FEW_CHANNELS) {
      turned(s, y, w, x, backend);
      return;
    }
    Buffer images = rowMajor(backend, y);
    int wo = w.layout().offset();
    List<ConvPart> parts = new ArrayList<>();
    for (ConvPart p : parts(s, COLUMNS, true)) {
      int each = (int) Math.max(1, MET / ((long) p.images() * s.positions() * s.tapsEach()));
      for (int c = 0; c < s.in(); c += each) {
        int count = Math.min(each, s.in() - c);
        parts.add(new ConvPart(p.group(), c, count, p.image(), p.images(), p.row(), p.rows()));
      }
    }
    share(
        terms(s),
        parts.size(),
        i -> {
          if (x.dtype() == DType.F32) {
            ConvF32 conv = floats.take();
            conv.input(s, parts.get(i), images, w.f32(), wo, x);
            floats.give(conv);
          } else {
            ConvF64 conv = doubles.take();
            conv.input(s, parts.get(i), images, w.f64(), wo, x);
            doubles.give(conv);
          }
        });
  }

  /// With stride 1: a convolution of the output with the kernels turned round.
  private void turned(ConvSizes s, Buffer y, Buffer w, Buffer x, Backend backend) {
    ConvSizes back =
        new ConvSizes(
            s.images(), s.groups(), s.out(), s.in(), s.rows().back(), s.columns().back(), true);
    if (isTiled(back, x.dtype())) {
      tiled(back, rowMajor(backend, y), w, x);
      return;
    }
    int wo = w.layout().offset();
    int n = w.shape().size();
    int cuts = Math.min(s.in(), parallel.threads());
    if (x.dtype() == DType.F32) {
      ConvF32 room = floats.take();
      float[] turned = room.turned(n);
      eachCut(s, cuts, (g, first, count) -> ConvF32.turn(s, g, first, count, w.f32(), wo, turned));
      output(back, y, turned, 0, x);
      floats.give(room);
    } else {
      ConvF64 room = doubles.take();
      double[] turned = room.turned(n);
      eachCut(s, cuts, (g, first, count) -> ConvF64.turn(s, g, first, count, w.f64(), wo, turned));
      output(back, y, turned, 0, x);
      doubles.give(room);
    }
  }

  /// Some input channels of a group.
  private interface Cut {
    void run(int group, int first, int count);
  }

  private void eachCut(ConvSizes s, int cuts, Cut body) {
    share(
        terms(s),
        s.groups() * cuts,
        i -> {
          int first = (int) ((long) (i % cuts) * s.in() / cuts);
          body.run(i / cuts, first, (int) ((i % cuts + 1L) * s.in() / cuts) - first);
        });
  }

  private void kernels(ConvSizes s, Buffer x, Buffer y, Buffer w) {
    List<ConvPart> parts = parts(s, 2 * COLUMNS, false);
    int each = parts.size() / s.groups(); // parts of one group, one after the other
    if (s.taps() < FEW_TAPS && each >= SHARES) {
      shares(s, parts, each, x, y, w);
      return;
    }
    int cuts = Math.min(s.in(), terms(s) < SHARED ? 1 : parallel.threads());
    eachCut(
        s,
        cuts,
        (g, first, count) -> {
          int to = w.layout().offset() + g * s.out() * s.taps() + first * s.tapsEach();
          for (int p = 0; p < each; p++) {
            ConvPart all = parts.get(g * each + p);
            ConvPart part =
                new ConvPart(g, first, count, all.image(), all.images(), all.row(), all.rows());
            add(s, part, x, y, w, to, p > 0);
          }
        });
  }

  /// Few taps: each share of the images gives a sum of its own, and these are added in their order.
  private void shares(ConvSizes s, List<ConvPart> parts, int each, Buffer x, Buffer y, Buffer w) {
    int size = s.out() * s.taps();
    for (int g = 0; g < s.groups(); g++) {
      int first = g * each;
      int to = w.layout().offset() + g * size;
      Buffer sums = Buffer.allocate(w.dtype(), Shape.of(SHARES * size));
      parallel.run(
          SHARES,
          share -> {
            int begin = (int) ((long) share * each / SHARES);
            int end = (int) ((share + 1L) * each / SHARES);
            for (int p = begin; p < end; p++) {
              add(s, parts.get(first + p), x, y, sums, share * size, p > begin);
            }
          });
      for (int i = 0; i < SHARES * size; i++) {
        int at = to + i % size;
        if (w.dtype() == DType.F32) {
          w.f32()[at] += sums.f32()[i];
        } else {
          w.f64()[at] += sums.f64()[i];
        }
      }
    }
  }

  private void add(ConvSizes s, ConvPart part, Buffer x, Buffer y, Buffer w, int to, boolean add) {
    if (w.dtype() == DType.F32) {
      ConvF32 conv = floats.take();
      conv.kernels(s, part, x, y, w.f32(), to, add);
      floats.give(conv);
    } else {
      ConvF64 conv = doubles.take();
      conv.kernels(s, part, x, y, w.f64(), to, add);
      doubles.give(conv);
    }
  }
}
