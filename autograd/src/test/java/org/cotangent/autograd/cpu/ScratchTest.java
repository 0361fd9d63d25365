package org.cotangent.autograd.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Array;
import org.cotangent.autograd.shape.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScratchTest {
  private final Scratch scratch = new Scratch();

  @ParameterizedTest
  @EnumSource(DType.class)
  void anArrayIsUsedByOneAtATimeAndThenAgain(DType dtype) {
    Object first = scratch.take(dtype);
    Object second = scratch.take(dtype);
    assertThat(first).isNotSameAs(second);
    assertThat(Array.getLength(first)).isEqualTo(Scratch.TILE);
    scratch.give(first);
    assertThat(scratch.take(dtype)).isSameAs(first);
    assertThat(scratch.take(dtype)).isNotSameAs(first);
  }

  @Test
  void onlyItsOwnArraysAreTakenBack() {
    assertThatThrownBy(() -> scratch.give(new int[1])).isInstanceOf(IllegalArgumentException.class);
  }
}
