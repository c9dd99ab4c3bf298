package dev.belfry.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The listeners, as an operator asks for them and stops them from outside. */
@WaitsForOthers
@Slow
class EndpointOverHttpTest {
    private static final JsonMapper JSON = new JsonMapper();

    private final Applications applications = new Applications();
    private final HttpClient client = HttpClient.newHttpClient();
    private int port;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(ControlTest.Billing.class)
    static class Web {}

    @AfterEach
    void removeQueues() {
        applications.removeQueues();
    }

    private HttpResponse<String> ask(String path, String body) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/actuator/belfry" + path));
        if (body != null)
            request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode read(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JSON.readTree(response.body());
    }

    @Test
    void shouldListStopAndStartListeners() throws Exception {
        try (ConfigurableApplicationContext context = SpringApplication.run(
                Web.class,
                "--server.port=0",
                "--spring.main.banner-mode=off",
                "--management.endpoints.web.exposure.include=belfry",
                "--" + applications.mem("orders"),
                "--" + applications.mem("stock"))) {
            port = context.getEnvironment().getRequiredProperty("local.server.port", int.class);
            assertThat(read(ask("", null)).findValuesAsString("id")).contains("bill", "later");
            JsonNode stopped = read(ask("/bill", "{\"action\": \"stop\"}"));
            assertThat(stopped.get("state").asString()).isEqualTo("STOPPED");
            assertThat(stopped.get("holdsUp").asString()).startsWith("the publishers of '");
            JsonNode started = read(ask("/bill", "{\"action\": \"start\"}"));
            assertThat(started.get("state").asString()).isEqualTo("RUNNING");
            assertThat(ask("/nobody", "{\"action\": \"stop\"}").statusCode()).isEqualTo(400);
            assertThat(ask("/bill", "{\"action\": \"halt\"}").statusCode()).isEqualTo(400);
        }
    }
}
