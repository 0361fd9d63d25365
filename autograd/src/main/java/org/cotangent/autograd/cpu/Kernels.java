package org.cotangent.autograd.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.cotangent.autograd.backend.Expr;
import org.cotangent.autograd.shape.DType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Loops written at run time for the programs that are used most.
///
/// A loop is slow until the virtual machine has compiled it. So a thread in the background runs it
/// on numbers of its own until it is fast; until then, and for all other programs, there are the
/// kernels for single steps ([Elementwise]). Results are the same to the bit, so nobody sees when
/// one takes the place of the other.
final class Kernels {
  private static final Logger LOG = LoggerFactory.getLogger(Kernels.class);

  /// A program is worth a loop of its own after so many elements times steps: some 50 ms of work.
  private static final long WORTH = 100_000_000;

  private static final int MOST = 200;

  /// The warm-up: runs of so many elements, until a step takes less than a nanosecond an element
  /// (compiled it takes a tenth of that, before it ten times that) or so much time has passed.
  private static final int TRIAL = 2048;

  private static final int TRIALS = 200;
  private static final double FAST_NANOS = 1;
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  /// A program without the numbers in it, which may change from step to step.
  private record Shape(
      List<Expr.Step> steps, List<Integer> results, DType dtype, List<Boolean> number) {}

  private static final class Entry {
    final boolean writable;
    long seen; // a hint: a race may lose some
    volatile Optional<Kernel> kernel = Optional.empty();

    Entry(boolean writable) {
      this.writable = writable;
    }
  }

  private final boolean atOnce;
  private final Map<Shape, Entry> entries = new ConcurrentHashMap<>();
  private final List<Runnable> waiting = new ArrayList<>();
  private volatile int made;

  /// Loops that take over when they are fast.
  Kernels() {
    this(false);
  }

  /// @param atOnce for tests: every loop that can be written is, and is used at once, slow as it is
  Kernels(boolean atOnce) {
    this.atOnce = atOnce;
  }

  /// How many loops have become ready: who has looked since then need not look again.
  int made() {
    return made;
  }

  /// The loop for a program about to run on so many elements, if there is one already.
  ///
  /// @param number for each input, whether it is one number everywhere; the others lie like the
  ///   results
  Optional<Kernel> find(Expr program, boolean[] number, int size) {
    Entry entry = entry(program, number);
    if (atOnce && entry.writable && entry.kernel.isEmpty()) {
      entry.kernel = Optional.of(KernelWriter.write(program, number));
    } else if (entry.kernel.isEmpty() && entry.writable && entry.seen < WORTH) {
      entry.seen += (long) size * program.steps().size();
      if (entry.seen >= WORTH) {
        later(() -> prepare(entry, program, number));
      }
    }
    return entry.kernel;
  }

  private Entry entry(Expr program, boolean[] number) {
    List<Boolean> numbers = new ArrayList<>();
    for (boolean b : number) {
      numbers.add(b);
    }
    var key = new Shape(program.steps(), program.results(), program.resultDtype(0), numbers);
    Entry known = entries.get(key);
    if (known != null) {
      return known;
    }
    if (entries.size() >= MOST) {
      return new Entry(false);
    }
    return entries.computeIfAbsent(key, _ -> new Entry(KernelWriter.canWrite(program)));
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time does this
  private void prepare(Entry entry, Expr program, boolean[] number) {
    Kernel k = KernelWriter.write(program, number);
    if (isFast(k, program, number)) {
      entry.kernel = Optional.of(k);
      made++;
    }
  }

  private static boolean isFast(Kernel k, Expr program, boolean[] number) {
    int arrays = program.results().size();
    int numbers = program.constants().size();
    for (boolean b : number) {
      arrays += b ? 0 : 1;
      numbers += b ? 1 : 0;
    }
    Object[] array = new Object[arrays];
    for (int j = 0; j < arrays; j++) {
      array[j] = program.resultDtype(0) == DType.F32 ? new float[TRIAL] : new double[TRIAL];
    }
    int[] at = new int[arrays];
    double[] some = new double[numbers];
    long begin = System.nanoTime();
    double limit = FAST_NANOS * TRIAL * TRIALS * program.steps().size();
    while (System.nanoTime() - begin < PATIENCE_NANOS) {
      long start = System.nanoTime();
      for (int t = 0; t < TRIALS; t++) {
        k.run(TRIAL, array, at, some);
      }
      if (System.nanoTime() - start < limit) {
        return true;
      }
    }
    return false;
  }

  /// Runs something in a background thread that ends when there is nothing to do.
  private synchronized void later(Runnable task) {
    waiting.add(task);
    if (waiting.size() == 1) {
      Thread.ofPlatform().name("cotangent-kernels").daemon().start(this::work);
    }
  }

  private void work() {
    for (Optional<Runnable> task = next(); task.isPresent(); task = done()) {
      try {
        task.get().run();
      } catch (RuntimeException | LinkageError e) {
        LOG.debug("a kernel could not be written; its program runs step by step", e);
      }
    }
  }

  private synchronized Optional<Runnable> next() {
    return waiting.isEmpty() ? Optional.empty() : Optional.of(waiting.getFirst());
  }

  private synchronized Optional<Runnable> done() {
    waiting.removeFirst();
    return next();
  }
}
