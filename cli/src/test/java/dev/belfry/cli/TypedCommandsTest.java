package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.OneJdk;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;

/**
 * Each command {@code belfry} that a text of the product, a page, an alert or the dashboard tells people to type has a
 * name, options and arguments that exist. What they do is for RemedyTest. And the page of the command has the help of
 * each, as it is printed.
 */
@Timeout(60)
@OneJdk
class TypedCommandsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern CONTINUED = Pattern.compile("\"\\s*\\+\\s*\"");
    private static final Pattern VARIABLE = Pattern.compile("\"\\s*\\+[^\"]*?\\+\\s*\"");
    private static final Pattern IN_QUOTES = Pattern.compile("'(belfry [a-z][^'\\n]*)'");
    private static final Pattern IN_BACKTICKS = Pattern.compile("`(?:\\./)?(belfry [a-z][^`\\n]*)`");
    private static final Pattern ON_A_LINE = Pattern.compile("(?m)^\\s*(?:\\$ )?(?:\\./)?(belfry [a-z-]++(?! {2}).*)$");
    private static final Pattern WORD = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"|'([^']*)'|(\\S+)");

    private static final String GENERATED = "<!-- generated -->\n";

    private static final CommandLine LINE = line();

    @Test
    void shouldBeUnderstoodInEachTextOfTheProduct() throws IOException {
        List<String> all = new ArrayList<>();
        for (Path file : files("java"))
            if (file.toString().contains("/src/main/")) {
                String text = CONTINUED.matcher(Files.readString(file)).replaceAll("");
                text = VARIABLE.matcher(text).replaceAll("X").replace("\\\"", "\"");
                for (Matcher m = IN_QUOTES.matcher(text); m.find(); ) all.add(m.group(1));
            }
        assertThat(all).hasSizeGreaterThan(60);
        assertUnderstood(all);
    }

    @Test
    void shouldBeUnderstoodOnEachPageAndInEachAlert() throws Exception {
        List<String> all = new ArrayList<>();
        for (Path file : files("md")) {
            String text = Files.readString(file);
            for (Matcher m = IN_BACKTICKS.matcher(text); m.find(); ) all.add(m.group(1));
            for (Matcher m = ON_A_LINE.matcher(text); m.find(); ) all.add(m.group(1));
        }
        assertThat(all).hasSizeGreaterThan(50);
        int before = all.size();
        for (String name : List.of("alerts.yml", "dashboard.json"))
            for (Matcher m = Pattern.compile("\"(belfry [a-z][^\"]*)\"")
                            .matcher(Files.readString(ROOT.resolve("docs/prometheus/" + name)));
                    m.find(); ) all.add(m.group(1).replaceAll("\\{\\{[^}]*}}", "X"));
        assertThat(all).hasSizeGreaterThan(before);
        assertUnderstood(all);
    }

    /** The help is written once, beside the code. After a change of it copy the page from target. */
    @Test
    void shouldStandOnTheirPageWithTheirHelp() throws IOException {
        StringBuilder helps = new StringBuilder();
        LINE.setUsageHelpWidth(100);
        LINE.getSubcommands().values().forEach(command -> addHelp(command, helps));
        Path file = ROOT.resolve("docs/commands.md");
        String page = Files.readString(file);
        int generated = page.indexOf(GENERATED) + GENERATED.length();
        String now = page.substring(0, generated) + helps;
        Files.writeString(ROOT.resolve("cli/target/commands.md"), now);
        assertThat(page.lines())
                .as("copy cli/target/commands.md")
                .containsExactlyElementsOf(now.lines().toList());
    }

    private static void addHelp(CommandLine command, StringBuilder helps) {
        String help = command.getUsageMessage(Ansi.OFF).replaceAll("(?m) +$", "");
        String name = command.getCommandSpec().qualifiedName();
        helps.append("\n### ").append(name).append("\n\n```text\n").append(help).append("```\n");
        command.getSubcommands().values().forEach(each -> addHelp(each, helps));
    }

    private static List<Path> files(String type) throws IOException {
        try (Stream<Path> all = Files.walk(ROOT)) {
            return all.filter(file -> file.toString().endsWith("." + type))
                    .filter(file -> !file.toString().matches(".*/(target|CHANGELOG.md|\\.git)(/.*)?"))
                    .toList();
        }
    }

    private static void assertUnderstood(List<String> commands) {
        List<String> wrong = new ArrayList<>();
        for (String command : commands) {
            String reason = refused(command);
            if (reason != null) wrong.add(command + ": " + reason);
        }
        assertThat(wrong).isEmpty();
    }

    /** Null: it is understood. Of a pipe, the part before it; without what follows a comment sign or two spaces. */
    private static String refused(String command) {
        List<String> words = new ArrayList<>();
        for (Matcher m = WORD.matcher(command.replaceFirst(" {2}.*", "")); m.find(); ) {
            String word = m.group();
            if (word.matches("[|>#;&].*") || word.equals("…")) break;
            words.add(m.group(1) != null ? m.group(1) : m.group(2) != null ? m.group(2) : word);
        }
        words.remove(0);
        try {
            LINE.parseArgs(words.toArray(String[]::new));
            return null;
        } catch (MissingParameterException mentioned) { // such as "belfry tail": the command itself is meant
            return words.size() < 3 ? null : mentioned.getMessage();
        } catch (ParameterException misused) {
            return misused.getMessage();
        }
    }

    private static CommandLine line() {
        try {
            Method commandLine = Belfry.class.getDeclaredMethod("commandLine", OutputStream.class);
            commandLine.setAccessible(true);
            return (CommandLine) commandLine.invoke(null, OutputStream.nullOutputStream());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
