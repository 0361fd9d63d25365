package org.cotangent.autograd;

/// The cipher Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2,
/// 3; SC'11): a block of four words is a counter of 128 bits, encrypted under a key of 64.
///
/// An object encrypts [#BLOCKS] counters at a time, in loops that the compiler turns into vectors.
final class Philox {
  /// Blocks at a time.
  static final int BLOCKS = 128;

  private static final long WORD = 0xFFFFFFFFL;
  private static final long M0 = 0xD2511F53L;
  private static final long M1 = 0xCD9E8D57L;
  private static final int W0 = 0x9E3779B9; // golden ratio
  private static final int W1 = 0xBB67AE85; // √3 - 1
  private static final int ROUNDS = 10;

  private final long[] c0 = new long[BLOCKS];
  private final long[] c1 = new long[BLOCKS];
  private final long[] c2 = new long[BLOCKS];
  private final long[] c3 = new long[BLOCKS];

  /// One block.
  ///
  /// @param counter the low half of the counter; `stream` is the high one
  static void block(long counter, long stream, long key, int[] out) {
    int c0 = (int) counter;
    int c1 = (int) (counter >>> 32);
    int c2 = (int) stream;
    int c3 = (int) (stream >>> 32);
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int r = 0; r < ROUNDS; r++) {
      long p0 = M0 * (c0 & WORD);
      long p1 = M1 * (c2 & WORD);
      int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c1 = (int) p1;
      c3 = (int) p0;
      c0 = n0;
      c2 = n2;
      k0 += W0;
      k1 += W1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }

  /// The blocks of `counter` and those after it.
  void blocks(long counter, long stream, long key) {
    for (int i = 0; i < BLOCKS; i++) {
      long low = counter + i;
      c0[i] = low & WORD;
      c1[i] = low >>> 32;
      c2[i] = stream & WORD;
      c3[i] = stream >>> 32;
    }
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int r = 0; r < ROUNDS; r++) {
      round(c0, c1, c2, c3, k0 & WORD, k1 & WORD);
      k0 += W0;
      k1 += W1;
    }
  }

  private static void round(long[] c0, long[] c1, long[] c2, long[] c3, long k0, long k1) {
    for (int i = 0; i < BLOCKS; i++) {
      long p0 = M0 * c0[i];
      long p1 = M1 * c2[i];
      c0[i] = (p1 >>> 32) ^ c1[i] ^ k0;
      c1[i] = p1 & WORD;
      c2[i] = (p0 >>> 32) ^ c3[i] ^ k1;
      c3[i] = p0 & WORD;
    }
  }

  /// The words of the last blocks in their order, as numbers in [0, 1) of 24 bits each.
  void fractions(float[] to, int at) {
    for (int i = 0; i < BLOCKS; i++) {
      to[at + 4 * i] = fraction((int) c0[i]);
      to[at + 4 * i + 1] = fraction((int) c1[i]);
      to[at + 4 * i + 2] = fraction((int) c2[i]);
      to[at + 4 * i + 3] = fraction((int) c3[i]);
    }
  }

  /// A word as a number in [0, 1): as many bits as a float holds, so that nothing is rounded.
  static float fraction(int word) {
    return (word >>> 8) * 0x1p-24f;
  }
}
