package org.cotangent.apps.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Every Java block of README.md and docs compiles, runs and prints what the text block after it
/// says.
class SnippetsTest {
  // Maven runs tests in the folder of their module.
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

  @TempDir private Path temporary;

  @TestFactory
  Stream<DynamicTest> everySnippetDoesWhatTheDocumentSays(@TempDir Path all) throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path markdown : documents()) {
      List<Snippet> blocks = Snippet.in(markdown);
      if (blocks.isEmpty()) {
        continue; // javac refuses to compile nothing
      }
      Path together = Files.createTempDirectory(all, "together");
      boolean compiled = Snippet.compile(blocks, together).isEmpty();
      // If one does not compile, each is compiled on its own, so that it alone fails.
      Path folder = compiled ? together : Files.createTempDirectory(all, "apart");
      for (Snippet s : blocks) {
        tests.add(DynamicTest.dynamicTest(s.name(), () -> s.check(folder)));
      }
    }
    assertThat(tests).isNotEmpty();
    return tests.stream();
  }

  private static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>(List.of(PROJECT.resolve("README.md")));
    try (Stream<Path> docs = Files.list(PROJECT.resolve("docs"))) {
      docs.filter(p -> p.toString().endsWith(".md")).sorted().forEach(documents::add);
    }
    return documents;
  }

  @Test
  void blocksAreFoundWithTheirLinesAndOutputs() {
    List<Snippet> found =
        Snippet.in(
            "d.md", List.of("```java", "a", "```", "", "```text", "1", "```", "```sh", "x", "```"));

    assertThat(found).containsExactly(new Snippet("d.md", 1, "a", Optional.of("1")));
  }

  @Test
  void anOpenBlockIsAnError() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Snippet.in("d.md", List.of("", "```java", "a")))
        .withMessage("d.md:2: this block is not closed by ```");
  }

  @Test
  void anotherOutputFails() {
    assertThatThrownBy(() -> snippet("IO.println(1);", "2").check(temporary))
        .isInstanceOf(AssertionError.class)
        .hasMessage("d.md:7 prints\n1\nbut the document says\n2");
  }

  @Test
  void codeThatDoesNotCompileFailsAtItsLine() {
    assertThatThrownBy(() -> snippet("\nint i = x;", "").check(temporary))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("d.md:7 does not compile:\nd.md:9: cannot find symbol");
  }

  @Test
  void anExceptionThatIsNotShownFails() {
    Snippet s =
        new Snippet("d.md", 7, "Tensor.of(1).item(); Tensor.of(1, 2).item();", Optional.empty());

    assertThatThrownBy(() -> s.check(temporary))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("but the document shows no exception after it");
  }

  @Test
  void anExceptionIsTheLastLineOfTheOutput() throws Exception {
    snippet(
            "IO.println(1); throw new IllegalStateException(\"so\");",
            "1\nException in thread \"main\" java.lang.IllegalStateException: so")
        .check(temporary);
  }

  private static Snippet snippet(String code, String output) {
    return new Snippet("d.md", 7, code, Optional.of(output));
  }
}
