package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Seeded;
import java.util.Random;
import java.util.TreeSet;

/** The buffer of a consumer beside a sorted set. */
@OneJdk
class BufferTest {
    private static final int STEPS = 5_000;

    @Seeded({1, 2})
    void shouldOrderAsASortedSetDoes(long seed) {
        Random random = new Random(seed);
        Buffer<Integer> buffer = new Buffer<>();
        TreeSet<Integer> plain = new TreeSet<>();
        for (int i = 0; i < STEPS; i++) {
            boolean grows = i / 500 % 2 == 0;
            int kept = random.nextInt(100);
            if (random.nextInt(10) < (grows ? 7 : 3)) {
                int one = random.nextInt(10) > 0 ? i : random.nextInt(STEPS);
                buffer.add(one);
                plain.add(one);
            } else if (kept == 0) {
                buffer.keepOnly(one -> one % 3 != 0);
                plain.removeIf(one -> one % 3 == 0);
            } else assertThat(buffer.poll()).isEqualTo(plain.pollFirst());
            assertThat(buffer.isEmpty()).isEqualTo(plain.isEmpty());
            if (!plain.isEmpty()) assertThat(buffer.last()).isEqualTo(plain.last());
            assertThat(buffer.all()).containsExactlyElementsOf(plain);
        }
    }
}
