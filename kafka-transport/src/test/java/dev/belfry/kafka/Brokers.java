package dev.belfry.kafka;

import java.net.URI;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;

/** What tests do at the shared broker past the API. */
final class Brokers {
    private Brokers() {}

    /** Removes all but the newest messages of the queue, as retention would. */
    static void keep(URI queue, int newest) {
        TopicPartition partition = new TopicPartition("belfry." + queue.getSchemeSpecificPart(), 0);
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", Broker.shared().bootstrap()))) {
            long end = admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                    .partitionResult(partition)
                    .get()
                    .offset();
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(end - newest)))
                    .all()
                    .get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError("Cannot remove records of " + queue, e);
        }
    }
}
