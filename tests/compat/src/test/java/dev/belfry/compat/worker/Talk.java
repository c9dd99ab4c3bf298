package dev.belfry.compat.worker;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A worker's end of the lines to and from the test. When they break, it is gone: it never outlives the test. */
final class Talk {
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final OutputStream out = new FileOutputStream(FileDescriptor.out);

    private Talk() {}

    static Talk begin() {
        Talk talk = new Talk();
        Thread ears = new Thread(talk::listen, "ears");
        ears.setDaemon(true);
        ears.start();
        return talk;
    }

    private void listen() {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line; (line = in.readLine()) != null; ) heard.add(line);
        } catch (IOException broken) {
            System.err.println(broken);
        }
        Runtime.getRuntime().halt(3);
    }

    /** In one write: it is there as a whole, or not at all, whenever this process is killed. */
    void say(String words) {
        try {
            out.write((words + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /** The next line that the test has said by now; null if there is none. */
    String heard() {
        return heard.poll();
    }
}
