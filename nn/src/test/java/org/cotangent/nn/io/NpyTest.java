package org.cotangent.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.cotangent.nn.data.BadDataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Arrays that NumPy wrote (golden-tools/data.py), and files byte for byte as it writes them.
class NpyTest {
  @TempDir Path folder = Path.of(""); // replaced before each test

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = Objects.requireNonNull(NpyTest.class.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    }
  }

  private static Tensor read(byte[] bytes) throws IOException {
    return Npy.read(new ByteArrayInputStream(bytes), "x.npy");
  }

  private static byte[] written(Tensor t) throws IOException {
    var out = new ByteArrayOutputStream();
    Npy.write(out, t);
    return out.toByteArray();
  }

  @ParameterizedTest
  @CsvSource({
    "f2, F32", "f4, F32", "f8, F64", "i2, I32", "i4, I32", "i8, I64", "u2, I32", "u4, I64",
    "u8, I64",
  })
  void arraysOfNumPyAreReadInEitherOrderOfBytes(String kind, DType dtype) throws IOException {
    for (String order : new String[] {"little", "big"}) {
      Tensor t = read(resource("%s-%s.npy".formatted(kind, order)));
      assertThat(t.dtype()).isEqualTo(dtype);
      assertThat(t.shape()).isEqualTo(Shape.of(2, 2, 3));
      double[] expected = new double[12];
      Arrays.setAll(
          expected, i -> kind.startsWith("f") ? (i - 5) * 0.5 : kind.startsWith("i") ? i - 5 : i);
      assertThat(t.toDoubleArray()).isEqualTo(expected);
    }
  }

  @Test
  void bytesAndTruthValuesAreRead() throws IOException {
    assertThat(read(resource("i1.npy")).toIntArray()).startsWith(-5, -4).hasSize(12);
    assertThat(read(resource("u1.npy")).toIntArray()).startsWith(244).endsWith(255);
    Tensor b = read(resource("b1.npy"));
    assertThat(b.dtype()).isEqualTo(DType.BOOL);
    assertThat(b.select(0, 0).toBooleanArray())
        .containsExactly(true, false, false, true, false, false);
  }

  @Test
  void theFirstIndexMayRunFastest() throws IOException {
    double[] count = Tensor.arange(12).toDoubleArray();
    Tensor t = read(resource("fortran.npy"));
    assertThat(t.shape()).isEqualTo(Shape.of(2, 2, 3));
    assertThat(t.toDoubleArray()).isEqualTo(count);
    Tensor big = read(resource("fortran-big.npy"));
    assertThat(big.shape()).isEqualTo(Shape.of(3, 2, 2));
    assertThat(big.permute(1, 2, 0).toDoubleArray()).isEqualTo(count);
  }

  @Test
  void scalarsVectorsAndEmptyArraysAreRead() throws IOException {
    assertThat(read(resource("scalar.npy")).shape()).isEqualTo(Shape.SCALAR);
    assertThat(read(resource("scalar.npy")).item()).isEqualTo(1.5);
    assertThat(read(resource("vector.npy")).toLongArray()).containsExactly(1, 2, 3);
    assertThat(read(resource("empty.npy")).shape()).isEqualTo(Shape.of(3, 0, 2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"version2", "version3"})
  void laterVersionsAreRead(String name) throws IOException {
    assertThat(read(resource(name + ".npy")).toDoubleArray())
        .isEqualTo(Tensor.arange(12).toDoubleArray());
  }

  @Test
  void whatIsWrittenHasTheBytesThatNumPyWrites() throws IOException {
    for (String name :
        new String[] {
          "f4-little", "f8-little", "i4-little", "i8-little", "b1", "scalar", "vector", "empty"
        }) {
      byte[] bytes = resource(name + ".npy");
      assertThat(written(read(bytes))).as(name).isEqualTo(bytes);
    }
  }

  @Property(tries = 100)
  void whatIsWrittenIsReadAgain(
      @ForAll DType dtype,
      @ForAll @Size(max = 4) List<@IntRange(max = 5) Integer> dims,
      @ForAll long seed)
      throws IOException {
    Tensor t =
        Rng.of(seed)
            .uniform(Shape.of(dims.stream().mapToInt(d -> d).toArray()), -3, 3, DType.F64)
            .to(dtype);
    Tensor back = read(written(t));
    assertThat(back.dtype()).isEqualTo(dtype);
    assertThat(back.shape()).isEqualTo(t.shape());
    assertThat(back.toDoubleArray()).isEqualTo(t.toDoubleArray());
  }

  @Test
  void viewsAreWrittenAsTheyAreSeen() throws IOException {
    Tensor t = Tensor.arange(0, 20_000, 1, DType.F32).reshape(100, 200).t();
    assertThat(read(written(t)).toFloatArray()).isEqualTo(t.toFloatArray());
  }

  @Test
  void filesAppearWholeUnderTheirName() throws IOException {
    Path file = folder.resolve("x.npy");
    Npy.write(file, Tensor.of(1.0, 2));
    assertThat(Npy.read(file).toDoubleArray()).containsExactly(1, 2);
    assertThat(folder.toFile().list()).containsExactly("x.npy");
    assertThatThrownBy(() -> Npy.read(folder.resolve("y.npy")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("expected an NPY array");
    assertThatThrownBy(() -> Npy.read(folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageEndingWith("expected an NPY file, found a folder");
  }

  @ParameterizedTest
  @CsvSource({
    "object, 'found ''|O'': Python objects, which are never read'",
    "complex, 'found ''<c16'''",
    "text, 'found ''<U1'''",
    "structure, 'expected one type of number, found a structure of several'",
    "large-u8, 'element 1: expected a number below 2^63, found 9223372036854775808'"
  })
  void whatIsNoTensorIsRefused(String name, String message) throws IOException {
    byte[] bytes = resource(name + ".npy");
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(BadDataException.class)
        .hasMessageStartingWith("x.npy: ")
        .hasMessageEndingWith(message);
  }

  private static byte[] array(String header, String elements) throws IOException {
    byte[] text = header.replace('"', '\'').getBytes(StandardCharsets.ISO_8859_1);
    var out = new ByteArrayOutputStream();
    out.write(HexFormat.of().parseHex("934e554d50590100"));
    out.write(new byte[] {(byte) text.length, 0});
    out.write(text);
    out.write(HexFormat.of().parseHex(elements));
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"descr\":\"|u1\",\"fortran_order\":False,\"shape\":(2,)}",
        " { \"shape\" : ( 2L , ) , \"fortran_order\" : True , \"descr\" : \"<u1\" , } \n ",
        "{\"descr\": \"|u1\", \"fortran_order\": False, \"shape\": (1, 2), }",
      })
  void headersMayBeWrittenInOtherWays(String header) throws IOException {
    assertThat(read(array(header, "07ff")).toIntArray()).containsExactly(7, 255);
  }

  private static final String REST = ",\"fortran_order\":False,\"shape\":(2,)}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``                                      | expected '{', found the end of the header",
        "{}                                      | found fewer of them",
        "{\"descr\":\"<f4\"}                     | found fewer of them",
        "{\"descr\":\"<f4\",\"descr\":\"<f4\"}   | expected each key once, found 'descr' again",
        "{\"x\":1}                               | 'fortran_order' and 'shape', found 'x'",
        "{\"descr\":__import__(\"os\")}          | expected a quoted string, found '__import__('os')}'",
        "{\"descr\":\"a\\\\b\"}                  | expected a quoted string without escapes",
        "{\"descr\":\"<f4                        | expected a quoted string without escapes",
        "{\"fortran_order\":0}                   | expected True or False, found '0}'",
        "{\"shape\":(2)}                         | expected a comma after the only extent, found ')}'",
        "{\"shape\":(-2,)}                       | expected an extent from 0 to 2147483647, found '-2,)}'",
        "{\"shape\":(02,)}                       | expected an extent from 0",
        "{\"shape\":(2147483648,)}               | expected an extent from 0",
        "{\"shape\":(2 3)}                       | expected a comma after",
        "{\"shape\":(2,3 4)}                     | expected ')', found '4)}'",
        "{\"shape\":(2+2,)}                      | expected a comma after",
        "{\"shape\":()} x                        | expected blanks only after the closing brace, found 'x'",
      })
  void headersAreParsedStrictly(String header, String message) throws IOException {
    byte[] bytes = array(header, "0000");
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(BadDataException.class)
        .hasMessageStartingWith("x.npy: header, character")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"f4", "|f4", "=f4", "<f3", "<b4", "<f44", "", ">O", "<M8"})
  void otherTypesAreRefused(String descr) throws IOException {
    byte[] bytes = array("{\"descr\":\"" + descr + "\"" + REST, "0000");
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("header, 'descr': expected a type such as '<f4'");
  }

  @Test
  void sizesThatDoNotFitAreRefusedWithoutAllocatingThem() throws IOException {
    String header = "{\"descr\":\"|b1\",\"fortran_order\":False,\"shape\":(%s,)}";
    byte[] lying = array(header.formatted("2147483639"), "00");
    String promise = "byte 69: expected 2147483639 bytes of elements (BOOL [2147483639]), found 1";
    assertThatThrownBy(() -> read(lying)).hasMessageContaining(promise);
    Path file = Files.write(folder.resolve("x.npy"), lying);
    assertThatThrownBy(() -> Npy.read(file)).hasMessageContaining(promise);
    byte[] beyond = array(header.formatted("65536, 65536"), "00");
    assertThatThrownBy(() -> read(beyond))
        .hasMessageEndingWith("expected an array of at most 2 GiB, found BOOL [65536, 65536]");
    byte[] nothing = array(header.formatted("2147483647, 2147483647, 0"), "");
    assertThat(read(nothing).size()).isZero();
    byte[] more = array(header.formatted("1"), "0001");
    assertThatThrownBy(() -> read(more))
        .hasMessageEndingWith("the end of the data, found more bytes");
    byte[] two = array(header.formatted("1"), "02");
    assertThatThrownBy(() -> read(two)).hasMessageEndingWith("element 0: expected 0 or 1, found 2");
  }

  @ParameterizedTest
  @CsvSource({
    "'', 'byte 0: expected an NPY array'",
    "934e554d5058010000, 'byte 0: expected an NPY array'",
    "934e554d50590400, 'byte 6: expected version 1.0, 2.0 or 3.0, found 4.0'",
    "934e554d50590101, 'byte 6: expected version 1.0, 2.0 or 3.0, found 1.1'",
    "934e554d5059010010, 'byte 8: expected the length of the header'",
    "934e554d505902001000ffff, 'byte 8: expected a header of at most 65536 bytes, found 4294901776'",
    "934e554d5059010010007b, 'header: expected 16 bytes, found 1'",
  })
  void beginningsAreChecked(String hex, String message) {
    assertThatThrownBy(() -> read(HexFormat.of().parseHex(hex)))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining(message);
  }
}
