package dev.belfry.examples;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs in JVMs of their own, started as this one was, on the same terminal; none of them outlives its example. */
final class Jvms implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 300;

    private final List<Process> all = new ArrayList<>();

    Process start(Class<?> program, String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(Arrays.asList(args));
        Process jvm = new ProcessBuilder(command).inheritIO().start();
        all.add(jvm);
        return jvm;
    }

    /** Waits until all have ended, and ended well. */
    void join() throws InterruptedException {
        for (Process jvm : all) join(jvm);
    }

    static void join(Process jvm) throws InterruptedException {
        if (!jvm.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || jvm.exitValue() != 0)
            throw new IllegalStateException("A JVM failed or hangs: " + jvm.info());
    }

    /** SIGKILL. Returns when the process is dead. */
    static void kill(Process jvm) {
        jvm.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        all.forEach(Jvms::kill);
    }
}
