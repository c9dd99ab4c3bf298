package dev.belfry.testing;

import java.nio.file.Files;
import java.nio.file.Path;

/** The clone of the project in which a test runs: its sources and its pages. */
public final class Checkout {
    private Checkout() {}

    /** The directory of README.md. */
    public static Path root() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve(".mvn"))) directory = directory.getParent();
        return directory;
    }
}
