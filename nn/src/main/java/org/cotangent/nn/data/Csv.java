package org.cotangent.nn.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;

/// A table read from a text of comma-separated values, RFC 4180, in UTF-8. It is kept as text:
/// fields are read as numbers or names when a column is asked for, in one pass. Immutable.
///
/// ```java
/// Csv iris = Csv.read(Path.of("iris.csv"));
/// Tensor x = iris.numbers(DType.F32, "sepal_length", "sepal_width");
/// List<String> species = iris.classes("species");
/// Tensor y = iris.labels("species", species);
/// ```
public final class Csv {
  private final String name;
  private final byte[] text;
  private final CsvOptions options;
  private final int begin;
  private final List<String> columns;
  private final int rows;

  private Csv(String name, byte[] text, CsvOptions options) {
    this.name = name;
    this.text = text;
    this.options = options;
    boolean mark =
        text.length >= 3
            && text[0] == (byte) 0xEF
            && text[1] == (byte) 0xBB
            && text[2] == (byte) 0xBF;
    this.begin = mark ? 3 : 0; // the mark that some programs write before UTF-8
    CsvScanner scanner = scanner();
    if (!scanner.nextRecord()) {
      throw new BadDataException(
          name, "the file", options.header() ? "a header" : "a record", "nothing: it is empty");
    }
    this.columns = options.header() ? names(scanner) : numbers(scanner);
    this.rows = countRows(scanner) + (options.header() ? 0 : 1);
  }

  private CsvScanner scanner() {
    return new CsvScanner(text, begin, options.separator(), name);
  }

  /// Reads a file with commas and a header.
  ///
  /// @throws BadDataException if it breaks the rules of CSV, or a record has another number of
  ///   fields than the header
  /// @throws IOException if the file is missing or cannot be read
  public static Csv read(Path file) throws IOException {
    return read(file, CsvOptions.defaults());
  }

