package dev.belfry.kafka;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A network between a client and a broker on loopback, to be cut: while it is, no connection is
 * accepted for long and none that was there lives.
 */
final class Proxy implements AutoCloseable {
    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile int target;
    private volatile boolean cut;

    Proxy() {
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start("proxy", this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    void to(int port) {
        target = port;
    }

    void cut() {
        cut = true;
        sockets.forEach(Proxy::close);
    }

    void join() {
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
                start("proxy up", () -> copy(client, broker));
                start("proxy down", () -> copy(broker, client));
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

    private void copy(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[1 << 16];
            for (int n; (n = in.read(buffer)) >= 0; ) out.write(buffer, 0, n);
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
        close(server);
        cut();
    }
}
