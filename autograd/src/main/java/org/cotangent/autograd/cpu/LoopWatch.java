package org.cotangent.autograd.cpu;

import java.util.List;

/// Has a program that was made ready look for written loops once that is worth it, and again
/// whenever new ones have been made.
final class LoopWatch {
  /// Elements times steps after which loops are asked for: some milliseconds of work. A call that
  /// was made ready will come again, so less than elsewhere.
  private static final long WORTH = 10_000_000;

  /// Fewer elements gain nothing by a written loop.
  private static final int WRITTEN = 512;

  private final List<ReadyProgram> programs;
  private final Kernels kernels;
  private final long weight;
  private long done;
  private int seen = -1;

  /// @param programs the workspaces of all threads
  /// @param size elements in a run
  LoopWatch(List<ReadyProgram> programs, int size, int steps, Kernels kernels) {
    this.programs = programs;
    this.kernels = kernels;
    weight = size < WRITTEN ? 0 : (long) size * steps;
  }

  /// Called before each run, by one thread.
  void before() {
    done += weight;
    if (done >= WORTH && seen != kernels.made()) {
      seen = kernels.made();
      for (ReadyProgram p : programs) {
        p.findLoops(kernels);
      }
    }
  }
}
