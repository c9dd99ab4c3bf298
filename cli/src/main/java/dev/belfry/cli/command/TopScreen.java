package dev.belfry.cli.command;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.belfry.cli.text.Text;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;
import org.jline.terminal.TerminalBuilder.SystemOutput;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;
import org.jline.utils.Curses;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;

/**
 * The live screen of {@code belfry top}: a title, as many queues as there are rows for, and below them the details of
 * the chosen queue. It uses the terminal's second page, so that the first is unchanged afterwards.
 */
final class TopScreen implements AutoCloseable {
    /** The characters of one key arrive together; a lone Escape is followed by nothing. */
    private static final long SAME_KEY_MILLIS = 50;

    private static final int CTRL_C = 3;
    private static final int BACKSPACE = 8;
    private static final int ESCAPE = 27;
    private static final int DELETE = 127;
    // Keys that are several characters, as numbers that no character has.
    private static final int UP = -10;
    private static final int DOWN = -11;
    private static final int PAGE_UP = -12;
    private static final int PAGE_DOWN = -13;
    private static final int HOME = -14;
    private static final int END = -15;
    private static final int OTHER = -16;

    /** A queue: what it is sorted by, its row of the table, and how to get its details. */
    record Entry(String uri, double messages, long lag, double bytes, String row, Supplier<List<String>> details) {}

    /** All queues at one time; the rows stand below {@code columns}. */
    record Frame(String columns, List<Entry> entries) {}

    private enum Order {
        NAME(Comparator.comparing(Entry::uri)),
        RATE(Comparator.comparingDouble(Entry::messages).reversed()),
        LAG(Comparator.comparingLong(Entry::lag).reversed()),
        SIZE(Comparator.comparingDouble(Entry::bytes).reversed());

        final Comparator<Entry> comparator;

        Order(Comparator<Entry> comparator) {
            this.comparator = comparator;
        }

        Order next() {
            return values()[(ordinal() + 1) % values().length];
        }
    }

    private final Terminal terminal;
    private final Display display;
    private final Thread atExit = new Thread(this::restore, "belfry-top-restores-the-terminal");
    // Guarded by this: the thread of signals draws as well.
    private Frame frame; // null: nothing is known yet
    private Size size;
    private Order order = Order.NAME;
    private String filter = "";
    private boolean typing;
    private String chosen;
    private int top;
    private int page = 1;
    private boolean restored;

    /** Null if standard input and output are not one terminal with a cursor that can be placed. */
    static TopScreen open() throws IOException {
        Terminal terminal;
        try {
            // stty instead of native code. No questions to the terminal: answers would be keys.
            terminal = TerminalBuilder.builder()
                    .system(true)
                    .systemOutput(SystemOutput.SysOut)
                    .dumb(false)
                    .provider("exec")
                    .graphemeCluster(false)
                    .nativeSignals(true)
                    .build();
        } catch (IOException | IllegalStateException none) {
            return null;
        }
        if (terminal.getStringCapability(Capability.cursor_address) != null) return new TopScreen(terminal);
        terminal.close();
        return null;
    }

    private TopScreen(Terminal terminal) {
        this.terminal = terminal;
        display = new Display(terminal, true);
        display.setScrollOptimization(false);
        terminal.enterRawMode();
        Attributes raw = terminal.getAttributes();
        raw.setLocalFlag(LocalFlag.ISIG, false); // Ctrl-C is a key
        terminal.setAttributes(raw);
        Runtime.getRuntime().addShutdownHook(atExit);
        terminal.puts(Capability.enter_ca_mode);
        terminal.puts(Capability.cursor_invisible);
        resize();
        terminal.handle(Signal.WINCH, signal -> resize());
    }

    /** Shows what {@code look} returns, each {@code pause} and after each key, until q. */
    void run(Supplier<Frame> look, Duration pause) throws IOException {
        while (true) {
            show(look);
            long due = System.nanoTime() + pause.toNanos();
            for (long left; (left = due - System.nanoTime()) > 0; ) {
                int key = key(Math.max(1, left / 1_000_000));
                if (key == NonBlockingReader.READ_EXPIRED) continue;
                if (key == NonBlockingReader.EOF || key == CTRL_C || !press(key)) return;
            }
        }
    }

    private int key(long millis) throws IOException {
        NonBlockingReader keys = terminal.reader();
        int first = keys.read(millis);
        if (first != ESCAPE) return first;
        int second = keys.read(SAME_KEY_MILLIS);
        if (second != '[' && second != 'O') return second < 0 ? ESCAPE : OTHER;
        StringBuilder rest = new StringBuilder();
        int next;
        do {
            next = keys.read(SAME_KEY_MILLIS);
            if (next < 0) return OTHER;
            rest.append((char) next);
        } while (next < '@');
        return switch (rest.toString()) {
            case "A" -> UP;
            case "B" -> DOWN;
            case "5~" -> PAGE_UP;
            case "6~" -> PAGE_DOWN;
            case "H", "1~" -> HOME;
            case "F", "4~" -> END;
            default -> OTHER;
        };
    }

