package org.cotangent.autograd.shape;

import java.util.Arrays;

/// An immutable order of axes: axis `i` of the result is axis `get(i)` of the operand.
public final class Axes {
  private final int[] order;

  private Axes(int[] order) {
    this.order = order;
  }

  /// The given order of all axes of `x`; negative numbers count from the end.
  ///
  /// @throws IllegalArgumentException if it does not name each axis once
  public static Axes permutation(Shape x, int... order) {
    int[] o = new int[order.length];
    boolean[] seen = new boolean[x.rank()];
    boolean valid = order.length == x.rank();
    for (int i = 0; valid && i < o.length; i++) {
      o[i] = x.axis("PERMUTE", order[i]);
      valid = !seen[o[i]];
      seen[o[i]] = true;
    }
    if (!valid) {
      throw new IllegalArgumentException(
          "PERMUTE: the order %s of shape %s must name each of its %d axes once"
              .formatted(Arrays.toString(order), x, x.rank()));
    }
    return new Axes(o);
  }

  /// The operand's axis that becomes axis `i`.
  public int get(int i) {
    return order[i];
  }

  /// The number of axes.
  public int rank() {
    return order.length;
  }

  /// The order that undoes this one.
  public Axes inverse() {
    int[] o = new int[order.length];
    for (int i = 0; i < o.length; i++) {
      o[order[i]] = i;
    }
    return new Axes(o);
  }

  /// The order that comes of this one applied to what `before` has permuted.
  public Axes after(Axes before) {
    int[] o = new int[order.length];
    for (int i = 0; i < o.length; i++) {
      o[i] = before.order[order[i]];
    }
    return new Axes(o);
  }

  /// Whether it leaves every axis where it is.
  public boolean isIdentity() {
    for (int i = 0; i < order.length; i++) {
      if (order[i] != i) {
        return false;
      }
    }
    return true;
  }

  /// The shape of a permuted tensor.
  public Shape apply(Shape x) {
    int[] d = new int[order.length];
    for (int i = 0; i < d.length; i++) {
      d[i] = x.dim(order[i]);
    }
    return Shape.of(d);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Axes a && Arrays.equals(order, a.order);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(order);
  }

  @Override
  public String toString() {
    return Arrays.toString(order);
  }
}
