package dev.belfry.tests;

import dev.belfry.api.Create;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A JVM in a soak with some participants, each in a thread of its own. Says "ready"; hears "play
 * KIND JOURNAL SEED URI NAME" (of a publisher: its number, of a named subscriber: its name),
 * "quiet" (publishers end, says "quiet"; subscribers stay), "leave" (all end and close, says
 * "left") and "exit".
 */
final class Troupe implements Role {
    private final List<Player> players = new ArrayList<>();
    private MessageQueue shared; // by some of the participants, the others open one of their own

    @Override
    public void play(Line line, String... args) throws Exception {
        line.say("ready");
        while (true) {
            String[] words = line.hear().split(" ");
            switch (words[0]) {
                case "play" -> begin(words);
                case "quiet" -> {
                    for (Player player : players) player.quiet = true;
                    for (Player player : players) if (player.isPublisher()) player.end();
                    line.say("quiet");
                }
                case "leave" -> {
                    for (Player player : players) player.quiet = player.leaving = true;
                    for (Player player : players) player.end();
                    players.clear();
                    if (shared != null) shared.close();
                    shared = null;
                    System.gc(); // so that maps of old journals are not taken for a leak
                    line.say("left");
                }
                default -> {
                    return;
                }
            }
        }
    }

    private void begin(String... words) throws Exception {
        Random random = new Random(Long.parseLong(words[3]));
        URI uri = URI.create(words[4]);
        Player player =
                switch (words[1]) {
                    case "publisher", "exclusive" ->
                        new PublishingPlayer(Long.parseLong(words[5]), words[1].equals("exclusive"));
                    case "subscriber" -> new ReadingPlayer(null);
                    case "named" -> new ReadingPlayer(words[5]);
                    case "admin" -> new AdminPlayer();
                    default -> throw new IllegalArgumentException(words[1]);
                };
        player.journal = new Journal(Path.of(words[2]));
        player.random = random;
        player.uri = uri;
        if (random.nextInt(3) == 0) player.shared = shared == null ? shared = open(uri) : shared;
        players.add(player);
        player.thread = new Thread(player, words[1]);
        player.thread.start();
    }

    static MessageQueue open(URI uri) {
        return MessageQueues.open(
                uri, QueueConfig.builder().create(Create.OPEN_EXISTING).build());
    }

    /**
     * One participant: it lives several lives on the queue, one after the other, until it is told
     * to end. Whatever it did not expect ends the JVM.
     */
    abstract static class Player implements Runnable {
        URI uri;
        MessageQueue shared;
        Journal journal;
        Random random;
        Thread thread;
        volatile boolean quiet;
        volatile boolean leaving;

        boolean isPublisher() {
            return false;
        }

        /** One life: until its time is over, or it is told to end. */
        abstract void live(MessageQueue queue) throws Exception;

        abstract boolean isOver();

        /** It may be waiting for something that will not come. */
        void hurry() {}

        @Override
        public void run() {
            try {
                while (!isOver()) {
                    if (shared != null) {
                        live(shared);
                    } else {
                        try (MessageQueue own = open(uri)) {
                            live(own);
                        }
                    }
                }
            } catch (Throwable e) {
                e.printStackTrace();
                Runtime.getRuntime().halt(1);
            }
        }

        void end() throws InterruptedException {
            thread.join(500);
            while (thread.isAlive()) {
                hurry();
                thread.join(50);
            }
        }

        /** Mostly small, now and then huge: each order of magnitude is as likely as any other. */
        int length(int longest) {
            int most = random.nextInt(64) == 0 ? Math.min(longest, 1 << 22) : Math.min(longest, 2048);
            return Math.max(1, (int) Math.exp(random.nextDouble() * Math.log(most + 1)));
        }
    }
}
