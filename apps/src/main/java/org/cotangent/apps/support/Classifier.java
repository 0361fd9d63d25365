package org.cotangent.apps.support;

/// What a picture of decision regions asks a model.
@FunctionalInterface
public interface Classifier {
  /// The probability of each class at each point.
  ///
  /// @param points rows of two coordinates
  /// @return one row for each point, with one value for each class
  double[][] probabilities(double[][] points);
}
