package dev.belfry.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A resource in C, compiled here and now; gone when this JVM ends. */
final class CProgram {
    private CProgram() {}

    static Optional<Path> compiler() {
        return Stream.of("gcc", "cc", "clang")
                .flatMap(name -> Stream.of(System.getenv("PATH").split(":")).map(directory -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The path of the program whose source is the resource {@code NAME.c}. */
    static String compiled(String name) {
        String compiler = compiler()
                .orElseThrow(() -> new IllegalStateException("no C compiler on the PATH"))
                .toString();
        try (InputStream source = CProgram.class.getResourceAsStream(name + ".c")) {
            Path directory = Files.createTempDirectory("belfry-" + name);
            Path code = directory.resolve(name + ".c");
            Path program = directory.resolve(name);
            for (Path path : List.of(directory, code, program)) path.toFile().deleteOnExit(); // the last one first
            Files.copy(source, code);
            int status = new ProcessBuilder(
                            compiler, "-O2", "-pthread", code.toString(), "-o", program.toString(), "-lrt")
                    .inheritIO()
                    .start()
                    .waitFor();
            if (status != 0) throw new IllegalStateException(compiler + " failed: " + status);
            return program.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
