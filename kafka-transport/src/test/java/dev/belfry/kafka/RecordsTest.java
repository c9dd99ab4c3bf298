package dev.belfry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.belfry.api.MessageProperties;
import dev.belfry.spi.HeapMessage;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

/** The key and the headers of a record, as 0.1.0 writes them: never to be changed here. */
class RecordsTest {
    private static final String KEY = "4266" + "0000000000000001" + "0000000000000002";
    private static final List<String> HEADERS = List.of(
            "string=c3a4",
            "belfry.=0700010700626f6f6c65616e0102040062797465ff03050073686f7274feff040300696e74fdffffff"
                    + "0504006c6f6e670000000000010000060500666c6f61740000c03f070600646f75626c659a9999999999b9bf",
            "last=",
            "belfry.time=");

    private static MessageProperties every() {
        return MessageProperties.builder()
                .put("string", "\u00e4")
                .put("boolean", true)
                .put("byte", (byte) -1)
                .put("short", (short) -2)
                .put("int", -3)
                .put("long", 1L << 40)
                .put("float", 1.5f)
                .put("double", -0.1)
                .put("last", "")
                .build();
    }

    @Test
    void shouldWriteARecord() {
        ProducerRecord<Object, byte[]> record = Records.record("topic", new Uuid(1, 2), new byte[] {1}, every(), true);
        assertThat(HexFormat.of().formatHex(Records.key(record.key()))).isEqualTo(KEY);
        List<String> headers = new ArrayList<>();
        for (Header each : record.headers())
            headers.add(each.key() + "=" + HexFormat.of().formatHex(each.value()));
        assertThat(headers).isEqualTo(HEADERS);
        assertThat(record.value()).containsExactly(1);
    }

    @Test
    void shouldReadARecord() {
        RecordHeaders headers = new RecordHeaders();
        for (String each : HEADERS)
            headers.add(
                    each.substring(0, each.indexOf('=')),
                    HexFormat.of().parseHex(each.substring(each.indexOf('=') + 1)));
        HeapMessage message = Records.message(
                new ConsumerRecord<>(
                        "topic",
                        0,
                        41,
                        1000,
                        TimestampType.CREATE_TIME,
                        18,
                        1,
                        HexFormat.of().parseHex(KEY),
                        new byte[] {1},
                        headers,
                        Optional.empty()),
                false,
                left -> fail(left));
        assertThat(message.position()).isEqualTo(42);
        assertThat(message.timestampMillis()).isEqualTo(1000);
        assertThat(message.bytes()).containsExactly(1);
        assertThat(message.properties()).isEqualTo(every());
    }
}
