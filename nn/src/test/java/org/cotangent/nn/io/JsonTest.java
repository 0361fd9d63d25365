package org.cotangent.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void everyKindOfValueIsRead() throws Json.SyntaxException {
    Json value = Json.parse(" {\"a\":[1, -2.5e+3 ,true,false,null],\"b\":{},\"c\":[]}\n ");
    assertThat(value)
        .isEqualTo(
            new Json.Obj(
                Map.of(
                    "a",
                    new Json.Arr(
                        List.of(
                            new Json.Num("1"),
                            new Json.Num("-2.5e+3"),
                            new Json.Bool(true),
                            new Json.Bool(false),
                            new Json.Null())),
                    "b",
                    new Json.Obj(Map.of()),
                    "c",
                    new Json.Arr(List.of()))));
  }

  @Test
  void escapesAreUndone() throws Json.SyntaxException {
    assertThat(Json.parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\""))
        .isEqualTo(new Json.Str("\"\\/\b\f\n\r\t\u00e9\ud83d\ude00"));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "``| character 0: expected a value, found the end of the text",
        "{`| character 1: expected a string in double quotes, found '`'",
        "{\"a\":1,}| character 7: expected a string in double quotes, found '}'",
        "{\"a\":1,\"a\":2}| character 7: expected each key once, found 'a' again",
        "{\"a\" 1}| character 5: expected ':', found '1'",
        "{\"a\":1| character 6: expected ',' or '}', found the end of the text",
        "[1,]| character 3: expected a value, found ']'",
        "[1 2]| character 3: expected ',' or ']', found '2'",
        "01| character 1: expected the end of the text, found '1'",
        "-| character 1: expected a digit, found the end of the text",
        "1.| character 2: expected a digit, found the end of the text",
        "1e+| character 3: expected a digit, found the end of the text",
        "+1| character 0: expected a value, found '+'",
        "NaN| character 0: expected a value, found 'N'",
        "tru| character 0: expected 'true', found 't'",
        "\"a| character 2: expected the rest of a string, ending in '\"', found the end of the"
            + " text",
        "\"\\x\"| character 2: expected one of \" \\ / b f n r t u after a backslash, found 'x'",
        "\"\\u12g4\"| character 5: expected 4 hexadecimal digits after \\u, found 'g'",
        "\"\\ud83d\"| character 1: expected a string of whole characters, found half a surrogate"
            + " pair",
        "\"\\ude00x\"| character 1: expected a string of whole characters, found half a surrogate"
            + " pair",
        "{} {}| character 3: expected the end of the text, found '{'",
      })
  void whatIsNotJsonIsRefusedWithItsPlace(String text, String message) {
    assertThatThrownBy(() -> Json.parse(text))
        .isInstanceOf(Json.SyntaxException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{\"a\":"})
  void deepNestingIsRefusedBeforeTheStackOverflows(String open) {
    assertThatThrownBy(() -> Json.parse(open.repeat(1_000_000)))
        .isInstanceOf(Json.SyntaxException.class)
        .hasMessageContaining("at most 64 nested levels");
  }

  @Test
  void controlCharactersInAStringAreRefused() {
    assertThatThrownBy(() -> Json.parse("\"a\nb\""))
        .isInstanceOf(Json.SyntaxException.class)
        .hasMessageEndingWith("found character U+000A");
  }

  @Property
  void anyTextGivesAValueOrASyntaxException(
      @ForAll @StringLength(max = 30) @Chars({'{', '}', '[', ']', '"', ':', ',', '\\', 'u', '1'})
          String text) {
    try {
      assertThat(Json.parse(text)).isNotNull();
    } catch (Json.SyntaxException e) {
      assertThat(e).hasMessageStartingWith("character ");
    }
  }
}
