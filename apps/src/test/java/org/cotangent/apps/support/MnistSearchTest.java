package org.cotangent.apps.support;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MnistSearchTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Path NOWHERE = Path.of("nowhere-at-all");

  @TempDir Path folder = Path.of(""); // replaced before each test
  private Path cache = Path.of("");
  private Optional<HttpServer> server = Optional.empty();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<String> asked = new ArrayList<>();
  private final CountDownLatch stalled = new CountDownLatch(1);

  /// Files with the names of the real ones, whose contents are their names.
  private static List<Download.Wanted> files() throws Exception {
    List<Download.Wanted> files = new ArrayList<>();
    for (Download.Wanted real : MnistFiles.FILES) {
      byte[] sum = MessageDigest.getInstance("SHA-256").digest(real.name().getBytes(UTF_8));
      files.add(
          new Download.Wanted(real.name(), real.name().length(), HexFormat.of().formatHex(sum)));
    }
    return files;
  }

  /// Serves /good, and below other paths the ways in which a mirror fails.
  @BeforeEach
  void startServer() throws IOException {
    cache = folder.resolve("cache/cotangent/mnist");
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    http.createContext(
        "/",
        exchange -> {
          String[] parts = exchange.getRequestURI().getPath().substring(1).split("/", -1);
          byte[] body = parts[1].getBytes(UTF_8);
          synchronized (asked) {
            asked.add(parts[0]);
          }
          switch (parts[0]) {
            case "good" -> {
              exchange.sendResponseHeaders(200, body.length);
              exchange.getResponseBody().write(body);
            }
            case "cut" -> {
              exchange.sendResponseHeaders(200, body.length);
              exchange.getResponseBody().write(body, 0, 5);
            }
            case "short" -> {
              exchange.sendResponseHeaders(200, 5);
              exchange.getResponseBody().write(body, 0, 5);
            }
            case "long" -> {
              exchange.sendResponseHeaders(200, 0); // chunked: of any length
              exchange.getResponseBody().write(body);
              exchange.getResponseBody().write(body);
            }
            case "wrong" -> {
              body[3] ^= 1;
              exchange.sendResponseHeaders(200, body.length);
              exchange.getResponseBody().write(body);
            }
            case "moved" -> {
              exchange.getResponseHeaders().add("Location", "/good/" + parts[1]);
              exchange.sendResponseHeaders(302, -1);
            }
            case "stalls" -> {
              exchange.sendResponseHeaders(200, body.length);
              exchange.getResponseBody().write(body, 0, 5);
              exchange.getResponseBody().flush();
              stalled.countDown();
              await(over);
            }
            default -> exchange.sendResponseHeaders(404, -1);
          }
          exchange.close();
        });
    http.start();
    server = Optional.of(http);
  }

  @AfterEach
  void stopServer() {
    over.countDown();
    server.ifPresent(http -> http.stop(0));
    threads.shutdownNow();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private URI mirror(String path) {
    int port = server.map(http -> http.getAddress().getPort()).orElse(0);
    return URI.create("http://127.0.0.1:" + port + "/" + path);
  }

  private MnistSearch search(Duration patience, URI... mirrors) throws Exception {
    return new MnistSearch(
        Optional.empty(), Optional.empty(), cache, List.of(mirrors), files(), patience);
  }

  private static void createAll(Path place, String suffix) throws IOException {
    Files.createDirectories(place);
    for (Download.Wanted file : MnistFiles.FILES) {
      Files.writeString(place.resolve(file.name().replace(".gz", suffix)), "x");
    }
  }

  @Test
  void missingFilesAreFetchedIntoTheCacheOnce() throws Exception {
    MnistFiles found = search(PATIENCE, mirror("good")).find();
    assertThat(found.trainImages()).isEqualTo(cache.resolve("train-images-idx3-ubyte.gz"));
    assertThat(found.trainLabels()).hasContent("train-labels-idx1-ubyte.gz");
    assertThat(found.testImages()).hasContent("t10k-images-idx3-ubyte.gz");
    assertThat(found.testLabels()).hasContent("t10k-labels-idx1-ubyte.gz");
    assertThat(asked).hasSize(4);
    assertThat(search(PATIENCE, mirror("none")).find()).isEqualTo(found);
    assertThat(asked).hasSize(4);
  }

  @Test
  void onlyWhatIsMissingIsFetchedAndRedirectsAreFollowed() throws Exception {
    createAll(cache, ".gz");
    Files.delete(cache.resolve("t10k-labels-idx1-ubyte.gz"));
    search(PATIENCE, mirror("moved/")).find();
    assertThat(asked).containsExactly("moved", "good");
  }

  @Test
  void afterAMirrorFailsTheNextIsTriedForAllFiles() throws Exception {
    MnistFiles found =
        search(PATIENCE, mirror("none"), mirror("cut"), mirror("wrong"), mirror("good")).find();
    assertThat(found.testLabels()).exists();
    // The JDK's client may ask again by itself when a connection breaks.
    assertThat(asked.stream().distinct()).containsExactly("none", "cut", "wrong", "good");
    assertThat(asked).endsWith("wrong", "good", "good", "good", "good");
  }

  @Test
  void whenAllMirrorsFailTheMessageNamesEachAndSaysWhatToPutWhere() throws Exception {
    URI[] mirrors = {
      mirror("none"),
      mirror("cut"),
      mirror("short"),
      mirror("long"),
      mirror("wrong"),
      URI.create("http://127.0.0.1:1/refused")
    };
    MnistSearch search = search(PATIENCE, mirrors);
    assertThatThrownBy(search::find)
        .isInstanceOf(CommandFailure.class)
        .hasMessageContainingAll(
            mirror("none") + "/train-images-idx3-ubyte.gz: the server answers with status 404",
            mirror("cut") + "/train-images-idx3-ubyte.gz: ",
            "short/train-images-idx3-ubyte.gz: it ends after 5 of the expected 26 bytes",
            "long/train-images-idx3-ubyte.gz: it is longer than the expected 26 bytes",
            "wrong/train-images-idx3-ubyte.gz: wrong checksum: SHA-256 ",
            "http://127.0.0.1:1/refused/train-images-idx3-ubyte.gz: connect",
            "Put these four files into " + cache,
            "--data or COTANGENT_DATA",
            "--mirror or COTANGENT_MNIST_URL",
            "train-labels-idx1-ubyte.gz",
            "t10k-images-idx3-ubyte.gz",
            "t10k-labels-idx1-ubyte.gz");
    assertThat(cache).isEmptyDirectory();
  }

  @Test
  void aMirrorThatStallsIsGivenUp() throws Exception {
    MnistSearch search = search(Duration.ofMillis(300), mirror("stalls"));
    assertThatThrownBy(search::find).hasMessageContaining("no byte came for 0.3 s");
    assertThat(cache).isEmptyDirectory();
  }

  @Test
  void anInterruptLeavesNothing() throws Exception {
    MnistSearch search = search(PATIENCE, mirror("stalls"), mirror("good"));
    var thrown = new AtomicReference<Throwable>(new AssertionError("nothing was thrown"));
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              try {
                search.find();
              } catch (CommandFailure e) {
                thrown.set(Thread.currentThread().isInterrupted() ? e : new AssertionError(e));
              }
            });
    stalled.await();
    try (var partial = Files.list(cache)) {
      assertThat(partial).hasSize(1);
    }
    thread.interrupt();
    thread.join(PATIENCE);
    assertThat(thrown.get()).hasMessage("interrupted while fetching the MNIST files");
    assertThat(cache).isEmptyDirectory();
    assertThat(asked).containsExactly("stalls");
  }

  @Test
  void aCacheThatCannotBeMadeOrWrittenIsNamed() throws Exception {
    Files.createDirectories(folder.resolve("cache"));
    Files.createFile(folder.resolve("cache/cotangent"));
    MnistSearch search = search(PATIENCE, mirror("good"));
    assertThatThrownBy(search::find)
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("the cache: " + folder.resolve("cache/cotangent"));

    Files.delete(folder.resolve("cache/cotangent"));
    Files.createDirectories(cache);
    assertThat(cache.toFile().setWritable(false)).isTrue();
    Assumptions.assumeFalse(Files.isWritable(cache), "this user may write everywhere");
    assertThatThrownBy(search::find)
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("permission denied");
  }

  @Test
  void aNamedFolderIsTheOnlyPlaceLookedAt() throws Exception {
    createAll(cache, ".gz");
    Path named = folder.resolve("named");
    var search =
        new MnistSearch(Optional.of(named), Optional.empty(), cache, List.of(), files(), PATIENCE);
    assertThatThrownBy(search::find)
        .isInstanceOf(CommandFailure.class)
        .hasMessageContainingAll("--data " + named, "train-images-idx3-ubyte.gz", "no such folder");
    createAll(named.resolve("mnist"), "");
    assertThat(search.find().testLabels()).isEqualTo(named.resolve("mnist/t10k-labels-idx1-ubyte"));
  }

  @Test
  void theEnvironmentsFolderComesBeforeTheCache() throws Exception {
    createAll(cache, ".gz");
    Path data = folder.resolve("data");
    createAll(data, ".gz");
    assertThat(inEnvironment(data).find().trainImages().getParent()).isEqualTo(data);
    assertThat(inEnvironment(NOWHERE).find().trainImages().getParent()).isEqualTo(cache);
  }

  private MnistSearch inEnvironment(Path data) throws Exception {
    return new MnistSearch(
        Optional.empty(), Optional.of(data), cache, List.of(), files(), PATIENCE);
  }

  @Test
  void theCacheIsWhereEachSystemKeepsThem() {
    Path home = folder.resolve("home");
    assertThat(MnistSearch.userCache(Map.of(), "Linux", home))
        .isEqualTo(home.resolve(".cache/cotangent/mnist"));
    assertThat(MnistSearch.userCache(Map.of("XDG_CACHE_HOME", "relative"), "Linux", home))
        .isEqualTo(home.resolve(".cache/cotangent/mnist"));
    assertThat(MnistSearch.userCache(Map.of("XDG_CACHE_HOME", folder.toString()), "Linux", home))
        .isEqualTo(folder.resolve("cotangent/mnist"));
    assertThat(MnistSearch.userCache(Map.of(), "Mac OS X", home))
        .isEqualTo(home.resolve("Library/Caches/cotangent/mnist"));
    assertThat(MnistSearch.userCache(Map.of("LOCALAPPDATA", folder.toString()), "Windows 11", home))
        .isEqualTo(folder.resolve("cotangent/mnist"));
    assertThat(MnistSearch.userCache(Map.of(), "Windows 11", home))
        .isEqualTo(home.resolve("AppData/Local/cotangent/mnist"));
  }

  @Test
  void optionsComeBeforeTheEnvironment() {
    Map<String, String> environment =
        Map.of("COTANGENT_DATA", "/data", "COTANGENT_MNIST_URL", "https://example.org/a");
    assertThat(options().search(environment, "Linux", NOWHERE).mirrors())
        .containsExactly(URI.create("https://example.org/a"));
    assertThat(options().search(environment, "Linux", NOWHERE).environmentData())
        .contains(Path.of("/data"));
    MnistSearch named =
        options("--mirror", "http://example.org/b", "--data", "/c")
            .search(environment, "Linux", NOWHERE);
    assertThat(named.mirrors()).containsExactly(URI.create("http://example.org/b"));
    assertThat(named.data()).contains(Path.of("/c"));
    assertThat(options().search(Map.of(), "Linux", NOWHERE).mirrors())
        .isEqualTo(MnistFiles.MIRRORS);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options("--mirror", "mnist").search(Map.of(), "Linux", NOWHERE))
        .withMessage("mirror 'mnist': expected a URL such as https://example.org/mnist/");
  }

  private static MnistOptions options(String... args) {
    var options = new MnistOptions();
    new CommandLine(CommandLine.Model.CommandSpec.forAnnotatedObject(options)).parseArgs(args);
    return options;
  }
}
