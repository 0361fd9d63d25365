package org.cotangent.autograd.backend;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Array;
import java.util.Arrays;
import org.cotangent.autograd.op.Value;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.jspecify.annotations.Nullable;

/// Numbers in memory: a Java array and the layout of a tensor in it.
///
/// Several buffers may share an array. Once an operation has filled it, nobody writes it again,
/// except its only owner ([#isOwned]): each array knows whether others may see it. Who takes a
/// buffer for a while, and will say when it is done, [lends][#lend] it; who takes it for good
/// [shares][#share] it. Who made it and will not look at it again [donates][#donate] it: then its
/// memory serves others as soon as all loans have ended. A [lent view][#lentView] of a buffer is
/// such a loan, until it is donated itself and all its loans have ended.
public final class Buffer implements Value {
  private static final int SHARED = Integer.MIN_VALUE;
  private static final int DONATED = 1 << 30;

  /// With so many loans a buffer is shared for good: they may never end, and are not to overflow.
  private static final int MANY = 1 << 20;

  private static final VarHandle HOLDERS;

  static {
    try {
      HOLDERS = MethodHandles.lookup().findVarHandle(Buffer.class, "holders", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Object array;
  private final DType dtype;
  private final Layout layout;
  private final Buffer first; // over this array; it counts for all
  private final @Nullable Spares home; // of the first
  private final @Nullable Buffer lender; // of a lent view: the first over the array
  private volatile int holders; // loans, and the bits above

  /// A view of an array, which must be of the dtype's type: `boolean[]`, `int[]`, `long[]`,
  /// `float[]` or `double[]`.
  public Buffer(Object array, DType dtype, Layout layout) {
    this(array, dtype, layout, null);
  }

  /// @param home where the array goes when it is done with
  Buffer(Object array, DType dtype, Layout layout, @Nullable Spares home) {
    this.array = array;
    this.dtype = dtype;
    this.layout = layout;
    this.first = this;
    this.home = home;
    this.lender = null;
  }

  /// @param lender to whom this counts as one loan, or null if it counts with the other
  private Buffer(Buffer of, Layout layout, @Nullable Buffer lender) {
    this.array = of.array;
    this.dtype = of.dtype;
    this.layout = layout;
    this.first = lender == null ? of.first : this;
    this.home = null;
    this.lender = lender;
  }

  /// New zeros in row-major order.
  ///
  /// @throws OutOfMemoryError saying which shape was asked for
  public static Buffer allocate(DType dtype, Shape shape) {
    int n = shape.size();
    try {
      Object array =
          switch (dtype) {
            case BOOL -> new boolean[n];
            case I32 -> new int[n];
            case I64 -> new long[n];
            case F32 -> new float[n];
            case F64 -> new double[n];
          };
      return new Buffer(array, dtype, Layout.of(shape));
    } catch (OutOfMemoryError e) {
      var error =
          new OutOfMemoryError(
              "no memory for a tensor of shape %s, dtype %s: %,d bytes; %s"
                  .formatted(shape, dtype, (long) n * dtype.bytes(), e.getMessage()));
      error.initCause(e);
      throw error;
    }
  }

  /// The same number in every place of a shape, held once.
  public static Buffer full(DType dtype, Shape shape, double v) {
    Buffer one = allocate(dtype, Shape.SCALAR);
    one.set(v);
    return one.view(one.layout.expand(shape));
  }

  @Override
  public Shape shape() {
    return layout.shape();
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  /// Where the elements lie in the array.
  public Layout layout() {
    return layout;
  }

  /// The same array seen through another layout: this buffer in other words, as far as loans go.
  public Buffer view(Layout other) {
    return new Buffer(this, other, null);
  }

  /// The same for somebody who may keep it, or donate it when he is done.
  Buffer lentView(Layout other) {
    Buffer root = first.lender == null ? first : first.lender;
    int now = root.holders;
    if (root.home == null || now < 0 || (now & (DONATED - 1)) >= MANY) {
      root.share();
      share();
      return view(other);
    }
    root.lend();
    return new Buffer(this, other, root);
  }

  /// Says that somebody reads the array until [#giveBack].
  void lend() {
    HOLDERS.getAndAdd(first, 1);
  }

  /// Ends what [#lend] began.
  void giveBack() {
    if ((int) HOLDERS.getAndAdd(first, -1) - 1 == DONATED) {
      first.retire();
    }
  }

  /// Says that nobody will read the array but those to whom it is lent.
  void donate() {
    if ((int) HOLDERS.getAndBitwiseOr(first, DONATED) == 0) {
      first.retire();
    }
  }

  private void retire() {
    if (hasHome() && HOLDERS.compareAndSet(this, DONATED, SHARED | DONATED)) { // once
      if (lender != null) {
        lender.giveBack();
      } else if (home != null) {
        home.give(this);
      }
    }
  }

  /// Whether the array goes somewhere when it is done with.
  boolean hasHome() {
    return (first.lender == null ? first : first.lender).home != null;
  }

  /// Says that somebody may read the array at any time from now on.
  void share() {
    if (first.holders >= 0) {
      HOLDERS.getAndBitwiseOr(first, SHARED);
    }
  }

  /// Whether nobody but the one who asks can see the array, all of which this buffer is; so he may
  /// write to it.
  public boolean isOwned() {
    return first.holders == 0
        && first.lender == null
        && layout.shape().size() == length()
        && layout.isContiguous();
  }

  private int length() {
    return Array.getLength(array);
  }

  Object array() {
    return array;
  }

  /// The array of a `BOOL` buffer.
  public boolean[] bool() {
    return (boolean[]) array;
  }

  /// The array of an `I32` buffer.
  public int[] i32() {
    return (int[]) array;
  }

  /// The array of an `I64` buffer.
  public long[] i64() {
    return (long[]) array;
  }

  /// The array of an `F32` buffer.
  public float[] f32() {
    return (float[]) array;
  }

  /// The array of an `F64` buffer.
  public double[] f64() {
    return (double[]) array;
  }

  /// The element at a place of the array (see [Layout#at]) as a double; true is 1.
  public double getDouble(int at) {
    return switch (dtype) {
      case BOOL -> bool()[at] ? 1 : 0;
      case I32 -> i32()[at];
      case I64 -> i64()[at];
      case F32 -> f32()[at];
      case F64 -> f64()[at];
    };
  }

  /// The element at a place of the array as a long; fractions are cut off.
  public long getLong(int at) {
    return switch (dtype) {
      case BOOL -> bool()[at] ? 1 : 0;
      case I32 -> i32()[at];
      case I64 -> i64()[at];
      case F32 -> (long) f32()[at];
      case F64 -> (long) f64()[at];
    };
  }

  /// Whether two buffers lie in one array.
  @SuppressWarnings("ReferenceEquality") // one array, not two with equal numbers
  public boolean sharesArray(Buffer other) {
    return array == other.array;
  }

  /// Takes the elements of a buffer of the same shape and dtype, if both lie in row-major order
  /// without gaps.
  ///
  /// @return whether it was so
  public boolean takeWhole(Buffer from) {
    if (!layout.isContiguous() || !from.layout.isContiguous()) {
      return false;
    }
    int n = layout.shape().size();
    System.arraycopy(from.array, from.layout.offset(), array, layout.offset(), n);
    return true;
  }

  /// Puts a number into the only element.
  public void set(double v) {
    int at = layout.offset();
    switch (dtype) {
      case BOOL -> bool()[at] = v != 0;
      case I32 -> i32()[at] = (int) v;
      case I64 -> i64()[at] = (long) v;
      case F32 -> f32()[at] = (float) v;
      case F64 -> f64()[at] = v;
    }
  }

  /// Zeros in all its elements, which lie next to each other.
  void clear() {
    int from = layout.offset();
    int to = from + layout.shape().size();
    switch (dtype) {
      case BOOL -> Arrays.fill(bool(), from, to, false);
      case I32 -> Arrays.fill(i32(), from, to, 0);
      case I64 -> Arrays.fill(i64(), from, to, 0);
      case F32 -> Arrays.fill(f32(), from, to, 0);
      case F64 -> Arrays.fill(f64(), from, to, 0);
    }
  }

  /// Overwrites the whole array with a number or NaN-like garbage; for tests that look for reads of
  /// what should not be read.
  public void poison() {
    switch (dtype) {
      case BOOL -> Arrays.fill(bool(), true);
      case I32 -> Arrays.fill(i32(), Integer.MIN_VALUE);
      case I64 -> Arrays.fill(i64(), Long.MIN_VALUE);
      case F32 -> Arrays.fill(f32(), Float.NaN);
      case F64 -> Arrays.fill(f64(), Double.NaN);
    }
  }
}
