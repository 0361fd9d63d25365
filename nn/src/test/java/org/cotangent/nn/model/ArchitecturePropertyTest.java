package org.cotangent.nn.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.cotangent.autograd.Rng;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// Texts drawn from the table of layers: whatever a layer can be given is in them.
class ArchitecturePropertyTest {
  /// A text as somebody might write it, and the canonical one.
  private record Written(String free, String canonical) {}

  private static final List<LayerKind> KINDS = List.copyOf(EnumSet.allOf(LayerKind.class));
  private static final String[] REALS = {"0.5", "1e-4", "0.25", "1", "0", "1.5e-10"};

  private static Written items(Random r, int depth) {
    StringBuilder free = new StringBuilder();
    StringBuilder canonical = new StringBuilder();
    int n = 1 + r.nextInt(3);
    for (int i = 0; i < n; i++) {
      Written w = item(r, depth);
      free.append(i == 0 ? "" : space(r) + "," + space(r)).append(w.free);
      canonical.append(i == 0 ? "" : ", ").append(w.canonical);
    }
    return new Written(free.toString(), canonical.toString());
  }

  private static String space(Random r) {
    return new String[] {"", " ", "\n", "  \t"}[r.nextInt(4)];
  }

  private static Written item(Random r, int depth) {
    int what = depth == 0 ? 9 : r.nextInt(10);
    return switch (what) {
      case 0 -> {
        Written body = items(r, depth - 1);
        Written beside = items(r, depth - 1);
        yield new Written(
            "residual" + space(r) + "(" + body.free + space(r) + "|" + beside.free + ")",
            "residual(" + body.canonical + " | " + beside.canonical + ")");
      }
      case 1 -> {
        Written body = items(r, depth - 1);
        yield new Written(
            "residual(" + body.free + space(r) + ")", "residual(" + body.canonical + ")");
      }
      case 2 -> {
        Written one = layer(r);
        boolean brackets = r.nextBoolean();
        yield new Written(
            "2" + space(r) + "*" + space(r) + (brackets ? "(" + one.free + ")" : one.free),
            "2 * " + one.canonical);
      }
      case 3 -> {
        Written body = items(r, depth - 1);
        Written last = layer(r);
        yield new Written(
            "3 *(" + last.free + "," + body.free + ")",
            "3 * (" + last.canonical + ", " + body.canonical + ")");
      }
      default -> layer(r);
    };
  }

  private static Written layer(Random r) {
    LayerKind kind = KINDS.get(r.nextInt(KINDS.size()));
    StringBuilder first = new StringBuilder(kind.word());
    List<String> named = new ArrayList<>();
    for (Parameter p : kind.parameters()) {
      boolean present = p.place() == Parameter.Place.FIRST || r.nextBoolean();
      if (present) {
        String v = value(r, p);
        switch (p.place()) {
          case FIRST, FIRST_OR_ABSENT -> first.append(' ').append(v);
          case NAMED -> named.add(v.isEmpty() ? p.name() : p.name() + " " + v);
        }
      }
    }
    String canonical = first + (named.isEmpty() ? "" : " " + String.join(" ", named));
    Collections.shuffle(named, r);
    StringBuilder free = new StringBuilder(first);
    named.forEach(s -> free.append("  ").append(s.replace(" ", "\n ")));
    return new Written(free.toString(), canonical);
  }

  private static String value(Random r, Parameter p) {
    return switch (p.takes()) {
      case COUNT -> Integer.toString(1 + r.nextInt(9));
      case SIZE -> r.nextBoolean() ? "3" : "3x" + (1 + r.nextInt(9));
      case MARGIN -> r.nextBoolean() ? "0" : "1x" + r.nextInt(3);
      case PADDING -> r.nextBoolean() ? "same" : "2x0";
      case SHAPE -> r.nextBoolean() ? "12" : "3x4x5x6";
      case REAL -> (r.nextBoolean() ? "-" : "") + REALS[r.nextInt(4)];
      case POSITIVE -> REALS[r.nextInt(REALS.length)];
      case PROBABILITY -> REALS[r.nextInt(REALS.length)];
      case INDEX -> Integer.toString(r.nextInt(3));
      case MODE -> r.nextBoolean() ? "reflect" : "zeros";
      case NONLINEARITY -> r.nextBoolean() ? "relu" : "tanh";
      case FLAG -> "";
      case WEIGHT -> r.nextBoolean() ? "glorot-uniform" : "normal 0.125";
      case TABLE -> r.nextBoolean() ? "pytorch" : "uniform 3";
      case BIAS -> r.nextBoolean() ? "none" : "-0.5";
    };
  }

  @Property(tries = 500)
  void anyArrangementOfATextIsItsCanonicalOne(@ForAll long seed) {
    Random r = new Random(seed);
    Written w = items(r, 3);
    boolean header = r.nextBoolean();
    String free = (header ? "bias 0 ;" : "") + space(r) + w.free + space(r);
    String canonical = (header ? "bias 0; " : "") + w.canonical;

    Architecture a = Architecture.parse(free);

    assertThat(a).hasToString(canonical);
    assertThat(Architecture.parse(canonical)).isEqualTo(a).hasSameHashCodeAs(a);
  }

  /// Whatever goes wrong is said with its place, and quickly.
  @Property(tries = 500)
  void damagedTextsAreReadOrRefusedWithAPlace(@ForAll long seed) {
    Random r = new Random(seed);
    StringBuilder text = new StringBuilder(items(r, 3).free);
    for (int i = r.nextInt(3); i >= 0; i--) {
      int at = r.nextInt(text.length() + 1);
      String junk = "(),|*;x3.- \né\uD83D\uDE00aconvlinear99999999";
      switch (r.nextInt(3)) {
        case 0 -> text.insert(at, junk.charAt(r.nextInt(junk.length())));
        case 1 -> text.delete(at, Math.min(text.length(), at + 1 + r.nextInt(3)));
        default -> text.append(junk, 0, r.nextInt(junk.length()));
      }
    }
    try {
      Architecture a = Architecture.parse(text.toString());
      assertThat(Architecture.parse(a.toString())).isEqualTo(a);
      a.built(Shape.of(4, 8, 8), Rng.of(1), DType.F32, OptionalLong.of(1_000_000));
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageMatching("(?s)network, line \\d+, column \\d+: .*\\n.*\\^.*");
    }
  }

  @Property(tries = 300)
  void numbersReadAsTheyWereWritten(@ForAll double v) {
    if (Double.isFinite(v)) {
      assertThat(Double.parseDouble(Numbers.text(v))).isEqualTo(v);
      String text = "elu " + Numbers.text(v);
      assertThat(Architecture.parse(text)).hasToString(text);
    }
  }
}
