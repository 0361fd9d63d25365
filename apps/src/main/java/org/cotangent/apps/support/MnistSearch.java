package org.cotangent.apps.support;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds the MNIST files: in the folder that the user names, in the folder that the environment
/// variable `COTANGENT_DATA` names, in the user's cache, or else fetches them into that cache.
///
/// @param data the folder that the user named; nothing else is then looked at
/// @param environmentData the folder of `COTANGENT_DATA`
/// @param cache where fetched files are kept
/// @param mirrors the URLs to fetch from, each tried after the one before it failed
/// @param files the four files, with their sizes and checksums
/// @param patience how long to wait for a mirror
record MnistSearch(
    Optional<Path> data,
    Optional<Path> environmentData,
    Path cache,
    List<URI> mirrors,
    List<Download.Wanted> files,
    Duration patience) {
  private static final Logger LOG = LoggerFactory.getLogger(MnistSearch.class);

  /// @throws CommandFailure if the files are nowhere; the message says what to put where
  MnistFiles find() {
    if (data.isPresent()) {
      Optional<MnistFiles> found = MnistFiles.in(data.get());
      return found.orElseThrow(() ->
          new CommandFailure(
              "--data %s: expected the four files %s, there or in its subfolder mnist; %s"
                  .formatted(data.get(), names(), missing(data.get()))));
    }
    if (environmentData.isPresent()) {
      Optional<MnistFiles> found = MnistFiles.in(environmentData.get());
      if (found.isPresent()) {
        return found.get();
      }
      LOG.warn("COTANGENT_DATA={}: no MNIST there; looking elsewhere", environmentData.get());
    }
    return MnistFiles.in(cache).orElseGet(this::fetch);
  }

  private MnistFiles fetch() {
    List<String> failures = new ArrayList<>();
    try {
      Files.createDirectories(cache);
    } catch (IOException e) {
      throw nothing(List.of("the cache: " + Failures.describe(e)), e);
    }
    LOG.info("fetching the MNIST files into {}", cache);
    List<URI> left = new ArrayList<>(mirrors);
    try (var download = new Download(patience)) {
      for (Download.Wanted wanted : files) {
        if (!Files.isRegularFile(cache.resolve(wanted.name()))) {
          fetch(download, wanted, left, failures);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("interrupted while fetching the MNIST files", e);
    }
    return MnistFiles.in(cache).orElseThrow(() -> nothing(failures, new IOException("vanished")));
  }

  /// Fetches one file from the first mirror that has it. A mirror that fails is not asked again.
  private void fetch(
      Download download, Download.Wanted wanted, List<URI> left, List<String> failures)
      throws InterruptedException {
    IOException last = new IOException("no mirror is known");
    while (!left.isEmpty()) {
      try {
        download.fetch(left.getFirst(), wanted, cache);
        return;
      } catch (IOException e) {
        String url = Download.resolve(left.removeFirst(), wanted).toString();
        failures.add(url + ": " + Failures.describe(e));
        LOG.debug("{}", url, e);
        last = e;
      }
    }
    throw nothing(failures, last);
  }

  private CommandFailure nothing(List<String> failures, Exception cause) {
    var message = new StringBuilder("the MNIST files are not here and cannot be fetched:");
    for (String failure : failures) {
      message.append("\n  ").append(failure);
    }
    message.append("\nPut these four files into ").append(cache);
    message.append("\n(or into a folder of your own, named by --data or COTANGENT_DATA),");
    message.append("\nor name another source with --mirror or COTANGENT_MNIST_URL:");
    for (Download.Wanted wanted : files) {
      message.append(
          String.format(
              Locale.ROOT,
              "\n  %-27s %9d bytes, SHA-256 %s",
              wanted.name(),
              wanted.bytes(),
              wanted.sha256()));
    }
    return new CommandFailure(message.toString(), cause);
  }

  private static String missing(Path folder) {
    if (!Files.isDirectory(folder)) {
      return Files.exists(folder) ? "it is no folder" : "no such folder";
    }
    return "they are not all there";
  }

  private String names() {
    return String.join(", ", files.stream().map(Download.Wanted::name).toList());
  }

  /// The folder in which programs of this user keep what can be fetched again.
  ///
  /// @param environment the environment variables
  /// @param system the property `os.name`
  /// @param home the property `user.home`
  static Path userCache(Map<String, String> environment, String system, Path home) {
    String name = system.toLowerCase(Locale.ROOT);
    if (name.startsWith("windows")) {
      Path local = absolute(environment, "LOCALAPPDATA", home.resolve("AppData/Local"));
      return local.resolve("cotangent").resolve("mnist");
    }
    Path standard =
        name.startsWith("mac") ? home.resolve("Library/Caches") : home.resolve(".cache");
    return absolute(environment, "XDG_CACHE_HOME", standard).resolve("cotangent").resolve("mnist");
  }

  /// A folder named by a variable; as the XDG specification asks, anything relative is ignored.
  private static Path absolute(Map<String, String> environment, String variable, Path otherwise) {
    String value = environment.getOrDefault(variable, "");
    return !value.isEmpty() && Path.of(value).isAbsolute() ? Path.of(value) : otherwise;
  }
}
