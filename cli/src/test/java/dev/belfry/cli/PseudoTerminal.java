package dev.belfry.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import org.jline.terminal.Size;
import org.jline.utils.ScreenTerminal;

/** One of the kernel's, and what a person would see on it: an emulator reads the other end. */
final class PseudoTerminal implements AutoCloseable {
    private static final int O_RDWR = 2;
    private static final int O_NOCTTY = 0x100;
    private static final long TIOCSWINSZ = 0x5414;

    /** Of the C library. */
    interface C extends Library {
        C INSTANCE = Native.load("c", C.class);

        int posix_openpt(int flags);

        int grantpt(int fd);

        int unlockpt(int fd);

        int ptsname_r(int fd, byte[] name, long length);

        int open(String path, int flags);

        int ioctl(int fd, long request, short[] size);

        long read(int fd, byte[] to, long length);

        long write(int fd, byte[] from, long length);

        int close(int fd);
    }

    private final int fd = C.INSTANCE.posix_openpt(O_RDWR | O_NOCTTY);
    private final int kept; // the programs' end: it stays a terminal between two of them
    private final ScreenTerminal screen;
    private final StringBuilder written = new StringBuilder();
    private final List<String> firstLines = new ArrayList<>();
    private int columns;
    private int rows;

    PseudoTerminal(int columns, int rows) {
        if (fd < 0 || C.INSTANCE.grantpt(fd) != 0 || C.INSTANCE.unlockpt(fd) != 0)
            throw new AssertionError("no pseudo-terminal: errno " + Native.getLastError());
        kept = C.INSTANCE.open(path(), O_RDWR | O_NOCTTY);
        screen = new ScreenTerminal(columns, rows);
        resize(columns, rows);
        Thread emulator = new Thread(this::emulate, "emulator");
        emulator.setDaemon(true);
        emulator.start();
    }

    /** Of the end for programs. */
    String path() {
        byte[] name = new byte[64];
        if (C.INSTANCE.ptsname_r(fd, name, name.length) != 0) throw new AssertionError("no name");
        return Native.toString(name);
    }

    /** The kernel tells the programs. */
    synchronized void resize(int newColumns, int newRows) {
        columns = newColumns;
        rows = newRows;
        screen.setSize(Size.of(columns, rows));
        if (C.INSTANCE.ioctl(fd, TIOCSWINSZ, new short[] {(short) rows, (short) columns, 0, 0}) != 0)
            throw new AssertionError("TIOCSWINSZ: errno " + Native.getLastError());
    }

    void press(String keys) {
        byte[] bytes = keys.getBytes(UTF_8);
        if (C.INSTANCE.write(fd, bytes, bytes.length) != bytes.length) throw new AssertionError("not written");
    }

    /** Its lines as they are now, without what is blank at their ends. */
    synchronized List<String> lines() {
        long[] cells = new long[columns * rows];
        screen.dump(cells, null);
        List<String> lines = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                int code = ScreenTerminal.cellCodePoint(cells[row * columns + column]);
                line.appendCodePoint(code == 0 ? ' ' : code);
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    /** The first line after each piece that arrived: where the screen scrolls it is another one. */
    synchronized List<String> firstLines() {
        return List.copyOf(firstLines);
    }

    /** All that was written to it, for failures and for codes that the screen does not show. */
    synchronized String written() {
        return written.toString();
    }

    private void emulate() {
        char[] piece = new char[256];
        try (Reader reader = new InputStreamReader(new Output(), UTF_8)) {
            for (int length; (length = reader.read(piece)) > 0; )
                synchronized (this) {
                    written.append(piece, 0, length);
                    screen.write(new String(piece, 0, length));
                    firstLines.add(lines().get(0));
                }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Ends when nothing has the programs' end open any more. */
    private final class Output extends InputStream {
        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(byte[] to, int offset, int length) {
            byte[] bytes = new byte[length];
            int count = (int) C.INSTANCE.read(fd, bytes, length);
            if (count <= 0) return -1;
            System.arraycopy(bytes, 0, to, offset, count);
            return count;
        }
    }

    @Override
    public void close() {
        C.INSTANCE.close(kept);
        C.INSTANCE.close(fd);
    }
}
