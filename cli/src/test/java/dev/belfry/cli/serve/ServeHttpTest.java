package dev.belfry.cli.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.cli.command.ServeCommand;
import dev.belfry.testing.WaitsForOthers;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whom {@code serve} answers, byte for byte: strangers may ask. */
@Timeout(60)
@WaitsForOthers
class ServeHttpTest {
    private static final String TOKEN = "0123456789abcdef";

    private static ServeHttp open;
    private static ServeHttp guarded;

    @BeforeAll
    static void start() throws Exception {
        InetSocketAddress free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        open = new ServeHttp(free, null, new ServePages(false, List.of(), List.of()));
        guarded = new ServeHttp(free, TOKEN, new ServePages(false, List.of(), List.of()));
    }

    @AfterAll
    static void stop() {
        open.close();
        guarded.close();
    }

    /** {@code lines}: after the first line of a request. */
    private static String answer(ServeHttp server, String first, String... lines) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            String request = first + " HTTP/1.1\r\n" + String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private static String get(String path) throws Exception {
        return answer(open, "GET " + path, "Host: localhost:9464");
    }

    @Test
    void shouldAnswerWithThePageAndRefuseAllFromOutside() throws Exception {
        for (String path : List.of("/", "/page.css", "/page.js", "/metrics", "/api/page", "/nothing"))
            assertThat(get(path))
                    .as(path)
                    .contains("Content-security-policy: default-src 'none'; script-src 'self'; style-src 'self';")
                    .contains("frame-ancestors 'none'")
                    .contains("X-content-type-options: nosniff");
        assertThat(get("/"))
                .startsWith("HTTP/1.1 200")
                .contains("page.js")
                .doesNotContain("http:", "https:", "<style", "style=", "onclick");
        assertThat(get("/page.js")).doesNotContain("innerHTML", "document.write", "eval(", "insertAdjacentHTML");
        assertThat(get("/metrics")).contains("messaging_belfry_shm_free_bytes ");
    }

    @Test
    void shouldKnowNoOtherPath() throws Exception {
        for (String path :
                List.of("/nothing", "/api", "/api/", "/api/nothing", "/../../etc/passwd", "/page.html", "/metrics/x"))
            assertThat(get(path)).as(path).startsWith("HTTP/1.1 404");
        for (String path :
                List.of("/api/queues/%2e%2e%2fx", "/health/%3Cscript%3E", "/api/queues/kafka:a", "/health/a%3Fb=c"))
            assertThat(get(path)).as(path).startsWith("HTTP/1.1 400");
        assertThat(get("/api/queues/%zz")).startsWith("HTTP/1.1 400");
        assertThat(get("/api/queues/" + "a".repeat(1_000))).startsWith("HTTP/1.1 414");
    }

    /** A page of another site may have its own name point here, and would read the answer. */
    @Test
    void shouldAnswerForLocalhostAloneWithoutAToken() throws Exception {
        for (String host : List.of("localhost", "localhost:9464", "127.0.0.1:9464", "[::1]:80"))
            assertThat(answer(open, "GET /health", "Host: " + host)).as(host).doesNotContain(" 421 ");
        for (String host : List.of("belfry.example", "localhost.example", "127.0.0.1.example", "10.0.0.1"))
            assertThat(answer(open, "GET /health", "Host: " + host)).as(host).startsWith("HTTP/1.1 421");
        // From 25.0.5 on the JDK's server refuses it by itself.
        assertThat(answer(open, "GET /health", "X: y")).containsPattern("^HTTP/1.1 4(21|00) ");
    }

    @Test
    void shouldAskForTheToken() throws Exception {
        String basic = Base64.getEncoder().encodeToString(("me:" + TOKEN).getBytes(UTF_8));
        for (String right : List.of("Bearer " + TOKEN, "bearer " + TOKEN, "Basic " + basic))
            assertThat(answer(guarded, "GET /page.js", "Host: belfry.example", "Authorization: " + right))
                    .as(right)
                    .startsWith("HTTP/1.1 200");
        String wrong = Base64.getEncoder().encodeToString("me:0123456789abcdeF".getBytes(UTF_8));
        for (String each : List.of("Bearer", "Bearer x", "Bearer " + TOKEN + "0", "Basic " + wrong, "Basic %", TOKEN))
            assertThat(answer(guarded, "GET /page.js", "Host: localhost", "Authorization: " + each))
                    .as(each)
                    .startsWith("HTTP/1.1 401")
                    .contains("Www-authenticate: Basic realm=\"belfry\"");
        for (String path : List.of("/", "/metrics", "/health", "/api/page"))
            assertThat(answer(guarded, "GET " + path, "Host: localhost")).startsWith("HTTP/1.1 401");
    }

    @Test
    void shouldPackLargeAnswersForWhoTakesThat() throws Exception {
        for (String takes : List.of("gzip", "gzip, deflate", "br, gzip;q=0.5"))
            assertThat(unpacked("/page.js", takes)).as(takes).isEqualTo(body(get("/page.js")));
        for (String not : List.of("identity", "gzip;q=0", "deflate"))
            assertThat(answer(open, "GET /page.js", "Host: localhost", "Accept-Encoding: " + not))
                    .as(not)
                    .doesNotContain("Content-encoding")
                    .contains("'use strict'");
        assertThat(answer(open, "GET /nothing", "Host: localhost", "Accept-Encoding: gzip"))
                .as("short")
                .contains("there is no such page");
    }

