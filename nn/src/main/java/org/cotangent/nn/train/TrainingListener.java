package org.cotangent.nn.train;

import java.nio.file.Path;
import java.util.SequencedMap;

/// Told what happens in a run, on the thread that runs it. A run that goes on from a checkpoint
/// makes the steps after that one again, so they are told again.
public interface TrainingListener {
  /// A step was made.
  ///
  /// @param at how far the run has come with it
  /// @param loss the mean loss of the batch before the step
  /// @param learningRate what it was made with
  /// @param samples the size of its batch
  record Step(Progress at, double loss, double learningRate, int samples) {}

  /// After each step.
  default void stepped(Step s) {}

  /// After each evaluation, with what it measured.
  default void evaluated(Progress at, SequencedMap<String, Double> metrics) {}

  /// After each checkpoint is on the disk.
  default void saved(Progress at, Path file) {}
}
