package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Op.Conv.Kind;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Convolutions by tiles, smaller than those that go this way by themselves.
class WinogradTest {
  private static final int AROUND = 5;
  private static final float MARK = 77f;

  private final Buffers some = new Buffers(1, false);
  private final Parallel parallel = new Parallel(2);

  @BeforeEach
  void vectorsAreThere() {
    assumeTrue(Width.LANES > 1);
  }

  /// Numbers in the middle of an array of marks.
  private Buffer numbers(Shape s) {
    Buffer x = marked(s);
    ReferenceBackend exact = new ReferenceBackend();
    exact.copy(some.fill(Buffer.allocate(DType.F32, s)), x);
    return x;
  }

  private static Buffer marked(Shape s) {
    Buffer whole = Buffer.full(DType.F32, Shape.of(s.size() + 2 * AROUND), MARK);
    Buffer own = Buffer.allocate(DType.F32, whole.shape());
    new ReferenceBackend().copy(whole, own);
    return own.view(own.layout().slice(0, AROUND, s.size(), 1).reshape(s).orElseThrow());
  }

  private static void agree(Op.Conv op, Buffer a, Buffer b, Buffer got) {
    Buffer want = Buffer.allocate(DType.F32, got.shape());
    new ReferenceBackend().conv(op, a, b, want);
    Agreement.near(1000, op.kind() + " " + got.shape(), got, want);
    float[] all = got.f32();
    for (int i = 0; i < AROUND; i++) {
      assertThat(all[i]).isEqualTo(MARK);
      assertThat(all[all.length - 1 - i]).isEqualTo(MARK);
    }
  }

  /// More images than are taken together, fewer, and no multiple of a vector; more tiles than fit
  /// side by side; odd planes with uneven padding; one channel and many; planes of more places than
  /// a vector has lanes. In a workspace used before and in a new one.
  @ParameterizedTest
  @CsvSource({
    "3, 1, 1, 2, 2",
    "16, 2, 3, 3, 5",
    "33, 3, 2, 1, 4",
    "37, 5, 17, 5, 4",
    "2, 17, 1, 9, 8",
    "2, 23, 25, 2, 3",
    "35, 2, 3, 6, 7"
  })
  void tilesGiveWhatTheDirectFormGives(int images, int in, int out, int height, int width) {
    Sliding rows = Sliding.over(height, 3, 1, 1, 1, 1);
    Sliding columns = Sliding.over(width, 3, 1, 1, 0, 2);
    ConvSizes sizes = new ConvSizes(images, 1, in, out, rows, columns, false);
    Buffer x = numbers(Shape.of(images, in, height, width));
    Buffer w = numbers(Shape.of(out, in, 3, 3));
    Buffer y = marked(Shape.of(images, out, rows.output(), columns.output()));
    WinogradF32 conv = new WinogradF32();
    conv.output(
        sizes,
        x.f32(),
        x.layout().offset(),
        w.f32(),
        w.layout().offset(),
        y.f32(),
        y.layout().offset(),
        parallel);
    agree(new Op.Conv(Kind.OUTPUT, rows, columns, 1), x, w, y);

    Buffer g = numbers(y.shape());
    Buffer dx = marked(x.shape());
    ConvSizes back = new ConvSizes(images, 1, out, in, rows.back(), columns.back(), true);
    conv.output(
        back,
        g.f32(),
        g.layout().offset(),
        w.f32(),
        w.layout().offset(),
        dx.f32(),
        dx.layout().offset(),
        parallel);
    agree(new Op.Conv(Kind.INPUT, rows, columns, 1), g, w, dx);

    for (WinogradF32 space : new WinogradF32[] {conv, new WinogradF32()}) {
      Buffer dw = marked(w.shape());
      space.kernels(
          sizes,
          x.f32(),
          x.layout().offset(),
          g.f32(),
          g.layout().offset(),
          dw.f32(),
          dw.layout().offset(),
          parallel);
      agree(new Op.Conv(Kind.KERNEL, rows, columns, 1), x, g, dw);
    }
  }

  private static ConvSizes sizes(int images, int groups, int in, int out, Sliding r, Sliding c) {
    return new ConvSizes(images, groups, in, out, r, c, false);
  }

  @Test
  void onlyManyImagesUnderKernelsOfThreeByThreeGoByTiles() {
    assumeTrue(LanesF32.FUSED);
    Sliding three = Sliding.over(8, 3, 1, 1, 1, 1);
    Sliding less = Sliding.over(7, 3, 1, 1, 1, 1);
    assertThat(WinogradF32.fits(sizes(32, 1, 16, 16, three, three))).isTrue();
    assertThat(WinogradF32.fits(sizes(32, 1, 16, 16, three, less))).as("too little").isFalse();
    assertThat(WinogradF32.fits(sizes(64, 1, 15, 17, three, three))).isFalse();
    assertThat(WinogradF32.fits(sizes(64, 1, 17, 15, three, three))).isFalse();
    assertThat(WinogradF32.fits(sizes(64, 2, 16, 16, three, three))).isFalse();
    for (Sliding other :
        new Sliding[] {
          Sliding.over(16, 5, 1, 1, 1, 1),
          Sliding.over(16, 3, 2, 1, 1, 1),
          Sliding.over(16, 3, 1, 2, 1, 1)
        }) {
      assertThat(WinogradF32.fits(sizes(64, 1, 32, 32, three, other))).isFalse();
      assertThat(WinogradF32.fits(sizes(64, 1, 32, 32, other, three))).isFalse();
    }
    int least = 3 * LanesF32.L / 4; // three quarters of all lanes hold an image
    assertThat(WinogradF32.fits(sizes(least, 1, 99, 99, three, three))).isTrue();
    assertThat(WinogradF32.fits(sizes(least - 1, 1, 99, 99, three, three))).isFalse();
    assertThat(WinogradF32.fits(sizes(32 + least - 1, 1, 99, 99, three, three))).isTrue();
  }
}
