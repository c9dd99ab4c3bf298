package dev.belfry.cli.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.util.List;

/** One row of the page; a bridge that listens tells of itself by such rows. {@code seconds}: -1: there are none. */
public record PageRow(String queue, String check, String who, String what, long seconds, String command) {
    /** The path at which a bridge has them, a line each. */
    public static final String PATH = "rows";

    private static final int PATIENCE_MILLIS = 500;
    private static final int MOST_BYTES = 1 << 20;

    public String line() {
        return String.join("\t", queue, check, who, what.replaceAll("\\s+", " "), Long.toString(seconds), command);
    }

    private static PageRow of(String line) {
        String[] parts = line.split("\t", -1);
        return new PageRow(parts[0], parts[1], parts[2], parts[3], Long.parseLong(parts[4]), parts[5]);
    }

    /** Those of the bridges that listen at this address; if nobody tells of any, one that says why. */
    static List<PageRow> at(String address) {
        try {
            URI page = URI.create("http://" + address + "/" + PATH);
            HttpURLConnection http = (HttpURLConnection) page.toURL().openConnection(Proxy.NO_PROXY);
            http.setConnectTimeout(PATIENCE_MILLIS);
            http.setReadTimeout(PATIENCE_MILLIS);
            try (InputStream body = http.getInputStream()) {
                String all = new String(body.readNBytes(MOST_BYTES), UTF_8);
                return all.lines().map(PageRow::of).toList();
            }
        } catch (IOException | RuntimeException e) { // another program may listen there
            return List.of(new PageRow(address, "", "a bridge", "tells nothing: " + e, -1, ""));
        }
    }
}
