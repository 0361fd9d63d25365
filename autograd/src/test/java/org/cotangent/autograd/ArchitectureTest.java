package org.cotangent.autograd;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// The arrows: `shape <- op <- backend <- graph <- root`, and `cpu` implements `backend`.
class ArchitectureTest {
  private static final String ROOT = "org.cotangent.autograd";
  private static final String SHAPE = ROOT + ".shape";
  private static final String OP = ROOT + ".op";
  private static final String BACKEND = ROOT + ".backend";
  private static final String CPU = ROOT + ".cpu";
  private static final String GRAPH = ROOT + ".graph";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void classesAreFound() {
    assertThat(CLASSES).isNotEmpty();
  }

  @Test
  void shapeStandsAlone() {
    dependsOnlyOn(SHAPE);
  }

  @Test
  void opSeesShape() {
    dependsOnlyOn(OP, SHAPE);
  }

  @Test
  void backendSeesOpAndShape() {
    dependsOnlyOn(BACKEND, OP, SHAPE);
  }

  @Test
  void cpuSeesBackendOpAndShape() {
    dependsOnlyOn(CPU, BACKEND, OP, SHAPE);
  }

  @Test
  void graphSeesBackendOpAndShape() {
    dependsOnlyOn(GRAPH, BACKEND, OP, SHAPE);
  }

  @Test
  void rootDoesNotKnowWhichBackendsThereAre() {
    dependsOnlyOn(ROOT, GRAPH, BACKEND, OP, SHAPE);
  }

  @Test
  void packagesFormNoCycle() {
    slices()
        .matching("org.cotangent.(**)")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  /// Of our packages, `from` sees itself and `allowed`.
  private static void dependsOnlyOn(String from, String... allowed) {
    DescribedPredicate<JavaClass> others =
        resideInAPackage("org.cotangent..")
            .and(DescribedPredicate.not(resideInAPackage(from)))
            .and(DescribedPredicate.not(resideInAnyPackage(allowed)))
            .as("are ours but not in [%s]", String.join(", ", allowed));
    noClasses()
        .that()
        .resideInAPackage(from)
        .should()
        .dependOnClassesThat(others)
        .allowEmptyShould(true)
        .check(CLASSES);
  }
}
