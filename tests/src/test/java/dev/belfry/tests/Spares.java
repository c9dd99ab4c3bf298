package dev.belfry.tests;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** Children that are ready to play, started ahead: who was killed is replaced at once. */
final class Spares implements AutoCloseable {
    private final BlockingQueue<Child> ready = new ArrayBlockingQueue<>(6);
    private final Path defect;
    private final Thread starter = new Thread(this::start, "spares");
    private volatile boolean over;

    /** {@code defect}: classes that come before ours; or null. */
    Spares(Path defect) {
        this.defect = defect;
        starter.setDaemon(true);
        starter.start();
    }

    Child take() {
        try {
            Child child = ready.poll(Child.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (child == null) throw new AssertionError("No JVM was ready within " + Child.PATIENCE);
            return child;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The test itself was interrupted", e);
        }
    }

    private void start() {
        try {
            while (!over) {
                Child child = Child.start(Troupe.class.getSimpleName(), command());
                child.expect("ready");
                while (!over && !ready.offer(child, 100, TimeUnit.MILLISECONDS)) {}
                if (over) child.close();
            }
        } catch (InterruptedException | AssertionError failed) {
            failed.printStackTrace(); // whoever wants one will say that there was none
        }
    }

    private List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(Child.QUICK);
        command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
        String classPath = System.getProperty("java.class.path");
        command.addAll(List.of("-cp", defect == null ? classPath : defect + ":" + classPath));
        command.addAll(List.of(Line.class.getName(), Troupe.class.getName()));
        return command;
    }

    @Override
    public void close() {
        over = true;
        try {
            starter.join(Child.PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        List<Child> left = new ArrayList<>();
        ready.drainTo(left);
        left.forEach(Child::close);
    }
}
