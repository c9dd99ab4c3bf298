package dev.belfry.examples;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.api.Subscribers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A gateway: one thread reads 50 queues, and sleeps until any of them has a message. */
public final class Gateway {
    private static final int QUEUES = 50;
    private static final int EACH = 20;

    private Gateway() {}

    public static void main(String[] args) throws Exception {
        Speaker main = new Speaker("gateway");
        List<MessageQueue> queues = new ArrayList<>();
        List<Publisher> desks = new ArrayList<>();
        Map<Subscriber, Integer> read = new HashMap<>();
        for (int i = 0; i < QUEUES; i++) {
            String name = "shm:gateway-" + ProcessHandle.current().pid() + "-" + i;
            queues.add(MessageQueues.open(name + "?capacity=4k&deleteOnLastClose=true"));
            desks.add(queues.get(i).createPublisher());
            read.put(queues.get(i).createSubscriber(), 0);
        }
        try (Subscribers all = Subscribers.of(read.keySet().toArray(Subscriber[]::new))) {
            main.say("One thread reads %d queues", all.members().size());
            Thread trading = new Thread(() -> trade(desks));
            trading.start();
            for (int got = 0; got < QUEUES * EACH; )
                got += all.poll((from, view) -> read.merge(from, 1, Integer::sum), 10, Duration.ofMinutes(1));
            trading.join();
            int most = read.values().stream().mapToInt(n -> n).max().orElseThrow();
            main.say("It has read %,d messages, %d of each queue", QUEUES * EACH, most);
        }
        queues.forEach(MessageQueue::close);
    }

    /** Each desk has its turn, in an order of its own each time. */
    private static void trade(List<Publisher> desks) {
        Random random = new Random();
        for (int round = 0; round < EACH; round++) {
            List<Publisher> turn = new ArrayList<>(desks);
            while (!turn.isEmpty()) turn.remove(random.nextInt(turn.size())).publish("an order");
        }
    }
}
