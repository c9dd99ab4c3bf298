package dev.belfry.jakarta.fold;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The fold is a function of the log: it knows wire and plain Java, no clock, no thread, no order of
 * a hash table.
 */
class ArchitectureTest {
    private static final String FOLD = "dev.belfry.jakarta.fold";
    private static final String WIRE = "dev.belfry.jakarta.wire";
    private static final String[] PLAIN = {"java.lang..", "java.util", "java.util.function", "java.util.stream"};

    private static final ArchRule FOLD_KNOWS = classes()
            .that()
            .resideInAPackage(FOLD)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(FOLD, WIRE, PLAIN[0], PLAIN[1], PLAIN[2], PLAIN[3]);
    private static final ArchRule WIRE_KNOWS = classes()
            .that()
            .resideInAPackage(WIRE)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(WIRE, PLAIN[0], PLAIN[1], "java.nio..");
    private static final ArchRule NO_CLOCK = noClasses()
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("java.time..");
    private static final ArchRule NO_THREAD = noClasses()
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class)
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("java.util.concurrent..");
    private static final ArchRule NO_HASH_ORDER = noClasses()
            .should()
            .dependOnClassesThat()
            .haveNameMatching("java\\.util\\.(Hash|LinkedHash|IdentityHash|WeakHash).*")
            .orShould()
            .callMethod(Map.class, "of")
            .orShould()
            .callMethod(System.class, "identityHashCode", Object.class)
            .orShould()
            .callMethod(Object.class, "hashCode");

    private final JavaClasses product = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(FOLD, WIRE);

    @Test
    void shouldKnowLittle() {
        assertThat(product).hasSizeGreaterThan(20);
        for (ArchRule rule : new ArchRule[] {FOLD_KNOWS, WIRE_KNOWS, NO_CLOCK, NO_THREAD, NO_HASH_ORDER})
            rule.check(product);
    }

    /** A defect for each rule. */
    private static final class Planted {
        private final Map<String, String> hashed = new HashMap<>();

        long clock() {
            return System.nanoTime() + hashed.size();
        }

        void thread() {
            Thread.yield();
        }
    }

    @Test
    void shouldRefuseWhatIsPlanted() {
        JavaClasses planted = new ClassFileImporter().importClasses(Planted.class);
        for (ArchRule rule : new ArchRule[] {NO_CLOCK, NO_THREAD, NO_HASH_ORDER})
            assertThat(rule.evaluate(planted).hasViolation())
                    .as(rule.getDescription())
                    .isTrue();
    }
}
