package org.cotangent.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkTest {
  private static double fact(String name, String facts) {
    Matcher m = Pattern.compile("\\b" + name + "=(\\S+)").matcher(facts);
    assertThat(m.find()).as("%s in %s", name, facts).isTrue();
    return Double.parseDouble(m.group(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"W1", "W2", "W3"})
  void trainingLowersTheLoss(String name) {
    Work eager = BenchMain.work(name, false);
    Work compiled = BenchMain.work(name, true);
    for (int n = 0; n < 24; n++) {
      eager.step(n);
      compiled.step(n);
    }
    String facts = eager.facts(1);
    assertThat(fact("loss", facts)).isLessThan(fact("loss0", facts));
    assertThat(compiled.facts(1)).isEqualTo(facts);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theGradientOfTheFormulaIsAsByHand(boolean compiled) {
    Work work = BenchMain.work("W8", compiled);
    work.step(0);
    String facts = work.facts(1);
    assertThat(fact("grad0", facts)).isEqualTo(fact("expect", facts));
  }

  @Test
  void aProductCountsTwoOperationsAnInnerElement() {
    assertThat(BenchMain.work("G2", false).facts(1e9)).startsWith(" gflops=102760448.0 ");
    assertThat(BenchMain.work("G:128,784,512,f64,ta,tb", false).facts(1e9))
        .contains("=102760448.0 ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"G:1,2", "G:1,2,3,f16", "G:1,2,x"})
  void aProductThatIsNoneIsRefused(String name) {
    assertThatThrownBy(() -> BenchMain.work(name, false)).isInstanceOf(RuntimeException.class);
  }

  @Test
  void theConvolutionalNetworkTakesTheSameStepsCompiled() {
    Work eager = BenchMain.work("W6", false);
    Work compiled = BenchMain.work("W6", true);
    for (int n = 0; n < 3; n++) {
      eager.step(n);
      compiled.step(n);
    }
    String facts = eager.facts(1);
    assertThat(fact("loss", facts)).isLessThan(fact("loss0", facts));
    assertThat(compiled.facts(1)).isEqualTo(facts);
  }

  @Test
  void measuringCountsStepsUpFromZeroAndRanksItsRates() {
    AtomicInteger next = new AtomicInteger();
    Work inOrder =
        n -> {
          if (n != next.getAndIncrement()) {
            throw new AssertionError("step %d, but %d was next".formatted(n, next.get() - 1));
          }
        };
    Measure.Rates rates = new Measure(0, 3, 0).of(inOrder);
    assertThat(rates.steps()).isEqualTo(next.get());
    assertThat(rates.best()).isGreaterThanOrEqualTo(rates.median());
    assertThat(rates.median()).isGreaterThanOrEqualTo(rates.worst());
  }
}