  /// Reads a file that is written in another way; see [#read(Path)].
  public static Csv read(Path file, CsvOptions options) throws IOException {
    if (Files.notExists(file)) {
      throw new NoSuchFileException(
          file.toString(), null, "no such file; expected a table of comma-separated values");
    }
    if (Files.isDirectory(file)) {
      throw new BadDataException(file.toString(), "the path", "a CSV file", "a folder");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString(), options);
    }
  }

  /// Reads a whole stream; see [#read(Path)]. It is left open.
  ///
  /// @param name what messages call the stream
  public static Csv read(InputStream in, String name, CsvOptions options) throws IOException {
    byte[] text = in.readNBytes(Integer.MAX_VALUE - 8);
    if (in.read() != -1) {
      throw new BadDataException(name, "size", "at most 2 GiB", "more");
    }
    return new Csv(name, text, options);
  }

  private static List<String> names(CsvScanner scanner) {
    SequencedSet<String> names = new LinkedHashSet<>();
    while (scanner.nextField()) {
      String column = scanner.text("");
      if (column.isBlank()) {
        throw scanner.bad("the name of a column", "nothing");
      }
      if (!names.add(column)) {
        throw scanner.bad("a name for each column", "'" + column + "' again");
      }
    }
    return List.copyOf(names);
  }

  private static List<String> numbers(CsvScanner scanner) {
    List<String> names = new ArrayList<>();
    while (scanner.nextField()) {
      names.add(Integer.toString(scanner.column()));
    }
    return List.copyOf(names);
  }

  private int countRows(CsvScanner scanner) {
    int n = 0;
    while (scanner.nextRecord()) {
      while (scanner.nextField()) {}
      if (scanner.column() != columns.size()) {
        throw scanner.bad(
            columns.size() + " fields, as in the first record", Integer.toString(scanner.column()));
      }
      n++;
    }
    return n;
  }

  /// The columns' names, in their order; their numbers from "1", if there is no header.
  public List<String> columns() {
    return columns;
  }

  /// The number of records, without the header.
  public int rows() {
    return rows;
  }

  /// What is done with a field of a column that was asked for.
  @FunctionalInterface
  private interface Visitor {
    void visit(CsvScanner field, int row, int place);
  }

  /// Visits the fields of some columns row by row.
  private void visit(Visitor visitor, String... wanted) {
    int[][] places = places(wanted);
    CsvScanner scanner = scanner();
    if (options.header() && scanner.nextRecord()) {
      while (scanner.nextField()) {}
    }
    for (int row = 0; scanner.nextRecord(); row++) {
      while (scanner.nextField()) {
        for (int place : places[scanner.column() - 1]) {
          visitor.visit(scanner, row, place);
        }
      }
    }
  }

  /// For each column where it stands among those that are wanted.
  private int[][] places(String... wanted) {
    int[][] places = new int[columns.size()][0];
    for (int i = 0; i < wanted.length; i++) {
      int column = columns.indexOf(wanted[i]);
      if (column < 0) {
        throw new IllegalArgumentException(
            "Csv: no column '%s' in %s; there are %s".formatted(wanted[i], name, columns));
      }
      places[column] = Arrays.copyOf(places[column], places[column].length + 1);
      places[column][places[column].length - 1] = i;
    }
    return places;
  }

  /// Columns of numbers: `[rows, columns]`. Numbers are decimal, with a point and an exponent or
  /// without; `nan` and `inf` are numbers, an empty field is none.
  ///
  /// @param dtype F32 or F64
  /// @param wanted names of columns, in the order of the result
  /// @throws BadDataException if a field is no number
  /// @throws IllegalArgumentException if there is no such column, or the dtype is another
  public Tensor numbers(DType dtype, String... wanted) {
    Shape shape = Shape.of(rows, wanted.length);
    return switch (dtype) {
      case F32 -> {
        float[] values = new float[shape.size()];
        visit(
            (field, row, place) ->
                values[row * wanted.length + place] = (float) field.number(wanted[place]),
            wanted);
        yield Tensor.of(shape, values);
      }
      case F64 -> {
        double[] values = new double[shape.size()];
        visit(
            (field, row, place) ->
                values[row * wanted.length + place] = field.number(wanted[place]),
            wanted);
        yield Tensor.of(shape, values);
      }
      case BOOL, I32, I64 ->
          throw new IllegalArgumentException(
              "Csv: numbers are read as F32 or F64, not %s; convert them with to(DType.%s)"
                  .formatted(dtype, dtype));
    };
  }

  /// The fields of a column as text, row by row.
  ///
  /// @throws BadDataException if one is not in UTF-8
  /// @throws IllegalArgumentException if there is no such column
  public List<String> texts(String column) {
    List<String> texts = new ArrayList<>(rows);
    visit((field, _, _) -> texts.add(field.text(column)), column);
    return texts;
  }

  /// The different texts of a column: in order of their values if all are whole numbers, else
  /// alphabetically. To be kept with a network: they say what its outputs mean.
  ///
  /// @throws BadDataException if one is empty or not in UTF-8
  /// @throws IllegalArgumentException if there is no such column
  public List<String> classes(String column) {
    SequencedSet<String> found = new LinkedHashSet<>();
    visit(
        (field, _, _) -> {
          String text = field.text(column);
          if (text.isBlank()) {
            throw field.bad(field.where(column), "the name of a class", "nothing");
          }
          found.add(text);
        },
        column);
    boolean whole = found.stream().allMatch(t -> t.matches("-?[0-9]{1,18}"));
    Comparator<String> byText = Comparator.naturalOrder();
    Comparator<String> byValue = Comparator.comparingLong(Long::parseLong);
    return found.stream().sorted(whole ? byValue.thenComparing(byText) : byText).toList();
  }

  /// A column of names as the numbers that they have among the classes, I32 `[rows]`.
  ///
  /// @param classes as [#classes] gives them, of this table or of the one that was learnt from
  /// @throws BadDataException if a field is none of them
  /// @throws IllegalArgumentException if there is no such column, or a class is named twice
  public Tensor labels(String column, List<String> classes) {
    Map<String, Integer> numbers = new HashMap<>();
    for (String c : classes) {
      if (numbers.put(c, numbers.size()) != null) {
        throw new IllegalArgumentException("Csv: the class '%s' comes twice".formatted(c));
      }
    }
    int[] labels = new int[rows];
    visit(
        (field, row, _) -> {
          String text = field.text(column);
          Integer number = numbers.get(text);
          if (number == null) {
            throw field.bad(
                field.where(column), "one of " + shown(classes), "'" + clip(text) + "'");
          }
          labels[row] = number;
        },
        column);
    return Tensor.of(labels);
  }

  private static String shown(List<String> classes) {
    return classes.size() <= 10 ? classes.toString() : classes.size() + " classes";
  }

  private static String clip(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }

  @Override
  public String toString() {
    return "Csv[%s: %d rows of %s]".formatted(name, rows, columns);
  }
}
