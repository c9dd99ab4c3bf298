package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * What processes have noted: of each sender the last message that was committed, and which ones were received, and
 * done. A process is killed between a commit and its note, so more may be true than is noted.
 */
final class PagedBook {
    private final Path file;
    private final Map<String, Integer> counts = new HashMap<>();
    private final Map<String, Integer> sent = new HashMap<>();
    private final Map<String, Integer> newest = new HashMap<>();
    private final Map<String, BitSet> received = new HashMap<>();
    private final Map<String, BitSet> done = new HashMap<>();
    private final Map<String, BitSet> asNew = new HashMap<>();
    private boolean hasSeveralReceivers;
    private long read;

    PagedBook(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    /** Each of those that receive at the same time gets what is new in its order. */
    void hasSeveralReceivers() {
        hasSeveralReceivers = true;
    }

    /** Reads what is new, and fails where a promise is broken. */
    PagedBook read() {
        try {
            if (Files.exists(file)) readNext();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void readNext() throws IOException {
        try (RandomAccessFile notes = new RandomAccessFile(file.toFile(), "r")) {
            byte[] bytes = new byte[(int) (notes.length() - read)];
            notes.seek(read);
            notes.readFully(bytes);
            String text = new String(bytes, StandardCharsets.UTF_8);
            int end = text.lastIndexOf('\n') + 1;
            read += end;
            text.substring(0, end).lines().forEach(this::note);
        }
    }

    private void note(String line) {
        String[] words = line.split(" ");
        counts.merge(words[0], 1, Integer::sum);
        int serial = Integer.parseInt(words[2]);
        switch (words[0]) {
            case "sent" -> sent.merge(words[1], serial, Math::max);
            case "done" -> of(done, words[1]).set(serial);
            case "again" -> received(line, words[1], serial);
            default -> {
                received(line, words[1], serial);
                asNew(line, words[1], serial, hasSeveralReceivers ? words[1] + " " + words[3] : words[1]);
            }
        }
    }

    private void received(String line, String sender, int serial) {
        assertThat(of(done, sender).get(serial)).as("done before: " + line).isFalse();
        of(received, sender).set(serial);
    }

    private void asNew(String line, String sender, int serial, String order) {
        assertThat(of(asNew, sender).get(serial)).as("as new before: " + line).isFalse();
        of(asNew, sender).set(serial);
        Integer before = newest.put(order, serial);
        if (before != null)
            assertThat(serial).as("as new after " + before + ": " + line).isGreaterThan(before);
    }

    private static BitSet of(Map<String, BitSet> all, String sender) {
        return all.computeIfAbsent(sender, nobody -> new BitSet());
    }

    /** How many lines of that kind there are. */
    int count(String kind) {
        return counts.getOrDefault(kind, 0);
    }

    /** A receiver may have been killed between its commit and its note of that. */
    boolean isAllReceived() {
        return missing().isEmpty();
    }

    /** The first of each sender that was committed and not received. */
    Map<String, Integer> missing() {
        Map<String, Integer> missing = new HashMap<>();
        sent.forEach((sender, last) -> {
            int first = of(received, sender).nextClearBit(0);
            if (first <= last) missing.put(sender, first);
        });
        return missing;
    }

    /** The last one of that sender that was committed. */
    int last(String sender) {
        return sent.getOrDefault(sender, -1);
    }

    /** Those of that sender whose receiving was committed. */
    BitSet done(String sender) {
        return (BitSet) of(done, sender).clone();
    }

    /** Those of that sender that came: the last ones may have been committed before that was noted, or not. */
    BitSet came(String sender) {
        return (BitSet) of(received, sender).clone();
    }

    /** How many were committed and not received yet. */
    int backlog() {
        int committed = sent.values().stream().mapToInt(last -> last + 1).sum();
        return committed
                - received.values().stream().mapToInt(BitSet::cardinality).sum();
    }

    /** All that was received of the queue, by all receivers, once each. */
    int received(String queue) {
        return received.entrySet().stream()
                .filter(one -> one.getKey().startsWith(queue + "/"))
                .mapToInt(one -> one.getValue().cardinality())
                .sum();
    }

    @Override
    public String toString() {
        return counts + ", " + sent.size() + " senders";
    }
}
