package dev.belfry.shm.posix;

import dev.belfry.testing.JavaCommand;

/** JVMs of their own, for what may end a JVM. */
public final class Isolated {
    private Isolated() {}

    public static JavaCommand command(Class<?> main, String... arguments) {
        return JavaCommand.of(main, arguments).flags(JavaCommand.MAY_CRASH).flags(JavaCommand.QUIET);
    }
}
