package org.cotangent.apps.runs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.cotangent.apps.support.CommandFailure;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/// The fields of a section of a YAML or JSON file, asked for one by one. What is wrong goes to the
/// [Mistakes], with its line; a stand-in is then returned, so that reading goes on to the next
/// mistake. The names that were asked for are the names that are known: [#done] complains of all
/// others.
final class Fields {
  private final Mistakes mistakes;
  private final String prefix;
  private final int line;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Map<String, Integer> lines = new LinkedHashMap<>();
  private final Set<String> known = new TreeSet<>();

  private Fields(Mistakes mistakes, String prefix, int line) {
    this.mistakes = mistakes;
    this.prefix = prefix;
    this.line = line;
  }

  /// The outermost section of a file.
  ///
  /// @throws CommandFailure if the file is not one YAML mapping
  static Fields read(Path file, Mistakes mistakes) {
    try {
      return parse(Files.readString(file), file.toString(), mistakes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The outermost section of a text.
  ///
  /// @throws CommandFailure if it is not one YAML mapping
  static Fields parse(String text, String name, Mistakes mistakes) {
    var settings =
        LoadSettings.builder()
            .setLabel(name)
            .setSchema(new CoreSchema())
            .setAllowNonScalarKeys(true)
            .build();
    Optional<Node> root;
    try {
      var parser = new ParserImpl(settings, new StreamReader(settings, text));
      root = new Composer(settings, parser).getSingleNode();
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(m -> m.getLine() + 1).orElse(1);
      throw new CommandFailure(
          "%s: line %d: no YAML or JSON: %s".formatted(name, line, e.getProblem()), e);
    } catch (YamlEngineException e) {
      throw new CommandFailure(name + ": no YAML or JSON: " + e.getMessage(), e);
    }
    var fields = new Fields(mistakes, "", 1);
    if (root.isPresent() && root.get() instanceof MappingNode mapping) {
      fields.fill(mapping);
    } else {
      mistakes.add(1, "expected fields, such as 'batch: 32'");
    }
    return fields;
  }

  private void fill(MappingNode mapping) {
    for (NodeTuple field : mapping.getValue()) {
      int at = line(field.getKeyNode());
      if (!(field.getKeyNode() instanceof ScalarNode key)) {
        mistakes.add(at, "expected a name before the ':'");
      } else if (values.put(key.getValue(), field.getValueNode()) != null) {
        mistakes.add(at, prefix + key.getValue() + ": it is there twice");
      } else {
        lines.put(key.getValue(), at);
      }
    }
  }

  /// Whether the field is there.
  boolean has(String key) {
    known.add(key);
    return values.containsKey(key);
  }

  /// Notes a mistake about a field that may or may not be there.
  void wrong(String key, String text) {
    mistakes.add(lines.getOrDefault(key, line), prefix + key + ": " + text);
  }

  /// Complains of the fields that nobody asked for.
  void done() {
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        String cure =
            Mistakes.nearest(key, known)
                .map(n -> "did you mean " + n + "?")
                .orElse("known are " + String.join(", ", known));
        wrong(key, "unknown; " + cure);
      }
    }
  }

  /// A section inside this one; of no fields if it is missing.
  Fields section(String key) {
    var inner =
        new Fields(mistakes, prefix + key + ".", has(key) ? lines.getOrDefault(key, line) : line);
    Optional.ofNullable(values.get(key))
        .ifPresent(node -> {
          if (node instanceof MappingNode mapping) {
            inner.fill(mapping);
          } else {
            wrong(key, "expected a section of fields, found " + text(node));
          }
        });
    return inner;
  }

  /// A text that must be there.
  String text(String key) {
    Optional<String> value = optionalText(key);
    if (!has(key)) {
      wrong(key, "it is missing");
    }
    return value.orElse("");
  }

  /// A text that may be missing. A number or a truth value counts as its text.
  Optional<String> optionalText(String key) {
    return scalar(key, "a text").map(ScalarNode::getValue);
  }

  /// A choice among the constants of an enum, written in small letters with `-` for `_`.
  <E extends Enum<E>> E choice(String key, Class<E> type, E otherwise) {
    Optional<String> text = optionalText(key);
    if (text.isEmpty()) {
      return otherwise;
    }
    List<E> all = List.of(type.getEnumConstants());
    for (E e : all) {
      if (word(e).equals(text.get())) {
        return e;
      }
    }
    List<String> words = all.stream().map(Fields::word).toList();
    String hint =
        Mistakes.nearest(text.get(), words).map(n -> "; did you mean " + n + "?").orElse("");
    wrong(
        key,
        "expected one of %s, found %s%s".formatted(String.join(", ", words), text.get(), hint));
    return otherwise;
  }

  /// How an enum's constant is written.
  static String word(Enum<?> e) {
    return e.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// A whole number of at least `low`.
  OptionalInt whole(String key, int low) {
    Optional<ScalarNode> node = scalar(key, "a whole number");
    if (node.isEmpty()) {
      return OptionalInt.empty();
    }
    String text = node.get().getValue();
    if (node.get().getTag().equals(Tag.INT)) {
      try {
        int value = Integer.parseInt(text);
        if (value >= low) {
          return OptionalInt.of(value);
        }
      } catch (NumberFormatException _) {
        // too large, or not decimal
      }
    }
    wrong(key, "expected a whole number from %d, found %s".formatted(low, text));
    return OptionalInt.of(low);
  }

  /// Any whole number of 64 bits.
  long seed(String key, long otherwise) {
    Optional<ScalarNode> node = scalar(key, "a whole number");
    if (node.isEmpty()) {
      return otherwise;
    }
    try {
      return Long.parseLong(node.get().getValue());
    } catch (NumberFormatException _) {
      wrong(key, "expected a whole number, found " + node.get().getValue());
      return otherwise;
    }
  }

  /// A finite number within a range.
  OptionalDouble number(String key, Range range) {
    Optional<ScalarNode> node = scalar(key, "a number");
    if (node.isEmpty()) {
      return OptionalDouble.empty();
    }
    Tag tag = node.get().getTag();
    if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
      try {
        double value = Double.parseDouble(node.get().getValue());
        if (range.holds(value)) {
          return OptionalDouble.of(value);
        }
      } catch (NumberFormatException _) {
        // .inf, .nan, or not decimal
      }
    }
    wrong(key, "expected %s, found %s".formatted(range.words, node.get().getValue()));
    return OptionalDouble.of(range.inside);
  }

  /// A number that was measured: NaN where it was not a finite one, which JSON cannot say.
  double measured(String key) {
    Node node = values.get(key);
    if (has(key) && node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.NULL)) {
      return Double.NaN;
    }
    Optional<ScalarNode> value = scalar(key, "a number");
    try {
      return value.isPresent() ? Double.parseDouble(value.get().getValue()) : Double.NaN;
    } catch (NumberFormatException _) {
      wrong(key, "expected a number");
      return Double.NaN;
    }
  }

