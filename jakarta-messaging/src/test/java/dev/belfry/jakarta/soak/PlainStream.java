package dev.belfry.jakarta.soak;

import dev.belfry.jakarta.soak.Ledger.Fate;
import dev.belfry.jakarta.soak.Ledger.Sent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one plain subscription was given. What a process sends comes in that order, and once, or again and marked so. As
 * long as the subscription lives it misses nothing: of each sender all that it began to send after the subscription was
 * there, up to the last that came.
 */
final class PlainStream {
    private final String process;
    private final long since;
    private final Map<Long, Integer> counts = new HashMap<>();
    /** Of each sender. */
    private final Map<Long, Long> last = new HashMap<>();

    /** {@code since}: then it was there. */
    PlainStream(String process, long since) {
        this.process = process;
        this.since = since;
    }

    int size() {
        return counts.size();
    }

    /** For the n-th time. What is wrong with that. */
    List<String> got(long id, int count) {
        List<String> wrong = new ArrayList<>();
        Integer before = counts.put(id, count);
        if (before == null && count > 1) wrong.add(to(id) + " for the " + count + ". time, and never before");
        if (before != null && count <= before)
            wrong.add(to(id) + " for the " + count + ". time, and before for the " + before + ".");
        if (before != null) return wrong;
        Long earlier = last.put(id >>> 32, id);
        if (earlier != null && earlier > id) wrong.add(to(id) + " after " + Ledger.name(earlier));
        return wrong;
    }

    private String to(long id) {
        return Ledger.name(id) + " came to the plain subscription of " + process;
    }

    /** {@code sent}: to the topic, by sender. */
    List<String> check(Map<Long, List<Sent>> sent) {
        List<String> wrong = new ArrayList<>();
        Map<Long, Integer> unknown = new HashMap<>(counts);
        last.forEach((sender, newest) -> {
            for (Sent one : sent.getOrDefault(sender, List.of())) {
                boolean came = unknown.remove(one.id) != null;
                if (came && one.fate == Fate.NO) wrong.add(to(one.id) + ", and was rolled back or refused");
                if (!came && one.fate == Fate.YES && one.at > since && one.id < newest)
                    wrong.add(Ledger.name(one.id) + " was missed by the plain subscription of " + process
                            + ", which got " + Ledger.name(newest));
            }
        });
        for (long id : unknown.keySet()) wrong.add(to(id) + ", and was never sent");
        return wrong;
    }
}
