package org.cotangent.apps;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/// The commands, run as a person runs them, inside this process.
class CommandsTest {
  @TempDir Path folder = Path.of(""); // replaced before each test

  private record Result(int code, String out, String err) {}

  private static Result run(String... args) {
    var out = new StringWriter();
    var err = new StringWriter();
    CommandLine main = Main.commandLine();
    main.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int code = main.execute(args);
    return new Result(code, out.toString(), err.toString());
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void spiralPrintsTheLabsAccuraciesByDefault() throws IOException {
    Result r = run("spiral", "--no-pictures", "--out", folder.toString());
    assertThat(r.code()).isZero();
    assertThat(r.out())
        .contains("          0.2       0.3253    87.7 %      0.3805    86.0 %")
        .contains("            1       0.0353    99.3 %      0.1782    98.3 %")
        .contains("            5       1.0986    33.3 %      1.0986    33.3 %");
    assertThat(files()).containsExactly("metrics.csv");
    assertThat(Files.readAllLines(folder.resolve("metrics.csv")))
        .hasSize(1 + 3 * 101)
        .first()
        .isEqualTo("lr,epoch,train_loss,train_accuracy,test_loss,test_accuracy");
  }

  @Test
  void spiralOfASeedRepeatsItselfAndDiffersFromOtherSeeds() {
    String[] args = {"spiral", "--no-pictures", "--epochs", "50", "--out", folder.toString()};
    String seven = run(with(args, "--seed", "7")).out();
    assertThat(seven).contains("learning rate   train loss").hasLineCount(6);
    assertThat(run(with(args, "--seed", "7")).out()).isEqualTo(seven);
    assertThat(run(with(args, "--seed", "8")).out()).isNotEqualTo(seven);
  }

  private static String[] with(String[] args, String... more) {
    return Stream.concat(Stream.of(args), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void spiralGivesTheSameNumbersWithoutCompiling() throws IOException {
    String[] args = {"spiral", "--no-pictures", "--epochs", "50", "--out", folder.toString()};
    run(args);
    String compiled = Files.readString(folder.resolve("metrics.csv"));
    String[] eager = Arrays.copyOf(args, args.length + 1);
    eager[args.length] = "--eager";
    run(eager);
    assertThat(Files.readString(folder.resolve("metrics.csv"))).isEqualTo(compiled);
  }

  @Test
  void spiralDrawsTwoPictures() throws IOException {
    Result r = run("spiral", "--epochs", "20", "--lr", "0.5", "--out", folder.toString());
    assertThat(r.code()).isZero();
    assertThat(files()).containsExactly("convergence.png", "metrics.csv", "regions.png");
    for (String name : List.of("convergence.png", "regions.png")) {
      assertThat(ImageIO.read(folder.resolve(name).toFile())).isNotNull();
    }
  }

  @Test
  void xorReachesAllFourPoints() throws IOException {
    Result r = run("xor", "--out", folder.toString());
    assertThat(r.code()).isZero();
    assertThat(r.out())
        .contains("    0      2.9509    50.0 %")
        .contains(" 1000      0.0067   100.0 %");
    assertThat(files()).containsExactly("metrics.csv", "xor.png");
  }

  @Test
  void twoLayerShowsEveryNumberOfTheExercise() {
    Result r = run("two-layer");
    assertThat(r.code()).isZero();
    assertThat(r.out())
        .contains("0.6931471805599453")
        .contains("[[-0.44039853898894", "[-0.5, 0.5]")
        .contains("[[1.044039853898894")
        .contains("[0.05, -0.05]");
  }

  @ParameterizedTest
  @CsvSource({
    "spiral --lr 0, --lr",
    "spiral --lr nan, --lr",
    "spiral --epochs -3, --epochs",
    "spiral --epochs many, --epochs",
    "spiral --seed x, --seed",
    "xor --lr -1, --lr",
    "mnist --loss best, --loss",
    "mnist --batch 0, --batch",
    "mnist-sigmoid --repeats 0, --repeats",
    "two-layer now, now",
    "sprial, sprial",
  })
  void wrongArgumentsGiveOneLineAndExitCode2(String args, String named) throws IOException {
    Result r = run(args.split(" "));
    assertThat(r.code()).isEqualTo(2);
    assertThat(r.err().strip().lines()).hasSize(1);
    assertThat(r.err()).contains(named).contains("--help");
    assertThat(r.out()).isEmpty();
    assertThat(files()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "xor",
    "spiral",
    "two-layer",
    "mnist",
    "mnist-sigmoid",
    "cifar10",
    "train",
    "eval",
    "predict",
    "compare"
  })
  void helpOfEachCommandNamesItsOptions(String command) {
    Result r = run(command, "--help");
    assertThat(r.code()).isZero();
    assertThat(r.out()).contains("Usage: cotangent " + command).contains("--help");
  }

  @Test
  void mnistWithoutDataSaysWhatToPutWhere() {
    Result r = run("mnist", "--data", folder.toString(), "--out", folder.resolve("out").toString());
    assertThat(r.code()).isEqualTo(1);
    assertThat(r.err()).contains(folder.toString()).contains("train-images-idx3-ubyte.gz");
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "COTANGENT_DATA", matches = ".+")
  void theUnstableLossFailsWhereTheFusedOneDoesNot() throws IOException {
    Result r = run("mnist", "--loss", "unstable", "--epochs", "1", "--out", folder.toString());
    assertThat(r.code()).isZero();
    assertThat(r.out())
        .contains("softmax, then cross-entropy: loss NaN")
        .contains("fused:                       loss 1000.0, gradient [[0.0, 0.0, 0.0],");
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "COTANGENT_DATA", matches = ".+")
  void mnistSigmoidTriesEveryRateAndTrainsTheBestOnAllImages() throws IOException {
    Result r =
        run(
            "mnist-sigmoid",
            "--epochs",
            "1",
            "--repeats",
            "2",
            "--lr",
            "0.03,0.3",
            "--out",
            folder.toString());
    assertThat(r.code()).isZero();
    assertThat(r.out()).contains("best rate 0.3, trained on all images");
    assertThat(files()).containsExactly("final.png", "metrics.csv", "rates.png");
    assertThat(Files.readAllLines(folder.resolve("metrics.csv"))).hasSize(1 + 2 * 2 * 2);
  }

  @Test
  void graphPrintsTheGraphAndDrawsIt() throws IOException {
    Result r = run("graph", "--sizes", "2,4,4,2", "--out", folder.toString());
    assertThat(r.code()).isZero();
    assertThat(r.out())
        .contains("layer1.weight = parameter")
        .contains("logits = ADD(")
        .contains("6 parameters");
    assertThat(files()).containsExactly("graph.dot", "graph.svg");
    assertThat(Files.readString(folder.resolve("graph.svg")))
        .startsWith("<svg ")
        .endsWith("</svg>\n");
    assertThat(run("graph", "--sizes", "2").err()).contains("--sizes: needs the widths");
    assertThat(run("graph", "--sizes", "2,0").code()).isEqualTo(2);
  }
}
