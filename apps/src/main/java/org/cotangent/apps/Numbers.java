package org.cotangent.apps;

import java.math.BigDecimal;

/// Numbers as a person writes them.
final class Numbers {
  private Numbers() {}

  /// Without trailing zeros or exponents: `0.2`, `1`, `5`.
  static String plain(double v) {
    return BigDecimal.valueOf(v).stripTrailingZeros().toPlainString();
  }
}
