package dev.belfry.jakarta.fold;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.belfry.spi.Bytes;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The fold is a function of the log: it knows wire, the bytes of a record and plain Java, no clock, no thread, no order
 * of a hash table.
 */
@OneJdk
@Slow
class ArchitectureTest {
    private static final String FOLD = "dev.belfry.jakarta.fold";
    private static final String WIRE = "dev.belfry.jakarta.wire";
    private static final String TEXT = "dev.belfry.jakarta.text";
    private static final String[] PLAIN = {"java.lang..", "java.util", "java.util.function", "java.util.stream"};

    private static final ArchRule FOLD_KNOWS = classes()
            .that()
            .resideInAPackage(FOLD)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(FOLD, WIRE, PLAIN[0], PLAIN[1], PLAIN[2], PLAIN[3])
                    .or(type(Bytes.class)));
    private static final ArchRule WIRE_KNOWS = classes()
            .that()
            .resideInAPackage(WIRE)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(WIRE, TEXT, PLAIN[0], PLAIN[1], "java.nio..")
                    .or(belongToAnyOf(Bytes.class)));
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
            .callMethodWhere(DescribedPredicate.describe("is hashed", ArchitectureTest::isHashed))
            .orShould()
            .callMethod(System.class, "identityHashCode", Object.class)
            .orShould()
            .callMethod(Object.class, "hashCode");

    /** Sets and maps of the library whose order is that of a hash table. List.of and the like are not. */
    private static boolean isHashed(JavaMethodCall call) {
        String owner = call.getTargetOwner().getName();
        String name = call.getName();
        return switch (owner) {
            case "java.util.Set" -> name.equals("of") || name.equals("copyOf");
            case "java.util.Map" -> name.equals("of") || name.equals("copyOf") || name.equals("ofEntries");
            case "java.util.stream.Collectors" -> name.matches(".*(Set|Map)|groupingBy");
            default -> false;
        };
    }

    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(FOLD, WIRE, TEXT);

    @Test
    void shouldKnowLittle() {
        assertThat(PRODUCT).hasSizeGreaterThan(20);
        for (ArchRule rule : new ArchRule[] {FOLD_KNOWS, WIRE_KNOWS, NO_CLOCK, NO_THREAD, NO_HASH_ORDER})
            rule.check(PRODUCT);
    }

    /** Each class has one defect. */
    private static final class Planted {
        static final class Nano {
            final long clock = System.nanoTime();
        }

        static final class Millis {
            final long clock = System.currentTimeMillis();
        }

        static final class Time {
            final Instant clock = Instant.EPOCH;
        }

        static final class AThread {
            final Thread thread = Thread.currentThread();
        }

        static final class Concurrent {
            final Object map = new ConcurrentSkipListMap<Long, Long>();
        }

        static final class Hashed {
            final Object map = new HashMap<Long, Long>();
        }

        static final class SetOf {
            final Object set = Set.of(1L);
        }

        static final class SetCopy {
            final Object set = Set.copyOf(List.of(1L));
        }

        static final class MapOf {
            final Object map = Map.of(1L, 1L);
        }

        static final class MapCopy {
            final Object map = Map.copyOf(new TreeMap<Long, Long>());
        }

        static final class MapOfEntries {
            final Object map = Map.ofEntries();
        }

        static final class ToSet {
            final Object set = Stream.of(1L).collect(Collectors.toSet());
        }

        static final class ToMap {
            final Object map = Stream.of(1L).collect(Collectors.toMap(it -> it, it -> it));
        }

        static final class Grouping {
            final Object map = Stream.of(1L).collect(Collectors.groupingBy(it -> it));
        }

        static final class OfObject {
            final int hash = new Object().hashCode();
        }

        static final class Identity {
            final int hash = System.identityHashCode(this);
        }
    }

    @Test
    void shouldRefuseWhatIsPlanted() {
        for (Class<?> planted : Planted.class.getDeclaredClasses()) {
            JavaClasses one = new ClassFileImporter().importClasses(planted);
            assertThat(List.of(NO_CLOCK, NO_THREAD, NO_HASH_ORDER))
                    .as(planted.getSimpleName())
                    .anyMatch(rule -> rule.evaluate(one).hasViolation());
        }
    }
}
