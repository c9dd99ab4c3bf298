package dev.belfry.consumer;

import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A local repository with what this clone installs. All else in it are links into the machine's
 * own, which gets nothing of Belfry and keeps what Maven fetches.
 */
final class Installed {
    static final Path ROOT = root();

    /** How JVMs of seconds compile. */
    static final String QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

    static final String UNREACHED = "needs what Maven fetches at the first run, and cannot reach it";

    private static final Pattern MANAGED = Pattern.compile("<artifactId>belfry-(\\S+)</artifactId><version>");
    private static final Pattern UNREACHABLE =
            Pattern.compile("Could not transfer (artifact|metadata) (?!dev\\.belfry)");

    private final Path machines = Path.of(System.getProperty("belfry.repository"));
    private final Path repository;
    private final Path projects;

    private Path settings; // or null

    private Installed(Path folder) {
        repository = folder.resolve("repository");
        projects = folder.resolve("projects");
    }

    /** Installs what the BOM names, and the BOM. A copy of the clone does, so that no other build is disturbed. */
    static Installed in(Path folder) throws IOException {
        Installed installed = linked(folder);
        installed.build(folder.resolve("clone"), "install", "-am");
        return installed;
    }

    /**
     * What a release would publish, deployed into a folder: a repository. It is not signed, and without the parent,
     * which is not published either.
     */
    static Path released(Path folder) throws IOException {
        Path released = folder.resolve("released");
        linked(folder)
                .build(
                        folder.resolve("clone"),
                        "verify",
                        "org.apache.maven.plugins:maven-deploy-plugin:3.2.0:deploy",
                        "-am",
                        "-Prelease",
                        "-DaltDeploymentRepository=released::" + released.toUri());
        delete(released.resolve("dev/belfry/belfry-parent"));
        return released;
    }

    /** An empty local repository; what is in this one, and what the machine has, is found as in public ones. */
    static Installed from(Path published, Path folder) throws IOException {
        Installed empty = new Installed(folder);
        empty.settings = Settings.finding(folder, published, empty.machines);
        return empty;
    }

    private static Installed linked(Path folder) throws IOException {
        assumeTrue(System.getProperty("belfry.maven") != null, "needs to be run by Maven");
        Installed installed = new Installed(folder);
        installed.link();
        return installed;
    }

    private void build(Path clone, String phase, String... more) throws IOException {
        copy(ROOT, clone, Set.of(".git", "docs", "target", "test"));
        String modules = MANAGED.matcher(Files.readString(ROOT.resolve("bom/pom.xml")))
                .results()
                .map(module -> module.group(1))
                .collect(Collectors.joining(",", "", ",bom"));
        List<String> words =
                new ArrayList<>(List.of(phase, "-Dmaven.test.skip", "-Dspotless.check.skip", "-pl", modules));
        words.addAll(List.of(more));
        maven(clone, words.toArray(String[]::new));
    }

    /** A file of it. */
    Path artifact(String name, String end) {
        String version = System.getProperty("belfry.version");
        return repository.resolve("dev/belfry/" + name + "/" + version + "/" + name + "-" + version + end);
    }

    /** A copy of the project in this folder. */
    Project project(Path folder) throws IOException {
        Path copy = projects.resolve(folder.getFileName());
        copy(folder.toAbsolutePath(), copy, Set.of("target"));
        Files.createDirectory(copy.resolve(".mvn"));
        Files.writeString(copy.resolve(".mvn/jvm.config"), QUICK);
        return new Project(this, copy);
    }

    void maven(Path directory, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("belfry.maven") + "/bin/mvn");
        command.addAll(List.of("-B", "--no-transfer-progress", "-Dmaven.repo.local=" + repository));
        command.add("-Dbelfry.version=" + System.getProperty("belfry.version"));
        command.add("-DargLine=" + QUICK);
        if (settings != null) command.addAll(List.of("-s", settings.toString()));
        command.addAll(List.of(arguments));
        try (ChildJvm maven = ChildJvm.startMerged("mvn in " + directory.getFileName(), directory, command)) {
            try {
                maven.awaitEnd(Duration.ofMinutes(15));
            } catch (AssertionError e) {
                assumeFalse(isUnreachable(maven.output()), UNREACHED);
                throw e;
            }
        }
    }

    static boolean isUnreachable(String said) {
        return UNREACHABLE.matcher(said).find();
    }

    /** Groups of artifacts of which the machine had none: they were fetched to where only links are. */
    void keepWhatWasFetched() throws IOException {
        for (Path group : list(repository))
            if (!Files.isSymbolicLink(group) && !group.endsWith("dev"))
                copy(group, machines.resolve(group.getFileName()), Set.of());
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        }
    }

    private void link() throws IOException {
        Files.createDirectories(repository.resolve("dev/belfry"));
        linkAll(machines, repository, "dev");
        linkAll(machines.resolve("dev"), repository.resolve("dev"), "belfry");
    }

    private static void linkAll(Path from, Path to, String except) throws IOException {
        for (Path one : list(from))
            if (!one.endsWith(except)) Files.createSymbolicLink(to.resolve(one.getFileName()), one);
    }

    private static List<Path> list(Path directory) throws IOException {
        if (!Files.exists(directory)) return List.of();
        try (Stream<Path> all = Files.list(directory)) {
            return all.toList();
        }
    }

    /** Without the directories of these names. */
    static void copy(Path from, Path to, Set<String> except) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                if (except.contains(directory.getFileName().toString())) return FileVisitResult.SKIP_SUBTREE;
                Files.createDirectories(to.resolve(from.relativize(directory)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                // Another build of this machine may have fetched the same just now.
                Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.REPLACE_EXISTING);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static Path root() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("docs"))) directory = directory.getParent();
        return directory;
    }
}
