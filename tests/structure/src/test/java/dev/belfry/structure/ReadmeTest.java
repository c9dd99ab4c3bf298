package dev.belfry.structure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.Checkout;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.WaitsForOthers;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows compiles, runs, and prints what the README says. */
@WaitsForOthers
class ReadmeTest {
    private static final Pattern PROGRAM = Pattern.compile("(?s)```java\n// (\\w+)\\.java\n(.*?)```");
    private static final Pattern OUTPUT = Pattern.compile("(?s)`Watch` prints this[^`]*```text\n(.*?)```");

    private final String queue = "shm:prices-" + ProcessHandle.current().pid();

    @TempDir
    Path classes;

    @AfterEach
    void removeQueue() {
        MessageQueues.delete(queue);
    }

    @Test
    void shouldPrintWhatTheReadmeSaysWhenItsProgramsRun() throws Exception {
        String readme = Files.readString(Checkout.root().resolve("README.md"));
        Map<String, String> programs = new TreeMap<>();
        for (Matcher m = PROGRAM.matcher(readme); m.find(); )
            programs.put(m.group(1), m.group(2).replace("\"shm:prices\"", '"' + queue + '"'));
        assertThat(programs).containsOnlyKeys("Prices", "Watch");
        programs.values().forEach(program -> assertThat(program).contains(queue));
        compile(programs, classes);
        Matcher output = OUTPUT.matcher(readme);
        assertThat(output.find()).as("the output of Watch").isTrue();

        try (ChildJvm watch = JavaCommand.of("Watch").inFront(classes).start();
                ChildJvm prices = JavaCommand.of("Prices").inFront(classes).start()) {
            prices.awaitEnd();
            assertThat(prices.output()).isEmpty();
            watch.awaitEnd();
            assertThat(watch.output().lines())
                    .containsExactlyElementsOf(output.group(1).lines().toList());
        }
    }

    /** Class name to source. */
    static void compile(Map<String, String> programs, Path classes) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<JavaFileObject> sources = new ArrayList<>();
        programs.forEach((name, text) -> sources.add(
                new SimpleJavaFileObject(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return text;
                    }
                }));
        StringWriter complaints = new StringWriter();
        List<String> options =
                List.of("-d", classes.toString(), "-Xlint:all", "-classpath", System.getProperty("java.class.path"));
        boolean compiles =
                compiler.getTask(complaints, null, null, options, null, sources).call();
        assertThat(compiles).as(complaints.toString()).isTrue();
    }
}
