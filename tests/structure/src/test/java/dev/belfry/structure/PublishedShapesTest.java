package dev.belfry.structure;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.belfry.testing.Checkout;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Enum constants, permitted types and components of records of the published packages, in their order: programs are
 * compiled against them, and tools that compare the methods of jars miss them. After a change that is meant, see
 * docs/compatibility.md, and copy the file from target.
 */
@OneJdk
@Slow
class PublishedShapesTest {
    private static final List<String> PACKAGES = List.of(
            "dev.belfry.api",
            "dev.belfry.bridge",
            "dev.belfry.chronicle",
            "dev.belfry.jackson",
            "dev.belfry.jakarta",
            "dev.belfry.jakarta.jndi",
            "dev.belfry.mem.junit",
            "dev.belfry.micrometer",
            "dev.belfry.opentelemetry",
            "dev.belfry.spring.boot");

    @Test
    void shouldBeAsTheyWerePublished() throws Exception {
        Path root = Checkout.root().resolve("tests/structure");
        String page = Files.readString(Checkout.root().resolve("docs/writing-a-transport.md"));
        List<String> now = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("dev.belfry").stream()
                        .filter(each -> PACKAGES.contains(each.getPackageName()) || isForTransports(each, page))
                        .filter(PublishedShapesTest::mayHaveOne)
                        .map(JavaClass::reflect)
                        .filter(PublishedShapesTest::isPublic)
                        .map(PublishedShapesTest::shape)
                        .filter(shape -> !shape.isEmpty())
                        .sorted()
                        .toList();
        Files.write(root.resolve("target/published-shapes.txt"), now);
        assertThat(now).isEqualTo(Files.readAllLines(root.resolve("src/test/resources/published-shapes.txt")));
    }

    @Test
    void shouldTellEachKindOfShape() {
        String name = getClass().getName();
        assertThat(shape(Planted.class)).isEqualTo("enum " + name + "$Planted: B, A");
        assertThat(shape(Sealed.class)).isEqualTo("sealed " + name + "$Sealed: Pair");
        assertThat(shape(Pair.class)).isEqualTo("record " + name + "$Pair: int second, String first");
        assertThat(shape(getClass())).isEmpty();
    }

    /** Whether the page for authors of transports names it: the rest of spi is for Belfry's own modules. */
    private static boolean isForTransports(JavaClass type, String page) {
        return type.getPackageName().equals("dev.belfry.spi") && page.contains('`' + type.getSimpleName() + '`');
    }

    /** The others are not loaded: what Spring needs is not here. */
    private static boolean mayHaveOne(JavaClass type) {
        return type.isEnum()
                || type.isRecord()
                || type.isInterface()
                || type.getModifiers().contains(JavaModifier.ABSTRACT);
    }

    private static boolean isPublic(Class<?> type) {
        return Modifier.isPublic(type.getModifiers())
                && (type.getDeclaringClass() == null || isPublic(type.getDeclaringClass()));
    }

    /** Empty for a type that has none of the three. */
    private static String shape(Class<?> type) {
        if (type.isEnum()) return line("enum", type, type.getEnumConstants(), each -> ((Enum<?>) each).name());
        if (type.isSealed()) return line("sealed", type, type.getPermittedSubclasses(), Class::getSimpleName);
        if (!type.isRecord()) return "";
        return line(
                "record",
                type,
                type.getRecordComponents(),
                each -> each.getType().getSimpleName() + " " + each.getName());
    }

    private static <T> String line(String kind, Class<?> type, T[] parts, Function<T, String> word) {
        return kind + " " + type.getName() + ": "
                + Arrays.stream(parts).map(word).collect(Collectors.joining(", "));
    }

    private enum Planted {
        B,
        A
    }

    private sealed interface Sealed {}

    private record Pair(int second, String first) implements Sealed {}
}
