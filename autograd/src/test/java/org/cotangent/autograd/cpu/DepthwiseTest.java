package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.cotangent.autograd.shape.Sliding;
import org.junit.jupiter.api.Test;

/// Which convolutions go one channel at a time ([Depthwise]).
class DepthwiseTest {
  private static boolean fits(int images, int groups, int in, int out, Sliding r, Sliding c) {
    return Depthwise.fits(new ConvSizes(images, groups, in, out, r, c, false));
  }

  @Test
  void onlyGroupsOfOneChannelAndFewOutputsGoOneAtATime() {
    assumeTrue(Width.LANES > 1 && LanesF32.FUSED);
    Sliding s = Sliding.over(32, 3, 1, 1, 1, 1); // 1024 places, 9 taps
    assertThat(fits(1, 8, 1, 1, s, s)).as("9 * 2^13 terms").isTrue();
    assertThat(fits(1, 7, 1, 1, s, s)).as("fewer than 2^16 terms").isFalse();
    assertThat(fits(9, 2, 1, 4, s, s)).isTrue();
    assertThat(fits(9, 2, 1, 5, s, s)).as("more outputs").isFalse();
    assertThat(fits(9, 2, 2, 4, s, s)).as("two channels").isFalse();
    assertThat(fits(99, 1, 1, 1, s, s)).as("no groups").isFalse();
    Sliding one = Sliding.over(256, 1, 1, 1, 0, 0);
    Sliding half = Sliding.over(128, 1, 1, 1, 0, 0);
    assertThat(fits(1, 2, 1, 1, one, half)).as("2^16 terms").isTrue();
    assertThat(fits(1, 2, 1, 1, Sliding.over(255, 1, 1, 1, 0, 0), half)).isFalse();
  }

  /// A laid-out plane may have 2^20 numbers, the ends of rows included, however few places.
  @Test
  void tapsMayNotBeTooFarApart() {
    assumeTrue(Width.LANES > 1 && LanesF32.FUSED);
    int columns = 1024 - LanesF32.L;
    Sliding wide = Sliding.over(columns, 1, 1, 1, 0, 0);
    assertThat(fits(1, 2, 1, 1, Sliding.over(1024, 1, 1, 1, 0, 0), wide)).isTrue();
    assertThat(fits(1, 2, 1, 1, Sliding.over(1025, 1, 1, 1, 0, 0), wide)).isFalse();
    // Two rows of taps, 1024 places reached, and 1025.
    assertThat(fits(1, 2, 1, 1, Sliding.over(1024, 2, 1, 512, 0, 0), wide)).isTrue();
    assertThat(fits(1, 2, 1, 1, Sliding.over(1025, 2, 1, 512, 0, 0), wide)).isFalse();
  }
}
