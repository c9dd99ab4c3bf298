package dev.belfry.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.testing.Checkout;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * The jars of 0.1.0. They are compiled from {@code git archive} of the commit that tests/compat/released names, with
 * the libraries on this class path, once on each machine: they stay in the user's cache, by the commit's hash and the
 * libraries' names, or in target where there is no cache. Those that nobody has used for a day go when others come.
 */
final class Released {
    /** Each needs only those before it. */
    private static final List<String> MODULES = List.of(
            "api",
            "conformance",
            "shm-transport",
            "mem-transport",
            "file-transport",
            "bridge",
            "jakarta-messaging",
            "jackson",
            "chronicle",
            "micrometer",
            "opentelemetry",
            "spring-boot");

    /** To be raised when what is done here is changed: what others have made stays in caches. */
    private static final int RECIPE = 2;

    private static final String NEW = "new-";
    private static final String LOST = "NOT COMPARED WITH 0.1.0: ";
    private static List<Path> jars;

    private Released() {}

    static synchronized List<Path> jars() throws IOException {
        if (jars != null) return jars;
        String commit = commit();
        List<String> libraries = Release.libraries().stream()
                .map(each -> each.getFileName().toString())
                .sorted()
                .toList();
        String key = commit + "-" + RECIPE + "-" + Integer.toHexString(libraries.hashCode());
        Path directory = cache().resolve(key);
        if (!Files.exists(directory) && !mayWrite(directory.getParent()))
            directory = Checkout.root().resolve("tests/compat/target/released").resolve(key);
        if (!Files.exists(directory)) {
            requireCommit();
            build(commit, directory);
            clearUp(directory);
        }
        noteUse(directory);
        Path there = directory;
        jars = MODULES.stream().map(module -> there.resolve(module + ".jar")).toList();
        return jars;
    }

    private static void noteUse(Path directory) {
        try {
            Files.setLastModifiedTime(directory, FileTime.from(Instant.now()));
        } catch (IOException readOnly) {
            // then nobody clears up there, either
        }
    }

    /** A user without a home has "?" or "/nonexistent"; a container's may be read-only. */
    private static boolean mayWrite(Path directory) {
        try {
            return directory.isAbsolute() && Files.isWritable(Files.createDirectories(directory));
        } catch (IOException readOnly) {
            return false;
        }
    }

    /** Other clones may use jars of other commits now, and JVMs that were killed have left what they were building. */
    private static void clearUp(Path used) throws IOException {
        try (Stream<Path> all = Files.list(used.getParent())) {
            for (Path each : all.filter(one -> !one.equals(used)).toList()) {
                Duration limit =
                        each.getFileName().toString().startsWith(NEW) ? Duration.ofHours(1) : Duration.ofDays(1);
                FileTime before = FileTime.from(Instant.now().minus(limit));
                try {
                    if (Files.getLastModifiedTime(each).compareTo(before) < 0) delete(each);
                } catch (NoSuchFileException | UncheckedIOException | DirectoryNotEmptyException e) {
                    // another JVM clears up, too
                }
            }
        }
    }

    /** The last line of the file. */
    static String commit() throws IOException {
        List<String> lines = Files.readAllLines(Checkout.root().resolve("tests/compat/released"));
        return lines.get(lines.size() - 1);
    }

    private static Path cache() {
        String given = System.getenv("XDG_CACHE_HOME");
        Path caches =
                given == null || given.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(given);
        return caches.resolve("belfry/compat");
    }

    /** Skips the test where the clone cannot have it, and says so: {@code .ci/run} repeats that at its end. */
    static void requireCommit() throws IOException {
        String why = whyLacking(Checkout.root(), commit()).orElse("");
        if (!why.isEmpty()) System.out.println(LOST + why);
        assumeTrue(why.isEmpty(), why);
    }