    /** False if it ends the screen. */
    private synchronized boolean press(int key) {
        if (typing) type(key);
        else
            switch (key) {
                case 'q' -> {
                    return false;
                }
                case 's' -> {
                    order = order.next();
                    chosen = null; // the first of the new order
                }
                case '/' -> typing = true;
                case ESCAPE -> filter = "";
                default -> {}
            }
        switch (key) {
            case UP -> choose(-1);
            case DOWN -> choose(1);
            case PAGE_UP -> choose(-page);
            case PAGE_DOWN -> choose(page);
            case HOME -> choose(-Integer.MAX_VALUE);
            case END -> choose(Integer.MAX_VALUE);
            default -> {}
        }
        draw();
        return true;
    }

    private void type(int key) {
        if (key == ESCAPE) filter = "";
        if (key == ESCAPE || key == '\r' || key == '\n') typing = false;
        else if ((key == DELETE || key == BACKSPACE) && !filter.isEmpty())
            filter = filter.substring(0, filter.length() - 1);
        else if (key >= ' ' && key != DELETE) filter += (char) key;
    }

    private void choose(int down) {
        List<Entry> shown = shown();
        if (shown.isEmpty()) return;
        long wanted = (long) chosenOf(shown) + down;
        chosen =
                shown.get((int) Math.max(0, Math.min(shown.size() - 1, wanted))).uri();
    }

    private List<Entry> shown() {
        String part = filter.toLowerCase(Locale.ROOT);
        return frame.entries().stream()
                .filter(entry -> entry.uri().toLowerCase(Locale.ROOT).contains(part))
                .sorted(order.comparator.thenComparing(Entry::uri))
                .toList();
    }

    /** The choice stays with its queue, wherever that is now. */
    private int chosenOf(List<Entry> shown) {
        for (int i = 0; i < shown.size(); i++) if (shown.get(i).uri().equals(chosen)) return i;
        return 0;
    }

    private synchronized void show(Supplier<Frame> look) {
        frame = look.get(); // in here: details are read from the same reading
        draw();
    }

    private synchronized void resize() {
        if (restored) return;
        Size now = terminal.getSize();
        boolean isKnown = now.getRows() > 0 && now.getColumns() > 0;
        size = isKnown ? now : Size.of(80, 24);
        display.clear();
        display.resize(size);
        draw();
    }

    private void draw() {
        if (frame == null || restored) return;
        List<AttributedString> lines = lines();
        List<AttributedString> cut = new ArrayList<>();
        for (AttributedString line : lines.subList(0, Math.min(lines.size(), size.getRows())))
            cut.add(line.columnSubSequence(0, size.getColumns()));
        display.update(cut, 0);
    }

    private List<AttributedString> lines() {
        List<Entry> shown = shown();
        int at = chosenOf(shown);
        int room = Math.max(1, size.getRows() - 3); // between the two lines above and the one below
        List<String> details =
                shown.isEmpty() ? List.of() : cut(shown.get(at).details().get(), room / 2 - 1);
        page = Math.max(1, room - (details.isEmpty() ? 0 : details.size() + 1));
        top = Math.max(0, Math.min(Math.max(Math.min(top, at), at - page + 1), shown.size() - page));

        List<AttributedString> lines = new ArrayList<>();
        lines.add(title(shown.size()));
        lines.add(AttributedString.fromAnsi(frame.columns()));
        for (int i = top; i < top + page; i++)
            lines.add(i >= shown.size() ? AttributedString.EMPTY : row(shown.get(i), i == at));
        if (!details.isEmpty()) lines.add(AttributedString.EMPTY);
        details.forEach(line -> lines.add(AttributedString.fromAnsi(line)));
        String keys =
                typing ? "/" + filter + "_   Enter: keep  Esc: all" : "q quit  s sort  / filter  up, down: choose";
        lines.add(new AttributedString(keys, AttributedStyle.DEFAULT.faint()));
        return lines;
    }

    private AttributedString title(int shown) {
        int all = frame.entries().size();
        return new AttributedString(
                "belfry top  " + Text.clock() + "  "
                        + (shown == all ? "" : shown + " of ") + all + " queue(s)  by "
                        + order.name().toLowerCase(Locale.ROOT)
                        + (filter.isEmpty() ? "" : "  /" + filter),
                AttributedStyle.BOLD);
    }

    private static AttributedString row(Entry entry, boolean isChosen) {
        AttributedString row = AttributedString.fromAnsi(entry.row());
        return isChosen ? new AttributedString(row.toString(), AttributedStyle.INVERSE) : row;
    }

    private static List<String> cut(List<String> lines, int most) {
        if (lines.size() <= most) return lines;
        if (most < 1) return List.of();
        List<String> fewer = new ArrayList<>(lines.subList(0, most - 1));
        fewer.add("  ... " + (lines.size() - most + 1) + " more lines");
        return fewer;
    }

    /**
     * Also called when the process is told to end. Then JLine closes its terminal at the same time,
     * in a hook of its own, and restores its modes. So the last codes do not go through JLine.
     */
    private synchronized void restore() {
        if (restored) return;
        restored = true;
        String codes = Curses.tputs(terminal.getStringCapability(Capability.cursor_normal))
                + Curses.tputs(terminal.getStringCapability(Capability.exit_ca_mode));
        try {
            new FileOutputStream(FileDescriptor.out).write(codes.getBytes(US_ASCII));
        } catch (IOException theTerminalIsGone) {
            // nothing to give back
        }
    }

    @Override
    public void close() throws IOException {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException itRuns) {
            return; // and JLine's, which closes the terminal
        }
        terminal.close();
    }
}
