package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// The result of max pooling with the places that it came from.
///
/// @param values the largest elements
/// @param indices of each, its place `row width + column` in the image, or in the signal; `I64`
public record Pooled(Tensor values, Tensor indices) {}
