package dev.belfry.shm.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.Inside;
import java.io.File;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CutWhileMappedTest {
    private final String name = "cut-mapped-" + ProcessHandle.current().pid();
    private final String uri = "shm:" + name + "?capacity=4k&maxCapacity=256k&slots=8";
    private final File file = new File("/dev/shm/belfry." + name);

    /** A handle confirms the length again when it maps another region. */
    @Test
    void shouldStayKnownAsCutThoughAHandleMapsAnOlderRegion() throws Exception {
        try (MessageQueue first = MessageQueues.open(uri)) {
            first.createSubscriber(SubscriberOptions.builder()
                    .name("holds")
                    .startAt(StartAt.OLDEST_RETAINED)
                    .build());
            long lengthBefore = grow(first.createPublisher());
            try (MessageQueue second = MessageQueues.open(uri)) {
                Publisher publisher = second.createPublisher();
                publisher.publish("while it is whole");
                try (RandomAccessFile cut = new RandomAccessFile(file, "rw")) {
                    cut.setLength(lengthBefore);
                }
                Subscriber older = second.createSubscriber(SubscriberOptions.builder()
                        .slowSubscriber(SlowSubscriber.OVERRUN)
                        .startAt(StartAt.OLDEST_RETAINED)
                        .build());
                assertThat(older.receiveNoWait()).isNotNull();
                assertThat(Inside.handle(second).segment.isTruncated()).isTrue();
            }
        } finally {
            MessageQueues.delete("shm:" + name);
        }
    }

    /** Returns the length that the segment had before its newest region. */
    private long grow(Publisher publisher) {
        long before = 0;
        for (long length = file.length(); length < 300_000; ) {
            publisher.offer(ByteBuffer.wrap(new byte[1000]), Duration.ZERO);
            if (file.length() != length) before = length;
            length = file.length();
        }
        return before;
    }
}
