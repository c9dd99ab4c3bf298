package dev.belfry.jakarta.client;

import jakarta.jms.Queue;
import java.io.Serializable;

/** A queue by its name: no more than that, so it may be kept, compared, and sent. */
public record BelfryQueue(String name) implements Queue, Serializable {
    @Override
    public String getQueueName() {
        return name;
    }

    @Override
    public String toString() {
        return "queue '" + name + "'";
    }
}
