package dev.belfry.testing;

import java.util.List;

/**
 * A {@link ChildJvm} that runs {@link RemoteMain}: one command a line, one answer a line. It ends
 * when this JVM does.
 */
public final class RemoteJvm implements AutoCloseable {
    private final ChildJvm jvm;

    private RemoteJvm(ChildJvm jvm) {
        this.jvm = jvm;
    }

    /** Starts it and waits until it is ready. */
    public static RemoteJvm start(List<String> flags) {
        RemoteJvm remote =
                new RemoteJvm(JavaCommand.of(RemoteMain.class).flags(flags).start());
        remote.answer();
        return remote;
    }

    /** The JVM itself: to be killed, stopped, continued, measured. */
    public ChildJvm jvm() {
        return jvm;
    }

    /** Sends a command and returns its answer; an error of the command is an AssertionError. */
    public String ask(String command) {
        send(command);
        return answer();
    }

    /** Sends a command that must fail; returns "SimpleName: message". */
    public String askForError(String command) {
        return jvm.ask(command, "error");
    }

    /** Sends a command that takes some time; {@link #answer} fetches the answer. */
    public void send(String command) {
        jvm.tell(command);
    }

    public String answer() {
        return jvm.expect("ok");
    }

    /** Whether a command that was sent has been answered by now. */
    public boolean hasAnswered() {
        return jvm.hasSpoken();
    }

    /** Lets it end by itself; returns all that it wrote to stderr. */
    public String exit() {
        send("exit");
        jvm.awaitEnd();
        return jvm.errors();
    }

    @Override
    public void close() {
        jvm.close();
    }
}
