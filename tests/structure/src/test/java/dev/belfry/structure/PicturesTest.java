package dev.belfry.structure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Checkout;
import dev.belfry.testing.OneJdk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each name in the pictures that were drawn by hand is there. What stands in monospace is a file, a setting or a
 * command, and stands as code in a page, too. A class, a kind of record, a package or a module is in the sources. The
 * arrows between modules are what their POMs say. And each picture is shown by a page.
 */
@OneJdk
class PicturesTest {
    private static final Path ROOT = Checkout.root();
    private static final Pattern TEXT = Pattern.compile("<text[^>]*>(.*?)</text>");
    private static final Pattern MONOSPACE = Pattern.compile("<tspan font-family=\"monospace\">(.*?)</tspan>");
    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
    private static final Pattern SHOWN = Pattern.compile("!\\[[^]]*]\\((?:docs/)?img/([^)]*)\\)");
    private static final Pattern WORD = Pattern.compile("[A-Za-z]\\w{2,}");
    private static final Pattern CLASS_OR_KIND = Pattern.compile("\\b(?:[A-Z]{3,}|[A-Z][a-z]+[A-Z]\\w*)\\b");
    private static final Pattern PACKAGE = Pattern.compile("\\bdev\\.belfry\\.\\w+");
    private static final Pattern MODULE = Pattern.compile("\\b[a-z]+-(?:[a-z]+-)*[a-z]+\\b");
    private static final Pattern TITLE = Pattern.compile("font-size=\"14\">([^<]*)<");
    private static final Pattern ARROW = Pattern.compile("<line data-from=\"(\\S+)\" data-to=\"(\\S+)\"([^>]*)");
    private static final Pattern DEPENDENCY =
            Pattern.compile("<dependency><groupId>dev.belfry</groupId><artifactId>belfry-(\\S+?)</artifactId>(.*)");

    /** They have no part that a program calls: versions, the kit for transports, and what brings others. */
    private static final Set<String> NOT_DRAWN = Set.of("bom", "conformance", "spring-boot-starter");

    @Test
    void shouldFindEachNameOfAPicture() throws IOException {
        List<Path> drawn = drawn();
        assertThat(drawn).hasSizeGreaterThan(4);
        for (Path picture : drawn)
            assertThat(notThere(Files.readString(picture))).as("%s", picture).isEmpty();
    }

    /** One that none shows grows stale, as nobody sees it. */
    @Test
    void shouldShowEachPictureOnAPage() throws IOException {
        Set<String> pictures = new TreeSet<>();
        try (Stream<Path> all = Files.list(ROOT.resolve("docs/img"))) {
            all.forEach(picture -> pictures.add(name(picture)));
        }
        Set<String> shown = new TreeSet<>();
        try (Stream<Path> pages =
                Stream.concat(Files.list(ROOT.resolve("docs")), Stream.of(ROOT.resolve("README.md")))) {
            for (Path page : pages.filter(file -> name(file).endsWith(".md")).toList())
                found(SHOWN, Files.readString(page)).forEach(m -> shown.add(m.group(1)));
        }
        assertThat(shown).isEqualTo(pictures);
    }

    @Test
    void shouldNoticeANameThatIsNotThere() throws IOException {
        String code = "<tspan font-family=\"monospace\">%s</tspan>";
        String picture =
                "<text x=\"1\">" + code.formatted("belfry keep") + " of a JVM, " + code.formatted("belfry retain")
                        + "</text><text>" + code.formatted("log.0000000004000000") + code.formatted("log.67108864")
                        + "</text><text>ShmPublisher, ShmPostman, TAKE, GRASP, dev.belfry.api, dev.belfry.ipa</text>"
                        + "<text>shm-transport, shm-transports</text>";
        assertThat(notThere(picture))
                .containsExactlyInAnyOrder(
                        "belfry retain", "log.67108864", "ShmPostman", "GRASP", "dev.belfry.ipa", "shm-transports");
    }

