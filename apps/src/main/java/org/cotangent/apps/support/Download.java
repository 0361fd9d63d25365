package org.cotangent.apps.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import org.cotangent.nn.io.AtomicFile;

/// Fetches files by HTTP that are known beforehand: their size and checksum are verified before
/// they appear under their name. After any failure nothing remains.
final class Download implements AutoCloseable {
  /// A file to fetch: its name, its size in bytes and its SHA-256 in hexadecimal digits.
  record Wanted(String name, long bytes, String sha256) {}

  private final HttpClient client;
  private final Duration patience;

  /// @param patience how long to wait for a connection, for an answer, and for each further byte
  Download(Duration patience) {
    this.patience = patience;
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(patience)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
  }

  /// Fetches `wanted.name()` from below the URL `base` into a folder that exists.
  ///
  /// @throws IOException if it cannot be fetched or written, or is not the file that is wanted
  /// @throws InterruptedException if the thread was interrupted meanwhile
  void fetch(URI base, Wanted wanted, Path folder) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(resolve(base, wanted)).timeout(patience).build();
    try (var file = AtomicFile.create(folder.resolve(wanted.name()))) {
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = response.body();
          var progress = Progress.start(wanted.name(), wanted.bytes() / 1024, "KiB")) {
        if (response.statusCode() != 200) {
          throw new IOException("the server answers with status " + response.statusCode());
        }
        copy(body, file.stream(), wanted, progress);
      }
      file.commit();
    }
  }

  /// The URL of a file below a base, which may or may not end in a slash.
  static URI resolve(URI base, Wanted wanted) {
    String text = base.toString();
    return URI.create(text + (text.endsWith("/") ? "" : "/") + wanted.name());
  }

  private void copy(InputStream body, OutputStream out, Wanted wanted, Progress progress)
      throws IOException, InterruptedException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[1 << 16];
    long count = 0;
    try (var watchdog = new Watchdog(body, patience)) {
      for (int n = watchdog.read(buffer); n >= 0; n = watchdog.read(buffer)) {
        count += n;
        if (count > wanted.bytes()) {
          throw new IOException("it is longer than the expected " + wanted.bytes() + " bytes");
        }
        digest.update(buffer, 0, n);
        out.write(buffer, 0, n);
        progress.update(count / 1024, "");
      }
    }
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted while fetching " + wanted.name());
    }
    if (count != wanted.bytes()) {
      throw new IOException(
          "it ends after %d of the expected %d bytes".formatted(count, wanted.bytes()));
    }
    String sum = HexFormat.of().formatHex(digest.digest());
    if (!sum.equals(wanted.sha256())) {
      throw new IOException(
          "wrong checksum: SHA-256 %s, expected %s".formatted(sum, wanted.sha256()));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /// Does not wait for answers that are still under way.
  @Override
  public void close() {
    client.shutdownNow();
  }

  /// Reads a body and closes it when no byte comes for too long: the time limit of an HTTP request
  /// ends with the answer's headers.
  private static final class Watchdog implements AutoCloseable {
    private final InputStream body;
    private final Duration patience;
    private final Thread thread;
    private volatile long lastNanos = System.nanoTime();
    private volatile boolean starved;

    Watchdog(InputStream body, Duration patience) {
      this.body = body;
      this.patience = patience;
      this.thread = Thread.ofVirtual().name("download-watchdog").start(this::watch);
    }

    int read(byte[] buffer) throws IOException, InterruptedException {
      int n;
      try {
        n = body.read(buffer);
      } catch (IOException e) {
        if (Thread.interrupted() || e.getCause() instanceof InterruptedException) {
          var interrupted = new InterruptedException("interrupted while reading");
          interrupted.initCause(e);
          throw interrupted;
        }
        throw starved ? silence(e) : e;
      }
      if (starved) {
        throw silence(new IOException("closed"));
      }
      lastNanos = System.nanoTime();
      return n;
    }

    private IOException silence(IOException cause) {
      return new IOException("no byte came for " + patience.toMillis() / 1000.0 + " s", cause);
    }

    private void watch() {
      try {
        long left = patience.toNanos();
        while (left > 0) {
          Thread.sleep(Duration.ofNanos(left));
          left = patience.toNanos() - (System.nanoTime() - lastNanos);
        }
        starved = true;
        body.close();
      } catch (InterruptedException e) {
        return; // the body was read to its end
      } catch (IOException e) {
        return; // it was broken already, which its reader has seen
      }
    }

    @Override
    public void close() {
      thread.interrupt();
    }
  }
}