    /**
     * Why a clone cannot have a commit. In one that has all commits its absence is an error. Where git refuses to read
     * the clone, the gate is red: MUST_RUN of .ci/Reports.java knows the words.
     */
    static Optional<String> whyLacking(Path root, String commit) throws IOException {
        Path clone = root.resolve(".git");
        Said shallow = Files.exists(clone) ? git(root, "rev-parse", "--is-shallow-repository") : Said.NO_GIT;
        boolean isWhole = shallow.isDone && shallow.text.endsWith("false");
        // A clone may have commits that no other one gets.
        if (isWhole && !git(root, "merge-base", "--is-ancestor", commit, "HEAD").isDone)
            throw new AssertionError(
                    "tests/compat/released names commit " + commit + ", which is not in the history of HEAD."
                            + " If several commits came in as one, name that one: its sources are those of 0.1.0");
        if (isWhole || shallow.isDone && git(root, "cat-file", "-e", commit + "^{commit}").isDone)
            return Optional.empty();
        if (shallow == Said.NO_GIT) return Optional.of("needs a clone and git, to build the jars of commit " + commit);
        if (shallow.isDone || Files.exists(clone.resolve("shallow")))
            return Optional.of("needs commit " + commit + ", and this clone is shallow: git fetch --unshallow");
        return Optional.of("needs git to read this clone, which it refuses: " + shallow.text.replaceAll("\\s+", " "));
    }

    /** What git has printed, and whether it has done what it was to do. */
    record Said(boolean isDone, String text) {
        /** The program is not there. */
        static final Said NO_GIT = new Said(false, "");
    }

    static Said git(Path root, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("git", "-C", root.toString()));
        command.addAll(List.of(words));
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException noGit) {
            return Said.NO_GIT;
        }
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Said(process.waitFor() == 0, output.strip());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Elsewhere first: other JVMs may do the same now. */
    private static void build(String commit, Path directory) throws IOException {
        Files.createDirectories(directory.getParent());
        Path work = Files.createTempDirectory(directory.getParent(), NEW);
        try {
            unpack(commit, work.resolve("sources"));
            Path made = Files.createDirectory(work.resolve("jars"));
            List<Path> before = new ArrayList<>();
            for (String module : MODULES) {
                Path main = work.resolve("sources").resolve(module).resolve("src/main");
                Path classes = compile(main.resolve("java"), Release.path(before, Release.libraries()), work);
                Path jar = made.resolve(module + ".jar");
                pack(List.of(classes, main.resolve("resources")), jar);
                before.add(jar);
            }
            try {
                Files.move(made, directory, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                if (!Files.exists(directory)) throw e; // else another JVM was faster
            }
        } finally {
            delete(work);
        }
    }

    private static void unpack(String commit, Path into) throws IOException {
        List<String> words = new ArrayList<>(List.of("archive", "--format=zip", "--output", into + ".zip", commit));
        for (String module : MODULES) words.add(module + "/src/main");
        Said said = git(Checkout.root(), words.toArray(String[]::new));
        assertThat(said.isDone).as("git %s: %s", words, said.text).isTrue();
        try (InputStream in = Files.newInputStream(Path.of(into + ".zip"));
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry; (entry = zip.getNextEntry()) != null; ) {
                Path file = into.resolve(entry.getName());
                if (entry.isDirectory()) continue;
                Files.createDirectories(file.getParent());
                Files.copy(zip, file);
            }
        }
    }

    /** All below {@code sources} but descriptors, to a directory of its own below {@code work}. */
    static Path compile(Path sources, String classPath, Path work) throws IOException {
        Path classes = Files.createTempDirectory(work, "classes-");
        List<String> command =
                new ArrayList<>(List.of("--release", "17", "-proc:none", "-nowarn", "-g", "-parameters"));
        command.addAll(List.of("-encoding", "UTF-8", "-d", classes.toString(), "-cp", classPath));
        for (Path source : files(sources))
            if (source.toString().endsWith(".java") && !source.endsWith("module-info.java"))
                command.add(source.toString());
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int result = compiler.run(null, said, said, command.toArray(String[]::new));
        assertThat(result).as("%s: %s", sources, said).isZero();
        return classes;
    }

    /** Puts these folders and jars, but no descriptor, into one jar. Of two files of one name the first counts. */
    static void pack(List<Path> entries, Path jar) throws IOException {
        Set<String> names = new HashSet<>();
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Path entry : entries) {
                if (Files.isDirectory(entry)) add(entry, names, zip);
                if (!Files.isRegularFile(entry)) continue;
                try (FileSystem inside = FileSystems.newFileSystem(entry)) {
                    add(inside.getPath("/"), names, zip);
                }
            }
        }
    }

    private static void add(Path directory, Set<String> names, ZipOutputStream zip) throws IOException {
        for (Path file : files(directory)) {
            String name = directory.relativize(file).toString();
            if (name.endsWith("module-info.class") || !names.add(name)) continue;
            zip.putNextEntry(new ZipEntry(name));
            Files.copy(file, zip);
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(each);
        }
    }

    static String joined(Collection<Path> entries) {
        return entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }
}
