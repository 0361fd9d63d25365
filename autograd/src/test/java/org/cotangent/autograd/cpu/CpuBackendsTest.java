package org.cotangent.autograd.cpu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.cotangent.autograd.backend.BackendProvider;
import org.cotangent.autograd.backend.Eager;
import org.junit.jupiter.api.Test;

class CpuBackendsTest {

  /// What the child processes run.
  static class PrintBackend {
    public static void main(String[] args) {
      System.out.println(Eager.standard().backend().getClass().getSimpleName());
    }
  }

  @Test
  void theServiceLoaderFindsTheProvider() {
    assertThat(ServiceLoader.load(BackendProvider.class))
        .hasAtLeastOneElementOfType(CpuBackends.class);
  }

  @Test
  void withTheVectorModuleVectorsAreUsed() throws Exception {
    assertThat(backend("--add-modules", "jdk.incubator.vector")).isEqualTo("VectorBackend");
  }

  @Test
  void withoutTheVectorModuleScalarLoopsAreUsed() throws Exception {
    assertThat(backend()).isEqualTo("ScalarBackend");
  }

  @Test
  void thePropertyChoosesABackend() throws Exception {
    assertThat(backend("--add-modules", "jdk.incubator.vector", "-Dcotangent.backend=scalar"))
        .isEqualTo("ScalarBackend");
    assertThat(backend("-Dcotangent.backend=reference")).isEqualTo("ReferenceBackend");
  }

  @Test
  void anUnknownBackendIsAnErrorThatNamesTheKnownOnes() {
    System.setProperty("cotangent.backend", "gpu");
    try {
      assertThatThrownBy(() -> new CpuBackends().create())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "-Dcotangent.backend=gpu: there are scalar and reference; leave it out for the"
                  + " fastest");
    } finally {
      System.clearProperty("cotangent.backend");
    }
  }

  /// The backend that a fresh Java process with these options chooses.
  private static String backend(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(PrintBackend.class.getName());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    assertThat(process.waitFor()).isZero();
    return output;
  }
}
