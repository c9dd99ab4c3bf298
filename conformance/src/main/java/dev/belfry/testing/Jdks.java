package dev.belfry.testing;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

public final class Jdks {
    private static final Path DIRECTORY = Path.of("/usr/lib/jvm");

    private Jdks() {}

    /** bin/java of a JDK of this version: this one's if it has it; null if there is none. */
    public static Path java(int version) {
        List<Path> homes = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"))));
        if (Files.isDirectory(DIRECTORY)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(DIRECTORY)) {
                all.forEach(homes::add);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        return homes.stream()
                .filter(home -> isVersion(home, version))
                .map(home -> home.resolve("bin/java"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    private static boolean isVersion(Path home, int version) {
        try {
            return Files.readAllLines(home.resolve("release")).stream()
                    .anyMatch(line -> line.matches("JAVA_VERSION=\"" + version + "[\".].*"));
        } catch (IOException notAJdk) {
            return false;
        }
    }
}
