package dev.belfry.kafka;

import dev.belfry.testing.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * The class path of brokers, of jars alone, and an archive of the classes that they load from it. It saves two fifths
 * of a start. Where there is none, one broker records what it loads, and writes the archive when it is closed. All
 * others, and those for which Java cannot use it, load their classes as usual, and print nothing about it.
 */
final class BrokerClasses {
    private static final List<String> SILENT = List.of("-Xlog:cds=off", "-Xlog:cds+dynamic=off");
    private static final Path OWN = Path.of(URI.create(
            Broker.class.getProtectionDomain().getCodeSource().getLocation().toString()));
    static final BrokerClasses SHARED = new BrokerClasses(OWN.getParent());

    private final String path;
    final Path archive;
    private final Path recorded;
    private final FileChannel locked;
    private FileLock lock; // null: none of this JVM's brokers may record
    private Broker recorder; // null: none does

    /** {@code parent}: other class paths, other classes and other JDKs have archives of their own there. */
    BrokerClasses(Path parent) {
        try {
            List<Path> jars = new ArrayList<>();
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
                Path jar = Path.of(entry).toAbsolutePath();
                if (Files.isRegularFile(jar) && !jar.getFileName().toString().startsWith("belfry-")) jars.add(jar);
            }
            StringBuilder state = new StringBuilder(System.getProperty("java.home") + Runtime.version());
            for (Path jar : jars) state.append(jar).append(Files.size(jar)).append(Files.getLastModifiedTime(jar));
            try (Stream<Path> own = Files.walk(OWN)) {
                for (Path file : own.filter(Files::isRegularFile).sorted().toList()) // compiled again: often the same
                state.append(file).append(Arrays.hashCode(Files.readAllBytes(file)));
            }
            String name = "classes-of-brokers-"
                    + UUID.nameUUIDFromBytes(state.toString().getBytes(StandardCharsets.UTF_8));
            Path directory = Files.createDirectories(parent.toAbsolutePath().resolve(name));
            jars.add(packed(directory));
            path = String.join(
                    File.pathSeparator, jars.stream().map(Path::toString).toList());
            archive = directory.resolve("brokers.jsa");
            recorded = directory.resolve("recorded.jsa");
            locked = FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Java archives no class of a directory, and takes no jar that was written again. */
    private static Path packed(Path directory) throws IOException {
        Path jar = directory.resolve("main.jar");
        if (Files.exists(jar)) return jar;
        Path mine = Files.createTempFile(directory, "main", ".jar");
        if (Files.isDirectory(OWN)) {
            String[] words = {"--create", "--file", mine.toString(), "-C", OWN.toString(), "."};
            int status = ToolProvider.findFirst("jar").orElseThrow().run(System.out, System.err, words);
            if (status != 0) throw new IOException("jar ended with " + status);
        } else Files.copy(OWN, mine, StandardCopyOption.REPLACE_EXISTING);
        try {
            Files.move(mine, jar);
        } catch (FileAlreadyExistsException packedByAnother) {
            Files.delete(mine);
        }
        return jar;
    }

    /** The words after the other flags, for this broker's next start. */
    synchronized List<String> words(Broker broker) {
        List<String> words = new ArrayList<>();
        if (Files.exists(archive)) words.add("-XX:SharedArchiveFile=" + archive);
        else if (records(broker)) words.add("-XX:ArchiveClassesAtExit=" + recorded);
        if (!words.isEmpty()) words.addAll(SILENT);
        words.addAll(List.of("-cp", path));
        return words;
    }

    private boolean records(Broker broker) {
        try {
            if (lock == null) lock = locked.tryLock(); // it ends with this JVM
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (lock != null && recorder == null) recorder = broker;
        return recorder == broker;
    }

    /** Has the process of this broker write the archive before it ends, if it is the one that records. */
    void ends(Broker broker, ChildJvm process) {
        if (!stopsRecording(broker) || !process.isAlive()) return;
        process.endInput("");
        try {
            process.awaitExit();
            Files.move(recorded, archive, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | AssertionError none) {
            System.err.println("Brokers start without an archive of their classes: " + none);
        }
    }

    private synchronized boolean stopsRecording(Broker broker) {
        boolean records = recorder == broker;
        if (records) recorder = null;
        return records;
    }
}
