package dev.belfry.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Names a test's directories by its class. The live part of a file: queue tells its directory, but not its test: so the
 * gate can say who has left it in /dev/shm.
 */
public final class NamedDirectories implements TempDirFactory {
    /** For the JUnit platform. */
    public NamedDirectories() {}

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) throws IOException {
        Class<?> type = test.getRequiredTestClass();
        while (type.getEnclosingClass() != null) type = type.getEnclosingClass();
        return Files.createTempDirectory(type.getSimpleName() + "-");
    }
}
