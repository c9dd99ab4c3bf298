package dev.belfry.cli.command;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/**
 * The process that reads the pipe to which the standard output goes, such as {@code head}. A write would tell that it
 * has gone, and a command that waits for messages writes nothing. {@code /proc} tells it, of this user's processes.
 */
final class PipeReader {
    private static final Path OUR_OUTPUT = Path.of("/proc/self/fd/1");
    private static final int ACCESS = 3;
    private static final int WRITE_ONLY = 1;

    private Path pipe; // null: the output is none, or nobody can be seen who reads it
    private Path reader; // its descriptor

    /** Before the first write: afterwards it may have gone already. */
    PipeReader() {
        try {
            Path output = Files.readSymbolicLink(OUR_OUTPUT);
            if (output.toString().startsWith("pipe:")) pipe = output;
        } catch (IOException | UnsupportedOperationException notLinux) {
            return;
        }
        if (pipe != null && (reader = find()) == null) pipe = null; // another user's, perhaps
    }

    /** For a command that is idle: one system call, unless the reader changes. */
    boolean isGone() {
        if (pipe == null) return false;
        try {
            if (pipe.equals(Files.readSymbolicLink(reader))) return false;
        } catch (AccessDeniedException becameAnotherUsers) {
            pipe = null;
            return false;
        } catch (IOException ended) {
            reader = null;
        }
        reader = find(); // it may have handed it on
        return reader == null;
    }

    private Path find() {
        for (long pid : pids()) {
            Path found = reading(Path.of("/proc", "" + pid));
            if (found != null) return found;
        }
        return null;
    }

    /** The ids of the other processes; first those that were started when this was. */
    private static long[] pids() {
        long own = ProcessHandle.current().pid();
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> pid != own)
                .sorted(Comparator.comparingLong(pid -> Math.abs(pid - own)))
                .mapToLong(Long::longValue)
                .toArray();
    }

    /** Null if it does not read the pipe. */
    private Path reading(Path process) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path each : descriptors)
                if (pipe.equals(Files.readSymbolicLink(each)) && reads(process, each)) return each;
        } catch (IOException | RuntimeException goneOrNotToBeSeen) {
            return null;
        }
        return null;
    }

    private static boolean reads(Path process, Path descriptor) throws IOException {
        for (String line : Files.readAllLines(process.resolve("fdinfo").resolve(descriptor.getFileName())))
            if (line.startsWith("flags:"))
                return (Integer.parseInt(line.substring("flags:".length()).strip(), 8) & ACCESS) != WRITE_ONLY;
        return false;
    }
}
