package dev.belfry.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a process has of the machine, as /proc tells: to see whether it grows. {@code ours}:
 * descriptors and maps of something in /dev/shm.
 */
record Footprint(int descriptors, int maps, int threads, long residentKiB, List<String> ours) {
    private static final String SHM = "/dev/shm/";

    static Footprint of(long pid) {
        Path process = Path.of("/proc", Long.toString(pid));
        List<String> ours = new ArrayList<>();
        try {
            List<String> maps = Files.readAllLines(process.resolve("maps"));
            maps.stream().filter(map -> map.contains(SHM)).forEach(ours::add);
            int descriptors = 0;
            try (var all = Files.newDirectoryStream(process.resolve("fd"))) {
                for (Path descriptor : all) {
                    descriptors++;
                    if (target(descriptor).contains(SHM)) ours.add(descriptor + " -> " + target(descriptor));
                }
            }
            List<String> status = Files.readAllLines(process.resolve("status"));
            return new Footprint(
                    descriptors, maps.size(), (int) field(status, "Threads:"), field(status, "VmRSS:"), ours);
        } catch (IOException e) {
            throw new AssertionError("Process " + pid + " is gone", e);
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    private static long field(List<String> status, String name) {
        return status.stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public String toString() {
        return descriptors + " descriptors, " + maps + " maps, " + threads + " threads, " + residentKiB / 1024
                + " MiB resident";
    }
}
