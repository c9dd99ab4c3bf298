package dev.belfry.tests;

import dev.belfry.api.Claim;
import dev.belfry.api.InUseException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueFullException;
import dev.belfry.tests.Journal.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Publishes in bursts, in every way there is, and writes down before and after what it does. */
final class PublishingPlayer extends Troupe.Player {
    private final long id;
    private final boolean exclusive;
    private final Content content = new Content();
    private volatile Publisher publisher;
    private long sequence;

    PublishingPlayer(long id, boolean exclusive) {
        this.id = id;
        this.exclusive = exclusive;
    }

    @Override
    boolean isPublisher() {
        return true;
    }

    @Override
    boolean isOver() {
        return quiet;
    }

    /** Somebody may hold the space for ever: closing it is the way out of a publish without a time limit. */
    @Override
    void hurry() {
        Publisher current = publisher;
        if (current != null) current.close();
    }

    @Override
    void live(MessageQueue queue) {
        PublisherOptions.Builder options =
                PublisherOptions.builder().exclusive(exclusive).timestamps(random.nextInt(4) == 0);
        switch (random.nextInt(4)) {
            case 0 -> options.timeout(Duration.ofMillis(random.nextInt(30)));
            case 1 -> options.timeout(Duration.ofMillis(500));
            default -> {} // it waits as long as it takes
        }
        try (Publisher current = queue.createPublisher(options.build())) {
            publisher = current;
            long last = 0;
            for (int left = 1 + random.nextInt(20_000); left > 0 && !quiet; left--) {
                long position = publish(current);
                if (position > 0) last = position;
                if (random.nextInt(100) == 0) LockSupport.parkNanos(random.nextInt(8_000_000));
                if (random.nextInt(5_000) == 0 && last != 0) current.awaitAcknowledged(last, 1, Duration.ofMillis(2));
            }
        } catch (InUseException other) {
            LockSupport.parkNanos(2_000_000);
        } catch (QueueClosedException hurried) {
            if (!quiet) throw hurried;
        }
    }

    /** What happened to it is in the journal, whatever comes back. */
    private long publish(Publisher current) {
        int length = length(current.maxMessageLength());
        ByteBuffer body = content.make(id, ++sequence, length);
        journal.add(Kind.PUBLISHING, length, sequence, content.fingerprint(body.array(), length), System.nanoTime());
        long position = Publisher.REJECTED;
        try {
            switch (random.nextInt(8)) {
                case 0 -> position = current.offer(body, Duration.ofMillis(random.nextInt(3)));
                case 1 -> position = claim(current, body);
                default -> position = current.publish(body);
            }
        } catch (QueueFullException full) {
            position = Publisher.REJECTED;
        } catch (QueueClosedException closed) {
            journal.add(Kind.REFUSED, sequence);
            throw closed;
        }
        if (position == Publisher.REJECTED) journal.add(Kind.REFUSED, sequence);
        else journal.add(Kind.PUBLISHED, length, sequence, position, System.nanoTime());
        return position;
    }

    private long claim(Publisher current, ByteBuffer body) {
        int more = random.nextInt(2) * random.nextInt(100);
        try (Claim claim = current.claim(Math.min(current.maxMessageLength(), body.remaining() + more))) {
            claim.buffer().put(body.duplicate());
            if (random.nextInt(8) == 0) LockSupport.parkNanos(random.nextInt(3_000_000));
            if (random.nextInt(4) == 0) return Publisher.REJECTED;
            return claim.commit(body.remaining());
        }
    }
}
