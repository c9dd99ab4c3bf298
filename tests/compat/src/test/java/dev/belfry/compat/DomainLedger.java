package dev.belfry.compat;

import dev.belfry.testing.MessageViolation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Accounts for every message of one queue, or shared subscription, of a domain, from what its members have said before
 * they were killed. What a commit that had returned has sent is acknowledged once. A commit in which its process was
 * killed is there as a whole, or not at all. A message comes again only if its consumer was killed before it had
 * acknowledged it, and is marked then. It has to come again if its consumer was killed before it began to acknowledge
 * it.
 */
final class DomainLedger {
    private static final int PARTS = 3;

    private final Map<String, Integer> committed = new HashMap<>();
    private final Map<String, Story> stories = new TreeMap<>();
    private final List<String> violations = new ArrayList<>();

    /** What is known of one message. */
    private static final class Story {
        int got;
        int unmarked;
        int done;
        int unknown; // got by one that was killed before it could say more
        boolean isHeld; // by the last one that got it, which was killed before it began to acknowledge
    }

    /** What a producer has said: its commits have its name, and numbers from 0 on. */
    void produced(String who, List<String> said) {
        int count = 0;
        for (String line : said) if (line.equals("committed " + who + "." + count)) count++;
        long commits =
                said.stream().filter(line -> line.startsWith("committed ")).count();
        if (commits != count) violated(who + " said " + commits + " times that it has committed, but " + count);
        committed.put(who, count);
    }

    /** In the order in which they ended: who gets a message that comes again, ends after the one that had it before. */
    void consumed(List<String> said) {
        Set<String> held = new HashSet<>();
        Set<String> begun = new HashSet<>();
        for (String line : said) {
            String[] words = line.split(" ");
            if (words[0].equals("got")) {
                Story story = story(words[1]);
                story.got++;
                if (words[2].equals("false")) story.unmarked++;
                held.add(words[1]);
            } else if (words[0].equals("acks")) {
                begun.add(words[1]);
            } else if (words[0].equals("done")) {
                Story story = story(words[1]);
                story.done++;
                story.isHeld = false;
                held.remove(words[1]);
            }
        }
        if (held.size() > 1) violated("one consumer held " + held);
        for (String id : held) {
            story(id).unknown++;
            story(id).isHeld = !begun.contains(id);
        }
    }

    private Story story(String id) {
        return stories.computeIfAbsent(id, any -> new Story());
    }

    /** All have ended, and nothing is left. */
    void close() {
        Map<String, Integer> parts = new HashMap<>();
        stories.forEach((id, story) -> {
            if (story.done > 1) violated("doubled: " + id + " was acknowledged " + story.done + " times");
            if (story.got > story.done + story.unknown)
                violated(
                        "doubled: " + id + " came " + story.got + " times, but only " + story.unknown + " were killed");
            if (story.isHeld) violated("lost: " + id + ", which a consumer had that was killed");
            if (story.unmarked > 1) violated("not marked: " + id + ", which came again");
            parts.merge(id.substring(0, id.lastIndexOf('.')), 1, Integer::sum);
        });
        parts.forEach((commit, found) -> {
            int at = commit.lastIndexOf('.');
            int number = Integer.parseInt(commit.substring(at + 1));
            if (found != 1 + number % PARTS) violated("of commit " + commit + " came " + found);
            int returned = committed.getOrDefault(commit.substring(0, at), -1);
            if (number > returned) violated("made up: " + commit + ", of " + returned);
        });
        committed.forEach((who, count) -> {
            for (int i = 0; i < count; i++) if (!parts.containsKey(who + "." + i)) violated("lost: " + who + "." + i);
        });
    }

    private void violated(String what) {
        violations.add(what);
    }

    int messages() {
        return stories.size();
    }

    List<String> violations() {
        return List.copyOf(violations);
    }

    void requireNone(Object report) {
        MessageViolation.requireNone(violations.subList(0, Math.min(20, violations.size())), report);
    }
}
