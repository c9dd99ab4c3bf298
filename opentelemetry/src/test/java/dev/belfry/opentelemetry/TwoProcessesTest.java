package dev.belfry.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.WaitsForOthers;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A trace goes on in another process, whichever way that one reads. */
@Timeout(120)
@WaitsForOthers
class TwoProcessesTest {
    private record Row(String name, String kind, String trace, String parent, String id, String position, String end) {
        static Row of(String line) {
            String[] words = line.split(" ", 7);
            return new Row(words[0], words[1], words[2], words[3], words[4], words[5], words[6]);
        }
    }

    private final List<SpanData> orders = new ArrayList<>();
    private final List<SpanData> publishes = new ArrayList<>();
    private final List<Row> rows = new ArrayList<>();

    /** Publishes "a", "bad" and "c", each within a span of its own, which another process reads. */
    private void run(String way) {
        String uri = "shm:tracing-" + way + "-" + ProcessHandle.current().pid() + "?deleteOnLastClose=true";
        try (Spans spans = new Spans();
                MessageQueue queue = new BelfryTracing(spans.telemetry()).wrap(MessageQueues.open(uri));
                Publisher out = queue.createPublisher()) {
            for (String text : List.of("a", "bad", "c")) {
                Span order = spans.begin("order");
                Scope scope = order.makeCurrent();
                out.publish(text);
                scope.close();
                order.end();
            }
            orders.addAll(spans.ended("order"));
            publishes.addAll(spans.ended("publish " + queue.uri().getSchemeSpecificPart()));
            try (ChildJvm child = JavaCommand.of(Reader.class, way, uri)
                    .flags(JavaCommand.QUICK)
                    .start()) {
                List<String> lines = child.rest();
                assertThat(lines.remove(lines.size() - 1)).as(child.errors()).isEqualTo("exit 0");
                for (String line : lines) rows.add(Row.of(line));
            }
        }
        assertThat(orders).hasSize(3);
        assertThat(publishes).hasSize(3);
        for (int i = 0; i < 3; i++) {
            assertThat(publishes.get(i).getTraceId()).isEqualTo(orders.get(i).getTraceId());
            assertThat(publishes.get(i).getParentSpanId())
                    .isEqualTo(orders.get(i).getSpanId());
        }
    }

    private static void isChildOf(SpanData publish, Row row) {
        assertThat(row.trace).isEqualTo(publish.getTraceId());
        assertThat(row.parent).isEqualTo(publish.getSpanId());
    }

    @ParameterizedTest
    @ValueSource(strings = {"poll", "listener"})
    void shouldRunAHandlerInASpanBelowThePublish(String way) {
        run(way);
        List<Row> processes =
                rows.stream().filter(row -> row.name.equals("process")).toList();
        List<Row> works = rows.stream().filter(row -> row.name.equals("work")).toList();
        assertThat(processes).extracting(Row::position).containsExactly("1", "2", "2", "3");
        assertThat(processes).extracting(Row::kind).containsOnly("CONSUMER");
        assertThat(processes)
                .extracting(Row::end)
                .containsExactly("UNSET", "ERROR exception bad, said it", "UNSET", "UNSET");
        for (Row row : processes) isChildOf(publishes.get(Integer.parseInt(row.position) - 1), row);
        assertThat(works)
                .extracting(Row::parent)
                .containsExactly(processes.get(0).id, processes.get(2).id, processes.get(3).id);
    }

    @ParameterizedTest
    @ValueSource(strings = "receive")
    void shouldLetAReceiverGoOnWithTheTrace(String way) {
        run(way);
        assertThat(rows).extracting(Row::name).containsExactly("receive", "work", "receive", "work", "receive", "work");
        for (int i = 0; i < rows.size(); i++) isChildOf(publishes.get(i / 2), rows.get(i));
        assertThat(rows.get(0)).extracting(Row::kind, Row::position, Row::end).containsExactly("CLIENT", "1", "UNSET");
    }
}
