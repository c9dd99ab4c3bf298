package dev.belfry.opentelemetry;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.List;

/** OpenTelemetry as a program sets it up, without propagators; its spans stay in this JVM. */
final class Spans implements AutoCloseable {
    private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
    private final OpenTelemetrySdk sdk = OpenTelemetrySdk.builder()
            .setTracerProvider(SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                    .build())
            .build();

    OpenTelemetry telemetry() {
        return sdk;
    }

    /** One of the program itself. */
    Span begin(String name) {
        return sdk.getTracer("program").spanBuilder(name).startSpan();
    }

    List<SpanData> ended() {
        return exporter.getFinishedSpanItems();
    }

    /** The ended ones of this name, in their order. */
    List<SpanData> ended(String name) {
        return ended().stream().filter(each -> each.getName().equals(name)).toList();
    }

    @Override
    public void close() {
        sdk.close();
    }
}
