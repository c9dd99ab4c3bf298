package dev.belfry.testing;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Names a test's directories by its class. The live part of a file: queue tells its directory, but not its test: so the
 * gate can say who has left it in /dev/shm.
 */
public final class NamedDirectories implements TempDirFactory {
    private static final int NUMBERS = 1_000_000; // few digits: columns show so much of a name
    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** For the JUnit platform. */
    public NamedDirectories() {}

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) throws IOException {
        Class<?> type = test.getRequiredTestClass();
        while (type.getEnclosingClass() != null) type = type.getEnclosingClass();
        Path parent = Path.of(System.getProperty("java.io.tmpdir"));
        while (true) {
            int number = ThreadLocalRandom.current().nextInt(NUMBERS);
            try {
                return Files.createDirectory(parent.resolve(type.getSimpleName() + "-" + number), PRIVATE);
            } catch (FileAlreadyExistsException taken) {
                // the next one may be free
            }
        }
    }
}