  /// `true` or `false`; `false` if it is missing.
  boolean flag(String key) {
    return flag(key, false);
  }

  /// `true` or `false`.
  boolean flag(String key, boolean otherwise) {
    Optional<ScalarNode> node = scalar(key, "true or false");
    if (node.isPresent() && !node.get().getTag().equals(Tag.BOOL)) {
      wrong(key, "expected true or false, found " + node.get().getValue());
    }
    return node.map(n -> n.getValue().equalsIgnoreCase("true")).orElse(otherwise);
  }

  private Optional<ScalarNode> scalar(String key, String what) {
    if (!has(key)) {
      return Optional.empty();
    }
    Node node = values.get(key);
    if (node instanceof ScalarNode scalar && !scalar.getTag().equals(Tag.NULL)) {
      return Optional.of(scalar);
    }
    wrong(key, "expected %s, found %s".formatted(what, node == null ? "nothing" : text(node)));
    return Optional.empty();
  }

  private static String text(Node node) {
    return switch (node) {
      case ScalarNode scalar when scalar.getTag().equals(Tag.NULL) -> "nothing";
      case ScalarNode scalar -> scalar.getValue();
      case MappingNode _ -> "a section of fields";
      default -> "a list";
    };
  }

  private static int line(Node node) {
    return node.getStartMark().map(m -> m.getLine() + 1).orElse(1);
  }

  /// The ranges that numbers of a configuration come from.
  enum Range {
    POSITIVE("a number above 0", 1),
    NOT_NEGATIVE("a number of 0 or more", 0),
    BELOW_ONE("a number of 0 or more and below 1", 0),
    INSIDE_ONE("a number above 0 and below 1", 0.5);

    private final String words;
    private final double inside;

    Range(String words, double inside) {
      this.words = words;
      this.inside = inside;
    }

    private boolean holds(double v) {
      return switch (this) {
        case POSITIVE -> v > 0 && Double.isFinite(v);
        case NOT_NEGATIVE -> v >= 0 && Double.isFinite(v);
        case BELOW_ONE -> v >= 0 && v < 1;
        case INSIDE_ONE -> v > 0 && v < 1;
      };
    }
  }
}
