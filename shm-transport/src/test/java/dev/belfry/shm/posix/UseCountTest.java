package dev.belfry.shm.posix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Slow;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class UseCountTest {
    @Test
    @Slow
    void shouldFreeOnceAndUnderNobody() throws Exception {
        for (int i = 0; i < 1000; i++) {
            UseCount count = new UseCount();
            AtomicInteger freed = new AtomicInteger();
            AtomicBoolean usedAfterwards = new AtomicBoolean();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                threads.add(new Thread(() -> {
                    for (int k = 0; k < 1000 && count.enter(); k++) {
                        if (freed.get() != 0) usedAfterwards.set(true);
                        if (count.exit()) freed.incrementAndGet();
                    }
                    if (count.close()) freed.incrementAndGet();
                }));
            }
            for (Thread thread : threads) thread.start();
            if (count.close()) freed.incrementAndGet();
            for (Thread thread : threads) thread.join();
            assertThat(freed.get()).isOne();
            assertThat(usedAfterwards.get()).isFalse();
        }
    }
}
