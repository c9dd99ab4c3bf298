package dev.belfry.kafka;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * One broker of Apache Kafka, which is its own controller, in a JVM of its own; its data are in a
 * temporary directory. {@link #shared} is the one that all tests of a JVM use; tests that kill or
 * stop a broker start their own.
 */
public final class Broker implements AutoCloseable {
    private static final Set<Broker> BEGUN = ConcurrentHashMap.newKeySet();
    private static Broker shared;

    private final BrokerClasses classes;
    private final Path directory;
    private final Path properties;
    private final int port;
    private final int controller;
    private ChildJvm process;
    private List<String> through = List.of();
    private boolean closed; // guarded by this, as the start of a process

    private Broker(BrokerClasses classes, String... settings) {
        this.classes = classes;
        try {
            directory = Files.createTempDirectory(
                    "belfry-kafka-" + ProcessHandle.current().pid() + "-");
            properties = directory.resolve("server.properties");
            port = freePort();
            int another = freePort();
            while (another == port) another = freePort();
            controller = another;
            Files.writeString(properties, """
                    process.roles=broker,controller
                    node.id=1
                    controller.quorum.voters=1@127.0.0.1:%2$d
                    listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
                    advertised.listeners=PLAINTEXT://127.0.0.1:%1$d
                    controller.listener.names=CONTROLLER
                    log.dirs=%3$s
                    auto.create.topics.enable=false
                    offsets.topic.num.partitions=1
                    offsets.topic.replication.factor=1
                    transaction.state.log.replication.factor=1
                    transaction.state.log.min.isr=1
                    group.consumer.session.timeout.ms=6000
                    group.consumer.min.session.timeout.ms=6000
                    group.consumer.heartbeat.interval.ms=1000
                    group.consumer.min.heartbeat.interval.ms=1000
                    group.consumer.assignment.interval.ms=0
                    controller.quorum.append.linger.ms=0
                    broker.session.timeout.ms=3000
                    broker.heartbeat.interval.ms=500
                    log.cleaner.dedupe.buffer.size=2097152
                    log.index.size.max.bytes=1048576
                    log.retention.check.interval.ms=300
                    log.initial.task.delay.ms=300
                    file.delete.delay.ms=300
                    num.network.threads=1
                    num.io.threads=2
                    num.replica.fetchers=1
                    background.threads=2
                    """.formatted(port, controller, data()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        set(settings);
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
    }

    /**
     * A port on which no program listens now, below those that the kernel gives to connections. One
     * of those could be taken by any client on this machine before the broker listens, or while it
     * is down.
     */
    static int freePort() throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            } catch (BindException taken) {
                continue;
            }
        }
    }

    /** Started when it is first asked for; ends with this JVM. */
    public static synchronized Broker shared() {
        if (shared == null) shared = started();
        return shared;
    }

    /** With further settings, each {@code name=value}. */
    public static Broker started(String... settings) {
        Broker broker = made(settings);
        broker.start();
        return broker;
    }

    /** Not started yet. */
    static Broker made(String... settings) {
        return made(BrokerClasses.SHARED, settings);
    }

    static Broker made(BrokerClasses classes, String... settings) {
        return new Broker(classes, settings);
    }

    /** From its next start on; what was set before counts no more. */
    void set(String... settings) {
        try {
            Files.write(properties, List.of(settings), StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From its next start on by this command, which executes it. */
    void through(List<String> command) {
        through = command;
    }

    /** Anew, with the data and the port that it had. */
    public void start() {
        begin();
        awaitStart();
    }

    /** However long that takes, on a busy machine a minute: the test has a time-out for one that never is there. */
    void awaitStart() {
        while (process.isAlive() && !accepts()) Patience.pause(20);
        if (!process.isAlive()) throw new AssertionError("The broker has ended" + process.report());
    }

    /** Adds to this failure what those of this JVM that are not closed do and have printed. */
    static void reportTo(Throwable failure) {
        ChildJvm.reportTo(failure, BEGUN.stream().map(broker -> broker.process).toList());
    }

    /** As start, without waiting until it is there. */
    public synchronized void begin() {
        if (closed) throw new IllegalStateException("The broker was closed");
        List<String> words = new ArrayList<>(through);
        words.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx320m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"));
        words.addAll(classes.words(this));
        words.addAll(List.of(BrokerMain.class.getName(), properties.toString()));
        process = ChildJvm.startMerged("the broker", directory, words);
        BEGUN.add(this);
    }

    private boolean accepts() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** SIGKILL; returns when it is gone. */
    public void kill() {
        process.kill();
    }

    /** If this JVM is killed, the broker ends this process, too, and those that it has started. */
    void endsWithThisJvm(long pid) {
        process.tell(Long.toString(pid));
    }

    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    int controller() {
        return controller;
    }

    Path data() {
        return directory.resolve("data");
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** Ends it and removes its data. When it returns that is done, whichever thread did it. */
    @Override
    public synchronized void close() {
        if (closed) return;
        closed = true;
        BEGUN.remove(this);
        if (process != null) {
            classes.ends(this, process);
            process.close();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : all) Files.deleteIfExists(file);
        } catch (IOException | UncheckedIOException goneAlready) {
            return;
        }
    }
}
