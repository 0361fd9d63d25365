package org.cotangent.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.backend.Eager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/// The engine's jar as users get it. It is there from the phase `package` on.
class CoreJarTest {
  /// 400 kB is the aim; the compiler's mood and one more kernel must not break the build.
  private static final long LARGEST = 1_000_000;

  private Path jar = Path.of(""); // replaced before each test

  @BeforeEach
  void findTheJar() throws Exception {
    jar = origin(Tensor.class);
    assumeTrue(Files.isRegularFile(jar), "no jar yet, only " + jar);
  }

  private static Path origin(Class<?> c) throws URISyntaxException {
    return Path.of(c.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  @Test
  void theJarIsSmall() throws Exception {
    assertThat(Files.size(jar)).isLessThan(LARGEST);
  }

  /// What the child processes run.
  static class Product {
    public static void main(String[] args) {
      Tensor a = Tensor.ones(3, 5);
      String module = Tensor.class.getModule().isNamed() ? "module" : "class";
      System.out.printf(
          "%s %s %s", module, Eager.standard().backend().name(), a.matmul(a.t()).sum().item());
    }
  }

  @Test
  void itRunsOnTheClassPathWithoutTheVectorModule() throws Exception {
    assertThat(run("-cp", path(jar, origin(Logger.class), origin(Product.class))))
        .isEqualTo("class scalar 45.0");
  }

  @Test
  void itRunsOnTheModulePathWithoutTheVectorModule() throws Exception {
    assertThat(
            run(
                "-p",
                path(jar, origin(Logger.class)),
                "--add-modules",
                "org.cotangent.autograd",
                "-cp",
                path(origin(Product.class))))
        .isEqualTo("module scalar 45.0");
  }

  private static String path(Path... parts) {
    List<String> all = new ArrayList<>();
    for (Path p : parts) {
      all.add(p.toString());
    }
    return String.join(File.pathSeparator, all);
  }

  private static String run(String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.add(Product.class.getName());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as("exit code").isZero();
    return output;
  }
}