    private static String body(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    private static String unpacked(String path, String takes) throws Exception {
        URLConnection asked = new URL("http://localhost:" + open.port() + path).openConnection();
        asked.setRequestProperty("Accept-Encoding", takes);
        try (InputStream in = asked.getInputStream()) {
            assertThat(asked.getContentEncoding()).as(takes).isEqualTo("gzip");
            return new String(new GZIPInputStream(in).readAllBytes(), UTF_8);
        }
    }

    @Test
    void shouldSayWhoElseMayReadTheToken(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("token"), TOKEN);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(ServeCommand.readersOf(file)).isNull();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(ServeCommand.readersOf(file))
                .isEqualTo("belfry: every user of this machine may read the token: 'chmod 600 " + file + "' ends that");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(ServeCommand.readersOf(file)).contains("the group of " + file + " may read the token");
    }

    @Test
    void shouldOnlyRead() throws Exception {
        for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "PATCH"))
            assertThat(answer(open, method + " /api/page", "Host: localhost"))
                    .as(method)
                    .startsWith("HTTP/1.1 405")
                    .contains("Allow: GET, HEAD");
        String head = answer(open, "HEAD /page.js", "Host: localhost");
        assertThat(head).startsWith("HTTP/1.1 200").endsWith("\r\n\r\n");
    }

    /** The limits are the JDK's server's: here that they are set, and hold. */
    @Test
    void shouldRefuseLargeRequestsAndLetSlowOnesWait() throws Exception {
        assertThat(Integer.getInteger("sun.net.httpserver.maxReqTime")).isEqualTo(3);
        String[] many = new String[80];
        for (int i = 0; i < many.length; i++) many[i] = "X-" + i + ": y";
        assertThat(answer(open, "GET /page.js", many)).doesNotContain(" 200 ");
        Socket[] slow = new Socket[100];
        for (int i = 0; i < slow.length; i++) {
            slow[i] = new Socket(InetAddress.getLoopbackAddress(), open.port());
            slow[i].getOutputStream().write("GET /page.js HTT".getBytes(UTF_8));
        }
        assertThat(get("/page.js")).as("beside those that are slow").startsWith("HTTP/1.1 200");
        for (Socket each : slow) each.close();
    }

    @Test
    void shouldAnswerBesideManyConnectionsThatAskNothing() throws Exception {
        assertThat(Integer.getInteger("sun.net.httpserver.idleInterval")).isEqualTo(5);
        assertThat(Integer.getInteger("sun.net.httpserver.clockTick")).isEqualTo(1_000);
        List<Socket> idle = new ArrayList<>();
        for (int i = 0; i < 700; i++) idle.add(new Socket(InetAddress.getLoopbackAddress(), open.port()));
        assertThat(get("/page.js")).startsWith("HTTP/1.1 200");
        for (Socket each : idle) each.close();
    }

    @Test
    void shouldTakeTheTokenFromAFileOrTheEnvironmentAndNoShortOne(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("token"), " " + TOKEN + " \nand more\n");
        assertThat(ServeCommand.token(file, "of the environment, longer")).isEqualTo(TOKEN);
        assertThat(ServeCommand.token(null, TOKEN)).isEqualTo(TOKEN);
        assertThat(ServeCommand.token(null, null)).isNull();
        assertThatThrownBy(() -> ServeCommand.token(null, "short"))
                .hasMessageContaining("has 5 characters; at least 16")
                .hasMessageNotContaining("short");
        assertThatThrownBy(() -> ServeCommand.token(directory.resolve("none"), null))
                .hasMessageContaining("cannot read the token");
        assertThat(ServeCommand.address("--listen", "[::1]:80").getPort()).isEqualTo(80);
        for (String wrong : List.of("localhost", "1.2.3.4:70000", ":9", "localhost:x"))
            assertThatThrownBy(() -> ServeCommand.address("--listen", wrong)).hasMessageContaining("ADDRESS:PORT");
    }

    @Test
    void shouldQuoteForAShell() {
        assertThat(ServePage.shell("audit")).isEqualTo("audit");
        assertThat(ServePage.shell("it's; rm -rf $HOME")).isEqualTo("'it'\\''s; rm -rf $HOME'");
        assertThat(ServePage.shell("-x")).isEqualTo("-- -x");
    }

    @Test
    void shouldTakeTheWholeCommandOutOfARemedy() {
        String quoted = "belfry skip d \"o'x\\$(a)\\\"b\"";
        assertThat(ServePage.command("Pass over it: '" + quoted + "', or 'belfry ls'."))
                .isEqualTo(quoted);
        assertThat(ServePage.command("'kill -CONT 7' continues it.")).isEqualTo("kill -CONT 7");
        assertThat(ServePage.command("Remove it: 'belfry rm --force q'.")).isEmpty();
    }
}
