package org.cotangent.autograd.cpu;

/// Convolutions with kernels of 3 by 3 and stride 1 by the minimal algorithm F(2x2, 3x3) of
/// Winograd: for each pair of channels 16 products for four places of the output, not 36 (Lavin,
/// Gray, "Fast Algorithms for Convolutional Neural Networks", 2015, section 4.1).
///
/// `Y = Aᵀ [Σ_c (G w_c Gᵀ) ∘ (Bᵀ x_c B)] A` for each tile of the output: 16 products of matrices,
/// channels of the output by channels of the input by tiles. Each is the linear map of the direct
/// form, so the gradients are its adjoints: that of the input is a convolution with kernels turned
/// round, whose transformed are those of the kernels in another order; that of the kernels is `Gᵀ
/// [Σ (A y Aᵀ) ∘ (Bᵀ x B)] G`.
///
/// Numbers are added and halved before they are multiplied, so the error of an output is small
/// beside the largest of the numbers around it, not beside its own terms: it may be larger where
/// neighbours are; for numbers of one size it is smaller than the direct form's, for it has fewer
/// terms. An infinity makes NaN in the places around it.
///
/// Vectors run over images, so that the maps need no shuffles and planes may be as small as they
/// like. An object is the workspace of one convolution at a time.
final class WinogradF32 {
  /// Images whose same places are neighbours, at most.
  private static final int TOGETHER = 32;

  /// Columns of the products: as few as the products like, for the transformed to stay in the
  /// cache.
  private static final int WIDTH = 128;

  /// Channels of each kind at least: each is transformed once, and read by all of the other.
  private static final int CHANNELS = 16;

  /// Fewer terms are not worth the transformations.
  private static final long TERMS = 1 << 22;

  /// Numbers between the 16 matrices, so that they do not fight for the same places in the cache.
  private static final int GAP = 16;

  /// Jobs that the channels are shared out in, at most.
  private static final int JOBS = 16;

  /// Where the transformed of a kernel turned round stands in that of the kernel.
  private static final int[] TURNED = {15, 13, 14, 12, 7, 5, 6, 4, 11, 9, 10, 8, 3, 1, 2, 0};

  private final Pool<GemmF32> products = new Pool<>(GemmF32::new);
  private float[] u = {};
  private float[] v = {};
  private float[] m = {};
  private float[] x = {};
  private float[] y = {};

  /// Whether this way is open, and worth it.
  static boolean fits(ConvSizes s) {
    boolean shape =
        s.groups() == 1
            && s.rows().kernel() == 3
            && s.columns().kernel() == 3
            && s.rows().stride() == 1
            && s.columns().stride() == 1
            && s.rows().dilation() == 1
            && s.columns().dilation() == 1;
    int lanes = 0;
    for (int i = 0; i < s.images(); i += TOGETHER) {
      lanes += lanes(s.images() - i);
    }
    return shape
        && LanesF32.FUSED
        && s.in() >= CHANNELS
        && s.out() >= CHANNELS
        && 4L * s.images() >= 3L * lanes
        && (long) s.images() * s.out() * s.taps() * s.positions() >= TERMS;
  }

  private static int lanes(int images) {
    return Math.min(TOGETHER, (images + LanesF32.L - 1) / LanesF32.L * LanesF32.L);
  }

  /// The convolution of `xs` with `w`, to `ys`, all row-major from their beginnings on. Kernels of
  /// turned taps are those of the convolution whose input is `ys`.
  void output(
      ConvSizes s, float[] xs, int xo, float[] w, int wo, float[] ys, int yo, Parallel parallel) {
    int in = s.in();
    int out = s.out();
    int uStep = kernelStep(in * out);
    u = room(u, 16 * uStep);
    eachChannel(
        MathSize.pieces(in * out, LanesF32.L),
        parallel,
        (first, end) ->
            WinogradMapsF32.kernels(
                first * LanesF32.L, Math.min(in * out, end * LanesF32.L), w, wo, u, uStep));
    var tiles = new WinogradTiles(s.rows(), s.columns());
    int inputs = tiles.inputs();
    int outputs = tiles.outputs();
    for (int image = 0; image < s.images(); image += TOGETHER) {
      int images = Math.min(TOGETHER, s.images() - image);
      int lanes = lanes(images);
      int each = Math.max(1, WIDTH / lanes);
      gather(in, inputs, images, lanes, xs, xo + image * in * inputs, true, parallel);
      y = room(y, out * (outputs + 1) * lanes);
      for (int tile = 0; tile < tiles.count(); tile += each) {
        int first = tile;
        int count = Math.min(each, tiles.count() - tile);
        int width = count * lanes;
        int vStep = in * width + GAP;
        int mStep = out * width + GAP;
        v = room(v, 16 * vStep);
        m = room(m, 16 * mStep);
        inputs(tiles, first, count, lanes, in, vStep, parallel);
        parallel.run(
            16,
            f -> {
              int a = (s.turned() ? TURNED[f] : f) * uStep;
              int lda = s.turned() ? out : in;
              GemmF32 gemm = products.take();
              gemm.multiply(
                  s.turned(),
                  false,
                  out,
                  width,
                  in,
                  u,
                  a,
                  lda,
                  v,
                  f * vStep,
                  width,
                  m,
                  f * mStep,
                  width,
                  false);
              products.give(gemm);
            });
        eachChannel(
            out,
            parallel,
            (from, end) -> {
              for (int o = from; o < end; o++) {
                int to = o * (outputs + 1) * lanes;
                WinogradMapsF32.output(tiles, first, count, lanes, m, o * width, mStep, y, to);
              }
            });
      }
      int to = yo + image * out * outputs;
      eachChannel(
          out,
          parallel,
          (from, end) -> {
            for (int o = from; o < end; o++) {
              int at = o * (outputs + 1) * lanes;
              WinogradMapsF32.spread(
                  outputs, images, lanes, y, at, ys, to + o * outputs, out * outputs);
            }
          });
    }
  }

