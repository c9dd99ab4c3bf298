package dev.belfry.kafka;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network between a client and a broker on loopback, to be cut: while it is, no connection is
 * accepted for long and none that was there lives.
 */
public final class Proxy implements AutoCloseable {
    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile int target;
    private volatile boolean cut;
    private String wanted; // in what is to be held; guarded by this, as the next
    private boolean onlyOnce;
    private boolean released;
    private int holding; // connections
    private String unanswered; // what is in the request; guarded by this
    private final AtomicInteger losses = new AtomicInteger();

    public Proxy() {
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start("proxy", this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    public void to(int port) {
        target = port;
    }

    public void cut() {
        cut = true;
        sockets.forEach(Proxy::close);
    }

    /**
     * What clients send from now on is kept back: it arrives after {@link #release}, even if they
     * are dead then.
     */
    public void hold() {
        hold("", false);
    }

    /** The same of the first connection that sends this text. */
    public void holdTheOneThatSends(String text) {
        hold(text, true);
    }

    private synchronized void hold(String text, boolean once) {
        wanted = text;
        onlyOnce = once;
        released = false;
    }

    /**
     * The next request with this text gets to the broker; of the answer the connection ends. Requests are taken for
     * those of a connection that has one at a time.
     */
    public synchronized void loseTheAnswerTo(String text) {
        unanswered = text;
    }

    /** Answers that were lost so. */
    public int losses() {
        return losses.get();
    }

    private synchronized boolean isUnanswered(byte[] buffer, int length) {
        if (unanswered == null || !text(buffer, length).contains(unanswered)) return false;
        unanswered = null;
        return true;
    }

    private static String text(byte[] buffer, int length) {
        return new String(buffer, 0, length, StandardCharsets.ISO_8859_1);
    }

    public synchronized boolean isHolding() {
        return holding > 0;
    }

    public synchronized void release() {
        wanted = null;
        released = true;
        notifyAll();
    }

    private synchronized void pass(byte[] buffer, int length) throws IOException {
        if (wanted == null || !text(buffer, length).contains(wanted)) return;
        if (onlyOnce) wanted = null;
        holding++;
        try {
            while (!released) wait();
        } catch (InterruptedException e) {
            throw new IOException(e);
        } finally {
            holding--;
        }
    }

    public void join() {
        cut = false;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                if (cut) {
                    close(client);
                    continue;
                }
                sockets.add(client);
                Socket broker = connected(client);
                sockets.add(broker);
                if (cut) cut();
                AtomicBoolean loses = new AtomicBoolean();
                start(
                        "proxy up",
                        () -> copy(client, broker, (buffer, length) -> {
                            if (isUnanswered(buffer, length)) loses.set(true);
                            pass(buffer, length);
                        }));
                start(
                        "proxy down",
                        () -> copy(broker, client, (buffer, length) -> {
                            if (!loses.get()) return;
                            losses.incrementAndGet();
                            throw new IOException("lost");
                        }));
            } catch (IOException closedOrNobodyThere) {
                continue;
            }
        }
    }

    /** A broker that is not there refuses the client, too. */
    private Socket connected(Socket client) throws IOException {
        try {
            return new Socket(InetAddress.getLoopbackAddress(), target);
        } catch (IOException e) {
            sockets.remove(client);
            close(client);
            throw e;
        }
    }

    private interface Gate {
        void pass(byte[] buffer, int length) throws IOException;
    }

    private void copy(Socket from, Socket to, Gate gate) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[1 << 16];
            for (int n; (n = in.read(buffer)) >= 0; ) {
                gate.pass(buffer, n);
                out.write(buffer, 0, n);
            }
            to.shutdownOutput();
        } catch (IOException cutOrClosed) {
            // its other direction ends with it
        } finally {
            close(from);
            close(to);
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private static void start(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception closedAlready) {
            return;
        }
    }

    @Override
    public void close() {
        release();
        close(server);
        cut();
    }
}
