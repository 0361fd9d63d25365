package org.cotangent.nn.opinfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.cotangent.autograd.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The replay itself: it passes what is right, fails what is not, and says what it cannot read.
class CheckTest {
  private static final Replay CUBE =
      Replay.one(a -> {
        Tensor x = a.tensor(0, "input");
        return x.mul(x).mul(x).mul(a.number(1, "times", 1));
      });

  private static String tensor(String data) {
    int n = data.split(",").length;
    return "{\"shape\":[%d],\"dtype\":\"float64\",\"data\":[%s]}".formatted(n, data);
  }

  /// 2x³ at (1, -2), recorded rightly: 6x² c, 6x² t, 12x c t.
  private static final String RIGHT =
      """
      {"op":"cube","sample":0,"args":[{"t":0}],"kwargs":{"times":2},
      "tensors":[{"shape":[2],"dtype":"float64","data":[1,-2],"diff":true}],
      "out":[OUT],"out_diff":[true],"cot":[COT],"vjp":[VJP],"tan":[TAN],"jvp":[JVP],"gg":[GG],
      "fd_rho":1e-10}
      """
          .replace("OUT", tensor("2,-16"))
          .replace("COT", tensor("1,0.5"))
          .replace("VJP", tensor("6,12"))
          .replace("TAN", tensor("0.25,-1"))
          .replace("JVP", tensor("1.5,-24"))
          .replace("GG", tensor("3,12"));

  private static void check(String line) {
    Check.run(Recorded.parse(line), CUBE);
  }

  @Test
  void whatIsRightPasses() {
    assertThatCode(() -> check(RIGHT)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "'2,-16', '2,-16.00000001', result 0 is off",
    "'2,-16', '2,nan', result 0 is off",
    "'6,12', '6,12.00000001', vjp 0 is off",
    "'1.5,-24', '1.5,-24.0000001', jvp 0 is off",
    "'3,12', '3,12.000001', gg 0 is off"
  })
  void whatIsWrongFails(String right, String wrong, String message) {
    String line = RIGHT.replace("[" + right + "]", "[" + wrong.replace("nan", "\"nan\"") + "]");
    assertThatThrownBy(() -> check(line))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(message);
  }

  @Test
  void shapesAndDtypesCount() {
    Tensor one = Tensor.of(1.0);
    assertThatThrownBy(() -> Agreement.EVERYWHERE.check("y", one, Tensor.of(1.0f), 1, 0))
        .hasMessage("y is F64 [1], expected F32 [1]");
    assertThatThrownBy(() -> Agreement.EVERYWHERE.check("y", one, Tensor.of(1.0, 1), 1, 0))
        .hasMessage("y is F64 [1], expected F64 [2]");
  }

  @Test
  void anOptionThatNobodyReadsFails() {
    assertThatThrownBy(() -> check(RIGHT.replace("\"times\":2", "\"times\":2,\"mode\":\"x\"")))
        .hasMessageContaining("arguments that the replay ignores")
        .hasMessageContaining("mode");
  }

  @Test
  void atRoughPointsDerivativesCountWhereTheyAreFinite() {
    String rough = RIGHT.replace("1e-10", "0.5");
    assertThatCode(() -> check(rough.replace("[6,12]", "[6,\"nan\"]"))).doesNotThrowAnyException();
    assertThatThrownBy(() -> check(rough.replace("[6,12]", "[7,\"nan\"]")))
        .hasMessageContaining("vjp 0 is off");
    assertThatThrownBy(() -> check(rough.replace("[2,-16]", "[2,\"nan\"]")))
        .hasMessageContaining("result 0 is off");
    assertThatThrownBy(() -> check(RIGHT.replace("[6,12]", "[6,\"nan\"]")))
        .hasMessageContaining("vjp 0 is off");
  }

  @Test
  void derivativesThatAreNotRecordedAreZeroOrHeldByTheirIdentities() {
    String first = RIGHT.replaceAll("\"jvp\":.*(?=\\n\"fd_rho)", "\"none\":0,");
    assertThatThrownBy(() -> check(first)).hasMessageContaining("jvp 0 is off");
    String none = RIGHT.replaceAll("\"tan\":.*(?=\\n\"fd_rho)", "\"none\":0,");
    assertThatCode(() -> check(none)).doesNotThrowAnyException();
  }

  // ---- Files

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"op\":           | bad.jsonl, line 2: not JSON: character 6",
        "[1]                | bad.jsonl, line 2: the line is no object",
        "{\"op\":\"abs\"}   | bad.jsonl, line 2: no field 'tensors'",
        "{\"op\":\"abs\",\"tensors\":7} | bad.jsonl, line 2: field 'tensors' is no list"
      })
  void aLineThatIsNoCallIsNamed(String text, String message, @TempDir Path folder)
      throws Exception {
    Files.writeString(folder.resolve("bad.jsonl"), RIGHT.replace("\n", "") + "\n" + text + "\n");
    Files.writeString(folder.resolve("README.md"), "not a recording");
    List<OpInfoFolder.Line> lines = OpInfoFolder.lines(folder);
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0).parse().toString()).isEqualTo("cube[0]");
    assertThatThrownBy(lines.get(1)::parse).hasMessageStartingWith(message);
  }

  @Test
  void aFileThatIsNotGzipIsNamed(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("bad.jsonl.gz"), "plain");
    assertThatThrownBy(OpInfoFolder.lines(folder).getFirst()::parse)
        .hasMessageStartingWith("bad.jsonl.gz: cannot be read: java.util.zip.ZipException");
  }

  @Test
  void argumentsOfUnknownFormsAreNamed() {
    assertThatThrownBy(() -> check(RIGHT.replace("{\"t\":0}", "{\"t\":1}")))
        .hasMessage("tensor 1 of 1: no such tensor");
    assertThatThrownBy(() -> check(RIGHT.replace("{\"t\":0}", "{\"complex\":1}")))
        .hasMessage("an argument of unknown form 'complex'");
    assertThatThrownBy(() -> Recorded.parse(RIGHT.replace("float64", "complex128")))
        .hasMessageContaining("a dtype we do not have: complex128");
  }
}
