package dev.belfry.jakarta.overflow;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Reads the messages of an open companion by their positions. To find one, a subscriber walks through half a file. The
 * chunks of a page follow each other, so it stays where it is for the next one. It holds the files from there on, so
 * one that nobody uses is let go. Any thread; each has a subscriber for itself.
 */
final class MessageReads {
    private final MessageQueue queue;
    /** Null: none stays, or a thread reads with it. */
    private final AtomicReference<Standing> standing = new AtomicReference<>();

    private static final class Standing {
        final Subscriber in;
        long next;
        volatile boolean used = true;

        Standing(Subscriber in, long next) {
            this.in = in;
            this.next = next;
        }
    }

    MessageReads(MessageQueue queue) {
        this.queue = queue;
    }

    /** Reads the message with that position, or the next one if that is gone. Null: none comes within that time. */
    Message read(long position, Duration patience) {
        Standing one = takenFor(position);
        boolean stays = false;
        try {
            Message message = one.in.receive(patience);
            stays = message != null && message.position() == position;
            return message;
        } finally {
            if (stays) leave(one, position);
            else one.in.close();
        }
    }

    private Standing takenFor(long position) {
        Standing one = standing.getAndSet(null);
        if (one != null && one.next == position) return one;
        if (one != null) one.in.close();
        return new Standing(queue.createSubscriber(SubscriberOptions.observer(StartAt.at(position))), position);
    }

    private void leave(Standing one, long position) {
        one.next = position + 1;
        one.used = true;
        if (!standing.compareAndSet(null, one)) one.in.close(); // another thread has read meanwhile
    }

    /** Lets go the subscriber that nobody has used since the last call. */
    void letGoUnused() {
        Standing one = standing.get();
        if (one == null) return;
        boolean was = one.used;
        one.used = false;
        if (!was && standing.compareAndSet(one, null)) one.in.close();
    }
}
