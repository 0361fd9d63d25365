import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Writes the unrolled inner loops of the matrix product: `GemmTiles <templates/.../cpu>`.
///
/// A tile of C lives in registers, which only local variables are: hence code by the yard. Run it
/// after a change here and commit what it writes; `Derive` makes the double twins as of all
/// kernels.
class GemmTiles {
  static final int[] ROWS = {12, 8, 4};

  final StringBuilder text = new StringBuilder();

  public static void main(String[] args) throws IOException {
    Path dir = Path.of(args[0]);
    Files.writeString(dir.resolve("GemmRowsF32.java"), new GemmTiles().tiles(true));
    Files.writeString(dir.resolve("GemmPanelsF32.java"), new GemmTiles().tiles(false));
    Files.writeString(dir.resolve("GemmThinF32.java"), new GemmTiles().thin());
    Files.writeString(dir.resolve("TransposeF32.java"), new GemmTiles().transposes());
  }

  void line(String format, Object... args) {
    text.append(format.formatted(args)).append('\n');
  }

  String tiles(boolean rows) {
    String name = rows ? "GemmRowsF32" : "GemmPanelsF32";
    line("package org.cotangent.autograd.cpu;\n");
    if (rows) line("import static org.cotangent.autograd.cpu.GemmF32.STRIDE;");
    line("import static org.cotangent.autograd.cpu.LanesF32.L;");
    line("import static org.cotangent.autograd.cpu.LanesF32.S;\n");

    line("import jdk.incubator.vector.FloatVector;\n");
    line("/// Tiles of C = D + A B that stay in registers, written by" + " tools/GemmTiles.java.");
    line("///");
    line(
        "/// D is C itself, or one row of -0.0 with a step of 0: what the sums are added to is no");
    line("/// branch, which would be compiled for the first block's way alone, and again later.");
    line("///");
    line("/// Row k of B is read as vectors; element (r, k) of A is at");
    line(
        rows
            ? "/// `ao + r STRIDE + k`: a constant step, since steps that are not take a register or"
                + " a\n/// load for each row."
            : "/// `ao + k lda + r`: a packed panel, or A transposed as it is.");
    line("final class %s {", name);
    line("  private %s() {}\n", name);
    line(
        "  static void run(int height, int vectors, int kc, float[] a, int ao%s,",
        rows ? "" : ", int lda");
    line(
        "      float[] b, int bo, int ldb, float[] d, int dO, int ldd, float[] c, int co, int ldc) {");
    line("    boolean two = vectors == 2;");
    line("    switch (height) {");
    for (int m : ROWS) {
      line("      case %d -> {", m);
      line("        if (two) {");
      line(
          "          tile%dx2(kc, a, ao%s, b, bo, ldb, d, dO, ldd, c, co, ldc);",
          m, rows ? "" : ", lda");
      line("        } else {");
      line(
          "          tile%dx1(kc, a, ao%s, b, bo, ldb, d, dO, ldd, c, co, ldc);",
          m, rows ? "" : ", lda");
      line("        }");
      line("      }");
    }
    line("      default -> throw new IllegalArgumentException(\"no tile of height \" + height);");
    line("    }\n  }");
    for (int m : ROWS) {
      tile(rows, m, 2);
      tile(rows, m, 1);
    }
    line("}");
    return text.toString();
  }

