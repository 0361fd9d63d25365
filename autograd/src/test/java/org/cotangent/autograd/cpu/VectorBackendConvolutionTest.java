package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.op.Op.Conv.Kind;
import org.cotangent.autograd.op.Shapes;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.autograd.shape.Sliding;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class VectorBackendConvolutionTest {
  private static final Backend FAST = Width.backend();
  private static final Backend EXACT = new ReferenceBackend();

  /// Few and many images with short and long rows, so that they lie side by side or not.
  @Property(tries = 150, shrinking = ShrinkingMode.OFF)
  void smallConvolutionsInAnyLayoutAgreeWithTheReference(@ForAll long seed) {
    Buffers some = new Buffers(seed, false);
    int groups = 1 + some.below(3) / 2;
    agree(
        some,
        some.below(4) == 0 ? some.below(20) : some.below(4),
        groups,
        1 + some.below(5),
        1 + some.below(5),
        sliding(some, 1 + some.below(4)),
        sliding(some, 1 + some.below(some.coin() ? 4 : 20)));
  }

  private static Sliding sliding(Buffers some, int output) {
    int kernel = 1 + some.below(4);
    int stride = 1 + some.below(3);
    int dilation = 1 + some.below(3);
    int before = some.below(5) - 1;
    int reach = (output - 1) * stride + (kernel - 1) * dilation + 1;
    int after = some.below(7) - 3; // zeros, or what no tap reaches
    return new Sliding(
        Math.max(0, reach - before - after), kernel, output, stride, dilation, before);
  }

  /// Above the sizes from which strips are made one by one and work is shared out; below and above
  /// blocks of terms, tiles of rows, lanes of columns and parts of images.
  @Tag("cold")
  @Test
  void largeConvolutionsAgreeWithTheReference() {
    Buffers some = new Buffers(5, false);
    Sliding three = Sliding.over(9, 3, 1, 1, 1, 1);
    Sliding two = Sliding.over(2, 3, 1, 1, 1, 1);
    Sliding half = Sliding.over(11, 3, 2, 1, 1, 1);
    agree(some, 2, 1, 31, 37, three, three); // 279 taps
    agree(some, 19, 1, 33, 13, two, two); // images side by side, a rest of three
    agree(some, 17, 2, 9, 15, half, Sliding.over(5, 3, 2, 1, 1, 1));
    agree(some, 1, 1, 3, 8, Sliding.over(50, 3, 1, 1, 1, 1), Sliding.over(50, 3, 1, 1, 1, 1));
    agree(some, 40, 1, 2, 12, three, Sliding.over(33, 3, 1, 1, 1, 1)); // few taps, many images
    agree(some, 2, 1, 20, 20, Sliding.over(21, 1, 1, 1, 0, 0), Sliding.over(23, 1, 1, 1, 0, 0));
    agree(some, 18, 1, 3, 8, Sliding.over(401, 3, 1, 1, 1, 1), Sliding.over(3, 3, 1, 1, 1, 1));
    agree(some, 1, 1, 70, 9, Sliding.over(61, 3, 2, 1, 1, 1), Sliding.over(63, 3, 2, 1, 1, 1));
    agree(some, 3, 1, 2, 20, Sliding.over(17, 5, 1, 2, 4, 4), Sliding.over(19, 3, 1, 3, 3, 3));
  }

  /// Places of the output all before the input or behind it, in rows, columns or both.
  @Test
  void aKernelMayMeetNothingButPadding() {
    Sliding padding = Sliding.over(1, 1, 5, 1, 2, 2);
    Sliding before = new Sliding(3, 2, 2, 1, 1, 7);
    Sliding behind = new Sliding(3, 2, 2, 1, 1, -3);
    for (Sliding s : new Sliding[] {padding, before, behind}) {
      agree(new Buffers(2, false), 2, 1, 3, 2, s, s);
      agree(new Buffers(2, false), 2, 2, 9, 2, three(4, 1), s);
      agree(new Buffers(2, false), 9, 1, 3, 2, s, three(4, 1));
    }
  }

  private static Sliding three(int input, int stride) {
    return Sliding.over(input, 3, stride, 1, 1, 1);
  }

  record Sizes(int images, int groups, int in, int out, Sliding rows, Sliding columns, String why) {
    @Override
    public String toString() {
      return why;
    }
  }

  static List<Sizes> ways() {
    Sliding five = Sliding.over(7, 5, 1, 1, 2, 2);
    return List.of(
        new Sizes(1, 1, 5, 37, three(9, 1), three(9, 1), "strips made one by one"),
        new Sizes(19, 1, 13, 16, three(2, 1), three(2, 1), "strips of images side by side"),
        new Sizes(2, 1, 1, 2, three(46, 1), three(47, 1), "bands of an image"),
        new Sizes(5, 2, 2, 1, three(64, 1), three(65, 1), "shares of few taps"),
        new Sizes(5, 2, 2, 1, three(21, 1), three(50, 1), "groups of parts"),
        new Sizes(1, 1, 8, 16, three(24, 1), three(24, 1), "parts cut along channels"),
        new Sizes(1, 1, 16, 1, three(128, 2), three(129, 2), "some channels at a time"),
        new Sizes(40, 1, 2, 3, three(5, 1), three(4, 2), "many images, two strides"),
        new Sizes(3, 2, 9, 10, three(6, 1), Sliding.over(7, 2, 1, 3, 1, 0), "kernels turned"),
        new Sizes(2, 2, 17, 3, five, Sliding.over(6, 4, 1, 1, 1, 2), "many taps turned"),
        new Sizes(2, 1, 9, 3, three(7, 2), three(6, 1), "a stride along columns"),
        new Sizes(2, 1, 9, 3, three(6, 1), three(7, 2), "a stride along rows"),
        new Sizes(3, 3, 1, 2, three(9, 1), three(5 * Width.EDGE + 2, 1), "one channel at a time"));
  }

  /// As little as leads to each way of dividing and computing.
  @ParameterizedTest
  @MethodSource("ways")
  void eachWayAgreesWithTheReference(Sizes s) {
    agree(new Buffers(9, false), s.images, s.groups, s.in, s.out, s.rows, s.columns);
  }

  /// The same in row-major order, in the middle of larger arrays, and with new workspaces.
  @ParameterizedTest
  @MethodSource("ways")
  void eachWayReadsNothingAroundItsOperands(Sizes s) {
    Operands framed = Framed::operand;
    Buffers some = new Buffers(9, false);
    agree(Width::backend, framed, some, s.images, s.groups, s.in, s.out, s.rows, s.columns);
  }

  /// Where the numbers of an operand come from.
  private interface Operands {
    Buffer of(Buffers some, DType d, Shape shape);
  }

  private static void agree(
      Buffers some, int images, int groups, int in, int out, Sliding rows, Sliding columns) {
    agree(() -> FAST, Buffers::view, some, images, groups, in, out, rows, columns);
  }

  private static void agree(
      Supplier<Backend> fast,
      Operands operands,
      Buffers some,
      int images,
      int groups,
      int in,
      int out,
      Sliding rows,
      Sliding columns) {
    for (DType d : new DType[] {DType.F32, DType.F64}) {
      Shape x = Shape.of(images, in * groups, rows.input(), columns.input());
      Shape w = Shape.of(out * groups, in, rows.kernel(), columns.kernel());
      Shape y = Shape.of(images, out * groups, rows.output(), columns.output());
      int terms = in * rows.kernel() * columns.kernel();
      agree(fast, operands, Kind.OUTPUT, some, d, groups, rows, columns, x, w, terms);
      agree(fast, operands, Kind.INPUT, some, d, groups, rows, columns, y, w, terms / in * out);
      terms = images * rows.output() * columns.output();
      agree(fast, operands, Kind.KERNEL, some, d, groups, rows, columns, x, y, terms);
    }
  }

  private static void agree(
      Supplier<Backend> fast,
      Operands operands,
      Kind kind,
      Buffers some,
      DType d,
      int groups,
      Sliding rows,
      Sliding columns,
      Shape a,
      Shape b,
      int terms) {
    Buffer left = operands.of(some, d, a);
    Buffer right = operands.of(some, d, b);
    Op.Conv op = new Op.Conv(kind, rows, columns, groups);
    Shape to = Shapes.of(op, left, right);
    Framed got = Framed.result(d, to);
    Buffer want = Buffer.allocate(d, to);
    fast.get().conv(op, left, right, got.inside());
    EXACT.conv(op, left, right, want);
    String what = "%s of %s and %s".formatted(op, a, b);
    double size = 10 + 30.0 * terms;
    if (isStretched(left) || isStretched(right)) {
      // Terms repeat, so that roundings do not cancel: each of n additions may lose half a unit of
      // the sum of all sizes, n/2 units in all (Higham, Accuracy and Stability, 4.2); near() takes
      // eight.
      size += terms * largestSum(op, left, right) / 16;
    }
    Agreement.near(size, what, got.inside(), want);
    got.assertNothingAroundIsWritten(what);
  }

  private static boolean isStretched(Buffer x) {
    for (int i = 0; i < x.shape().rank(); i++) {
      if (x.shape().dim(i) > 1 && x.layout().stride(i) == 0) {
        return true;
      }
    }
    return false;
  }

  /// The largest sum of sizes of terms.
  private static double largestSum(Op.Conv op, Buffer left, Buffer right) {
    Buffer sums = Buffer.allocate(DType.F64, Shapes.of(op, left, right));
    EXACT.conv(op, sizes(left), sizes(right), sums);
    return Arrays.stream(sums.f64()).max().orElse(0);
  }

  private static Buffer sizes(Buffer x) {
    Buffer y = inDouble(x);
    Arrays.setAll(y.f64(), i -> Math.abs(y.f64()[i]));
    return y;
  }

  /// Of small whole numbers, which tiles compute without error: kernels that copy each channel, and
  /// one number of the input that says about each tap what its place of the output is.
  @Test
  void convolutionsByTilesAreThoseOfTheBackend() {
    Sliding s = Sliding.over(8, 3, 1, 1, 1, 1);
    Shape images = Shape.of(32, 16, 8, 8);
    Shape kernels = Shape.of(16, 16, 3, 3);
    for (DType d : new DType[] {DType.F32, DType.F64}) {
      Buffer x = Buffer.allocate(d, images);
      for (int i = 0; i < images.size(); i++) {
        ReferenceBackend.put(x, i, Math.floorMod(7 * i, 19) - 9);
      }
      Buffer copying = Buffer.allocate(d, kernels);
      for (int c = 0; c < 16; c++) {
        ReferenceBackend.put(copying, (c * 16 + c) * 9 + 4, 1);
      }
      for (Kind kind : new Kind[] {Kind.OUTPUT, Kind.INPUT}) {
        Buffer y = Buffer.allocate(d, images);
        FAST.conv(new Op.Conv(kind, s, s, 1), x, copying, y);
        Agreement.within(0, kind + " " + d, y, x);
      }
      Buffer one = Buffer.allocate(d, images);
      ReferenceBackend.put(
          one, ((5 * 16 + 3) * 8 + 4) * 8 + 4, 1); // image 5, channel 3, in the middle
      Buffer want = Buffer.allocate(d, kernels);
      for (int o = 0; o < 16; o++) {
        for (int tap = 0; tap < 9; tap++) {
          int place = ((5 * 16 + o) * 8 + 5 - tap / 3) * 8 + 5 - tap % 3;
          ReferenceBackend.put(want, (o * 16 + 3) * 9 + tap, x.getDouble(place));
        }
      }
      Buffer got = Buffer.allocate(d, kernels);
      FAST.conv(new Op.Conv(Kind.KERNEL, s, s, 1), one, x, got);
      Agreement.within(0, "KERNEL " + d, got, want);
    }
  }

  /// Tiles of the output: odd planes, uneven padding, a rest of images, channels that are no
  /// multiple of anything.
  @Tag("cold")
  @Test
  void convolutionsByTilesAgreeWithTheReference() {
    Buffers some = new Buffers(7, false);
    Sliding odd = Sliding.over(7, 3, 1, 1, 1, 1);
    agree(some, 32, 1, 40, 48, Sliding.over(4, 3, 1, 1, 1, 1), Sliding.over(4, 3, 1, 1, 1, 1));
    agree(some, 33, 1, 17, 37, odd, Sliding.over(6, 3, 1, 1, 0, 2));
    agree(some, 63, 1, 67, 61, Sliding.over(2, 3, 1, 1, 1, 1), Sliding.over(2, 3, 1, 1, 1, 1));
    agree(some, 16, 1, 32, 16, Sliding.over(9, 3, 1, 1, 0, 0), Sliding.over(9, 3, 1, 1, 2, -1));
    agree(some, 48, 1, 19, 33, Sliding.over(1, 3, 1, 1, 1, 1), Sliding.over(25, 3, 1, 1, 1, 1));
  }

  @Property(tries = 40, shrinking = ShrinkingMode.OFF)
  void convolutionsOfOneChannelAtATimeAgreeWithTheReference(@ForAll long seed) {
    Buffers some = new Buffers(seed, false);
    Sliding rows = sliding(some, 4 + some.below(8));
    Sliding columns = sliding(some, 1 + some.below(40));
    agree(some, 1 + some.below(4), 2 + some.below(20), 1, 1 + some.below(5), rows, columns);
  }

  /// A stretched operand, whose sum of 420 equal roundings was once taken for a fault: it is within
  /// the bound of sums, and was above one for terms that differ.
  @Test
  void roundingsOfStretchedOperandsAddUp() {
    convolutionsOfOneChannelAtATimeAgreeWithTheReference(-949);
  }

  /// An infinite number of the input reaches the taps that meet it, and no others.
  @Test
  void infinitiesStayWithTheTapsThatMeetThem() {
    Sliding s = Sliding.over(19, 3, 1, 1, 0, 0);
    Buffers some = new Buffers(3, false);
    Buffer x = some.fill(Buffer.allocate(DType.F32, Shape.of(2, 40, 19, 19)));
    for (int row = 0; row < 2 * 40 * 19; row++) {
      x.f32()[row * 19 + 18] = Float.POSITIVE_INFINITY;
    }
    Buffer g = some.fill(Buffer.allocate(DType.F32, Shape.of(2, 40, 17, 17)));
    Buffer dw = Buffer.allocate(DType.F32, Shape.of(40, 1, 3, 3));
    FAST.conv(new Op.Conv(Kind.KERNEL, s, s, 40), x, g, dw);
    for (int i = 0; i < 40 * 9; i++) {
      assertThat(Float.isFinite(dw.f32()[i])).as("tap %d", i % 9).isEqualTo(i % 3 < 2);
    }
  }

  /// Numbers of one size, summed in double: not worse by tiles than the direct form's bound, some
  /// half a unit for each doubling of the terms.
  @Tag("cold")
  @Test
  void tilesLoseLittleOnNumbersOfOneSize() {
    Buffers some = new Buffers(8, false);
    Sliding s = Sliding.over(8, 3, 1, 1, 1, 1);
    int channels = 64;
    Buffer x = some.fill(Buffer.allocate(DType.F32, Shape.of(32, channels, 8, 8)));
    Buffer w = some.fill(Buffer.allocate(DType.F32, Shape.of(channels, channels, 3, 3)));
    for (Kind kind : Kind.values()) {
      Op.Conv op = new Op.Conv(kind, s, s, 1);
      Buffer right = kind == Kind.KERNEL ? x : w;
      Buffer got = Buffer.allocate(DType.F32, Shapes.of(op, x, right));
      Buffer want = Buffer.allocate(DType.F64, got.shape());
      FAST.conv(op, x, right, got);
      EXACT.conv(op, inDouble(x), inDouble(right), want);
      double error = 0;
      double size = 0;
      for (int i = 0; i < want.shape().size(); i++) {
        error += Math.pow(got.f32()[i] - want.f64()[i], 2);
        size += Math.pow(want.f64()[i], 2);
      }
      assertThat(Math.sqrt(error / size)).as("%s", kind).isLessThan(5 * Math.ulp(1f));
    }
  }

  private static Buffer inDouble(Buffer x) {
    Buffer y = Buffer.allocate(DType.F64, x.shape());
    for (int i = 0; i < x.shape().size(); i++) {
      y.f64()[i] = x.getDouble(x.layout().at(i));
    }
    return y;
  }

  @Property(tries = 150)
  void poolingAgreesWithTheReference(@ForAll long seed) {
    Buffers some = new Buffers(seed, true);
    Sliding rows = pooling(some);
    Sliding columns = pooling(some);
    poolingAgrees(some, rows, columns, some.below(3), 1 + some.below(3));
  }

  /// Wide rows, cut off at both ends or not, and more narrow planes than share a table; ties, NaN
  /// and infinities everywhere.
  @Test
  void largePoolingsAgreeWithTheReference() {
    Buffers some = new Buffers(11, true);
    Sliding three = Sliding.over(7, 3, 2, 1, 1, 1);
    poolingAgrees(some, three, Sliding.over(171, 3, 2, 1, 1, 1), 2, 3);
    poolingAgrees(some, Sliding.over(9, 4, 1, 2, 2, 2), Sliding.over(70, 2, 1, 3, 1, 1), 1, 3);
    poolingAgrees(some, Sliding.over(2, 2, 1, 1, 1, 1), Sliding.over(70, 2, 1, 1, 1, 1), 2, 1);
    poolingAgrees(some, three, Sliding.over(6, 3, 2, 1, 1, 1), 33, 5);
    poolingAgrees(some, Sliding.over(2, 3, 2, 1, 1, 1), Sliding.over(2, 3, 2, 1, 1, 1), 32, 37);
    poolingAgrees(some, Sliding.over(40, 5, 3, 1, 2, 2), Sliding.over(41, 5, 3, 1, 2, 2), 9, 8);
    poolingAgrees(some, Sliding.over(2, 2, 1, 1, 1, 1), Sliding.over(2, 2, 1, 1, 1, 1), 40, 60);
    poolingAgrees(some, three, Sliding.over(141, 3, 2, 1, 1, 1), 6, 9);
  }

  private static void poolingAgrees(Buffers some, Sliding rows, Sliding columns, int n, int c) {
    for (DType d : new DType[] {DType.F32, DType.F64, DType.I32, DType.I64}) {
      Shape s = Shape.of(n, c, rows.input(), columns.input());
      Op.ArgMaxPool op = new Op.ArgMaxPool(rows, columns);
      for (Buffer x : new Buffer[] {some.view(d, s), Framed.operand(some, d, s)}) {
        Framed got = Framed.result(DType.I64, Shapes.of(op, x));
        Buffer want = Buffer.allocate(DType.I64, got.inside().shape());
        FAST.argMaxPool(x, rows, columns, got.inside());
        EXACT.argMaxPool(x, rows, columns, want);
        String what = "%s of %s".formatted(op, s);
        Agreement.within(0, what, got.inside(), want);
        got.assertNothingAroundIsWritten(what);
      }
    }
  }

  private static Sliding pooling(Buffers some) {
    while (true) {
      int kernel = 1 + some.below(4);
      int padding = some.below(kernel / 2 + 1);
      int dilation = 1 + some.below(2);
      int stride = 1 + some.below(3);
      int input = 1 + some.below(12);
      Sliding s = Sliding.over(input, kernel, stride, dilation, padding, padding);
      if (s.meetsInputEverywhere()) {
        return s;
      }
    }
  }

  @Property(tries = 150)
  void overlappingWindowsAddUpAsInTheReference(@ForAll long seed) {
    Buffers some = new Buffers(seed, false);
    for (DType d : new DType[] {DType.F32, DType.F64, DType.I32, DType.I64}) {
      int size = some.below(5);
      int step = 1 + some.below(3);
      int dilation = 1 + some.below(3);
      int[] dims = {some.below(4), some.below(8), some.below(4)};
      int axis = some.below(3);
      int reach = Math.max(0, (dims[axis] - 1) * step + (size - 1) * dilation + 1);
      Shape windows = Shape.of(dims).inserted(3, size);
      Buffer x = some.view(d, windows);
      Shape to = Shape.of(dims).with(axis, reach + some.below(3));
      Buffer got = Buffer.allocate(d, to);
      Buffer want = Buffer.allocate(d, to);
      FAST.overlapAdd(x, axis, step, dilation, got);
      EXACT.overlapAdd(x, axis, step, dilation, want);
      if (d.isFloating()) {
        Agreement.near(30, "windows %s".formatted(windows), got, want);
      } else {
        Agreement.within(0, "windows %s".formatted(windows), got, want);
      }
    }
  }

  @Test
  void theReferenceSumsProductsAsTheFormulaSays() {
    // One image of 3 by 3, a kernel of 2 by 2, a zero on each side, stride 2.
    Sliding s = Sliding.over(3, 2, 2, 1, 1, 1);
    Buffer x = Buffer.allocate(DType.F64, Shape.of(1, 1, 3, 3));
    Buffer w = Buffer.allocate(DType.F64, Shape.of(1, 1, 2, 2));
    Buffer y = Buffer.allocate(DType.F64, Shape.of(1, 1, 2, 2));
    for (int i = 0; i < 9; i++) {
      x.f64()[i] = i + 1;
    }
    for (int i = 0; i < 4; i++) {
      w.f64()[i] = Math.pow(10, i);
    }
    EXACT.conv(new Op.Conv(Kind.OUTPUT, s, s, 1), x, w, y);
    // 0 0   0 0   0 4   5 6
    // 0 1   2 3   0 7   8 9
    assertThat(y.f64()).containsExactly(1000, 3200, 7040, 9865);

    Buffer back = Buffer.allocate(DType.F64, x.shape());
    EXACT.conv(new Op.Conv(Kind.INPUT, s, s, 1), ones(y.shape()), w, back);
    assertThat(back.f64()).containsExactly(1000, 100, 1000, 10, 1, 10, 1000, 100, 1000);

    Buffer kernels = Buffer.allocate(DType.F64, w.shape());
    EXACT.conv(new Op.Conv(Kind.KERNEL, s, s, 1), x, ones(y.shape()), kernels);
    assertThat(kernels.f64()).containsExactly(5, 4 + 6, 2 + 8, 1 + 3 + 7 + 9);
  }

  private static Buffer ones(Shape s) {
    return Buffer.full(DType.F64, s, 1);
  }
}
