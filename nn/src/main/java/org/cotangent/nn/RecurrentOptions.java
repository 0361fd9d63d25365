package org.cotangent.nn;

import org.cotangent.autograd.shape.DType;

/// The settings of [RNN], [LSTM] and [GRU]; start from [#DEFAULT].
///
/// @param layers how many cells lie on top of each other
/// @param bidirectional whether a second cell a layer reads the sequence from its end
/// @param dropout the probability with which outputs of all layers but the last are dropped in
///   training mode
/// @param bias whether both affine maps of a cell have one
/// @param dtype of the parameters
public record RecurrentOptions(
    int layers, boolean bidirectional, double dropout, boolean bias, DType dtype) {
  /// One layer, one direction, no dropout, with bias, F32.
  public static final RecurrentOptions DEFAULT = new RecurrentOptions(1, false, 0, true, DType.F32);

  /// @throws IllegalArgumentException if there are no layers, or dropout is no probability
  public RecurrentOptions {
    if (layers < 1) {
      throw new IllegalArgumentException("%d layers; there must be 1 or more".formatted(layers));
    }
    FunctionalActivation.probability("dropout", dropout);
  }

  /// These settings with another number of layers.
  public RecurrentOptions layers(int n) {
    return new RecurrentOptions(n, bidirectional, dropout, bias, dtype);
  }

  /// These settings in both directions.
  public RecurrentOptions inBothDirections() {
    return new RecurrentOptions(layers, true, dropout, bias, dtype);
  }

  /// These settings with dropout between layers.
  public RecurrentOptions dropout(double p) {
    return new RecurrentOptions(layers, bidirectional, p, bias, dtype);
  }

  /// These settings without bias.
  public RecurrentOptions withoutBias() {
    return new RecurrentOptions(layers, bidirectional, dropout, false, dtype);
  }

  /// These settings with another dtype.
  public RecurrentOptions dtype(DType d) {
    return new RecurrentOptions(layers, bidirectional, dropout, bias, d);
  }
}
