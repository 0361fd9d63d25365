package org.cotangent.nn.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.cotangent.nn.model.Arguments.Value;
import org.cotangent.nn.model.Parameter.Place;
import org.cotangent.nn.model.Parameter.Takes;
import org.cotangent.nn.model.Source.Span;

/// Reads a description. One method a rule of the grammar, which [Architecture] shows.
final class Parser {
  /// How deep brackets may be nested: keeps a hostile text from overflowing the stack.
  private static final int MAX_DEPTH = 32;

  /// More than this no person writes: a file that claims to be a model may hold anything.
  private static final int MAX_LENGTH = 1 << 20;

  private final Source source;
  private final List<Token> tokens;
  private int at;
  private int depth;

  Parser(Source source) {
    if (source.text().length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "network: a text of %d characters; it may have %d at most"
              .formatted(source.text().length(), MAX_LENGTH));
    }
    this.source = source;
    this.tokens = Token.of(source);
  }

  // ---- Network = [ Start { Start } ";" ] Items

  Architecture network() {
    Start weight = Start.PYTORCH;
    Start bias = Start.PYTORCH;
    boolean hasWeight = now().isWord("weight");
    if (hasWeight) {
      weight = headerStart(Takes.WEIGHT);
    }
    boolean hasBias = now().isWord("bias");
    if (hasBias) {
      bias = headerStart(Takes.BIAS);
    }
    if (hasWeight || hasBias) {
      expect(';', "how all weights and biases start is followed by ';'");
    }
    List<Item> items = items();
    if (now().kind() != Token.Kind.END) {
      throw unexpected("a comma and another layer, or the end");
    }
    return new Architecture(source, weight, bias, items);
  }

  private Start headerStart(Takes takes) {
    Token word = next();
    return start(new Parameter(word.text(), takes, Place.NAMED));
  }

  // ---- Items = Item { "," Item }

  private List<Item> items() {
    List<Item> items = new ArrayList<>();
    items.add(item());
    while (now().isMark(',')) {
      next();
      items.add(item());
    }
    return List.copyOf(items);
  }

  // ---- Item = Layer | "residual" "(" Items [ "|" Items ] ")" | Count "*" ( "(" Items ")" | Item )

  private Item item() {
    Token first = now();
    if (++depth > MAX_DEPTH) {
      throw source.error(
          first.at(), "brackets and repetitions are nested deeper than %d".formatted(MAX_DEPTH));
    }
    Item item =
        switch (first.kind()) {
          case NUMBER -> repeat();
          case WORD -> first.isWord("residual") ? residual() : layer();
          case MARK, END -> throw unexpected("a layer");
        };
    depth--;
    return item;
  }

  private Item repeat() {
    Token count = next();
    int times = whole(count, 1, "the number of repetitions");
    expect('*', "a number at the beginning says how often what follows '*' is repeated");
    List<Item> body;
    if (now().isMark('(')) {
      next();
      body = items();
      expect(')', "the repeated layers end with ')'");
    } else {
      body = List.of(item());
    }
    return new Item.Repeat(times, body, since(count));
  }

  private Item residual() {
    Token word = next();
    expect('(', "the layers of a residual stand in brackets");
    List<Item> body = items();
    List<Item> shortcut = List.of();
    if (now().isMark('|')) {
      next();
      shortcut = items();
    }
    expect(')', "a residual ends with ')', after ',' comes another layer, after '|' the shortcut");
    return new Item.Residual(body, shortcut, since(word));
  }

  // ---- Layer = Name { Value | Word Value | Flag }

  private Item layer() {
    Token name = next();
    LayerKind kind =
        LayerKind.of(name.text())
            .orElseThrow(() ->
                source.error(
                    name.at(),
                    "there is no layer '%s'; there are %s, and residual(...)"
                        .formatted(name.text(), LayerKind.all())));
    Map<Parameter, Value> values = new LinkedHashMap<>();
    for (Parameter p : kind.parameters()) {
      boolean comes = now().kind() == Token.Kind.NUMBER;
      if (p.place() == Place.FIRST && !comes) {
        throw unexpected("%s (%s), as in: %s".formatted(p, p.takes().text(), kind.usage()));
      }
      if (p.place() == Place.FIRST || (p.place() == Place.FIRST_OR_ABSENT && comes)) {
        values.put(p, value(p));
      }
    }
    while (now().kind() == Token.Kind.WORD) {
      Token word = next();
      Parameter p = named(kind, word);
      if (values.containsKey(p)) {
        throw source.error(word.at(), "'%s' stands here twice".formatted(word.text()));
      }
      values.put(p, p.takes() == Takes.FLAG ? new Value.Word(word.text()) : value(p));
    }
    if (now().kind() == Token.Kind.NUMBER) {
      throw unexpected("a comma, or one of the words of: " + kind.usage());
    }
    return new Item.Layer(kind, new Arguments(kind, Map.copyOf(values)), since(name));
  }

  private Parameter named(LayerKind kind, Token word) {
    Optional<Parameter> p =
        kind.parameters().stream()
            .filter(q -> q.place() == Place.NAMED && q.name().equals(word.text()))
            .findFirst();
    if (p.isPresent()) {
      return p.get();
    }
    String known =
        kind.parameters().stream()
            .filter(q -> q.place() == Place.NAMED)
            .map(Parameter::name)
            .collect(Collectors.joining(", "));
    String what = known.isEmpty() ? "no word may follow" : "the words that may follow are " + known;
    String comma =
        LayerKind.of(word.text()).isPresent() || word.isWord("residual")
            ? "; is a comma missing?"
            : "";
    throw source.error(
        word.at(), "%s: %s, not '%s'%s".formatted(kind.word(), what, word.text(), comma));
  }

  // ---- Values

  private Value value(Parameter p) {
    return switch (p.takes()) {
      case COUNT -> new Value.Sizes(List.of(whole(number(p), 1, p.name())));
      case SIZE -> sizes(p, 1, 2);
      case MARGIN -> sizes(p, 0, 2);
      case PADDING -> {
        if (now().isWord("same")) {
          yield new Value.Word(next().text());
        }
        yield sizes(p, 0, 2);
      }
      case SHAPE -> sizes(p, 1, Integer.MAX_VALUE);
      case REAL -> new Value.Real(real(p, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY));
      case POSITIVE -> new Value.Real(real(p, 0, Double.POSITIVE_INFINITY));
      case PROBABILITY -> new Value.Real(real(p, 0, 1));
      case INDEX -> new Value.Sizes(List.of(whole(number(p), 0, p.name())));
      case MODE -> word(p, "zeros", "reflect", "replicate", "circular");
      case NONLINEARITY -> word(p, "tanh", "relu");
      case WEIGHT, TABLE, BIAS -> new Value.Starting(start(p));
      case FLAG -> throw new AssertionError("a flag has no value");
    };
  }

  private Token number(Parameter p) {
    if (now().kind() != Token.Kind.NUMBER) {
      throw unexpected("%s after '%s'".formatted(p.takes().text(), p.name()));
    }
    return next();
  }

  private Value word(Parameter p, String... words) {
    for (String w : words) {
      if (now().isWord(w)) {
        return new Value.Word(next().text());
      }
    }
    throw unexpected("%s after '%s'".formatted(p.takes().text(), p.name()));
  }

  private int whole(Token t, int least, String what) {
    try {
      int n = Integer.parseInt(t.text());
      if (n >= least && t.text().charAt(0) != '+') {
        return n;
      }
    } catch (NumberFormatException e) {
      // one message for all that is wrong
    }
    throw source.error(
        t.at(), "%s must be a whole number from %d, not %s".formatted(what, least, t));
  }

  private Value sizes(Parameter p, int least, int most) {
    Token t = number(p);
    String[] parts = t.text().split("x", -1);
    List<Integer> n = new ArrayList<>();
    for (String part : parts) {
      boolean isWhole = part.matches("[0-9]{1,9}");
      if (!isWhole || Integer.parseInt(part) < least || n.size() == most) {
        throw source.error(
            t.at(), "%s must be %s, not %s".formatted(p.name(), p.takes().text(), t));
      }
      n.add(Integer.parseInt(part));
    }
    return new Value.Sizes(List.copyOf(n));
  }

  private double real(Parameter p, double least, double most) {
    Token t = number(p);
    try {
      double v = Double.parseDouble(t.text());
      boolean isDecimal = t.text().matches("[-+0-9.eE]+"); // not 1f, not 0x1p3
      if (isDecimal && Double.isFinite(v) && v >= least && v <= most) {
        return v;
      }
    } catch (NumberFormatException e) {
      // one message for all that is wrong
    }
    throw source.error(t.at(), "%s must be %s, not %s".formatted(p.name(), p.takes().text(), t));
  }

  private Start start(Parameter p) {
    Token word = now();
    if (word.kind() == Token.Kind.NUMBER) {
      double v =
          real(new Parameter(p.name(), Takes.REAL, p.place()), -Double.MAX_VALUE, Double.MAX_VALUE);
      return new Start(Start.Kind.CONSTANT, v);
    }
    for (Start.Kind kind : Start.Kind.values()) {
      if (word.isWord(kind.word()) && fits(kind, p.takes())) {
        next();
        Parameter number = new Parameter(kind.word(), Takes.POSITIVE, Place.NAMED);
        return new Start(kind, kind.takesNumber() ? real(number, 0, Double.MAX_VALUE) : 0);
      }
    }
    throw unexpected("%s after '%s'".formatted(p.takes().text(), p.name()));
  }

  private static boolean fits(Start.Kind kind, Takes takes) {
    return switch (kind) {
      case PYTORCH, NORMAL, UNIFORM, CONSTANT -> true;
      case HE, HE_UNIFORM, GLOROT, GLOROT_UNIFORM -> takes == Takes.WEIGHT;
      case NONE -> takes == Takes.BIAS;
    };
  }

  // ---- Tokens

  private Token now() {
    return tokens.get(at);
  }

  private Token next() {
    return tokens.get(at++);
  }

  /// From a token to the one that was read last.
  private Span since(Token first) {
    return new Span(first.at().from(), tokens.get(at - 1).at().to());
  }

  private void expect(char mark, String why) {
    if (!now().isMark(mark)) {
      throw unexpected("'%s': %s".formatted(mark, why));
    }
    next();
  }

  private IllegalArgumentException unexpected(String expected) {
    return source.error(now().at(), "expected %s; found %s".formatted(expected, now()));
  }
}