  /// What inputs `xs` and gradients `ys` of the output say about the kernels, to `dw`.
  void kernels(
      ConvSizes s, float[] xs, int xo, float[] ys, int yo, float[] dw, int to, Parallel parallel) {
    int in = s.in();
    int out = s.out();
    int uStep = kernelStep(in * out);
    u = room(u, 16 * uStep);
    var tiles = new WinogradTiles(s.rows(), s.columns());
    int inputs = tiles.inputs();
    int outputs = tiles.outputs();
    for (int image = 0; image < s.images(); image += TOGETHER) {
      int images = Math.min(TOGETHER, s.images() - image);
      int lanes = lanes(images);
      int each = Math.max(1, WIDTH / lanes);
      gather(in, inputs, images, lanes, xs, xo + image * in * inputs, true, parallel);
      gather(out, outputs, images, lanes, ys, yo + image * out * outputs, false, parallel);
      for (int tile = 0; tile < tiles.count(); tile += each) {
        int first = tile;
        int count = Math.min(each, tiles.count() - tile);
        int width = count * lanes;
        int vStep = in * width + GAP;
        int mStep = out * width + GAP;
        v = room(v, 16 * vStep);
        m = room(m, 16 * mStep);
        boolean add = image > 0 || tile > 0;
        inputs(tiles, first, count, lanes, in, vStep, parallel);
        eachChannel(
            out,
            parallel,
            (from, end) -> {
              for (int o = from; o < end; o++) {
                int at = o * (outputs + 1) * lanes;
                WinogradMapsF32.gradient(tiles, first, count, lanes, y, at, m, o * width, mStep);
              }
            });
        parallel.run(
            16,
            f -> {
              GemmF32 gemm = products.take();
              gemm.multiply(
                  false, true, out, in, width, m, f * mStep, width, v, f * vStep, width, u,
                  f * uStep, in, add);
              products.give(gemm);
            });
      }
    }
    eachChannel(
        MathSize.pieces(in * out, LanesF32.L),
        parallel,
        (first, end) ->
            WinogradMapsF32.kernelGradients(
                first * LanesF32.L, Math.min(in * out, end * LanesF32.L), u, uStep, dw, to));
  }

  private static int kernelStep(int kernels) {
    return (kernels + LanesF32.L - 1) / LanesF32.L * LanesF32.L + GAP;
  }

  /// All channels of some images, `n` places each, into [#x] or [#y].
  private void gather(
      int channels,
      int n,
      int images,
      int lanes,
      float[] from,
      int at,
      boolean isInput,
      Parallel parallel) {
    int size = channels * (n + 1) * lanes;
    x = isInput ? room(x, size) : x;
    y = isInput ? y : room(y, size);
    float[] to = isInput ? x : y;
    eachChannel(
        channels,
        parallel,
        (first, end) -> {
          for (int c = first; c < end; c++) {
            WinogradMapsF32.gather(
                n, images, lanes, from, at + c * n, channels * n, to, c * (n + 1) * lanes);
          }
        });
  }

  private void inputs(
      WinogradTiles tiles,
      int first,
      int count,
      int lanes,
      int channels,
      int step,
      Parallel parallel) {
    eachChannel(
        channels,
        parallel,
        (from, end) -> {
          for (int c = from; c < end; c++) {
            int at = c * (tiles.inputs() + 1) * lanes;
            WinogradMapsF32.input(tiles, first, count, lanes, x, at, v, c * count * lanes, step);
          }
        });
  }

  /// Some channels.
  private interface Some {
    void of(int first, int end);
  }

  private static void eachChannel(int channels, Parallel parallel, Some body) {
    int jobs = Math.min(channels, JOBS);
    parallel.run(
        jobs, i -> body.of((int) ((long) i * channels / jobs), (int) ((i + 1L) * channels / jobs)));
  }

  private static float[] room(float[] x, int n) {
    return x.length < n + LanesF32.L ? new float[n + LanesF32.L] : x;
  }
}
