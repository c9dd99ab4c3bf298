package dev.belfry.tests;

import dev.belfry.api.Create;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueConfig;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.JavaCommand;
import java.io.File;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A test's own queue and its child JVMs: afterwards neither is left, nor anything of them in /dev/shm. */
final class Stage implements AfterEachCallback {
    static final boolean LONG = Depth.isLong();
    private static final File SHM = new File("/dev/shm");
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final List<ChildJvm> children = new ArrayList<>();
    private final List<String> names = new ArrayList<>();

    /** A queue's name that nobody else uses. */
    String name() {
        String name = "belfry-ptest-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
        names.add(name);
        return name;
    }

    /** {@code shm:} and a name of its own, with these parameters. */
    String uri(String parameters) {
        return "shm:" + name() + (parameters.isEmpty() ? "" : "?" + parameters);
    }

    ChildJvm start(Class<? extends Role> role, String... args) {
        return start(JavaCommand.QUICK, role, args);
    }

    ChildJvm start(List<String> flags, Class<? extends Role> role, String... args) {
        return add(Role.command(role, args).flags(flags).start());
    }

    /** A {@link Member}, when it is ready. */
    ChildJvm member(JavaCommand command) {
        ChildJvm member = add(command.start());
        member.expect("ready");
        return member;
    }

    ChildJvm add(ChildJvm child) {
        children.add(child);
        return child;
    }

    /** Files of a queue, and its semaphores if the id is given. */
    static List<String> left(String name, UUID id) {
        String semaphores = id == null ? null : id.toString().replace("-", "");
        String[] files = SHM.list();
        return Arrays.stream(files == null ? new String[0] : files)
                .filter(f -> f.equals("belfry." + name) || semaphores != null && f.contains(semaphores))
                .sorted()
                .toList();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        context.getExecutionException().ifPresent(failure -> ChildJvm.reportTo(failure, children));
        children.forEach(ChildJvm::close);
        List<String> left = new ArrayList<>();
        for (String name : names) left.addAll(remove(name));
        children.clear();
        names.clear();
        if (!left.isEmpty()) throw new AssertionError("Left in /dev/shm: " + left);
    }

    /** After all were killed the next process that opens it clears up their semaphores; then the name goes. */
    private static List<String> remove(String name) {
        URI uri = URI.create("shm:" + name);
        UUID id = null;
        try (MessageQueue queue = MessageQueues.open(
                uri, QueueConfig.builder().create(Create.OPEN_EXISTING).build())) {
            id = queue.stats().id();
        } catch (MessageQueueException goneOrDamaged) {
            id = null;
        }
        try {
            MessageQueues.delete(uri);
        } catch (MessageQueueException foreign) {
            new File(SHM, "belfry." + name).delete();
        }
        return left(name, id);
    }
}
