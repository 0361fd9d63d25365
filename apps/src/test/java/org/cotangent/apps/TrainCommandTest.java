package org.cotangent.apps;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.io.Npy;
import org.cotangent.nn.io.Npz;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `train` and the commands that use what it leaves.
class TrainCommandTest {
  private static final String SPIRAL =
      """
      model: linear 16, tanh, dropout 0.1, linear 3
      data: {set: spiral, input: standardized}
      optimizer: {name: adamw, lr: 1e-2}
      schedule: {name: exponential, factor: 0.999, warm_up: 3}
      steps: 40
      batch: 50
      average: 0.9
      clip_norm: 1
      evaluate_every: 9
      checkpoint_every: 5
      """;

  @TempDir private Path folder;

  private Path config(String text) throws IOException {
    return Files.writeString(folder.resolve("run.yaml"), text);
  }

  private CommandRun train(String text, Path out, Object... more) throws IOException {
    Object[] args = {"train", "--no-pictures", "--config", config(text), "--out", out};
    return CommandRun.of(Stream.concat(Stream.of(args), Stream.of(more)).toArray());
  }

  private static void assertSame(Path a, Path b) throws IOException {
    for (String name : new String[] {"metrics.csv", "model.safetensors"}) {
      assertThat(b.resolve(name)).hasSameBinaryContentAs(a.resolve(name));
    }
  }

  // ---- train

  @Test
  void aRunLeavesAFolder() throws IOException {
    Path out = folder.resolve("a");
    CommandRun r = CommandRun.of("train", "--config", config(SPIRAL), "--out", out);
    assertThat(r.err()).isEmpty();
    assertThat(r.code()).isZero();
    assertThat(r.out())
        .contains("spiral: 300 training samples, 300 test samples")
        .contains("99 parameters; 40 steps of 50 samples, 6.667 epochs")
        .contains("      36      6.00  ")
        .contains("      40      6.67  "); // the end is evaluated though 9 does not divide it
    assertThat(out.resolve("config.yaml")).hasContent(SPIRAL);
    assertThat(Files.readAllLines(out.resolve("metrics.csv"))).hasSize(1 + 40);
    assertThat(ImageIO.read(out.resolve("curves.png").toFile())).isNotNull();
    assertThat(Files.readString(out.resolve("summary.json")))
        .contains("\"finished\": true", "\"steps\": 40", "\"parameters\": 99", "\"test_accuracy\"");
    assertThat(out.resolve("checkpoints").toFile().list())
        .containsExactlyInAnyOrder(
            "step-000000000035.safetensors", "step-000000000040.safetensors");
  }

  @Test
  void equalSeedsGiveEqualBitsCompiledOrNotAndOtherSeedsOthers() throws IOException {
    train(SPIRAL, folder.resolve("a"));
    train(SPIRAL + "eager: true\n", folder.resolve("b"));
    assertSame(folder.resolve("a"), folder.resolve("b"));
    train(SPIRAL + "seed: 2\n", folder.resolve("c"));
    assertThat(Files.mismatch(folder.resolve("a/metrics.csv"), folder.resolve("c/metrics.csv")))
        .isNotEqualTo(-1);
  }

  @Test
  void aRunThatGoesOnEndsWithTheBitsOfOneThatWasNotInterrupted() throws IOException {
    Path whole = folder.resolve("whole");
    train(SPIRAL, whole);
    Path parts = folder.resolve("parts");
    train(SPIRAL.replace("steps: 40", "steps: 17"), parts);
    CommandRun r = train(SPIRAL, parts, "--resume");
    assertThat(r.code()).isZero();
    assertThat(r.out()).contains("going on after step 17");
    // The shorter run evaluated its last step, which the longer one does not.
    Path log = parts.resolve("metrics.csv");
    assertThat(Files.readAllLines(log).get(17)).doesNotEndWith(",,");
    Files.writeString(
        log, Files.readString(log).replaceFirst("(?m)^(17,[^,]*,[^,]*,[^,]*,).*$", "$1,"));
    assertSame(whole, parts);
  }

  @Test
  void goingOnWithAFinishedRunChangesNothing() throws IOException {
    Path out = folder.resolve("a");
    train(SPIRAL, out);
    assertThat(out.resolve("curves.png")).doesNotExist();
    byte[] before = Files.readAllBytes(out.resolve("metrics.csv"));
    CommandRun r = CommandRun.of("train", "--resume", "--out", out);
    assertThat(r.code()).isZero();
    assertThat(out.resolve("metrics.csv")).hasBinaryContent(before);
  }