    @Test
    void shouldDrawEachModuleAndWhatItUses() throws IOException {
        String picture = Files.readString(ROOT.resolve("docs/img/modules.svg"));
        Set<String> modules = found(TITLE, picture).map(m -> m.group(1)).collect(Collectors.toCollection(TreeSet::new));
        Set<String> published = new TreeSet<>();
        try (Stream<Path> all = Files.list(ROOT)) {
            for (Path module :
                    all.filter(m -> Files.exists(m.resolve("pom.xml"))).toList())
                if (!NOT_DRAWN.contains(name(module)) && !pom(name(module)).contains("<belfry.unpublished>"))
                    published.add(name(module));
        }
        assertThat(modules).isEqualTo(published);
        Set<String> uses = new TreeSet<>();
        for (String module : modules)
            found(DEPENDENCY, pom(module))
                    .filter(m -> !m.group(1).equals("api") && !m.group(2).matches(".*<scope>(test|runtime)<.*"))
                    .forEach(m -> uses.add(arrow(module, m.group(1), m.group(2).contains("<optional>true<"))));
        assertThat(found(ARROW, picture)
                        .map(m -> arrow(m.group(1), m.group(2), m.group(3).contains("stroke-dasharray"))))
                .containsExactlyInAnyOrderElementsOf(uses);
    }

    private static String arrow(String from, String to, boolean isOptional) {
        return from + (isOptional ? " --> " : " -> ") + to;
    }

    private static List<String> notThere(String picture) throws IOException {
        String text = found(TEXT, picture).map(m -> m.group(1)).collect(Collectors.joining("\n"));
        String prose = MONOSPACE.matcher(text).replaceAll("");
        Set<String> inSources = wordsOfSources();
        String codeOfPages = codeOfPages();
        return Stream.of(
                        found(MONOSPACE, text)
                                .map(m -> m.group(1))
                                .filter(code ->
                                        !isCode(code.replaceFirst("^log\\.[0-9a-f]{16}$", "log.OFFSET"), codeOfPages)),
                        found(CLASS_OR_KIND, prose).map(MatchResult::group).filter(name -> !inSources.contains(name)),
                        found(PACKAGE, prose).map(MatchResult::group).filter(name -> !isPackage(name)),
                        found(MODULE, prose).map(MatchResult::group).filter(name -> !Files.exists(ROOT.resolve(name))))
                .flatMap(names -> names)
                .toList();
    }

    private static boolean isCode(String text, String codeOfPages) {
        return Pattern.compile("(?<![\\w.])" + Pattern.quote(text) + "(?![\\w.])")
                .matcher(codeOfPages)
                .find();
    }

    private static boolean isPackage(String name) {
        return Files.isDirectory(ROOT.resolve("api/src/main/java").resolve(name.replace('.', '/')));
    }

    private static List<Path> drawn() throws IOException {
        try (Stream<Path> all = Files.list(ROOT.resolve("docs/img"))) {
            return all.filter(file -> name(file).endsWith(".svg") && !name(file).startsWith("benchmark-"))
                    .toList();
        }
    }

    private static String codeOfPages() throws IOException {
        StringBuilder code = new StringBuilder();
        try (Stream<Path> all = Files.list(ROOT.resolve("docs"))) {
            for (Path page : all.filter(file -> name(file).endsWith(".md")).toList())
                found(CODE, Files.readString(page))
                        .forEach(m -> code.append(m.group(1)).append('\n'));
        }
        return code.toString();
    }

    private static Set<String> wordsOfSources() throws IOException {
        Set<String> words = new HashSet<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path main : modules.map(module -> module.resolve("src/main/java"))
                    .filter(Files::isDirectory)
                    .toList()) {
                try (Stream<Path> files = Files.walk(main)) {
                    for (Path file :
                            files.filter(f -> name(f).endsWith(".java")).toList())
                        found(WORD, Files.readString(file)).forEach(m -> words.add(m.group()));
                }
            }
        }
        return words;
    }

    private static Stream<MatchResult> found(Pattern pattern, String text) {
        return pattern.matcher(text).results();
    }

    private static String pom(String module) throws IOException {
        return Files.readString(ROOT.resolve(module).resolve("pom.xml"));
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }
}
