package org.cotangent.apps.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.cotangent.apps.support.CommandFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunConfigTest {
  private static final String WHOLE =
      """
      model: >-
        linear 8, relu,
        linear 3
      data:
        set: csv
        path: train.csv
        test: "test.csv"
        target: kind
        header: true
        input: standardized
      loss: {name: cross-entropy, label_smoothing: 0.1}
      optimizer: {name: sgd, lr: 1e-2, momentum: 0.9, nesterov: true, weight_decay: 1e-4}
      schedule: {name: step, every: 10, factor: 0.5, warm_up: 3}
      epochs: 7
      batch: 16
      seed: -3
      augment: {crop: 2, flip: true}
      clip_norm: 5
      average: 0.99
      evaluate_every: 11
      checkpoint_every: 13
      keep: 4
      eager: true
      """;

  private static final String SHORT =
      """
      model: linear 3
      data: {set: spiral}
      optimizer: {lr: 0.1}
      steps: 9
      """;

  private static RunConfig parse(String text) {
    return RunConfig.parse(text, "run.yaml");
  }

  @Test
  void everyFieldIsRead() {
    RunConfig c = parse(WHOLE);
    assertThat(c.model()).isEqualTo("linear 8, relu, linear 3");
    assertThat(c.data())
        .isEqualTo(
            new DataConfig(
                DataConfig.Set.CSV,
                Optional.of(Path.of("train.csv")),
                Optional.of(Path.of("test.csv")),
                Optional.of("kind"),
                true,
                OptionalDouble.empty(),
                DataConfig.Input.STANDARDIZED));
    assertThat(c.loss())
        .isEqualTo(new RunConfig.LossConfig(RunConfig.LossConfig.Kind.CROSS_ENTROPY, 0.1));
    assertThat(c.optimizer())
        .isEqualTo(
            new RunConfig.OptimizerConfig(
                RunConfig.OptimizerConfig.Kind.SGD, 0.01, 0.9, true, 1e-4, 0.9, 0.999));
    assertThat(c.schedule())
        .isEqualTo(new RunConfig.ScheduleConfig(RunConfig.ScheduleConfig.Kind.STEP, 10, 0.5, 0, 3));
    assertThat(c.length().steps(20)).isEqualTo(140);
    assertThat(c.batch()).isEqualTo(16);
    assertThat(c.seed()).isEqualTo(-3);
    assertThat(c.augment()).isEqualTo(new RunConfig.Augment(2, true));
    assertThat(c.clipNorm()).hasValue(5);
    assertThat(c.average()).hasValue(0.99);
    assertThat(c.evaluateEvery(20)).isEqualTo(11);
    assertThat(c.checkpointEvery(20)).isEqualTo(13);
    assertThat(c.keep()).isEqualTo(4);
    assertThat(c.eager()).isTrue();
  }

  @Test
  void whatIsLeftOutHasADefault() {
    RunConfig c = parse(SHORT);
    assertThat(c.optimizer().kind()).isEqualTo(RunConfig.OptimizerConfig.Kind.ADAM);
    assertThat(c.schedule().kind()).isEqualTo(RunConfig.ScheduleConfig.Kind.CONSTANT);
    assertThat(c.data().input()).isEqualTo(DataConfig.Input.RAW);
    assertThat(c.batch()).isEqualTo(32);
    assertThat(c.seed()).isEqualTo(1);
    assertThat(c.evaluateEvery(20)).as("an epoch").isEqualTo(20);
    assertThat(c.length()).isEqualTo(new RunConfig.Length(OptionalInt.empty(), OptionalInt.of(9)));
    assertThat(c.eager()).isFalse();
  }

  @Test
  void jsonWithTabsSaysTheSame() {
    String json =
        """
        {
        \t"model": "linear 3",
        \t"data": {"set": "spiral"},
        \t"optimizer": {"lr": 0.1},
        \t"steps": 9
        }
        """;
    assertThat(parse(json)).isEqualTo(parse(SHORT));
  }

  @Test
  void allMistakesAreToldAtOnceWithTheirLines() {
    assertThatThrownBy(() ->
            parse(
                """
                modle: linear 3
                data: {set: spirals, sett: 1}
                optimizer:
                  name: adam
                  lr: fast
                  momentum: 0.9
                epochs: 0
                steps: 3
                batch: 1e3
                augment: 7
                seed: [1]
                """))
        .isInstanceOf(CommandFailure.class)
        .hasMessage(
            """
            run.yaml: mistakes:
              line 1: model: it is missing
              line 1: modle: unknown; did you mean model?
              line 2: data.set: expected one of xor, spiral, mnist, cifar10, csv, npz, found spirals; did you mean spiral?
              line 2: data.sett: unknown; did you mean set?
              line 5: optimizer.lr: expected a number above 0, found fast
              line 6: optimizer.momentum: only sgd and rmsprop have it
              line 7: epochs: expected a whole number from 1, found 0
              line 8: steps: expected either epochs or steps
              line 9: batch: expected a whole number from 1, found 1e3
              line 10: augment: expected a section of fields, found 7
              line 11: seed: expected a whole number, found a list\
            """
                .stripTrailing());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "seed: 1 | steps: it is there twice",
        "loss: {name: mse} | data.set: it has classes: its loss is cross-entropy",
        "average: 1 | average: expected a number above 0 and below 1, found 1",
        "schedule: {name: step} | schedule.every: expected with name: step, and only there",
        "schedule: {name: cosine, every: 3} | schedule.every: expected with name: step",
        "schedule: {name: linear, factor: 2} | schedule.factor: expected with name: step or",
        "schedule: {least: 2} | schedule.least: expected only with name: linear or cosine",
        "eager: yes | eager: expected true or false, found yes",
        "clip_norm: .inf | clip_norm: expected a number above 0, found .inf",
        "clip_norm: | clip_norm: expected a number, found nothing",
        "keep: 99999999999 | keep: expected a whole number from 1, found 99999999999",
        "batch: '8' | batch: expected a whole number from 1, found 8",
        "[1, 2] : 3 | expected a name before the ':'",
      })
  void aMistakeIsTold(String field, String message) {
    String text = SHORT + (field.startsWith("seed") ? "steps: 9" : field) + "\n";
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(CommandFailure.class)
        .hasMessageStartingWith("run.yaml: ")
        .hasMessageContaining("line ")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{set: csv, path: a.csv, held_out: 0.1} | data.target: expected with set: csv",
        "{set: npz, path: a.npz, held_out: 0.1, target: y} | data.target: expected with set: csv",
        "{set: npz, path: a.npz} | data.test: expected either test",
        "{set: npz, held_out: 0.1} | data.path: it is missing",
        "{set: xor, path: a} | data.path: these samples travel with the program",
        "{set: mnist, held_out: 0.1} | data.held_out: this set has its own samples",
        "{set: spiral, input: channels} | data.input: channels are for images",
        "{} | data.set: it is missing",
      })
  void aMistakeAboutDataIsTold(String data, String message) {
    assertThatThrownBy(() -> parse(SHORT.replace("{set: spiral}", data)))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({"a: [1, line 1", "'a: 1\nb: *x', line 2", "'a: 1\n---\nb: 2', line 2"})
  void whatIsNoYamlIsTold(String text, String where) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(CommandFailure.class)
        .hasMessageStartingWith("run.yaml: " + where + ": no YAML or JSON: ");
  }

  @ParameterizedTest
  @CsvSource({"''", "just a text", "[1]"})
  void aTextWithoutFieldsIsTold(String text) {
    assertThatThrownBy(() -> parse(text)).hasMessageContaining("expected fields");
  }

  @Test
  void aRunMayGoOnLongerButNotOtherwise() {
    RunConfig c = parse(SHORT);
    assertThat(c.differences(parse(SHORT.replace("9", "90") + "evaluate_every: 1"))).isEmpty();
    assertThat(c.differences(parse(SHORT.replace("0.1", "0.2") + "batch: 7")))
        .containsExactly("optimizer", "batch");
    String cosine = SHORT + "schedule: {name: cosine}\n";
    assertThat(parse(cosine).differences(parse(cosine.replace("9", "90"))))
        .containsExactly("epochs or steps");
  }
}
