package org.cotangent.autograd.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class SlidingTest {
  @Test
  void asManyPositionsAsFindAllTheirTaps() {
    assertThat(Sliding.over(5, 3, 1, 1, 0, 0).output()).isEqualTo(3);
    assertThat(Sliding.over(5, 3, 1, 1, 1, 1).output()).isEqualTo(5);
    assertThat(Sliding.over(6, 3, 2, 1, 0, 0).output()).isEqualTo(2);
    assertThat(Sliding.over(7, 3, 1, 3, 0, 0).output()).isEqualTo(1);
    assertThat(Sliding.over(6, 3, 1, 3, 0, 0).output()).isZero();
    assertThat(Sliding.over(0, 1, 1, 1, 1, 1).output()).isEqualTo(2);
    assertThat(Sliding.over(6, 2, 1, 1, 0, -2).output()).isEqualTo(3);
  }

  @Test
  void aTapMeetsAPlaceOfTheInput() {
    Sliding s = Sliding.over(10, 3, 2, 3, 1, 0);
    assertThat(s.at(0, 0)).isEqualTo(-1);
    assertThat(s.at(1, 2)).isEqualTo(7);
    assertThat(s.output()).isEqualTo(3);
    assertThat(s.reach()).isEqualTo(11);
    assertThat(new Sliding(3, 2, 0, 1, 1, 0).reach()).isZero();
  }

  @Test
  void theWayBackMeetsWhatTheWayThereMet() {
    for (Sliding s :
        new Sliding[] {
          Sliding.over(7, 3, 1, 2, 1, 3),
          Sliding.over(5, 2, 1, 1, -1, 0),
          Sliding.over(4, 4, 1, 1, 5, 5)
        }) {
      Sliding back = s.back();
      for (int o = 0; o < s.output(); o++) {
        for (int k = 0; k < s.kernel(); k++) {
          int i = s.at(o, k);
          assertThat(back.at(i, s.kernel() - 1 - k)).isEqualTo(o);
        }
      }
      assertThat(back.back()).isEqualTo(s);
    }
  }

  @Test
  void theFirstTapInsideIsFound() {
    Sliding s = new Sliding(4, 3, 6, 1, 2, 3);
    int[] first = {2, 1, 1, 0, 0, 0};
    for (int o = 0; o < first.length; o++) {
      assertThat(s.firstTap(o)).as("position %d", o).isEqualTo(first[o]);
    }
    assertThat(s.meetsInputEverywhere()).isTrue();
    assertThat(new Sliding(4, 2, 3, 2, 1, 2).meetsInputEverywhere()).isFalse(); // -2 and -1
    assertThat(new Sliding(4, 2, 2, 5, 1, 0).meetsInputEverywhere()).isFalse(); // 5 and 6
    assertThat(new Sliding(1, 2, 1, 1, 3, 1).meetsInputEverywhere()).isFalse(); // -1 and 2
    assertThat(new Sliding(1, 2, 1, 1, 2, 1).meetsInputEverywhere()).isFalse(); // -1 and 1
    assertThat(new Sliding(2, 1, 2, 1, 1, 0).meetsInputEverywhere()).isTrue(); // no third one
  }

  @Test
  void whatCannotSlideIsRefused() {
    String rule = "must be 1 or more, the others 0 or more";
    refused(rule, -1, 1, 1, 1, 1, 0);
    refused(rule, 1, 0, 1, 1, 1, 0);
    refused(rule, 1, 1, -1, 1, 1, 0);
    refused(rule, 1, 1, 1, 0, 1, 0);
    refused(rule, 1, 1, 1, 1, 0, 0);
    refused("a position is out of range", 1, 1, 50_000, 50_000, 1, 0);
    refused("a position is out of range", 1, 50_000, 1, 1, 50_000, 0);
    refused("a position is out of range", 1, 1, 1, 1, 1, Integer.MIN_VALUE);
  }

  @Test
  void positionsGoAsFarAsHalfOfWhatAnIntCanSay() {
    int half = Integer.MAX_VALUE / 2;
    assertThat(new Sliding(1, 1, half + 1, 1, 1, half).at(half, 0)).isZero();
    assertThat(new Sliding(1, half + 1, 1, 1, 1, -half).at(0, half)).isEqualTo(2 * half);
    String rule = "a position is out of range";
    refused(rule, 1, 1, half + 2, 1, 1, 0);
    refused(rule, 1, half + 2, 1, 1, 1, 0);
    refused(rule, 1, 1, 1, 1, 1, half + 1);
    refused(rule, 1, 1, 1, 1, 1, -half - 1);
  }

  private static void refused(
      String why, int input, int kernel, int output, int stride, int dilation, int before) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Sliding(input, kernel, output, stride, dilation, before))
        .withMessageContaining(why);
  }
}
