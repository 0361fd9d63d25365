package org.cotangent.autograd;

import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Random numbers from an explicit seed, by the counter-based generator [Philox].
///
/// The same seed gives the same numbers on every machine. Not for two threads at once: give each a
/// generator of its own by [#split].
public final class Rng {
  /// The cure of asking for a Java number in a function that is being traced.
  private static final String DRAW_A_TENSOR =
      "draw a tensor with uniform(...) or normal(...) instead";

  private long seed;
  private long stream;
  private final int[] block = new int[4];
  private long counter;
  private int used = 4;
  private long splits;

  private Rng(long seed, long stream) {
    this.seed = seed;
    this.stream = stream;
  }

  /// A generator; equal seeds give equal numbers.
  public static Rng of(long seed) {
    return new Rng(seed, 0);
  }

  /// A new generator whose numbers are independent of this one's and of other splits'.
  public Rng split() {
    Tracing.refuse("Rng.split", "split before compiling, and draw tensors from the parts inside");
    Checkpoint.drawing(this);
    return key(splits++);
  }

  /// Generator number `n` of this one's seed: independent of this one, of its splits and of the
  /// other numbers, and the same whenever it is asked for, however much was drawn here. Random
  /// choices so become a function of what they are for: `Rng.of(seed).child(epoch).child(sample)`.
  ///
  /// @throws IllegalArgumentException if `n` is negative
  public Rng child(long n) {
    if (n < 0) {
      throw new IllegalArgumentException("child: the number %d is negative".formatted(n));
    }
    Tracing.refuse("Rng.child", "ask for it before compiling, and draw tensors from it inside");
    return key(n | Long.MIN_VALUE); // splits count up from 0
  }

  private Rng key(long counter) {
    // A key derived by the cipher itself: distinct counters give distinct keys. Streams below 2^63
    // belong to numbers, the others to keys.
    int[] out = new int[4];
    Philox.block(counter, stream | Long.MIN_VALUE, seed, out);
    return new Rng(join(out[0], out[1]), join(out[2], out[3]) & Long.MAX_VALUE);
  }

  private static long join(int hi, int lo) {
    return ((long) hi << 32) | (lo & 0xFFFFFFFFL);
  }

  /// All that a generator is: five numbers, to be kept with what is to go on later.
  ///
  /// @param seed what it was made with
  /// @param stream which of the streams of that seed it is
  /// @param counter how many blocks of four words it has taken from the cipher
  /// @param used how many words of the last block it has given, 0 to 4
  /// @param splits how many parts were split off
  public record State(long seed, long stream, long counter, int used, long splits) {
    /// @throws IllegalArgumentException unless `used` is 0 to 4
    public State {
      if (used < 0 || used > 4) {
        throw new IllegalArgumentException(
            "Rng.State: %d words used of a block of 4; it must be 0 to 4".formatted(used));
      }
    }
  }

  /// Where it stands now.
  public State state() {
    return new State(seed, stream, counter, used, splits);
  }

  /// Goes on from where a generator stood: gives the numbers that it gave from there on.
  public void restore(State s) {
    boolean isSameKey = seed == s.seed && stream == s.stream;
    seed = s.seed;
    stream = s.stream;
    move(s.counter, s.used, s.splits, isSameKey);
  }

  private void move(long toCounter, int toUsed, long toSplits, boolean isSameKey) {
    boolean hasBlock = isSameKey && counter == toCounter && used < 4;
    if (toUsed < 4 && !hasBlock) {
      Philox.block(toCounter - 1, stream, seed, block);
    }
    counter = toCounter;
    used = toUsed;
    splits = toSplits;
  }

  /// Where a compiled step found a generator, to go back there if the step fails. It is made once;
  /// setting it allocates nothing.
  static final class Mark {
    private final Rng rng;
    private long counter;
    private int used;
    private long splits;

    Mark(Rng rng) {
      this.rng = rng;
    }

    void set() {
      counter = rng.counter;
      used = rng.used;
      splits = rng.splits;
    }

    void goBack() {
      rng.move(counter, used, splits, true);
    }
  }

  /// 32 random bits.
  public int nextInt() {
    Tracing.refuse("Rng.nextInt", DRAW_A_TENSOR);
    Checkpoint.drawing(this);
    return bits();
  }

  private int bits() {
    if (used == 4) {
      Philox.block(counter++, stream, seed, block);
      used = 0;
    }
    return block[used++];
  }

