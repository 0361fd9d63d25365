package org.cotangent.nn.train;

/// How a run ended.
public enum Outcome {
  /// It made all its steps.
  FINISHED,
  /// It was asked to stop ([Trainer#stop]), and has been saved if it has checkpoints.
  STOPPED
}
