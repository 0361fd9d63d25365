package org.cotangent.apps;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// The programs see `nn`, and of the engine the face and the shapes only.
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.cotangent.apps");

  @Test
  void classesAreFound() {
    assertThat(CLASSES).isNotEmpty();
  }

  @Test
  void seesNnAndTheFaceOfTheEngineOnly() {
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAPackage("org.cotangent..")
                .and(
                    DescribedPredicate.not(
                        resideInAnyPackage(
                            "org.cotangent.apps..",
                            "org.cotangent.nn..",
                            "org.cotangent.autograd",
                            "org.cotangent.autograd.shape")))
                .as("are the engine's inner ones"))
        .check(CLASSES);
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
}
