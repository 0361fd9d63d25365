package org.cotangent.nn.data;

/// How a [Csv] file is written: `CsvOptions.defaults().separator(';').withoutHeader()`.
///
/// @param separator what stands between two fields
/// @param header whether the first record holds the columns' names
public record CsvOptions(char separator, boolean header) {
  private static final CsvOptions DEFAULTS = new CsvOptions(',', true);

  /// @throws IllegalArgumentException if the separator is not of ASCII or could stand in a number,
  ///   a quote or at the end of a line
  public CsvOptions {
    if ((separator != '\t' && (separator < ' ' || separator > '~'))
        || Character.isLetterOrDigit(separator)
        || "\"+-.".indexOf(separator) >= 0) {
      throw new IllegalArgumentException(
          "Csv: the separator '%c' must be a tab, or a character of ASCII that is no letter, digit, quote, sign or point"
              .formatted(separator));
    }
  }

  /// Commas, and a header.
  public static CsvOptions defaults() {
    return DEFAULTS;
  }

  /// Another separator, such as a semicolon or a tab.
  public CsvOptions separator(char between) {
    return new CsvOptions(between, header);
  }

  /// The first record is data; the columns are called by their numbers, from "1".
  public CsvOptions withoutHeader() {
    return new CsvOptions(separator, false);
  }
}
