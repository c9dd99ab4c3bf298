package dev.belfry.micrometer;

import com.sun.net.httpserver.HttpServer;
import dev.belfry.api.MessageQueues;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** A program that reports queues; docs/prometheus.md shows it. */
final class Meters {
    private Meters() {}

    /** {@code arguments}: a port, and the URIs of the queues. */
    public static void main(String[] arguments) throws IOException {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        for (int i = 1; i < arguments.length; i++) new BelfryMetrics(MessageQueues.open(arguments[i])).bindTo(registry);

        InetSocketAddress address = new InetSocketAddress("localhost", Integer.parseInt(arguments[0]));
        HttpServer server = HttpServer.create(address, 0);
        server.createContext("/metrics", exchange -> {
            byte[] text = registry.scrape().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(200, text.length);
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(text);
            }
        });
        server.start();
        System.out.println("http://localhost:" + server.getAddress().getPort() + "/metrics");
    }
}
