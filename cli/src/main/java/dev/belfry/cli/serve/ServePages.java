package dev.belfry.cli.serve;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/** The answers of {@code serve}: its page, and those for programs. */
public final class ServePages implements ServeHttp.Pages {
    private static final Map<String, String> FILES = Map.of(
            "", "text/html; charset=utf-8",
            "page.css", "text/css; charset=utf-8",
            "page.svg", "image/svg+xml",
            "page.js", "text/javascript; charset=utf-8");

    private final ServeApi api;
    private final ServeMeters meters;

    /** {@code bridges}: addresses at which bridges tell of themselves. */
    public ServePages(boolean bodies, List<String> directories, List<String> bridges) {
        this(ServeWatch.of(directories), bodies, bridges);
    }

    ServePages(ServeWatch watch, boolean bodies, List<String> bridges) {
        api = new ServeApi(watch, bodies, new ServePage(watch, bodies, bridges));
        meters = new ServeMeters(watch);
    }

    @Override
    public Answer answer(List<String> path) throws IOException {
        String first = path.get(0);
        int length = path.size();
        if (length == 1 && FILES.containsKey(first)) return file(first);
        if (first.equals("metrics") && length == 1) return Answer.meters(meters.scrape());
        if (first.equals("health") && length <= 2) return health(api.health(length == 1 ? null : path.get(1)));
        Map<String, Object> value = first.equals("api") && length > 1 ? api.answer(path.subList(1, length)) : null;
        return value == null
                ? Answer.text(404, "there is no such page: 'belfry serve --help' names them")
                : Answer.json(value);
    }

    private static Answer health(ServeApi.Health health) {
        return Answer.text(health.isWell() ? 200 : 503, String.join("\n", health.lines()));
    }

    private static Answer file(String name) throws IOException {
        try (InputStream file = ServePages.class.getResourceAsStream(name.isEmpty() ? "page.html" : name)) {
            return new Answer(200, FILES.get(name), file.readAllBytes());
        }
    }
}
