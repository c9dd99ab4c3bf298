package dev.belfry.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A /dev/shm of its own, in a mount namespace that lives as long as the first process in it; everything here runs inside. */
final class Sandbox implements AutoCloseable {
    static final long PATIENCE_SECONDS = 60;
    static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    /** How a command ended. */
    record Result(int code, String out, String err) {
        /** Parsed. */
        Object json() {
            return JsonText.parse(out);
        }
    }

    private final Process first;
    private final List<Process> started = new ArrayList<>();

    Sandbox() {
        this("size=256m");
    }

    /** {@code options} of the mount. Without privileges a user namespace gives them; where that is forbidden the test is skipped. */
    Sandbox(String options) {
        try {
            first = new ProcessBuilder(
                            "unshare",
                            ROOT ? "-m" : "-Urm",
                            "sh",
                            "-c",
                            "mount -t tmpfs -o " + options + " none /dev/shm && echo ready && exec sleep 1000")
                    .redirectErrorStream(true)
                    .start();
            String said = first.inputReader(StandardCharsets.UTF_8).readLine();
            assumeTrue("ready".equals(said), "no mount namespace here: " + said);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Of a file in its /dev/shm, as seen from here. */
    Path file(String name) {
        return Path.of("/proc", Long.toString(first.pid()), "root/dev/shm", name);
    }

    List<String> files() {
        String[] names = file("").toFile().list();
        return names == null ? List.of() : List.of(names).stream().sorted().toList();
    }

    List<String> inside(List<String> command) {
        List<String> all = new ArrayList<>(List.of("nsenter", "-t", Long.toString(first.pid()), "-m"));
        if (!ROOT) all.addAll(List.of("-U", "--preserve-credentials"));
        all.addAll(command);
        return all;
    }

    static List<String> java(Class<?> main, String... args) {
        List<String> all = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx96m",
                "-XX:+IgnoreUnrecognizedVMOptions", // what follows keeps JDKs from 24 on from warning on stderr
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        all.addAll(List.of(args));
        return all;
    }

    /** {@code belfry ARGS}, to its end. */
    Result belfry(String... args) {
        return finish(startBelfry(args), "");
    }

    Result belfryWithInput(String input, String... args) {
        return finish(startBelfry(args), input);
    }

    Process startBelfry(String... args) {
        return start(java(Belfry.class, args));
    }

    Process start(List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(inside(command));
            builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "NO_COLOR"));
            Process process = builder.start();
            synchronized (started) {
                started.add(process);
            }
            return process;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static Result finish(Process process, String input) {
        try {
            CompletableFuture<String> out = CompletableFuture.supplyAsync(() -> text(process.getInputStream()));
            CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
            try (var in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException endedAlready) {
                if (!input.isEmpty()) throw endedAlready;
            }
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) throw new AssertionError("it does not end");
            return new Result(process.exitValue(), out.get(), err.get());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static String text(InputStream in) {
        try {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(cut off: " + e + ")";
        }
    }

    /** An {@link Actor}, when it has said "ready". */
    Process actor(String... args) {
        Process process = start(java(Actor.class, args));
        expect(process, "ready");
        return process;
    }

    static void expect(Process process, String line) {
        try {
            String said = process.inputReader(StandardCharsets.UTF_8).readLine();
            if (!line.equals(said))
                throw new AssertionError("expected '" + line + "', it said: " + said + "\n"
                        + (process.isAlive() ? "" : text(process.getErrorStream())));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** SIGKILL: nsenter has become the command itself. */
    static void kill(Process process) {
        try {
            process.destroyForcibly().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static void until(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline)
                throw new AssertionError("not within " + PATIENCE_SECONDS + " s: " + what);
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    byte[] bytes(String queue) {
        try {
            return Files.readAllBytes(file("belfry." + queue));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until some subscription of the queue exists. */
    void awaitSubscribers(String queue, int number) {
        until(number + " subscriber(s)", () -> {
            Result info = belfry("info", queue, "--json");
            return info.code() == 0 && subscribers(info).size() == number;
        });
    }

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> subscribers(Result info) {
        return (List<Map<String, Object>>)
                ((Map<String, Object>) ((Map<String, Object>) info.json()).get("stats")).get("subscribers");
    }

    @Override
    public void close() {
        synchronized (started) {
            started.forEach(Sandbox::kill);
        }
        kill(first); // the tmpfs goes with the last process in it
    }
}
