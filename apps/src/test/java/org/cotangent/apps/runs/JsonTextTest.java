package org.cotangent.apps.runs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTextTest {
  @Test
  void itWritesEveryKindOfValue() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("a \"b\"\n\\\u0001", "ü");
    fields.put("list", List.of(1, 2.5, true, Double.NaN, Float.POSITIVE_INFINITY));
    fields.put("inner", Map.of("x", 1L));
    fields.put("none", Map.of());
    assertThat(JsonText.of(fields))
        .isEqualTo(
            """
            {
              "a \\"b\\"\\n\\\\\\u0001": "ü",
              "list": [1, 2.5, true, null, null],
              "inner": {
                "x": 1
              },
              "none": {}
            }
            """);
  }

  @Test
  void yamlReadsWhatItQuotes() {
    var mistakes = new Mistakes("x");
    String odd = "C:\\a\tb: \"c\" #d\n{";
    Fields f = Fields.parse("path: " + JsonText.quoted(odd), "x", mistakes);
    assertThat(f.text("path")).isEqualTo(odd);
    mistakes.throwIfAny();
  }
}
