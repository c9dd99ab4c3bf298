package dev.belfry.tests;

import dev.belfry.testing.JavaCommand;
import java.util.List;
import java.util.stream.Stream;

/** The work of a child JVM; it needs a constructor without arguments. */
@FunctionalInterface
interface Role {
    /** Flags of children that move millions of messages. */
    List<String> HOT = List.of("-Xmx128m", "-XX:+UseSerialGC");

    void play(Line line, String... args) throws Exception;

    /** A child that plays this role. */
    static JavaCommand command(Class<? extends Role> role, String... args) {
        String[] all = Stream.concat(Stream.of(role.getName()), Stream.of(args)).toArray(String[]::new);
        return JavaCommand.of(Line.class, all).title(role.getSimpleName());
    }
}
