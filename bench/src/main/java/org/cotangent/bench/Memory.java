package org.cotangent.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The physical memory of this process as Linux counts it.
final class Memory {
  private static final Path STATUS = Path.of("/proc/self/status");

  private Memory() {}

  /// The peak and what is held now, in MB.
  ///
  /// @throws IOException where there is no `/proc/self/status`, such as outside Linux
  static String resident() throws IOException {
    List<String> status = Files.readAllLines(STATUS);
    return "peak_rss_mb=%d rss_mb=%d".formatted(mb(status, "VmHWM"), mb(status, "VmRSS"));
  }

  private static long mb(List<String> status, String key) throws IOException {
    for (String line : status) {
      if (line.startsWith(key + ":")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024; // it is in kB
      }
    }
    throw new IOException("%s has no %s".formatted(STATUS, key));
  }
}
