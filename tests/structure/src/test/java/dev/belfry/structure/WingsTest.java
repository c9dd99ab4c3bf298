package dev.belfry.structure;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.belfry.shm.publish.PublisherWatch;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.Test;

/**
 * The packages of shm make public what the other packages of shm need: nothing else of the product uses it. Only file:
 * comes in, by its door. {@link ArchitectureTest} says which door, and that the packages have no circle.
 */
@OneJdk
@Slow
class WingsTest {
    private static final ArchRule NOBODY_ELSE = noClasses()
            .that()
            .resideOutsideOfPackages("dev.belfry.shm..", "dev.belfry.file")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.belfry.shm.*");

    @Test
    void shouldBeUsedByShmAlone() {
        NOBODY_ELSE.check(new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.belfry"));
    }

    @Test
    void shouldFindAnIntruder() {
        assertThatThrownBy(() -> NOBODY_ELSE.check(new ClassFileImporter().importClasses(Intruder.class)))
                .hasMessageContaining("Intruder");
    }

    private static final class Intruder {
        void comesIn() {
            PublisherWatch.hasOneOfThisThread(null);
        }
    }
}
