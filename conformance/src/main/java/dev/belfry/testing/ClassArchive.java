package dev.belfry.testing;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.belfry.spi.MessageQueueProvider;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The classes of this JVM's class path, shared by its children: a class data archive, which saves
 * two fifths of their processor time. The first JVM of a module that starts a child makes it, in
 * {@code target}. The others use it, as long as Java and classes are the same. Where it cannot be made
 * or used, children load their classes as usual, and print nothing about it.
 */
final class ClassArchive {
    static final List<String> SILENT = List.of("-Xlog:cds=off", "-Xlog:cds+dynamic=off");
    private static final String NAME = "classes-of-children-";
    private static final String ARCHIVE = "children.jsa";
    private static final String CLASS_PATH = "class-path";
    private static ClassArchive ours;

    private final String classPath;
    private final List<String> flags = new ArrayList<>();

    private ClassArchive() {
        String path = System.getProperty("java.class.path");
        try {
            Path directory = find(path);
            path = Files.readString(directory.resolve(CLASS_PATH));
            flags.addAll(SILENT);
            flags.add("-XX:SharedArchiveFile=" + directory.resolve(ARCHIVE));
        } catch (IOException | UncheckedIOException | AssertionError e) {
            System.err.println("Children start without a class data archive: " + e);
        }
        classPath = path;
    }

    static synchronized ClassArchive ours() {
        if (ours == null) ours = new ClassArchive();
        return ours;
    }

    String classPath() {
        return classPath;
    }

    List<String> flags() {
        return flags;
    }

    private static Path find(String classPath) throws IOException {
        Path target = Path.of("target").toAbsolutePath();
        return Files.isDirectory(target) ? shared(target, classPath) : made(classPath, temporary());
    }

    /** The directory that has it. A file names it, which exists once the archive is whole. */
    static Path shared(Path target, String classPath) throws IOException {
        String ours = NAME + hash(System.getProperty("java.home") + Runtime.version() + classPath);
        Path file = target.resolve(ours + "-" + hash(stateOf(classPath)));
        try (FileChannel others = FileChannel.open(target.resolve(NAME + "lock"), CREATE, WRITE)) {
            others.lock(); // JVMs of this module; it ends with the channel, or with the JVM
            if (Files.exists(file)) return Path.of(Files.readString(file));
            try (DirectoryStream<Path> old = Files.newDirectoryStream(target, ours + "-*")) {
                old.forEach(ClassArchive::remove); // of classes that were compiled again since, or half made
            }
            Path directory = made(classPath, Files.createTempDirectory(target, ours + "-"));
            Path name = Files.writeString(directory.resolve("name"), directory.toString());
            Files.move(name, file, ATOMIC_MOVE);
            return directory;
        }
    }

    private static Path temporary() throws IOException {
        Path directory = Files.createTempDirectory(NAME);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(directory)));
        return directory;
    }

    private static void remove(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException e) {
            System.err.println(e);
        }
    }

    private static Path made(String classPath, Path directory) throws IOException {
        String jars = jarsOnly(classPath, directory);
        rehearse(jars, directory.resolve(ARCHIVE));
        if (!Files.exists(directory.resolve(ARCHIVE))) throw new IOException("this JVM makes none");
        Files.writeString(directory.resolve(CLASS_PATH), jars);
        return directory;
    }

    /** Another compilation is another archive. */
    private static String stateOf(String classPath) throws IOException {
        StringBuilder state = new StringBuilder();
        for (String entry : classPath.split(File.pathSeparator)) {
            if (!Files.exists(Path.of(entry))) continue;
            try (Stream<Path> files = Files.walk(Path.of(entry))) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList())
                    state.append(file)
                            .append(' ')
                            .append(Files.size(file))
                            .append(' ')
                            .append(Files.getLastModifiedTime(file).toMillis())
                            .append('\n');
            }
        }
        return state.toString();
    }

    private static String hash(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
    }

    /** An archive can be made of jars only, and used with the same class path only. */
    private static String jarsOnly(String classPath, Path directory) throws IOException {
        List<String> jars = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator)) {
            Path place = Path.of(entry);
            if (Files.isDirectory(place)) jars.add(packed(place, directory.resolve(jars.size() + ".jar")));
            else if (Files.exists(place)) jars.add(entry);
        }
        return String.join(File.pathSeparator, jars);
    }

    private static String packed(Path classes, Path jar) throws IOException {
        try (Stream<Path> files = Files.walk(classes);
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
            out.setLevel(0);
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
                Files.copy(file, out);
                out.closeEntry();
            }
        }
        return jar.toString();
    }

    /** Loads what children load, with each transport that works here, and archives it at the end. */
    private static void rehearse(String classPath, Path file) {
        ChildJvm jvm = JavaCommand.of(RemoteMain.class)
                .flags(JavaCommand.QUICK)
                .flags(JavaCommand.QUIET)
                .flags(SILENT)
                .flags(List.of("-XX:ArchiveClassesAtExit=" + file))
                .classPath(classPath)
                .title("rehearsal of children")
                .start();
        try (jvm) {
            jvm.expect("ok");
            for (MessageQueueProvider provider : ServiceLoader.load(MessageQueueProvider.class)) {
                if (provider.unavailableReason() != null) continue;
                String uri = provider.scheme() + ":rehearsal-" + jvm.pid();
                for (String command : List.of(
                        "open " + uri,
                        "subscribe",
                        "publisher",
                        "publish x 1",
                        "receive 1 0",
                        "close",
                        "delete " + uri)) jvm.ask(command); // an error is as good
            }
            jvm.tell("exit");
            jvm.awaitEnd();
        }
    }
}