  void tile(boolean rows, int height, int vectors) {
    line(
        "\n  private static void tile%dx%d(int kc, float[] a, int ao%s,",
        height, vectors, rows ? "" : ", int lda");
    line(
        "      float[] b, int bo, int ldb, float[] d, int dO, int ldd, float[] c, int co, int ldc) {");
    for (int r = 0; r < height; r++) {
      for (int j = 0; j < vectors; j++)
        line("    FloatVector %s = FloatVector.zero(S);", sum(r, j));
    }
    line("    for (int k = 0; k < kc; k++) {");
    for (int j = 0; j < vectors; j++) {
      line(
          "      FloatVector b%d = FloatVector.fromArray(S, b, bo + k * ldb%s);",
          j, j == 0 ? "" : " + L");
    }
    line("      FloatVector x;");
    for (int r = 0; r < height; r++) {
      line(
          "      x = FloatVector.broadcast(S, a[%s]);",
          rows ? "ao + " + r + " * STRIDE + k" : "ao + k * lda + " + r);
      for (int j = 0; j < vectors; j++) line("      %s = x.fma(b%d, %s);", sum(r, j), j, sum(r, j));
    }
    line("    }");
    for (int r = 0; r < height; r++) {
      for (int j = 0; j < vectors; j++) {
        line(
            "    %s = FloatVector.fromArray(S, d, %s).add(%s);",
            sum(r, j), at("d", "dO", r, j), sum(r, j));
      }
    }
    for (int r = 0; r < height; r++) {
      for (int j = 0; j < vectors; j++)
        line("    %s.intoArray(c, %s);", sum(r, j), at("c", "co", r, j));
    }
    line("  }");
  }

  static String at(String array, String from, int r, int j) {
    return "%s + %d * ld%s%s".formatted(from, r, array, j == 0 ? "" : " + L");
  }

  static String sum(int r, int j) {
    return "pqst".charAt(j) + "" + r;
  }

  String thin() {
    line("package org.cotangent.autograd.cpu;\n");
    line("import static org.cotangent.autograd.cpu.LanesF32.L;");
    line("import static org.cotangent.autograd.cpu.LanesF32.S;\n");
    line("import jdk.incubator.vector.FloatVector;\n");
    line(
        "/// Tiles of C = D + A B with one to four rows, written by tools/GemmTiles.java: nothing is");
    line("/// copied, and B is read once for all rows.");
    line("///");
    line(
        "/// Row k of B is read as vectors; element (r, k) of A is at `ao + r row + k term`. Rows");
    line("/// beyond `last` are row `last` once more. D is as for [GemmRowsF32].");
    line("final class GemmThinF32 {");
    line("  private GemmThinF32() {}\n");
    String params =
        "int last, int kc, float[] a, int ao, int row, int term, float[] b, int bo, int ldb,"
            + " float[] d, int dO, int ldd, float[] c, int co, int ldc) {";
    String args = "last, kc, a, ao, row, term, b, bo, ldb, d, dO, ldd, c, co, ldc);";
    line("  static void run(int height, int vectors, %s", params);
    line("    switch (10 * height + vectors) {");
    int[][] tiles = {{2, 4}, {2, 1}, {4, 4}, {4, 2}, {4, 1}};
    for (int[] t : tiles) line("      case %d%d -> tile%dx%d(%s", t[0], t[1], t[0], t[1], args);
    line("      default -> throw new IllegalArgumentException(\"no tile of height \" + height);");
    line("    }\n  }");
    for (int[] t : tiles) thin(t[0], t[1], params);
    line("}");
    return text.toString();
  }

  void thin(int height, int vectors, String params) {
    line("\n  private static void tile%dx%d(%s", height, vectors, params);
    for (int r = 1; r < height; r++) {
      line("    int a%d = Math.min(%d, last) * row;", r, r);
    }
    for (int r = 0; r < height; r++) {
      for (int j = 0; j < vectors; j++)
        line("    FloatVector %s = FloatVector.zero(S);", sum(r, j));
    }
    line("    for (int k = 0; k < kc; k++) {");
    for (int j = 0; j < vectors; j++) {
      line("      FloatVector b%d = FloatVector.fromArray(S, b, bo + k * ldb%s);", j, lanes(j));
    }
    line("      int at = ao + k * term;");
    line("      FloatVector x;");
    for (int r = 0; r < height; r++) {
      line("      x = FloatVector.broadcast(S, a[at%s]);", r == 0 ? "" : " + a" + r);
      for (int j = 0; j < vectors; j++) line("      %s = x.fma(b%d, %s);", sum(r, j), j, sum(r, j));
    }
    line("    }");
    for (int r = 0; r < height; r++) {
      line("    int d%d = dO + Math.min(%d, last) * ldd;", r, r);
      for (int j = 0; j < vectors; j++) {
        line(
            "    %s = FloatVector.fromArray(S, d, d%d%s).add(%s);",
            sum(r, j), r, lanes(j), sum(r, j));
      }
    }
    for (int r = 0; r < height; r++) {
      line("    int c%d = co + Math.min(%d, last) * ldc;", r, r);
      for (int j = 0; j < vectors; j++) line("    %s.intoArray(c, c%d%s);", sum(r, j), r, lanes(j));
    }
    line("  }");
  }

