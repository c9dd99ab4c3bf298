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
 * Accounts for every message of one queue, from what publishers and readers have said before they were killed. Each
 * position has one message, for all readers. A message whose publish had returned is at that position. Of each
 * publisher that was killed one more may be there. Each subscription goes on where it was acknowledged, whatever
 * process reads for it.
 */
final class QueueLedger {
    private final Map<Long, String> log = new TreeMap<>();
    private final Map<String, Subscription> subscriptions = new HashMap<>();
    private final Map<String, Integer> returned = new HashMap<>();
    private final List<String> violations = new ArrayList<>();

    /** How far the readers of one have come. */
    private static final class Subscription {
        long read;
        long done;
        long lastOfThisLife;
        boolean mayRewind;
    }

    /** What a publisher has said: its messages have its name, and numbers from 0 on. */
    void published(String who, List<String> said) {
        int count = 0;
        for (String line : said) {
            String[] words = line.split(" ");
            if (!words[0].equals("returned")) continue;
            if (!words[2].equals(who + "." + count)) violated(who + " said '" + line + "' after " + count);
            count++;
            put(Long.parseLong(words[1]), words[2], who);
        }
        returned.put(who, count);
    }

    /** What one that read for a subscription has said. */
    void read(String name, List<String> said) {
        Subscription its = subscriptions.computeIfAbsent(name, any -> new Subscription());
        for (String line : said) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "ready" -> goesOn(name, its, Long.parseLong(words[1]));
                case "read" -> read(name, its, Long.parseLong(words[1]), words[2]);
                case "done" -> its.done = Math.max(its.done, Long.parseLong(words[1]));
                default -> {}
            }
        }
    }

    /** After {@code position}: the last that was acknowledged, or the one after it, which nobody could say any more. */
    private void goesOn(String name, Subscription its, long position) {
        boolean fits = position == its.done || position == its.read || its.mayRewind && position < its.read;
        if (!fits)
            violated(name + " goes on after " + position + ", but " + its.done + " was acknowledged, and " + its.read
                    + " read");
        if (its.mayRewind) its.read = position;
        its.mayRewind = false;
        its.done = position;
        its.lastOfThisLife = position;
    }

    private void read(String name, Subscription its, long position, String id) {
        if (position != its.lastOfThisLife + 1)
            violated(name + " got position " + position + " after " + its.lastOfThisLife);
        its.lastOfThisLife = position;
        its.read = Math.max(its.read, position);
        put(position, id, name);
    }

    private void put(long position, String id, String by) {
        String other = log.putIfAbsent(position, id);
        if (other != null && !other.equals(id))
            violated("at position " + position + " " + by + " has " + id + ", and others " + other);
    }

    /** After the memory is gone places may be as they were at the last flush. */
    void mayRewind() {
        subscriptions.values().forEach(each -> each.mayRewind = true);
    }

    /** All have ended, and all readers have read up to here. */
    void close(long newest) {
        subscriptions.forEach((name, its) -> {
            if (its.read != newest) violated(name + " has read up to " + its.read + " of " + newest);
        });
        Map<String, Integer> next = new HashMap<>();
        Set<String> ids = new HashSet<>();
        for (long position = 1; position <= newest; position++) {
            String id = log.get(position);
            if (id == null) {
                violated("lost: position " + position);
                continue;
            }
            if (!ids.add(id)) violated("doubled: " + id + ", at position " + position);
            String who = id.substring(0, id.lastIndexOf('.'));
            int number = Integer.parseInt(id.substring(who.length() + 1));
            int wanted = next.merge(who, 1, Integer::sum) - 1;
            if (number != wanted) violated("at position " + position + " is " + id + " instead of number " + wanted);
        }
        if (log.size() > newest) violated(log.size() + " messages, but the newest is " + newest);
        returned.forEach((who, count) -> {
            int found = next.getOrDefault(who, 0);
            if (found < count || found > count + 1) violated(who + " published " + count + ", and there are " + found);
        });
        next.keySet().stream().filter(who -> !returned.containsKey(who)).forEach(who -> violated("made up: " + who));
    }

    private void violated(String what) {
        violations.add(what);
    }

    long messages() {
        return log.size();
    }

    List<String> violations() {
        return List.copyOf(violations);
    }

    void requireNone(Object report) {
        MessageViolation.requireNone(violations.subList(0, Math.min(20, violations.size())), report);
    }
}
