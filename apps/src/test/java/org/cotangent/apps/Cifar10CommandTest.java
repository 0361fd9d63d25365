package org.cotangent.apps;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The report's networks on a handful of made-up images.
class Cifar10CommandTest {
  @TempDir private Path folder;
  private Path data = Path.of(""); // before each test
  private Path out = Path.of("");

  @BeforeEach
  void makeImages() throws IOException {
    data = Files.createDirectory(folder.resolve("data"));
    out = folder.resolve("out");
    Files.write(data.resolve("data_batch_1.bin"), images(40, 1));
    Files.write(data.resolve("test_batch.bin"), images(20, 2));
  }

  /// Images of class c are the brighter the larger c.
  private static byte[] images(int n, long seed) {
    var random = new Random(seed);
    byte[] bytes = new byte[n * 3073];
    for (int i = 0; i < bytes.length; i++) {
      int image = i / 3073;
      bytes[i] = (byte) (i % 3073 == 0 ? image % 10 : 20 * (image % 10) + random.nextInt(40));
    }
    return bytes;
  }

  private CommandRun run(String args) {
    String all = "cifar10 " + args + " --data " + data + " --out " + out + " --no-pictures";
    return CommandRun.of((Object[]) all.split(" ", -1));
  }

  @Test
  void theMlpIsThatOfTheReport() throws IOException {
    CommandRun r = run("mlp --steps 12 --batch 10 --eval-every 4");
    assertThat(r.err()).isEmpty();
    assertThat(r.code()).isZero();
    assertThat(r.out())
        .contains("cifar10 (1 of its 5 training batches): 40 training samples, 20 test samples")
        .contains("308,310 parameters; 12 steps of 10 samples")
        .containsPattern("accuracy along the last 500 steps: [\\d.]+ % to [\\d.]+ %, mean");
    assertThat(Files.readString(out.resolve("config.yaml")))
        .contains("weight normal 1e-4 bias 0; flatten, linear 100, relu, linear 10")
        .contains("input: centered", "name: sgd", "lr: 0.002");
    // 10 classes, and weights so small that the network says nothing at first.
    assertThat(Files.readAllLines(out.resolve("metrics.csv")).get(1))
        .startsWith("1,0.25,0.002,2.30");
  }

  @Test
  void deeperOnesAreStandardizedAndGoOnToTheSameBits() throws IOException {
    String args =
        "mlp --hidden 20,20 --optimizer adam --lr 1e-3 --batch 10 --eval-every 4 --augment";
    run(args + " --steps 12");
    assertThat(Files.readString(out.resolve("config.yaml")))
        .contains("  flatten, linear 20, relu, linear 20, relu, linear 10")
        .contains("input: channels", "name: adam", "crop: 4", "flip: true");
    byte[] whole = Files.readAllBytes(out.resolve("model.safetensors"));
    byte[] log = Files.readAllBytes(out.resolve("metrics.csv"));
    run(args + " --steps 8 --overwrite");
    CommandRun r = run(args + " --steps 12 --resume");
    assertThat(r.out()).contains("going on after step 8");
    assertThat(out.resolve("model.safetensors")).hasBinaryContent(whole);
    assertThat(out.resolve("metrics.csv")).hasBinaryContent(log);
  }

  @Test
  void theCnnIsThatOfTheReport() throws IOException {
    CommandRun r = run("cnn --steps 1 --batch 2 --eager --checkpoint-every 9");
    assertThat(r.err()).isEmpty();
    // As PyTorch counts them for the same layers.
    assertThat(r.out()).contains("9,231,114 parameters; 1 steps of 2 samples");
    assertThat(r.out()).contains("accuracy at the end:");
    assertThat(Files.readString(out.resolve("config.yaml")))
        .contains("conv 64 3x3 padding 1, batchnorm, relu,\n  maxpool 3 stride 2 padding 1,\n")
        .contains("input: centered", "name: adam", "lr: 1.0E-4");
  }

  @Test
  void aModelExaminesItsDataAndPredictsPictures() throws IOException {
    run("mlp --steps 40 --batch 10 --eval-every 40 --hidden 10,10 --optimizer adam --lr 1e-2");
    CommandRun eval = CommandRun.of("eval", out, "--data", data, "--top", 3);
    assertThat(eval.err()).isEmpty();
    assertThat(eval.out())
        .containsPattern("samples +20\n")
        .containsPattern("top 3 +[\\d.]+ %\n")
        .contains("airplane", "truck");
    var image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
    Path png = folder.resolve("dark.png");
    ImageIO.write(image, "png", png.toFile());
    CommandRun p = CommandRun.of("predict", out, png);
    assertThat(p.err()).isEmpty();
    assertThat(p.out()).contains("dark.png,0,airplane,");
    Path small = folder.resolve("small.png");
    ImageIO.write(image.getSubimage(0, 0, 8, 8), "png", small.toFile());
    assertThat(CommandRun.of("predict", out, small).err())
        .contains("a picture of 8 x 8 pixels, but the network takes 32 x 32; pass --resize");
    CommandRun resized = CommandRun.of("predict", out, small, "--resize");
    assertThat(resized.err()).isEmpty();
    assertThat(resized.out()) // one colour stays that colour in any size
        .isEqualTo(p.out().replace(png.toString(), small.toString()));
    Path none = Files.writeString(folder.resolve("none.png"), "none");
    assertThat(CommandRun.of("predict", out, none).err()).contains("expected a CSV or NPY, or a");
  }

  @ParameterizedTest
  @CsvSource({
    "rnn, rnn",
    "cnn --hidden 5, --hidden",
    "mlp --hidden 0, --hidden",
    "mlp --steps 0, --steps",
    "mlp --lr nan, --lr",
    "mlp --optimizer lbfgs, --optimizer",
    "mlp --input grey, --input",
  })
  void wrongArgumentsGiveOneLineAndExitCode2(String args, String named) {
    CommandRun r = run(args);
    assertThat(r.code()).isEqualTo(2);
    assertThat(r.err().strip().lines()).hasSize(1);
    assertThat(r.err()).contains(named).contains("--help");
    assertThat(out).doesNotExist();
  }

  @Test
  void missingAndDamagedDataAreTold() throws IOException {
    Files.write(data.resolve("data_batch_1.bin"), new byte[100]);
    CommandRun damaged = run("mlp");
    assertThat(damaged.code()).isEqualTo(1);
    assertThat(damaged.err()).contains("data_batch_1.bin", "100 bytes").doesNotContain("\tat ");
    Files.delete(data.resolve("data_batch_1.bin"));
    assertThat(run("mlp").err()).contains("data_batch_1.bin: no such file");
    data = folder.resolve("nowhere");
    assertThat(run("mlp").err()).contains("nowhere", "cifar-10-binary.tar.gz");
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "COTANGENT_DATA", matches = ".+")
  void theDataAreFoundInTheFolderThatTheEnvironmentNames() {
    CommandRun r =
        CommandRun.of(
            "cifar10", "mlp", "--steps", "30", "--no-pictures", "--eval-every", 30, "--out", out);
    assertThat(r.err()).isEmpty();
    // PyTorch: the mean loss of the first 30 steps is 2.23 on one of the batches.
    assertThat(r.out()).containsPattern("30 +[\\d.]+ +2\\.2\\d+ ");
  }
}
