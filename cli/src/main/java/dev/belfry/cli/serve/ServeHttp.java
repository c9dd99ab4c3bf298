package dev.belfry.cli.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.cli.text.Exit;
import dev.belfry.spi.Proc;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * Requests and answers. The sender of one may be a stranger, also at localhost: a page of another site can send
 * requests there, and reads the answer if it has the server's name point here. So the header Host must name localhost
 * where no token is asked for.
 */
public final class ServeHttp implements AutoCloseable {
    private static final int MOST_ANSWERS = 16; // at a time
    private static final int MOST_REQUESTS = 256; // each takes a thread from its first byte on, also of a slow client
    private static final int MOST_CONNECTIONS = mostConnections();
    private static final int MOST_IDLE_SECONDS = 5;
    private static final int MOST_SECONDS_IN = 3; // until a request has come
    private static final int MOST_SECONDS_OUT = 10; // until it has been answered
    private static final int MOST_PATH = 1_000;
    private static final int LEAST_PACKED = 1 << 10; // a packet takes more

    static {
        // The limits of the JDK's server, which reads them once.
        limit("sun.net.httpserver.maxReqTime", MOST_SECONDS_IN);
        limit("sun.net.httpserver.maxRspTime", MOST_SECONDS_OUT);
        limit("sun.net.httpserver.maxReqHeaders", 50);
        limit("sun.net.httpserver.maxReqHeaderSize", 16 << 10);
        limit("sun.net.httpserver.maxIdleConnections", MOST_ANSWERS);
        limit("sun.net.httpserver.idleInterval", MOST_IDLE_SECONDS);
        limit("sun.net.httpserver.clockTick", 1_000); // between two searches for idle ones
        limit("jdk.httpserver.maxConnections", MOST_CONNECTIONS);
    }

    /** An idle one costs a descriptor alone, for some seconds: so many that hundreds of them keep nobody out. */
    private static int mostConnections() {
        return (int) Math.min(8_192, Proc.SELF.limit("Max open files") / 2); // the queues need the others
    }

    private static void limit(String property, int value) {
        if (System.getProperty(property) == null) System.setProperty(property, Integer.toString(value));
    }

    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private final Semaphore answers = new Semaphore(MOST_ANSWERS, true);
    public final CountDownLatch closed = new CountDownLatch(1);
    private final byte[] token; // null: none is needed
    private final Pages pages;

    /** The answers; {@code path}: without its slashes. */
    public interface Pages {
        Answer answer(List<String> path) throws IOException;
    }

    public ServeHttp(InetSocketAddress address, String token, Pages pages) throws IOException {
        this.token = token == null ? null : token.getBytes(UTF_8);
        this.pages = pages;
        threads = new ThreadPoolExecutor(
                MOST_REQUESTS, MOST_REQUESTS, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(MOST_CONNECTIONS), task -> {
                    Thread thread = new Thread(task, "serve");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        server = HttpServer.create(address, 512);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        closed.countDown();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer = refusal(exchange);
            if (answer == null) answer = answer(exchange);
            Headers headers = exchange.getResponseHeaders();
            headers.set("Content-Type", answer.type());
            headers.set("Cache-Control", "no-store");
            headers.set("X-Content-Type-Options", "nosniff");
            headers.set("Referrer-Policy", "no-referrer");
            headers.set("Cross-Origin-Resource-Policy", "same-origin");
            headers.set(
                    "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
                            + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
            byte[] body = answer.body();
            if (body.length > LEAST_PACKED && takesGzip(exchange.getRequestHeaders())) {
                body = packed(body);
                headers.set("Content-Encoding", "gzip");
            }
            headers.set("Vary", "Accept-Encoding");
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(answer.status(), head ? -1 : body.length);
            if (!head) exchange.getResponseBody().write(body);
        }
    }

    private static boolean takesGzip(Headers request) {
        return request.getOrDefault("Accept-Encoding", List.of()).stream()
                .flatMap(header -> Stream.of(header.split(",")))
                .map(coding -> coding.replace(" ", ""))
                .anyMatch(coding -> coding.startsWith("gzip") && !coding.matches("gzip;q=0(\\.0*)?"));
    }

    private static byte[] packed(byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(body);
        }
        return bytes.toByteArray();
    }

    /** Null: it may be answered. */
    private Answer refusal(HttpExchange exchange) {
        if (token != null && !isKnown(exchange.getRequestHeaders().getFirst("Authorization"))) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"belfry\", charset=\"UTF-8\"");
            return Answer.text(401, "a token is needed: 'Authorization: Bearer TOKEN', or TOKEN as the password");
        }
        if (token == null && !isHere(exchange.getRequestHeaders().getFirst("Host")))
            return Answer.text(421, "without a token this answers for localhost alone: give 'belfry serve' a --token");
        if (!List.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            return Answer.text(405, "only GET and HEAD: this changes nothing");
        }
        if (exchange.getRequestURI().getRawPath() == null
                || exchange.getRequestURI().toString().length() > MOST_PATH)
            return Answer.text(414, "the path is longer than " + MOST_PATH + " characters");
        return null;
    }

    private boolean isKnown(String header) {
        if (header == null) return false;
        String[] words = header.split(" ", 2);
        if (words.length < 2) return false;
        String given = words[1].strip();
        if (words[0].equalsIgnoreCase("Basic"))
            try {
                String pair = new String(Base64.getDecoder().decode(given), UTF_8);
                given = pair.substring(pair.indexOf(':') + 1);
            } catch (IllegalArgumentException wrong) {
                return false;
            }
        else if (!words[0].equalsIgnoreCase("Bearer")) return false;
        return MessageDigest.isEqual(token, given.getBytes(UTF_8)); // takes the same time for each
    }

    private static boolean isHere(String host) {
        return host != null && host.matches("(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?");
    }

    private Answer answer(HttpExchange exchange) {
        answers.acquireUninterruptibly();
        try {
            return pages.answer(path(exchange.getRequestURI().getRawPath()));
        } catch (QueueNotFoundException none) {
            return Answer.text(404, none.getMessage());
        } catch (IllegalArgumentException wrong) {
            return Answer.text(400, wrong.getMessage());
        } catch (MessageQueueException
                | Exit.Problem
                | UnsupportedOperationException problem) { // of a damaged queue, say
            return Answer.text(503, problem.getMessage());
        } catch (RuntimeException | IOException defect) {
            return Answer.text(500, "failed, and should not have: " + defect);
        } finally {
            answers.release();
        }
    }

    private static List<String> path(String raw) {
        List<String> parts = new ArrayList<>();
        for (String part : raw.substring(1).split("/", -1))
            parts.add(URLDecoder.decode(part.replace("+", "%2B"), UTF_8));
        return parts;
    }
}
