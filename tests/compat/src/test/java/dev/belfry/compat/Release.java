package dev.belfry.compat;

import dev.belfry.testing.Checkout;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A release whose jars a JVM has on its class path. The workers there are always those compiled for 0.1.0. */
enum Release {
    RELEASED,
    TODAY;

    private static Path workers; // compiled; stays in target

    Release other() {
        return this == RELEASED ? TODAY : RELEASED;
    }

    /** What is Belfry's here, as jars or as folders of classes, without the kit. */
    List<Path> product() throws IOException {
        return published().stream().filter(entry -> !isKit(entry)).toList();
    }

    /** The same with the kit. */
    List<Path> published() throws IOException {
        if (this == RELEASED) return Released.jars();
        return entries().stream()
                .filter(entry -> isOurs(entry) && !entry.endsWith("test-classes"))
                .toList();
    }

    /** A class of the package worker. {@code planted}: classes that come before today's; null: none. */
    JavaCommand command(Path planted, String worker, String... arguments) throws IOException {
        List<Path> all = new ArrayList<>(List.of(workers()));
        if (planted != null && this == TODAY) all.add(planted);
        all.addAll(product());
        return JavaCommand.of("dev.belfry.compat.worker." + worker, arguments)
                .classPath(path(all, libraries()))
                .flags(JavaCommand.QUICK)
                .flags(JavaCommand.QUIET)
                .title(worker + " of " + this);
    }

    private static synchronized Path workers() throws IOException {
        if (workers != null) return workers;
        Path sources = Checkout.root().resolve("tests/compat/src/test/java/dev/belfry/compat/worker");
        Path work = Files.createDirectories(Checkout.root().resolve("tests/compat/target"));
        workers = Released.compile(sources, path(RELEASED.product(), libraries()), work);
        return workers;
    }

    /** All on the class path that is not Belfry's. */
    static List<Path> libraries() {
        return entries().stream().filter(entry -> !isOurs(entry)).toList();
    }

    static String path(List<Path> first, List<Path> second) {
        List<Path> all = new ArrayList<>(first);
        all.addAll(second);
        return Released.joined(all);
    }

    private static List<Path> entries() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(Files::exists)
                .toList();
    }

    /** A jar by its name, wherever Maven has it; a folder by its place. */
    private static boolean isOurs(Path entry) {
        if (Files.isDirectory(entry)) return entry.toAbsolutePath().startsWith(Checkout.root());
        return entry.getFileName().toString().startsWith("belfry-");
    }

    private static boolean isKit(Path entry) {
        return entry.toAbsolutePath().startsWith(Checkout.root().resolve("conformance"))
                || entry.getFileName().toString().matches("(belfry-)?conformance(-.*)?\\.jar");
    }

    /** Fails if it has ended. */
    static void requireAlive(ChildJvm jvm) {
        if (!jvm.isAlive()) throw new AssertionError("It has ended by itself" + jvm.report());
    }
}
