package org.cotangent.apps.support;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/// The options `--data` and `--mirror`, for a command to mix in:
///
/// ```java
/// @Mixin private MnistOptions mnist = new MnistOptions();
/// ...
/// MnistFiles files = mnist.find();
/// ```
public final class MnistOptions {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = {
        "folder with the four MNIST files, or whose subfolder mnist has them (default: the folder"
            + " in COTANGENT_DATA, then the user's cache, into which they are fetched when missing)"
      })
  private Optional<Path> data = Optional.empty();

  @Option(
      names = "--mirror",
      paramLabel = "URL",
      description =
          "where to fetch the files from (default: COTANGENT_MNIST_URL, else well-known mirrors)")
  private Optional<URI> mirror = Optional.empty();

  /// For picocli.
  public MnistOptions() {}

  /// Options that name a folder, or none.
  public static MnistOptions of(Optional<Path> data) {
    var options = new MnistOptions();
    options.data = data;
    return options;
  }

  /// Finds the files, fetching them if need be.
  ///
  /// @throws CommandFailure if they are nowhere; the message says what to put where
  /// @throws IllegalArgumentException if a URL is none
  public MnistFiles find() {
    return search(
            System.getenv(),
            System.getProperty("os.name"),
            Path.of(System.getProperty("user.home")))
        .find();
  }

  MnistSearch search(Map<String, String> environment, String system, Path home) {
    Optional<URI> source =
        mirror.or(() -> variable(environment, "COTANGENT_MNIST_URL").map(URI::create));
    source.ifPresent(MnistOptions::check);
    return new MnistSearch(
        data,
        variable(environment, "COTANGENT_DATA").map(Path::of),
        MnistSearch.userCache(environment, system, home),
        source.map(List::of).orElse(MnistFiles.MIRRORS),
        MnistFiles.FILES,
        PATIENCE);
  }

  private static void check(URI url) {
    String scheme = url.getScheme();
    if ((!"http".equals(scheme) && !"https".equals(scheme)) || url.getHost() == null) {
      throw new IllegalArgumentException(
          "mirror '%s': expected a URL such as https://example.org/mnist/".formatted(url));
    }
  }

  private static Optional<String> variable(Map<String, String> environment, String name) {
    return Optional.of(environment.getOrDefault(name, "")).filter(value -> !value.isBlank());
  }
}
