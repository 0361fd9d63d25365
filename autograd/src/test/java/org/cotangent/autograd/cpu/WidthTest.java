package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

/// The build asks for a number of lanes by the property `cotangent.test.lanes`: these tests see to
/// it that it got them.
class WidthTest {
  private static final int ASKED = Integer.getInteger("cotangent.test.lanes", Width.LANES);

  @Test
  void theTestsRunWithTheLanesThatWereAskedFor() {
    assertThat(Width.LANES).as("floats in a vector").isLessThanOrEqualTo(ASKED);
    assumeTrue(
        Width.LANES == ASKED,
        "asked for %d lanes, but this processor has %d".formatted(ASKED, Width.LANES));
  }

  @Test
  void theBackendIsTheOneForThem() {
    assertThat(Width.backend().name()).isEqualTo(Width.LANES > 1 ? "vector" : "scalar");
  }
}
