package dev.belfry.jakarta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.OneJdk;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of docs/jakarta.md compile, run, and print what the page says. */
@OneJdk
class JakartaPageTest {
    private static final Pattern PROGRAM = Pattern.compile("(?s)```java\n// (\\w+)\\.java\n(.*?)```");
    private static final Pattern OUTPUT = Pattern.compile("(?s)It prints:\n\n```text\n(.*?)```");

    @TempDir
    Path classes;

    @AfterEach
    void delete() {
        MessageQueues.delete("mem:shop");
    }

    @Test
    void shouldPrintWhatThePageSays() throws Exception {
        String page = Files.readString(Path.of("../docs/jakarta.md"));
        Matcher program = PROGRAM.matcher(page);
        Matcher output = OUTPUT.matcher(page);
        int programs = 0;
        for (; program.find(); programs++) {
            assertThat(output.find(program.end())).as(program.group(1)).isTrue();
            assertThat(printed(compiled(program.group(1), program.group(2)))).isEqualTo(output.group(1));
        }
        assertThat(programs).isEqualTo(2);
    }

    private String compiled(String name, String text) throws Exception {
        Path source = Files.writeString(classes.resolve(name + ".java"), text);
        int result = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(
                        System.out,
                        System.err,
                        "-Xlint:all",
                        "-d",
                        classes.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        source.toString());
        assertThat(result).isZero();
        return name;
    }

    private String printed(String program) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        try (URLClassLoader loader = new URLClassLoader(
                        new URL[] {classes.toUri().toURL()}, getClass().getClassLoader());
                PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            System.setOut(out);
            loader.loadClass(program).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
