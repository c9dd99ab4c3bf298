package dev.belfry.cli.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.belfry.cli.text.Json;
import java.util.Map;

/** One that is no page: the text of its body says why. */
public record Answer(int status, String type, byte[] body) {
    private static final String TEXT = "text/plain; charset=utf-8";

    public static Answer text(int status, String text) {
        return new Answer(status, TEXT, (text + "\n").getBytes(UTF_8));
    }

    public static Answer json(Map<String, ?> answer) {
        return new Answer(200, "application/json", (Json.of(answer) + "\n").getBytes(UTF_8));
    }

    /** For Prometheus. */
    public static Answer meters(String scraped) {
        return new Answer(200, "text/plain; version=0.0.4; charset=utf-8", scraped.getBytes(UTF_8));
    }
}
