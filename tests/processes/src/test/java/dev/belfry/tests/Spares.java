package dev.belfry.tests;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Patience;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** Children that are ready to play, started ahead: a killed one is replaced at once. */
final class Spares implements AutoCloseable {
    private final BlockingQueue<ChildJvm> ready = new ArrayBlockingQueue<>(6);
    private final int most;
    private final Path defect;
    private final Thread starter = new Thread(this::start, "spares");
    private volatile boolean over;

    /** So many in all. {@code defect}: classes that come before ours; or null. */
    Spares(int most, Path defect) {
        this.most = most;
        this.defect = defect;
        starter.setDaemon(true);
        starter.start();
    }

    ChildJvm take() {
        try {
            ChildJvm child = ready.poll(Patience.limit().toSeconds(), TimeUnit.SECONDS);
            if (child == null) throw new AssertionError("No JVM was ready within " + Patience.limit());
            return child;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The test itself was interrupted", e);
        }
    }

    private void start() {
        try {
            for (int started = 0; started < most && !over; started++) {
                ChildJvm child = command().start();
                child.expect("ready");
                while (!over && !ready.offer(child, 100, TimeUnit.MILLISECONDS)) {}
                if (over) child.close();
            }
        } catch (InterruptedException | AssertionError failed) {
            failed.printStackTrace(); // whoever wants one will say that there was none
        }
    }

    private JavaCommand command() {
        JavaCommand command = Role.command(Troupe.class)
                .flags(JavaCommand.QUICK)
                .flags(List.of("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"));
        return defect == null ? command : command.inFront(defect);
    }

    @Override
    public void close() {
        over = true;
        try {
            starter.join(Patience.limit().toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        List<ChildJvm> left = new ArrayList<>();
        ready.drainTo(left);
        left.forEach(ChildJvm::close);
    }
}
