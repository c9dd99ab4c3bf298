package dev.belfry.cli;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** A tab of Debian's Chromium without a window, by its DevTools protocol. */
final class Browser implements AutoCloseable {
    private static final String PROGRAM = "chromium";

    private final ChildJvm process;
    private final WebSocket socket;
    private final Map<Long, Map<String, Object>> answers = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>(); // of the browser about the page
    private long asked;

    static boolean isInstalled() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, PROGRAM)));
    }

    /** {@code directory}: for what it stores. */
    Browser(Path directory, int width, int height) throws Exception {
        process = ChildJvm.startMerged(
                PROGRAM,
                List.of(
                        PROGRAM,
                        "--headless",
                        "--no-sandbox", // which root cannot have
                        "--disable-gpu",
                        "--disable-dev-shm-usage", // not where the queues are
                        "--disable-background-networking",
                        "--no-first-run",
                        "--hide-scrollbars",
                        "--user-data-dir=" + directory,
                        "--window-size=" + width + "," + height,
                        "--remote-debugging-port=0",
                        "about:blank"));
        Path port = directory.resolve("DevToolsActivePort");
        Patience.until(
                "Chromium listens",
                process,
                () -> Files.exists(port) && lines(port).size() == 2);
        HttpClient client = HttpClient.newHttpClient();
        URI list = URI.create("http://127.0.0.1:" + lines(port).get(0) + "/json/list");
        Object[] tabs = new Object[1];
        Patience.until("it has a tab", process, () -> (tabs[0] = tab(client, list)) != null);
        socket = client.newWebSocketBuilder()
                .buildAsync(URI.create((String) tabs[0]), new Answers())
                .join();
        ask("Page.enable", "");
        ask("Log.enable", "");
        ask("Runtime.enable", "");
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException notYet) {
            return List.of();
        }
    }

    private static Object tab(HttpClient client, URI list) {
        try {
            String text = client.send(HttpRequest.newBuilder(list).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            for (Object each : (List<?>) JsonText.parse(text))
                if ("page".equals(((Map<?, ?>) each).get("type")))
                    return ((Map<?, ?>) each).get("webSocketDebuggerUrl");
            return null;
        } catch (IOException | InterruptedException notYet) {
            return null;
        }
    }

    private final class Answers implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        @SuppressWarnings("unchecked")
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean isLast) {
            text.append(part);
            if (isLast) {
                Map<String, Object> answer = (Map<String, Object>) JsonText.parse(text.toString());
                String method = String.valueOf(answer.get("method"));
                if (answer.get("id") instanceof Long id) answers.put(id, answer);
                else if (method.equals("Log.entryAdded") || method.equals("Runtime.exceptionThrown"))
                    complaints.add(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> ask(String method, String parameters) {
        long id = ++asked;
        socket.sendText("{\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":{" + parameters + "}}", true)
                .join();
        Patience.until(method + " is answered", process, () -> answers.containsKey(id));
        Map<String, Object> answer = answers.remove(id);
        if (!answer.containsKey("result")) throw new AssertionError(answer.toString());
        return (Map<String, Object>) answer.get("result");
    }

    void open(URI page) {
        ask("Page.navigate", "\"url\":\"" + page + "\"");
    }

    /** The value of a JavaScript expression. */
    Object value(String expression) {
        Map<String, Object> result = ask(
                "Runtime.evaluate",
                "\"returnByValue\":true,\"awaitPromise\":true,\"expression\":" + JsonText.of(expression));
        if (result.containsKey("exceptionDetails")) throw new AssertionError(result.toString());
        return ((Map<?, ?>) result.get("result")).get("value");
    }

    /** What a reader sees there. */
    String text(String selector) {
        return (String) value("(document.querySelector('" + selector + "') || {innerText: ''}).innerText");
    }

    void key(String name, int code) {
        for (String type : List.of("keyDown", "keyUp"))
            ask(
                    "Input.dispatchKeyEvent",
                    "\"type\":\"" + type + "\",\"key\":\"" + name + "\",\"code\":\"" + name
                            + "\",\"windowsVirtualKeyCode\":" + code
                            + (name.equals("Enter") && type.equals("keyDown") ? ",\"text\":\"\\r\"" : ""));
    }

    void dark() {
        ask("Emulation.setEmulatedMedia", "\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"dark\"}]");
    }

    void screenshot(Path file) throws IOException {
        String data =
                (String) ask("Page.captureScreenshot", "\"format\":\"png\"").get("data");
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(data));
    }

    List<String> complaints() {
        return complaints;
    }

    @Override
    public void close() {
        socket.abort();
        process.close();
    }
}
