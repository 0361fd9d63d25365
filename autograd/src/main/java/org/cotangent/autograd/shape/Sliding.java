package org.cotangent.autograd.shape;

/// How a kernel slides along one axis: at position `o` of the output its tap `k` meets position `o
/// stride - before + k dilation` of the input, and 0 where there is none.
///
/// All extents are stated, because each of the three operations of a convolution finds one of them:
/// that of the output, of the input or of the kernel. So the padding behind the input needs no
/// number; it is as much as the last position reaches.
///
/// @param input positions of the input
/// @param kernel taps of the kernel
/// @param output positions of the output
/// @param stride between neighbouring positions of the output, measured in the input
/// @param dilation between neighbouring taps, measured in the input
/// @param before zeros before the input; negative where its beginning is cut off
public record Sliding(int input, int kernel, int output, int stride, int dilation, int before) {
  /// @throws IllegalArgumentException if an extent is negative, the kernel is empty, a stride or
  ///   dilation is below 1, or a position is beyond what an `int` can say
  public Sliding {
    if (input < 0 || output < 0 || kernel < 1 || stride < 1 || dilation < 1) {
      throw new IllegalArgumentException(
          "input %d, kernel %d, output %d, stride %d, dilation %d: kernel, stride and dilation must be 1 or more, the others 0 or more"
              .formatted(input, kernel, output, stride, dilation));
    }
    long last = (output - 1L) * stride + (kernel - 1L) * dilation;
    if (last > Integer.MAX_VALUE / 2 || Math.abs((long) before) > Integer.MAX_VALUE / 2) {
      throw new IllegalArgumentException(
          "kernel %d, output %d, stride %d, dilation %d, before %d: a position is out of range"
              .formatted(kernel, output, stride, dilation, before));
    }
  }

  /// As many positions as find all their taps within the input and its padding; none if even the
  /// first does not.
  public static Sliding over(
      int input, int kernel, int stride, int dilation, int before, int after) {
    long spare = (long) input + before + after - (kernel - 1L) * dilation - 1;
    int output = spare < 0 || stride < 1 ? 0 : Math.toIntExact(spare / stride + 1);
    return new Sliding(input, kernel, output, stride, dilation, before);
  }

  /// The position of the input that a tap meets; perhaps none.
  public int at(int position, int tap) {
    return position * stride - before + tap * dilation;
  }

  /// The first tap that meets the input at a position; as many as there are taps if none does.
  public int firstTap(int position) {
    int at = at(position, 0);
    int tap = at >= 0 ? 0 : (dilation - 1 - at) / dilation;
    return tap < kernel && at(position, tap) < input ? tap : kernel;
  }

  /// Whether some tap meets the input at each position.
  public boolean meetsInputEverywhere() {
    for (int position = 0; position < output; position++) {
      if (firstTap(position) == kernel) {
        return false;
      }
    }
    return true;
  }

  /// How much of the input and its padding all positions together reach over.
  public int reach() {
    return output == 0 ? 0 : (output - 1) * stride + (kernel - 1) * dilation + 1;
  }

  /// The kernel turned round, sliding over the output: what carries gradients back if the stride is
  /// 1.
  public Sliding back() {
    int end = (kernel - 1) * dilation - before;
    return new Sliding(/* input= */ output, kernel, /* output= */ input, 1, dilation, end);
  }
}
