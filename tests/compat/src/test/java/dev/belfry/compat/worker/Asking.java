package dev.belfry.compat.worker;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;

/** Says how far a queue has come. */
final class Asking {
    private Asking() {}

    /** {@code args}: the queue's URI. */
    public static void main(String[] args) {
        Talk talk = Talk.begin();
        try (MessageQueue queue = MessageQueues.open(args[0])) {
            talk.say("newest " + queue.stats().newestPosition());
        }
    }
}
