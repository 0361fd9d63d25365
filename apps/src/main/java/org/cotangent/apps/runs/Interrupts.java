package org.cotangent.apps.runs;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ctrl-C while a run goes on: the first one asks the run to stop, the second ends the program at
/// once. Closed, Ctrl-C does what it did before.
///
/// Java has no public face for signals. `sun.misc.Signal` has been there since its first days and
/// belongs to the module `jdk.unsupported`, whose purpose is to keep such classes reachable; it is
/// reached by reflection, as javac cannot be kept from warning of it. Where it is missing, Ctrl-C
/// ends the program at once, and the last checkpoint is what a run goes on from.
final class Interrupts implements AutoCloseable {
  /// What a shell shows for a program that Ctrl-C ended: 128 and the signal's number, 2.
  static final int EXIT_CODE = 130;

  private static final Logger LOG = LoggerFactory.getLogger(Interrupts.class);

  private final Runnable restore;
  private final AtomicInteger count;

  private Interrupts(Runnable restore, AtomicInteger count) {
    this.restore = restore;
    this.count = count;
  }

  /// @param stop run at the first Ctrl-C, by another thread
  static Interrupts first(Runnable stop) {
    var count = new AtomicInteger();
    Runnable handler =
        () -> {
          if (count.incrementAndGet() == 1) {
            stop.run();
          } else {
            System.exit(EXIT_CODE); // shutdown hooks delete files that are half written
          }
        };
    try {
      return new Interrupts(install(handler), count);
    } catch (ReflectiveOperationException e) {
      LOG.debug("Ctrl-C cannot be caught", e);
      return new Interrupts(() -> {}, count);
    }
  }

  /// Whether Ctrl-C was pressed.
  boolean happened() {
    return count.get() > 0;
  }

  @Override
  public void close() {
    restore.run();
  }

  @SuppressWarnings("ReferenceEquality") // a proxy is equal to itself alone
  private static Runnable install(Runnable handler) throws ReflectiveOperationException {
    Class<?> signalClass = Class.forName("sun.misc.Signal");
    Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
    Object signal = signalClass.getConstructor(String.class).newInstance("INT");
    var handle = signalClass.getMethod("handle", signalClass, handlerClass);
    Object ours =
        Proxy.newProxyInstance(
            Interrupts.class.getClassLoader(),
            new Class<?>[] {handlerClass},
            (proxy, method, args) ->
                switch (method.getName()) {
                  case "handle" -> {
                    handler.run();
                    yield null;
                  }
                  case "equals" -> proxy == args[0];
                  case "hashCode" -> System.identityHashCode(proxy);
                  default -> "Ctrl-C";
                });
    Object before;
    try {
      before = handle.invoke(null, signal, ours);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException) { // java -Xrs keeps signals to itself
        throw new ReflectiveOperationException(e.getCause());
      }
      throw e;
    }
    return () -> {
      try {
        handle.invoke(null, signal, before);
      } catch (ReflectiveOperationException e) {
        LOG.debug("Ctrl-C cannot be given back", e);
      }
    };
  }
}
