package dev.belfry.jakarta.fold;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.jakarta.wire.Mids;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Seeded;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/**
 * The maps, the lane and the list of statements beside plain sorted maps, with more in them than
 * random histories have.
 */
@OneJdk
class StructuresTest {
    private static final int STEPS = 20_000;

    @Seeded({1, 2})
    void shouldMapAsASortedMapDoes(long seed) {
        Random random = new Random(seed);
        LongMap<Long> map = new LongMap<>();
        TreeMap<Long, Long> plain = new TreeMap<>();
        for (int i = 0; i < STEPS; i++) {
            // Close together, and far apart as mids are.
            long key = random.nextInt(900) * (random.nextBoolean() ? 1L : 1L << 48);
            boolean adds = random.nextInt(STEPS) > i;
            if (adds) {
                map.put(key, (long) i);
                plain.put(key, (long) i);
            } else assertThat(map.remove(key)).isEqualTo(plain.remove(key));
            assertThat(map.get(key)).isEqualTo(plain.get(key));
            assertThat(map.size).isEqualTo(plain.size());
        }
        assertThat(map.sortedKeys())
                .isEqualTo(plain.keySet().stream().mapToLong(Long::longValue).toArray());
        plain.forEach((key, value) -> assertThat(map.get(key)).isEqualTo(value));
    }

    @Seeded({1, 2})
    void shouldFindAMessageByItsMid(long seed) {
        Random random = new Random(seed);
        MessageMap map = new MessageMap();
        TreeMap<Long, Message> plain = new TreeMap<>();
        for (int i = 0; i < STEPS; i++) {
            // Positions and indices are alike, and few: a page has many of them.
            long mid = Mids.of(random.nextInt(200), random.nextBoolean() ? 0 : random.nextInt(200));
            if (random.nextInt(STEPS) > i) {
                Message m = new Message();
                m.mid = mid;
                map.put(m);
                plain.put(mid, m);
            } else {
                map.remove(mid);
                plain.remove(mid);
            }
            assertThat(map.get(mid)).isSameAs(plain.get(mid));
            assertThat(map.size()).isEqualTo(plain.size());
            if (i % 1000 == 0)
                plain.forEach((key, value) -> assertThat(map.get(key)).isSameAs(value));
        }
    }

    @Seeded({1, 2})
    void shouldKeepALaneInOrder(long seed) {
        Random random = new Random(seed);
        Lane lane = new Lane();
        TreeMap<Long, Message> plain = new TreeMap<>();
        long next = STEPS;
        long back = 0;
        for (int i = 0; i < STEPS; i++) {
            // Most come in order; what a late member is told again comes before. So does a page, in its order.
            boolean comesBack = i / 500 % 4 == 1;
            if (i % 500 == 0) back = random.nextInt(STEPS);
            long mid = comesBack ? back++ : random.nextInt(10) > 0 ? next++ : random.nextInt(STEPS);
            boolean grows = i / 2000 % 2 == 0;
            if (random.nextInt(10) < (grows ? 8 : 3) && !plain.containsKey(mid)) {
                Message m = new Message();
                m.mid = mid;
                m.live = true;
                lane.add(m);
                plain.put(mid, m);
            } else if (!plain.isEmpty()) {
                Long from = random.nextBoolean()
                        ? plain.firstKey()
                        : plain.ceilingKey(plain.firstKey() + random.nextInt(50));
                Message gone = plain.remove(from == null ? plain.firstKey() : from);
                gone.live = false;
                lane.removed();
            }
            if (i % 100 == 0) {
                long after = random.nextInt(2 * STEPS);
                List<Message> found = new ArrayList<>();
                for (int at = lane.firstAfter(after); at < lane.end(); at++)
                    if (lane.live(at) != null) found.add(lane.live(at));
                assertThat(found)
                        .containsExactlyElementsOf(plain.tailMap(after, false).values());
            }
        }
    }

    @Seeded({1, 2})
    void shouldKnowTheOldestStatement(long seed) {
        Random random = new Random(seed);
        Statements statements = new Statements();
        List<Message> messages = new ArrayList<>();
        for (long p = 0; p < STEPS; p++) {
            Message m = messages.isEmpty() || random.nextInt(10) < 4
                    ? new Message()
                    : messages.get(random.nextInt(messages.size()));
            if (!m.live && !messages.contains(m)) messages.add(m);
            m.live = true;
            m.statement = p;
            statements.add(m, p);
            if (random.nextInt(10) < 5) messages.remove(random.nextInt(messages.size())).live = false;
            if (p % 50 == 0)
                assertThat(statements.oldest(STEPS))
                        .isEqualTo(messages.stream()
                                .mapToLong(x -> x.statement)
                                .min()
                                .orElse(STEPS));
        }
    }
}