  /// A whole number from 0 to n - 1, each equally likely.
  public int nextInt(int n) {
    if (n <= 0) {
      throw new IllegalArgumentException("nextInt: the bound %d must be positive".formatted(n));
    }
    Tracing.refuse("Rng.nextInt", DRAW_A_TENSOR);
    Checkpoint.drawing(this);
    return below(n);
  }

  private int below(int n) {
    // Lemire's multiplication with rejection: no modulo bias.
    while (true) {
      long m = (bits() & 0xFFFFFFFFL) * n;
      if ((m & 0xFFFFFFFFL) >= (1L << 32) % n) {
        return (int) (m >>> 32);
      }
    }
  }

  /// A number in [0, 1) with 53 random bits.
  public double nextDouble() {
    Tracing.refuse("Rng.nextDouble", DRAW_A_TENSOR);
    Checkpoint.drawing(this);
    return fraction();
  }

  private double fraction() {
    return (join(bits(), bits()) >>> 11) * 0x1p-53;
  }

  /// Numbers evenly spread in [0, 1).
  public Tensor uniform(Shape shape, DType dtype) {
    return uniform(shape, 0, 1, dtype);
  }

  /// Numbers evenly spread in [low, high).
  public Tensor uniform(Shape shape, double low, double high, DType dtype) {
    return switch (dtype) {
      case F32 -> Jit.each(this, shape, dtype, b -> fill(b.f32(), low, high));
      case F64 -> Jit.each(this, shape, dtype, b -> fill(b.f64(), low, high));
      case BOOL, I32, I64 -> uniform(shape, low, high, DType.F64).to(dtype);
    };
  }

  private void fill(float[] x, double low, double high) {
    Checkpoint.drawing(this);
    int i = 0;
    while (i < x.length && used < 4) {
      x[i++] = Philox.fraction(bits());
    }
    int each = 4 * Philox.BLOCKS;
    if (x.length - i >= each) {
      var cipher = new Philox();
      for (; i <= x.length - each; i += each) {
        cipher.blocks(counter, stream, seed);
        cipher.fractions(x, i);
        counter += Philox.BLOCKS;
      }
    }
    while (i < x.length) {
      x[i++] = Philox.fraction(bits());
    }
    if (low != 0 || high != 1) {
      for (int k = 0; k < x.length; k++) {
        float v = (float) (low + (high - low) * x[k]);
        x[k] = v >= high ? Math.nextDown((float) high) : v; // rounding may reach it
      }
    }
  }

  private void fill(double[] x, double low, double high) {
    Checkpoint.drawing(this);
    for (int i = 0; i < x.length; i++) {
      x[i] = low + (high - low) * fraction();
    }
  }

  /// Numbers of the standard normal distribution, by the transform of Box and Muller.
  public Tensor normal(Shape shape, DType dtype) {
    return switch (dtype) {
      case F32 ->
          Jit.each(
              this,
              shape,
              dtype,
              b -> fillNormally(shape.size(), (i, v) -> b.f32()[i] = (float) v));
      case F64 ->
          Jit.each(this, shape, dtype, b -> fillNormally(shape.size(), (i, v) -> b.f64()[i] = v));
      case BOOL, I32, I64 -> normal(shape, DType.F64).to(dtype);
    };
  }

  private void fillNormally(int n, Put to) {
    Checkpoint.drawing(this);
    for (int i = 0; i < n; i += 2) {
      // StrictMath: the same bits on every machine. 1 - u lies in (0, 1], so the log is finite.
      double r = StrictMath.sqrt(-2 * StrictMath.log(1 - fraction()));
      double angle = 2 * Math.PI * fraction();
      to.number(i, r * StrictMath.cos(angle));
      if (i + 1 < n) {
        to.number(i + 1, r * StrictMath.sin(angle));
      }
    }
  }

  private interface Put {
    void number(int i, double v);
  }

  /// The numbers 0 to n - 1 in random order (Fisher, Yates), as I32.
  public Tensor permutation(int n) {
    return Jit.each(this, Shape.of(n), DType.I32, b -> permute(b.i32()));
  }

  private void permute(int[] p) {
    Checkpoint.drawing(this);
    for (int i = 0; i < p.length; i++) {
      int j = below(i + 1);
      p[i] = p[j];
      p[j] = i;
    }
  }
}
