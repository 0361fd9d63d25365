package org.cotangent.nn.io;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is done when the process is asked to end, by Ctrl-C, SIGTERM or `System.exit`: first what
/// was registered here, which may still write files; then temporary files are deleted
/// ([AtomicFile]). After Ctrl-C the process exits with 130.
///
/// Process-wide, because Ctrl-C is.
public final class Shutdown {
  private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);
  private static final Hook HOOK = new Hook();

  private Shutdown() {}

  /// Something that is done at the end, until this is closed.
  public interface Registration extends AutoCloseable {
    /// Takes it back.
    @Override
    void close();
  }

  /// Does something when the process is asked to end, before it does. Other threads run on
  /// meanwhile; so it may ask one of them to finish, and wait for it, unless that is the thread
  /// that called `System.exit`, which waits for the end itself.
  ///
  /// @throws IllegalStateException if the process is ending already
  public static Registration first(Runnable r) {
    if (!HOOK.install()) {
      throw new IllegalStateException("Shutdown: the process is ending already");
    }
    return HOOK.first(r);
  }

  /// Does something after all that was registered with [#first].
  ///
  /// @return false if it is too late: the process is ending already
  static boolean last(Runnable r) {
    return HOOK.install() && HOOK.last(r);
  }

  private static final class Hook {
    private final List<Runnable> first = new ArrayList<>();
    private final List<Runnable> last = new ArrayList<>();
    private boolean installed;

    synchronized boolean install() {
      if (!installed) {
        try {
          Runtime.getRuntime().addShutdownHook(new Thread(this::run, "cotangent-shutdown"));
        } catch (IllegalStateException e) {
          return false;
        }
        installed = true;
      }
      return true;
    }

    synchronized Registration first(Runnable r) {
      first.add(r);
      return () -> remove(r);
    }

    synchronized boolean last(Runnable r) {
      return last.add(r);
    }

    private synchronized void remove(Runnable r) {
      first.remove(r);
    }

    private synchronized List<Runnable> all(boolean isFirst) {
      return List.copyOf(isFirst ? first : last);
    }

    private void run() {
      all(true).forEach(Hook::runOne);
      all(false).forEach(Hook::runOne);
    }

    private static void runOne(Runnable r) {
      try {
        r.run();
      } catch (RuntimeException e) {
        LOG.warn("while the process ends: {}", e.toString(), e);
      }
    }
  }
}
