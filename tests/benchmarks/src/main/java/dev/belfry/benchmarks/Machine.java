package dev.belfry.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Where and of what a run is: its first line. */
final class Machine {
    private Machine() {}

    static Map<String, String> run(Mode mode) throws IOException {
        Map<String, String> run = new LinkedHashMap<>();
        run.put("date", LocalDateTime.now().truncatedTo(ChronoUnit.MINUTES).toString());
        run.put("mode", mode.name().toLowerCase());
        run.put("jdk", System.getProperty("java.vm.name") + " " + Runtime.version());
        run.put("collector", Jvm.COLLECTOR);
        run.put("cpu", processor());
        run.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        run.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        run.put("commit", System.getProperty("belfry.commit", "unknown"));
        run.put("command", System.getProperty("belfry.command", "unknown"));
        return run;
    }

    private static String processor() throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
    }

    static String json(Map<String, String> run) {
        return run.entrySet().stream()
                .map(e -> "\"" + e.getKey() + "\":\"" + e.getValue().replaceAll("[\"\\\\]", "'") + "\"")
                .collect(Collectors.joining(",", "{", "}"));
    }
}