  @Test
  void aFolderWithARunIsNotTouchedUnlessTold() throws IOException {
    Path out = folder.resolve("a");
    train(SPIRAL, out);
    CommandRun r = train(SPIRAL, out);
    assertThat(r.code()).isEqualTo(1);
    assertThat(r.err())
        .contains("holds a run already; --resume goes on with it, --overwrite deletes it");
    CommandRun other = train(SPIRAL.replace("1e-2", "1e-3"), out, "--resume");
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.err()).contains("was made with another optimizer");
    assertThat(train(SPIRAL.replace("40", "3"), out, "--overwrite").code()).isZero();
    assertThat(Files.readAllLines(out.resolve("metrics.csv"))).hasSize(1 + 3);
    assertThat(out.resolve("checkpoints").toFile().list()).hasSize(1);
  }

  @Test
  void whatCannotBeIsToldInOneLine() throws IOException {
    Path out = folder.resolve("a");
    assertThat(CommandRun.of("train").err()).contains("--config=FILE");
    assertThat(CommandRun.of("train").code()).isEqualTo(2);
    assertThat(CommandRun.of("train", "--config", folder.resolve("none.yaml")).err())
        .contains("none.yaml: no such file");
    assertThat(CommandRun.of("train", "--resume", "--out", out).err()).contains("holds no run");
    assertThat(train(SPIRAL, out, "--resume", "--overwrite").code()).isEqualTo(2);
    assertThat(train(SPIRAL, out, "--checkpoint-every", 0).code()).isEqualTo(2);
    assertThat(train(SPIRAL.replace("linear 16", "linar 16"), out).err()).contains("linar");
    assertThat(train(SPIRAL.replace("linear 3", "linear 2"), out).err())
        .contains("model: it gives [2] for a sample, but there are 3 classes");
    assertThat(train(SPIRAL + "augment: {flip: true}\n", out).err())
        .contains("augment: the samples [2] are no images");
    assertThat(out).as("no folder without a run").doesNotExist();
  }

  @Test
  void aLossThatIsNoNumberEndsTheRunWithAdvice() throws IOException {
    CommandRun r =
        train(
            tables("twice", "test: \"" + folder.resolve("train.csv") + "\"")
                    .replace("linear 8, tanh, linear 2", "linear 1")
                    .replace("name: adam, lr: 0.05", "name: sgd, lr: 1e30")
                + "loss: {name: mse}\n",
            folder.resolve("a"));
    assertThat(r.code()).isEqualTo(1);
    assertThat(r.err()).contains("the loss is ", "a smaller lr").doesNotContain("\tat ");
  }

  // ---- Samples of the user's own

  private Path table(String name, int from, int to) throws IOException {
    var text = new StringBuilder("a,b,kind,twice\n");
    for (int i = from; i < to; i++) {
      double a = (i * 7 % 20 - 10) / 10.0;
      double b = (i * 3 % 11 - 5) / 5.0;
      text.append("%s,%s,%s,%s%n".formatted(a, b, a > b ? "more" : "less", 2 * a - b));
    }
    return Files.writeString(folder.resolve(name), text);
  }

  private String tables(String target, String rest) throws IOException {
    return """
    model: linear 8, tanh, linear 2
    data: {set: csv, path: "%s", target: %s, %s}
    optimizer: {name: adam, lr: 0.05}
    steps: 60
    evaluate_every: 60
    """
        .formatted(table("train.csv", 0, 200), target, rest);
  }

  @Test
  void aTableIsLearntExaminedAndPredicted() throws IOException {
    String noNumbers = tables("kind", "held_out: 0.25").replace("0.25", "0.25, input: raw");
    Path plain = folder.resolve("train.csv");
    // The column of numbers would give the class away; it is left out.
    Files.writeString(plain, Files.readString(plain).replaceAll("(?m),[^,]*$", ""));
    Path out = folder.resolve("a");
    CommandRun r = train(noNumbers, out);
    assertThat(r.err()).isEmpty();
    assertThat(r.out()).contains("150 training samples, 50 test samples");

    CommandRun eval = CommandRun.of("eval", out);
    assertThat(eval.code()).isZero();
    assertThat(eval.out())
        .containsPattern("samples +50\n")
        .containsPattern("accuracy +9[0-9.]+ %|accuracy +100.00 %")
        .contains("is \\ taken for", "less", "more");
    Path json = folder.resolve("eval.json");
    CommandRun all =
        CommandRun.of(
            "eval",
            out.resolve("model.safetensors"),
            "--data",
            plain,
            "--target",
            "kind",
            "--out",
            json);
    assertThat(all.out()).containsPattern("samples +200\n");
    assertThat(json).content().contains("\"classes\": [\"less\", \"more\"]", "\"confusion\": [[");

    CommandRun lines = CommandRun.of("predict", out, plain);
    assertThat(lines.out().lines()).hasSize(1 + 200);
    assertThat(lines.out()).startsWith("input,row,class,probability,p(less),p(more)\n");
    assertThat(CommandRun.of("predict", out.resolve("model.safetensors"), plain).err())
        .contains("3 columns of numbers (a, b, kind)", "--drop");
    Path written = folder.resolve("p.json");
    CommandRun.of("predict", out, plain, "--out", written);
    assertThat(written).content().startsWith("[{").contains("\"class\": \"");
  }

  @Test
  void numbersAreLearntToo() throws IOException {
    String text =
        tables("twice", "test: \"" + folder.resolve("train.csv") + "\"")
                .replace("linear 8, tanh, linear 2", "linear 1")
            + "loss: {name: mse}\n";
    Path plain = folder.resolve("train.csv");
    Files.writeString(plain, Files.readString(plain).replaceAll(",less|,more|,kind", ""));
    Path out = folder.resolve("a");
    CommandRun r = train(text, out);
    assertThat(r.err()).isEmpty();
    assertThat(r.out()).containsPattern("60 +10\\.00 .* -\n");
    assertThat(CommandRun.of("eval", out).out())
        .containsPattern("root mean squared error +0\\.[0-3]")
        .doesNotContain("accuracy");
    assertThat(CommandRun.of("predict", out, plain).out()).startsWith("input,row,y1\n");
  }

  @Test
  void arraysAreLearntAndPredicted() throws IOException {
    float[][] x = new float[100][2];
    int[] y = new int[100];
    for (int i = 0; i < y.length; i++) {
      x[i] = new float[] {i % 10 - 4.5f, Math.floorDiv(i, 10) - 4.5f};
      y[i] = x[i][0] > 0 ? 1 : 0;
    }
    Path file = folder.resolve("xy.npz");
    Npz.write(file, Map.of("x", Tensor.of(x), "y", Tensor.of(y)));
    Path out = folder.resolve("a");
    CommandRun r =
        train(
            """
            model: linear 2
            data: {set: npz, path: "%s", held_out: 0.2}
            optimizer: {name: sgd, lr: 0.1, momentum: 0.9}
            epochs: 20
            batch: 20
            """
                .formatted(file),
            out);
    assertThat(r.err()).isEmpty();
    assertThat(CommandRun.of("eval", out, "--data", file).out())
        .containsPattern("samples +100\naccuracy|accuracy +(9|100)");
    Path one = folder.resolve("one.npy");
    Npy.write(one, Tensor.of(new float[] {3, 0}));
    assertThat(CommandRun.of("predict", out, one).out()).contains("one.npy,0,1,0.9");
    Path bad = folder.resolve("bad.npy");
    Npy.write(bad, Tensor.of(new float[] {3, 0, 1}));
    assertThat(CommandRun.of("predict", out, bad).err())
        .contains("bad.npy: an array [3], but the network takes samples [2]");
    Npz.write(file, Map.of("x", Tensor.of(x)));
    assertThat(CommandRun.of("eval", out, "--data", file).err()).contains("'x' and 'y'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"kidn", "gone"})
  void aMissingColumnIsTold(String target) throws IOException {
    CommandRun r = train(tables(target, "held_out: 0.1"), folder.resolve("a"));
    assertThat(r.code()).isEqualTo(1);
    assertThat(r.err()).contains("no column '" + target + "'", "a, b, kind, twice");
    assertThat(r.err().contains("did you mean kind?")).isEqualTo(target.equals("kidn"));
  }

  @Test
  void damagedAndMissingFilesAreTold() throws IOException {
    Path out = folder.resolve("a");
    String text = tables("kind", "held_out: 0.1");
    Files.writeString(folder.resolve("train.csv"), "a,kind\n1,x\n2\n");
    assertThat(train(text, out).err()).contains("train.csv").doesNotContain("\tat ");
    Files.delete(folder.resolve("train.csv"));
    assertThat(train(text, folder.resolve("b")).err()).contains("train.csv: no such file");
    assertThat(CommandRun.of("eval", folder.resolve("none")).err()).contains("none");
    assertThat(CommandRun.of("eval", out).err()).contains("no model yet");
    Path junk = Files.writeString(folder.resolve("junk.safetensors"), "junk");
    assertThat(CommandRun.of("predict", junk, junk).err())
        .contains("junk.safetensors")
        .doesNotContain("\tat ");
  }

  // ---- compare

  @Test
  void runsAreComparedTheBestFirst() throws IOException {
    Path good = folder.resolve("good");
    Path bad = folder.resolve("bad");
    train(SPIRAL, good);
    train(SPIRAL.replace("1e-2", "1e-5"), bad);
    Path out = folder.resolve("cmp");
    CommandRun r = CommandRun.of("compare", bad, good, "--out", out);
    assertThat(r.code()).isZero();
    assertThat(r.out().lines().toList().get(1))
        .startsWith(good + "  ")
        .containsPattern(" adamw +0.01 ");
    assertThat(r.out().lines().toList().get(2)).startsWith(bad + "   ");
    assertThat(ImageIO.read(out.resolve("compare.png").toFile())).isNotNull();
    assertThat(Files.readAllLines(out.resolve("compare.csv"))).hasSize(3);
    assertThat(CommandRun.of("compare", folder).err()).contains("holds no run");
    assertThat(CommandRun.of("compare").code()).isEqualTo(2);
  }
}
