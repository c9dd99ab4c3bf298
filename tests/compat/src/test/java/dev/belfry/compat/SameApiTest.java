package dev.belfry.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.testing.ByTurns;
import dev.belfry.testing.Checkout;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import japicmp.cmp.JApiCmpArchive;
import japicmp.cmp.JarArchiveComparator;
import japicmp.cmp.JarArchiveComparatorOptions;
import japicmp.model.JApiBehavior;
import japicmp.model.JApiClass;
import japicmp.model.JApiCompatibility;
import japicmp.model.JApiCompatibilityChange;
import japicmp.model.JApiParameter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Programs that were compiled with 0.1.0 run with today's jars, and compile with them: what docs/compatibility.md
 * promises of packages. What a transport needs of spi is compared in binary mode alone.
 */
@Timeout(300)
@OneJdk
@Slow
class SameApiTest {
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

    /** Those of {@code dev.belfry.testing} that stay as the api does. */
    private static final List<String> KIT = List.of("ChildJvm", "JavaCommand", "Patience", "RemoteJvm");

    /** As they are printed here: changes that were meant, each with a line in the changes of a release. */
    private static final List<String> MEANT = List.of();

    @TempDir
    Path directory;

    private Path released;

    /** Here a test may still be skipped. */
    @BeforeEach
    void build() throws IOException {
        released = directory.resolve("released.jar");
        Released.pack(Release.RELEASED.published(), released);
    }

    /** As long as nothing is promised yet, changes are shown, and the test is skipped. */
    @Test
    void shouldHaveAllThatWasPublished() throws IOException {
        List<String> changes = changes(Release.TODAY.published());
        changes.forEach(System.out::println);
        assumeTrue(isPromised() || changes.equals(MEANT), "0.1.0 is not published yet, and its API has changed");
        assertThat(changes).isEqualTo(MEANT);
    }

    /** The changes have begun the version after it: that is done by the commit which says which one was 0.1.0. */
    private static boolean isPromised() throws IOException {
        String newest = lines("docs/CHANGELOG.md")
                .filter(line -> line.startsWith("## "))
                .findFirst()
                .orElseThrow();
        return !newest.startsWith("## 0.1.0");
    }

    private static Stream<String> lines(String page) throws IOException {
        return Files.readAllLines(Checkout.root().resolve(page)).stream();
    }

    @Test
    void shouldNotBeCalledUnpublishedWhenItIsPromised() throws IOException {
        for (String page : List.of("README.md", "docs/compatibility.md"))
            assertThat(lines(page).anyMatch(line -> line.contains("0.1.0 is not published yet")) && isPromised())
                    .as(page)
                    .isFalse();
    }

    @ByTurns
    @ParameterizedTest
    @CsvSource(
            delimiterString = "##",
            value = {
                "BelfryConnectionFactory ## public BelfryConnectionFactory(String uri) { ## BelfryConnectionFactory(String uri) { ## CONSTRUCTOR",
                "api.Publisher ## Claim claim(int length); ## Claim claim(int length); void planted(); ## METHOD_ADDED_TO_INTERFACE",
                "api.Subscriber ## default void seek(StartAt start) { ## private void seek(StartAt start) { ## METHOD",
                "SubscriberOptions ## public Builder maxRedeliveries(int ## public Builder maxRedeliveries(long more, int ## METHOD_REMOVED",
                "AckMode ## NONE } ## NOTHING } ## FIELD_REMOVED",
                "SubscriberOptions ## public final class SubscriberOptions { ## final class SubscriberOptions { ## CLASS",
                "spi.MessageQueueProvider ## String version(); ## String version(int planted); ## METHOD_REMOVED",
                "Waitable ## abstract boolean isOver(); ## abstract boolean isOver(int planted); ## METHOD_REMOVED",
                "testing.ChildJvm ## public void tell(String text) { ## void tell(String text) { ## METHOD_LESS_ACCESSIBLE",
            })
    void shouldNoticeWhatIsGoneOrMustBeImplemented(String type, String snippet, String replacement, String change)
            throws IOException {
        try (Patched twin = Patched.in(type, snippet, replacement)) {
            List<Path> all = new ArrayList<>(List.of(twin.directory()));
            all.addAll(Release.TODAY.published());
            assertThat(changes(all))
                    .anyMatch(line -> line.contains(type.replaceFirst(".*\\.", "")) && line.contains(change));
        }
    }

    /** From the released jars to these, a line each. */
    private List<String> changes(List<Path> to) throws IOException {
        Path now = directory.resolve("now.jar");
        Released.pack(to, now);
        List<String> libraries =
                Release.libraries().stream().map(Path::toString).toList();
        JarArchiveComparatorOptions options = new JarArchiveComparatorOptions();
        options.setClassPathMode(JarArchiveComparatorOptions.ClassPathMode.TWO_SEPARATE_CLASSPATHS);
        options.setOldClassPath(libraries);
        options.setNewClassPath(libraries);
        options.getIgnoreMissingClasses().setIgnoreAllMissingClasses(true);
        String page = Files.readString(Checkout.root().resolve("docs/writing-a-transport.md"));
        List<String> all = new ArrayList<>();
        for (JApiClass each : new JarArchiveComparator(options)
                .compare(new JApiCmpArchive(released.toFile(), "0.1.0"), new JApiCmpArchive(now.toFile(), "today"))) {
            String name = each.getFullyQualifiedName();
            String place = name.substring(0, name.lastIndexOf('.'));
            String type = name.substring(place.length() + 1).replaceFirst("\\$.*", "");
            boolean isForTransports = place.equals("dev.belfry.spi")
                    && Pattern.compile("[`.]" + type + "\\b").matcher(page).find();
            boolean isOfTheKit = place.equals("dev.belfry.testing") && KIT.contains(type);
            if (PACKAGES.contains(place) || isForTransports || isOfTheKit)
                members(each).forEach((member, its) -> its.getCompatibilityChanges().stream()
                        .filter(change ->
                                !change.isBinaryCompatible() || !change.isSourceCompatible() && !isForTransports)
                        .forEach(change -> all.add(name + member + ": " + word(change))));
        }
        return all.stream().sorted().toList();
    }

    private static String word(JApiCompatibilityChange change) {
        return change.getType()
                + (change.isBinaryCompatible() ? "" : ", binary")
                + (change.isSourceCompatible() ? "" : ", source");
    }

    private static Map<String, JApiCompatibility> members(JApiClass type) {
        Map<String, JApiCompatibility> all = new TreeMap<>(Map.of("", type));
        type.getMethods().forEach(each -> all.put("." + each.getName() + types(each), each));
        type.getConstructors().forEach(each -> all.put(" constructor " + types(each), each));
        type.getFields().forEach(each -> all.put("." + each.getName(), each));
        type.getInterfaces().forEach(each -> all.put(" interface " + each.getFullyQualifiedName(), each));
        all.put(" superclass", type.getSuperclass());
        return all;
    }

    private static List<String> types(JApiBehavior member) {
        return member.getParameters().stream().map(JApiParameter::getType).toList();
    }
}