  static String lanes(int j) {
    return j == 0 ? "" : j == 1 ? " + L" : " + " + j + " * L";
  }

  String transposes() {
    line("package org.cotangent.autograd.cpu;\n");
    line("import static org.cotangent.autograd.cpu.LanesF32.S;\n");
    line("import jdk.incubator.vector.FloatVector;");
    line("import jdk.incubator.vector.VectorMask;");
    line("import jdk.incubator.vector.VectorShuffle;\n");
    line("/// Square blocks of numbers transposed in registers, written by tools/GemmTiles.java.");
    line("final class TransposeF32 {");
    line("  private TransposeF32() {}\n");
    for (int d = 1; d < 16; d *= 2) {
      line(
          "  private static final VectorShuffle<Float> SWAP_%d = VectorShuffle.fromOp(S, i -> i ^"
              + " %d);",
          d, d);
      line(
          "  private static final VectorMask<Float> ODD_%d = VectorMask.fromLong(S, 0x%xL);",
          d, odd(d));
      line("  private static final VectorMask<Float> EVEN_%d = ODD_%d.not();\n", d, d);
    }
    line(
        "  /// Column k of a block of as many rows as a vector has lanes, `step` apart, is written"
            + " as");
    line(
        "  /// neighbours from `to + k width` on, in ascending order. Rows from `rows` on are"
            + " taken");
    line("  /// as the last one, so their lanes are waste, which the next column overwrites.");
    line(
        "  static void block(float[] x, int xo, int step, int rows, float[] y, int to, int width)"
            + " {");
    line("    switch (S.length()) {");
    for (int n = 16; n > 2; n /= 2)
      line("      case %d -> block%d(x, xo, step, rows, y, to, width);", n, n);
    line("      default -> plain(x, xo, step, rows, y, to, width);");
    line("    }\n  }\n");
    line("  private static void plain(");
    line("      float[] x, int xo, int step, int rows, float[] y, int to, int width) {");
    line("    for (int k = 0; k < S.length(); k++) {");
    line("      for (int r = 0; r < rows; r++) {");
    line("        y[to + k * width + r] = x[xo + r * step + k];");
    line("      }\n    }\n  }");
    for (int n = 16; n > 2; n /= 2) block(n);
    line("}");
    return text.toString();
  }

  static long odd(int d) {
    long mask = 0;
    for (int lane = 0; lane < 16; lane++) if ((lane & d) != 0) mask |= 1L << lane;
    return mask;
  }

  void block(int n) {
    line("\n  private static void block%d(", n);
    line("      float[] x, int xo, int step, int rows, float[] y, int to, int width) {");
    line("    int last = rows - 1;");
    for (int r = 0; r < n; r++) {
      line(
          "    FloatVector v%d = FloatVector.fromArray(S, x, xo + Math.min(%d, last) * step);",
          r, r);
    }
    line("    FloatVector t;");
    for (int d = 1; d < n; d *= 2) {
      for (int i = 0; i < n; i++) {
        if ((i & d) != 0) continue;
        line("    t = v%d.blend(v%d.rearrange(SWAP_%d), ODD_%d);", i, i + d, d, d);
        line("    v%d = v%d.blend(v%d.rearrange(SWAP_%d), EVEN_%d);", i + d, i + d, i, d, d);
        line("    v%d = t;", i);
      }
    }
    for (int k = 0; k < n; k++) line("    v%d.intoArray(y, to + %d * width);", k, k);
    line("  }");
  }
}
