package dev.belfry.shm.crash;

import static dev.belfry.shm.crash.Operation.of;
import static dev.belfry.shm.crash.OperationParts.GROWING;
import static dev.belfry.shm.crash.OperationParts.RETAINED;
import static dev.belfry.shm.crash.OperationParts.SMALL;
import static dev.belfry.shm.crash.OperationParts.audited;
import static dev.belfry.shm.crash.OperationParts.favoured;
import static dev.belfry.shm.crash.OperationParts.members;
import static dev.belfry.shm.crash.OperationParts.otherFavoured;
import static dev.belfry.shm.crash.OperationParts.resumes;

import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.PublisherOptions;
import java.util.List;

/** Publishes, claims and batches. */
final class PublishOperations {
    private PublishOperations() {}

    static void publishing(List<Operation> all) {
        all.add(of("publish", SMALL, OperationParts::members, s -> s.publish(s.publisher, 100)));
        all.add(of(
                "publish with properties",
                SMALL,
                s -> {
                    s.withWatcher();
                    s.withVictim();
                    s.publisher = s.queue.createPublisher(
                            PublisherOptions.builder().timestamps(true).build());
                    s.publish(s.publisher, 50);
                },
                s -> s.publish(
                        s.publisher,
                        100,
                        MessageProperties.builder()
                                .put("n", 7)
                                .put("text", "x".repeat(40))
                                .build())));
        all.add(of(
                "publish and be favoured",
                SMALL,
                s -> {
                    s.withWatcher();
                    s.victim.favour();
                    s.withPublisher();
                    s.publisher.claim(50).close(); // of which nobody is favoured
                    s.announceSleeper(0);
                },
                s -> s.publish(s.publisher, 100)));
        all.add(of("publish as the favoured", SMALL, OperationParts::favoured, s -> s.publish(s.publisher, 100)));
        all.add(of(
                "publish as the favoured, and wake",
                SMALL,
                s -> {
                    favoured(s);
                    s.announceSleeper(0);
                },
                s -> s.publish(s.publisher, 100)));
        all.add(of(
                "publish beside the favoured",
                SMALL,
                s -> {
                    members(s);
                    otherFavoured(s, s.process());
                },
                s -> s.publish(s.publisher, 100)));
        all.add(of(
                        "publish, then all die",
                        RETAINED,
                        s -> {
                            audited(s);
                            s.process();
                        },
                        s -> s.publish(s.publisher, 100))
                .then((s, fresh) -> resumes(s, fresh, 3, 3)));
        all.add(of("close publisher", SMALL, OperationParts::members, s -> s.publisher.close()));
        all.add(of("close favoured publisher", SMALL, OperationParts::favoured, s -> s.publisher.close()));
        all.add(of(
                "close exclusive publisher",
                SMALL,
                s -> {
                    s.withWatcher();
                    s.withVictim();
                    s.publisher = s.queue.createPublisher(
                            PublisherOptions.builder().exclusive(true).build());
                    s.publish(s.publisher, 50);
                },
                s -> s.publisher.close()));
    }

    /** Of a claim that is a little longer. */
    private static void claimAndCommit(Scene s, int length) {
        byte[] body = s.begin(length);
        try (Claim claim = s.publisher.claim(length + 20)) {
            try (claim) { // closed again after an error in its close
                claim.buffer().put(body);
                s.published(claim.commit(length));
            }
        }
    }

    static void claims(List<Operation> all) {
        all.add(of("claim, commit", SMALL, OperationParts::members, s -> claimAndCommit(s, 100)));
        all.add(of("claim as the favoured", SMALL, OperationParts::favoured, s -> claimAndCommit(s, 100)));
        all.add(of("claim, abort", SMALL, OperationParts::members, PublishOperations::claimAndGiveUp));
        all.add(of("claim as the favoured, abort", SMALL, OperationParts::favoured, PublishOperations::claimAndGiveUp));
        all.add(of(
                "claim and be favoured",
                SMALL,
                s -> {
                    s.withWatcher();
                    s.victim.favour();
                    s.withPublisher();
                },
                s -> claimAndCommit(s, 100)));
    }

    private static void claimAndGiveUp(Scene s) {
        try (Claim claim = s.publisher.claim(120)) {
            try (claim) {
                claim.buffer().put(new byte[120]);
            }
        }
    }

    private static final int[] BATCH = {100, 30, 8, 200, 60};

    static void batches(List<Operation> all) {
        all.add(of("batch", SMALL, OperationParts::members, s -> s.publishBatch(s.publisher, BATCH)));
        all.add(of("batch as the favoured", SMALL, OperationParts::favoured, s -> s.publishBatch(s.publisher, BATCH)));
        all.add(of(
                "batch, timestamps",
                SMALL,
                s -> {
                    s.withWatcher();
                    s.withVictim();
                    s.publisher = s.queue.createPublisher(
                            PublisherOptions.builder().timestamps(true).build());
                    s.publish(s.publisher, 50);
                },
                s -> s.publishBatch(s.publisher, BATCH)));
        all.add(of("batch, given up", SMALL, OperationParts::members, s -> {
            try (Batch batch = s.publisher.batch(500)) {
                try (batch) {
                    for (int length : BATCH) batch.add(new byte[length]);
                }
            }
            s.publish(s.publisher, 20);
        }));
        all.add(of(
                "batch, gate move",
                SMALL,
                s -> {
                    members(s);
                    s.fill(s.publisher, 300);
                },
                s -> s.publishBatch(s.publisher, BATCH)));
        all.add(of(
                "batch, grow",
                GROWING,
                OperationParts::members,
                s -> s.publishBatch(s.publisher, 900, 800, 700, 600, 700)));
        all.add(of("claim, grow", GROWING, OperationParts::members, s -> claimAndCommit(s, 4000)));
    }
}
