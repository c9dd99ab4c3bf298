package dev.belfry.structure;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.belfry.testing.Checkout;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Enum constants, permitted types and components of records of the published packages, in their order, and the methods
 * that others have to implement: programs are compiled against them, and tools that compare the methods of jars for
 * what is gone miss them. After a change that is meant, see docs/compatibility.md, and copy the file from target.
 */
@OneJdk
@Slow
class PublishedShapesTest {
    static final List<String> PACKAGES = List.of(
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

    /** The types of spi that stay. */
    private static final List<String> PROMISED = List.of(
            "Capabilities",
            "Checks",
            "Deadlines",
            "Errors",
            "HeapMessage",
            "MessageQueueProvider",
            "PipelinedPublisher",
            "PublisherSupport",
            "QueueCounter",
            "QueueFigures",
            "QueueSettings",
            "QueueSupport",
            "QueueUri",
            "SharedSleep",
            "Standing",
            "StoppedSubscribers",
            "SubscriberFigures",
            "SubscriberSupport",
            "Units",
            "Waitable");

    /** Those of which no release promises anything. */
    private static final List<String> OWN = List.of(
            "ArrayBody",
            "Bytes",
            "DomainTools",
            "EarlierIds",
            "Finding",
            "ForwardingPublisher",
            "ForwardingQueue",
            "ForwardingSubscriber",
            "InsideMany",
            "Log",
            "LogReader",
            "Loggable",
            "Mark",
            "NewerMessages",
            "NoAnswerException",
            "OverflowText",
            "Proc",
            "ProgramName",
            "PropertiesCodec",
            "ProviderVersion",
            "QueueInspector",
            "QueueReport",
            "ReadableArray",
            "RemedyText",
            "Remote",
            "Reserve",
            "ShellWords",
            "Suggestions",
            "WritableArray");

    /** With the default that a switch needs then. */
    private static final Pattern MAY_GROW = Pattern.compile(
            "(?:Constants|Types) (?:may be|are) added[^.:]*: a switch needs a default, [^.]|: no constant is added");

    @Test
    void shouldBeAsTheyWerePublished() throws Exception {
        Path root = Checkout.root().resolve("tests/structure");
        List<String> now = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("dev.belfry").stream()
                        .filter(each -> PACKAGES.contains(each.getPackageName()) || isForTransports(each))
                        .filter(PublishedShapesTest::mayHaveOne)
                        .map(JavaClass::reflect)
                        .filter(PublishedShapesTest::isPublic)
                        .flatMap(type -> Stream.of(shape(type), toImplement(type)))
                        .filter(line -> !line.isEmpty())
                        .sorted()
                        .toList();
        Files.write(root.resolve("target/published-shapes.txt"), now);
        assertThat(now).isEqualTo(Files.readAllLines(root.resolve("src/test/resources/published-shapes.txt")));
    }

    /** The page for transports names what is promised of spi, and that says since when it is there. */
    @Test
    void shouldPromiseToTransportsWhatTheirPageNames() throws Exception {
        String page = Files.readString(Checkout.root().resolve("docs/writing-a-transport.md"));
        Path spi = Checkout.root().resolve("api/src/main/java/dev/belfry/spi");
        Map<String, List<String>> types = new TreeMap<>();
        try (Stream<Path> files = Files.list(spi)) {
            for (Path file : files.sorted().toList()) {
                String text = Files.readString(file);
                String name = file.getFileName().toString().replace(".java", "");
                if (!Pattern.compile("^public ", Pattern.MULTILINE)
                        .matcher(text)
                        .find()) continue;
                String kind = text.contains("\n * @since 0.1\n") ? "promised" : "own";
                types.computeIfAbsent(kind, none -> new ArrayList<>()).add(name);
                assertThat(Pattern.compile("[`.]" + name + "\\b").matcher(page).find())
                        .as(name + " is on the page")
                        .isEqualTo(kind.equals("promised"));
            }
        }
        assertThat(types).isEqualTo(Map.of("promised", PROMISED, "own", OWN));
    }

    /** A switch needs a default, and a program must know not to match components, before one is added. */
    @Test
    void shouldSayWhatMayBeAdded() throws IOException {
        Path shapes = Checkout.root().resolve("tests/structure/src/test/resources/published-shapes.txt");
        Map<String, String> sources = sources();
        assertThat(Files.readAllLines(shapes).stream()
                        .filter(line -> line.startsWith("enum ")
                                || line.startsWith("sealed ")
                                || line.startsWith("record ") && !line.startsWith("record dev.belfry.spi."))
                        .filter(line -> !saysWhatMayBeAdded(line, sources)))
                .isEmpty();
    }

    private static boolean saysWhatMayBeAdded(String line, Map<String, String> sources) {
        String[] names = line.replaceFirst(": .*", "").split("[ $]"); // its kind, the type around it, its own
        String source = sources.get(names[1]);
        String outer = names[1].replaceFirst(".*\\.", "");
        String kind = names[0].equals("sealed") ? "sealed interface" : names[0];
        String comment = comment(source, kind + ' ' + (names.length == 2 ? outer : names[2]));
        if (!kind.equals("record")) return MAY_GROW.matcher(comment).find();
        return source.contains("sealed interface") // its records are there to be matched
                || comment.contains("Components may be added")
                || comment(source, "record " + outer).contains("Components may be added, here and in each part.");
    }

    /** The last one before the type, in one line; empty if there is no such type. */
    private static String comment(String source, String type) {
        Matcher declared = Pattern.compile("(?m)^ *(?:public |static |final )*" + type + "\\b")
                .matcher(source);
        if (!declared.find()) return "";
        String before = source.substring(0, declared.start());
        return before.substring(Math.max(0, before.lastIndexOf("/**"))).replaceAll("\\s*\\*?\\s+", " ");
    }

    /** Main sources of all modules, by the name of their class. */
    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> modules = Files.list(Checkout.root())) {
            for (Path main : modules.map(module -> module.resolve("src/main/java"))
                    .filter(Files::exists)
                    .toList())
                try (Stream<Path> files = Files.walk(main)) {
                    for (Path file : files.filter(each -> each.toString().endsWith(".java"))
                            .toList())
                        sources.put(
                                main.relativize(file)
                                        .toString()
                                        .replace('/', '.')
                                        .replaceFirst("\\.java$", ""),
                                Files.readString(file));
                }
        }
        return sources;
    }

    @Test
    void shouldNoticeWhatDoesNotSayWhatMayBeAdded() {
        Map<String, String> sources = Map.of(
                "p.Right",
                        "/** Constants may be\n * added: a switch needs a default, for red. */\npublic enum Right {}",
                "p.Half", "/** Constants may be added. */\npublic enum Half {}",
                "p.Open",
                        "/** Types may be added: a switch needs a default, for red. */\npublic sealed interface Open {}",
                "p.Shut", "/** A color. */\npublic sealed interface Shut {}",
                "p.Wrong", "/** Constants may be added. */\n enum Other {} /** Of a color. */\n public enum Wrong {}",
                "p.Outer", "/** Of an application. */\n record Outer() {\n /** A part. */\n record Part() {} }",
                "p.All",
                        "/** Components may be added, here\n * and in each part. */ @An\nrecord All() {\n record Part() {} }");
        assertThat(Stream.of(
                                "enum p.Right: A",
                                "enum p.Half: A",
                                "enum p.Wrong: A",
                                "sealed p.Open: A",
                                "sealed p.Shut: A",
                                "record p.Outer$Part: x",
                                "record p.All$Part: x")
                        .filter(line -> !saysWhatMayBeAdded(line, sources)))
                .containsExactly("enum p.Half: A", "enum p.Wrong: A", "sealed p.Shut: A", "record p.Outer$Part: x");
    }

    @Test
    void shouldTellEachKindOfShape() {
        String name = getClass().getName();
        assertThat(shape(Planted.class)).isEqualTo("enum " + name + "$Planted: B, A");
        assertThat(shape(Sealed.class)).isEqualTo("sealed " + name + "$Sealed: Pair");
        assertThat(shape(Pair.class)).isEqualTo("record " + name + "$Pair: int second, String first");
        assertThat(shape(getClass())).isEmpty();
        assertThat(toImplement(Open.class)).isEqualTo("to implement " + name + "$Open: first(int, String), second()");
        assertThat(toImplement(Sealed.class)).isEmpty();
    }

    /** With the types inside it: the rest of spi is for Belfry's own modules. */
    private static boolean isForTransports(JavaClass type) {
        String name = type.getName().substring(type.getPackageName().length() + 1);
        return type.getPackageName().equals("dev.belfry.spi") && PROMISED.contains(name.replaceFirst("\\$.*", ""));
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
        if (type.isSealed()) return line("sealed", type, permitted(type), Class::getSimpleName);
        if (!type.isRecord()) return "";
        return line(
                "record",
                type,
                type.getRecordComponents(),
                each -> each.getType().getSimpleName() + " " + each.getName());
    }

    /** By name: without {@code permits} their order is that in which the compiler came to them. */
    private static Class<?>[] permitted(Class<?> type) {
        Class<?>[] all = type.getPermittedSubclasses();
        Arrays.sort(all, Comparator.comparing(Class::getName));
        return all;
    }

    /** Empty if nothing has to be. Only we implement what is sealed. */
    private static String toImplement(Class<?> type) {
        if (type.isSealed() || type.isEnum()) return "";
        Method[] methods = Arrays.stream(type.getDeclaredMethods())
                .filter(each -> Modifier.isAbstract(each.getModifiers()) && each.getDefaultValue() == null)
                .toArray(Method[]::new);
        if (methods.length == 0) return "";
        Function<Method, String> word = each -> each.getName()
                + Arrays.stream(each.getParameterTypes())
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(", ", "(", ")"));
        Arrays.sort(methods, Comparator.comparing(word));
        return line("to implement", type, methods, word);
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

    private abstract static class Open {
        abstract void second();

        abstract void first(int number, String text);

        void done() {}
    }
}
