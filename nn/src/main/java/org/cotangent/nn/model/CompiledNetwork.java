package org.cotangent.nn.model;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.Semaphore;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Jit;
import org.cotangent.autograd.Tensor;
import org.cotangent.nn.Module;

/// A network in evaluation mode, compiled for the thread that just calls it.
///
/// A compiled function has memory for the results between its layers, so one thread at a time can
/// run it. Here each call borrows one; the last that was given back is taken first, as its memory
/// is still in the cache. The network's parameters stand in it as constants, which all share: as
/// parameters they would be copied in each run, as they could have changed.
final class CompiledNetwork {
  /// How many samples are computed at a time: more would take more memory for results between the
  /// layers and gain a convolutional network nothing, an MLP little (one noisy run).
  static final int PART = 64;

  private final Module network;
  private final List<Tensor> parameters;
  private final List<Tensor> constants;
  private final BlockingDeque<Jit> idle = new LinkedBlockingDeque<>();
  private final Semaphore permits = new Semaphore(Runtime.getRuntime().availableProcessors());

  /// Takes a module in evaluation mode that nobody else changes.
  CompiledNetwork(Module network) {
    this.network = network;
    this.parameters = new ArrayList<>(network.parameters().values());
    parameters.addAll(network.buffers().values());
    this.constants = parameters.stream().map(Tensor::detach).toList();
  }

  /// The results for a batch of one sample or more.
  Tensor apply(Tensor x) {
    permits.acquireUninterruptibly();
    try {
      Jit free = idle.pollFirst();
      Jit jit = free == null ? Jit.compile(this::forward) : free;
      Tensor y = apply(jit, x);
      idle.addFirst(jit);
      return y;
    } finally {
      permits.release();
    }
  }

  private Tensor forward(Tensor x) {
    return Grad.replacing(parameters, constants, () -> network.forward(x));
  }

  /// In parts of fixed sizes, so that few programs are compiled: 64, then powers of two.
  private static Tensor apply(Jit jit, Tensor x) {
    List<Tensor> parts = new ArrayList<>();
    int start = 0;
    while (start < x.dim(0)) {
      int left = Math.min(PART, x.dim(0) - start);
      int size = size(left);
      int taken = Math.min(size, left);
      Tensor part = x.slice(0, start, start + taken);
      // Filled up with zeros: samples do not see each other.
      Tensor y = jit.apply(taken == size ? part : part.pad(0, 0, size - taken, 0));
      parts.add(taken == size ? y : y.slice(0, 0, taken));
      start += taken;
    }
    return parts.size() == 1 ? parts.getFirst() : Tensor.concat(0, parts.toArray(Tensor[]::new));
  }

  /// The power of two above, if no more than a quarter of it is wasted, else the one below: filling
  /// up 37 to 64 would take a convolutional network 1.7 times as long.
  private static int size(int left) {
    int below = Integer.highestOneBit(left);
    return left == below || 2 * left < 3 * below ? below : 2 * below;
  }
}
