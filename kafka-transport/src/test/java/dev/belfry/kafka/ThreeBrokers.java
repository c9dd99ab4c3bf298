package dev.belfry.kafka;

import dev.belfry.testing.Patience;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;

/**
 * Three brokers, each its own controller, in three JVMs; two of them must have a message before
 * its publisher is told.
 */
final class ThreeBrokers implements AutoCloseable {
    private final List<Broker> brokers = new ArrayList<>();

    ThreeBrokers() {
        for (int i = 0; i < 3; i++) brokers.add(Broker.made());
        String voters = brokers.stream()
                .map(broker -> id(broker) + "@127.0.0.1:" + broker.controller())
                .collect(Collectors.joining(","));
        for (Broker broker : brokers)
            broker.set(
                    "node.id=" + id(broker),
                    "controller.quorum.voters=" + voters,
                    "offsets.topic.replication.factor=3",
                    "default.replication.factor=3",
                    "min.insync.replicas=2",
                    "replica.lag.time.max.ms=3000",
                    "replica.fetch.wait.max.ms=100",
                    "controller.quorum.election.timeout.ms=500",
                    "controller.quorum.fetch.timeout.ms=1000");
        brokers.forEach(Broker::begin);
        brokers.forEach(Broker::awaitStart);
        try (Admin admin = admin()) {
            Patience.until(
                    "the brokers know each other",
                    () -> asked(() -> admin.describeCluster().nodes().get().size() == 3));
        }
    }

    private int id(Broker broker) {
        return brokers.indexOf(broker) + 1;
    }

    String bootstrap() {
        return brokers.stream().map(Broker::bootstrap).collect(Collectors.joining(","));
    }

    /** The one through which the queue's publishers and subscribers go, once there is one. */
    Broker leader(String queue) {
        AtomicReference<Broker> leader = new AtomicReference<>();
        await(queue, "a broker that runs leads", partition -> {
            Node node = partition.leader();
            leader.set(node == null || node.isEmpty() ? null : brokers.get(node.id() - 1));
            return leader.get() != null && leader.get().isAlive();
        });
        return leader.get();
    }

    /** Waits until so many have all of the queue's messages. */
    void awaitInSync(String queue, int count) {
        await(queue, count + " brokers have all", partition -> partition.isr().size() == count);
    }

    private void await(String queue, String what, Predicate<TopicPartitionInfo> condition) {
        String topic = "belfry." + queue;
        try (Admin admin = admin()) {
            Patience.until(
                    what + " of '" + queue + "'",
                    () -> asked(() -> condition.test(admin.describeTopics(List.of(topic))
                            .allTopicNames()
                            .get()
                            .get(topic)
                            .partitions()
                            .get(0))));
        }
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrap()));
    }

    private interface Question {
        boolean ask() throws InterruptedException, ExecutionException;
    }

    private static boolean asked(Question question) {
        try {
            return question.ask();
        } catch (ExecutionException notYet) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        brokers.forEach(Broker::close);
    }
}
