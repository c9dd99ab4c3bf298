package dev.belfry.cli.command;

import dev.belfry.spi.Proc;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * The process that reads the pipe to which the standard output goes, such as {@code head}. A write would tell that it
 * has gone, and a command that waits for messages writes nothing. {@code /proc} tells it, of this user's processes.
 */
final class PipeReader {
    private static final int ACCESS = 3;
    private static final int WRITE_ONLY = 1;

    private String pipe; // empty: the output is none, or nobody can be seen who reads it
    private Path reader; // its descriptor

    /** Before the first write: afterwards it may have gone already. */
    PipeReader() {
        String output = Proc.target(Proc.SELF.descriptor(1));
        pipe = output.startsWith("pipe:") ? output : "";
        if (!pipe.isEmpty() && (reader = find()) == null) pipe = ""; // another user's, perhaps
    }

    /** For a command that is idle: one system call, unless the reader changes. */
    boolean isGone() {
        if (pipe.isEmpty()) return false;
        try {
            if (pipe.equals(Files.readSymbolicLink(reader).toString())) return false;
        } catch (AccessDeniedException becameAnotherUsers) {
            pipe = "";
            return false;
        } catch (IOException ended) {
            reader = null;
        }
        reader = find(); // it may have handed it on
        return reader == null;
    }

    /** Asks first the processes that were started when this was. */
    private Path find() {
        long own = ProcessHandle.current().pid();
        return Proc.pids().stream()
                .filter(pid -> pid != own)
                .sorted(Comparator.comparingLong(pid -> Math.abs(pid - own)))
                .flatMap(pid -> reading(Proc.of(pid)))
                .findFirst()
                .orElse(null);
    }

    private Stream<Path> reading(Proc process) {
        return process.descriptors().stream()
                .filter(each -> pipe.equals(Proc.target(each)))
                .filter(each -> process.field("fdinfo/" + each.getFileName(), "flags")
                        .filter(flags -> (Integer.parseInt(flags, 8) & ACCESS) != WRITE_ONLY)
                        .isPresent());
    }
}
