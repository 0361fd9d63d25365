package org.cotangent.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTest {
  @TempDir Path folder = Path.of(""); // replaced before each test

  private static final CsvOptions BARE = CsvOptions.defaults().withoutHeader();

  private static Csv csv(String text, CsvOptions options) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Csv.read(new ByteArrayInputStream(bytes), "t.csv", options);
  }

  private static Csv csv(String text) throws IOException {
    return csv(text, CsvOptions.defaults());
  }

  @Test
  void chosenColumnsBecomeNumbersInTheOrderAskedFor() throws IOException {
    Csv t = csv("a,b,kind\n1,2.5,dog\n-3,4e2,cat\n");
    assertThat(t.columns()).containsExactly("a", "b", "kind");
    assertThat(t.rows()).isEqualTo(2);
    Tensor x = t.numbers(DType.F32, "b", "a", "b");
    assertThat(x.shape()).isEqualTo(Shape.of(2, 3));
    assertThat(x.dtype()).isEqualTo(DType.F32);
    assertThat(x.toFloatArray()).containsExactly(2.5f, 1, 2.5f, 400, -3, 400);
    assertThat(t.numbers(DType.F64, "a").toDoubleArray()).containsExactly(1, -3);
    assertThat(t.texts("kind")).containsExactly("dog", "cat");
    assertThat(t).hasToString("Csv[t.csv: 2 rows of [a, b, kind]]");
  }

  @Test
  void fieldsMayBeQuotedAndHoldAnything() throws IOException {
    Csv t = csv("\"a,\n\",\"say \"\"a\"\"\"\r\n\"1.5\",\"x\ny\"\r\n2,\"\"\r\n");
    assertThat(t.columns()).containsExactly("a,\n", "say \"a\"");
    assertThat(t.numbers(DType.F64, "a,\n").toDoubleArray()).containsExactly(1.5, 2);
    assertThat(t.texts("say \"a\"")).containsExactly("x\ny", "");
  }

  @Test
  void aFileMayHaveNoHeaderAnotherSeparatorAMarkAndNoLastLineEnd() throws IOException {
    Csv t = csv("\uFEFF1;2\n3;4", BARE.separator(';'));
    assertThat(t.columns()).containsExactly("1", "2");
    assertThat(t.numbers(DType.F32, "1", "2").toFloatArray()).containsExactly(1, 2, 3, 4);
    assertThat(csv("1\t2", BARE.separator('\t')).numbers(DType.F32, "2").item()).isEqualTo(2);
    assertThat(csv("\uFEFFa\n").columns()).containsExactly("a");
    assertThat(csv("a,b").rows()).isZero();
    assertThat(csv("a,b").numbers(DType.F32, "a").shape()).isEqualTo(Shape.of(0, 1));
    assertThat(csv("\n\na,b\n\n1,2\r\n\r\n\n").rows()).isEqualTo(1);
  }

  @Test
  void classesAreInOrderAndLabelsTheirNumbers() throws IOException {
    Csv t = csv("kind,digit\ndog,10\ncat,9\n\"dog\",10\n");
    assertThat(t.classes("kind")).containsExactly("cat", "dog");
    assertThat(t.classes("digit")).containsExactly("9", "10");
    Tensor y = t.labels("kind", t.classes("kind"));
    assertThat(y.dtype()).isEqualTo(DType.I32);
    assertThat(y.toIntArray()).containsExactly(1, 0, 1);
    assertThat(t.labels("kind", List.of("dog", "horse", "cat")).toIntArray())
        .containsExactly(0, 2, 0);
    assertThatThrownBy(() -> t.labels("kind", List.of("cat", "horse")))
        .isInstanceOf(BadDataException.class)
        .hasMessage("t.csv: line 2, column 1 ('kind'): expected one of [cat, horse], found 'dog'");
    assertThatThrownBy(() -> t.labels("kind", List.of("cat", "cat")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the class 'cat' comes twice");
    assertThatThrownBy(() -> t.numbers(DType.F32, "size"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Csv: no column 'size' in t.csv; there are [kind, digit]");
    assertThatThrownBy(() -> t.numbers(DType.I32, "digit"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("to(DType.I32)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``                | the file: expected a header, found nothing: it is empty",
        "`\n\n`            | the file: expected a header, found nothing: it is empty",
        "`a,,c`            | line 1, column 2: expected the name of a column, found nothing",
        "`a,b,a`           | line 1, column 3: expected a name for each column, found 'a' again",
        "`a,b\n1`          | line 2, column 1: expected 2 fields, as in the first record, found 1",
        "`a,b\n\n1,2,3`    | line 3, column 3: expected 2 fields, as in the first record, found 3",
        "`a\n1\"2\"`       | line 2, column 1: expected quotes around a whole field only, found one after '1'",
        "`a,b\n\"1\"2,3`   | line 2, column 1: expected a separator or the end of the line after closing quotes, found '2'",
        "`a\n1\n\"2\n3,\"\"4` | line 3, column 1: expected a field whose quotes are closed, found the end of the file",
        "`a\n\"\n1\"\r2`   | line 2, column 1: expected a separator or the end of the line after closing quotes",
        "`a\n1\r2`         | line 2, column 1: expected a line feed after a carriage return, found none",
      })
  void brokenRulesAreNamedWithLineAndColumn(String text, String message) {
    assertThatThrownBy(() -> csv(text))
        .isInstanceOf(BadDataException.class)
        .hasMessageStartingWith("t.csv: " + message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "one", "1,5", "1.2.3", "1e", "1e+", "0x10", "1f", "1d", "--1", ".", "e5", "1 2",
        "infin", "1_000", "n/a", "1e5.0", "\u0661"
      })
  void whatIsNoNumberIsNamed(String text) throws IOException {
    Csv t = csv("a,\"b\nb\"\n0,0\n1,\"" + text + "\"\n");
    assertThat(t.numbers(DType.F64, "a").toDoubleArray()).containsExactly(0, 1);
    assertThatThrownBy(() -> t.numbers(DType.F64, "a", "b\nb"))
        .isInstanceOf(BadDataException.class)
        .hasMessage(
            "t.csv: line 4, column 2 ('b\nb'): expected a number, found "
                + (text.isEmpty() ? "nothing" : "'" + text + "'"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "+1",
        "1.",
        ".5",
        "-.5e-3",
        "1E5",
        "1e+05",
        "9007199254740993",
        "123456789012345678901234567890",
        "0.1",
        "1e22",
        "1e23",
        "1e-22",
        "1e-23",
        "4.9e-324",
        "1e-400",
        "1.7976931348623157e308",
        "1e309",
        "0.000000000000000000000000000000000001",
        "1e999999999999",
        "0e999999999999",
        "00012",
        "8.5",
        "2.2250738585072011e-308",
        "9007199254740991e22"
      })
  void numbersAreRoundedAsJavaRoundsThem(String text) throws IOException {
    double v = csv(text, BARE).numbers(DType.F64, "1").item();
    assertThat(v).isEqualTo(Double.parseDouble(text));
    assertThat(csv(" " + text + "\t", BARE).numbers(DType.F64, "1").item()).isEqualTo(v);
  }

  @Test
  void infinitiesAndNanAreNumbers() throws IOException {
    Csv t = csv("inf\n-Infinity\n+INF\nnan\n-NaN\n", BARE);
    double inf = Double.POSITIVE_INFINITY;
    assertThat(t.numbers(DType.F64, "1").toDoubleArray())
        .containsExactly(inf, -inf, inf, Double.NaN, Double.NaN);
  }

  @Property(tries = 300)
  void everyDoubleComesBack(@ForAll double v, @ForAll @IntRange(max = 17) int digits)
      throws IOException {
    for (String text : new String[] {Double.toString(v), "%%.%de".formatted(digits).formatted(v)}) {
      assertThat(csv(text, BARE).numbers(DType.F64, "1").item())
          .isEqualTo(Double.parseDouble(text));
    }
  }

  @Provide
  Arbitrary<List<List<String>>> tables() {
    Arbitrary<String> field =
        Arbitraries.strings().withChars("ab,;\"\n\r \u00e9\u65e5").ofMaxLength(6);
    return Arbitraries.integers()
        .between(2, 4)
        .flatMap(n -> field.list().ofSize(n).list().ofMinSize(1).ofMaxSize(6));
  }

  @Property(tries = 200)
  void whatIsQuotedComesBack(
      @ForAll("tables") List<List<String>> table,
      @ForAll boolean windows,
      @ForAll boolean end,
      @ForAll boolean semicolon)
      throws IOException {
    String separator = semicolon ? ";" : ",";
    String lineEnd = windows ? "\r\n" : "\n";
    List<String> lines = new ArrayList<>();
    for (List<String> record : table) {
      lines.add(String.join(separator, record.stream().map(CsvTest::quoted).toList()));
    }
    String text = String.join(lineEnd, lines) + (end ? lineEnd : "");
    Csv t = csv(text, BARE.separator(separator.charAt(0)));
    assertThat(t.rows()).isEqualTo(table.size());
    for (int c = 0; c < table.getFirst().size(); c++) {
      int column = c;
      assertThat(t.texts(Integer.toString(c + 1)))
          .isEqualTo(table.stream().map(r -> r.get(column)).toList());
    }
  }

  /// Quoted where it must be, and where a coin (the length) says so.
  private static String quoted(String field) {
    boolean needed = IntStream.of(',', ';', '"', '\n', '\r').anyMatch(c -> field.indexOf(c) >= 0);
    return needed || field.length() % 2 == 0 ? '"' + field.replace("\"", "\"\"") + '"' : field;
  }

  @Test
  void filesAreReadAndMissingOnesNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("x.csv"), "a\n1\n");
    assertThat(Csv.read(file).numbers(DType.F32, "a").item()).isEqualTo(1);
    assertThat(Csv.read(file, BARE).texts("1")).containsExactly("a", "1");
    assertThatThrownBy(() -> Csv.read(folder.resolve("y.csv")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("comma-separated");
    assertThatThrownBy(() -> Csv.read(folder)).isInstanceOf(BadDataException.class);
    Files.write(file, new byte[] {'a', '\n', (byte) 0xC3, '\n'});
    assertThatThrownBy(() -> Csv.read(file).classes("a"))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("line 2, column 1 ('a'): expected UTF-8");
    Files.writeString(file, "a,b\n,1\n");
    assertThatThrownBy(() -> Csv.read(file).classes("a"))
        .hasMessageEndingWith(
            "line 2, column 1 ('a'): expected the name of a class, found nothing");
  }

  @ParameterizedTest
  @ValueSource(chars = {'"', '\n', '\r', '1', 'e', '.', '-', '+', '\u00e9', '\0'})
  void separatorsThatCannotSeparateAreRefused(char c) {
    assertThatThrownBy(() -> CsvOptions.defaults().separator(c))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Csv: the separator");
  }
}
