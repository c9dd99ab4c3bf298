package dev.belfry.tests;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A child's end of the line to its parent, and its main class. When the line breaks, the child is
 * gone: it never outlives the test.
 */
final class Line {
    private final PrintStream out;
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    private Line(PrintStream out) {
        this.out = out;
    }

    /** {@code args}: the role's class, then its arguments. */
    public static void main(String[] args) {
        Line line = new Line(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
        System.setOut(System.err); // whoever prints must not speak for the role
        Thread reader = new Thread(line::listen, "line");
        reader.setDaemon(true);
        reader.start();
        try {
            Role role = Class.forName(args[0])
                    .asSubclass(Role.class)
                    .getDeclaredConstructor()
                    .newInstance();
            role.play(line, java.util.Arrays.copyOfRange(args, 1, args.length));
        } catch (Throwable e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
        System.exit(0);
    }

    private void listen() {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String text; (text = in.readLine()) != null; ) heard.add(text);
        } catch (IOException broken) {
            System.err.println(broken);
        }
        Runtime.getRuntime().halt(3);
    }

    void say(Object text) {
        out.println(text);
    }

    /** The next thing the parent says. */
    String hear() throws InterruptedException {
        return heard.take();
    }

    /** The next thing the parent has said by now; null if nothing. */
    String heard() {
        return heard.poll();
    }
}
