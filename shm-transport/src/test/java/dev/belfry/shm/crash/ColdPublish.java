package dev.belfry.shm.crash;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;

/** A JVM whose first publish has so many frames of this class left; says whether it failed, and whether a later did. */
final class ColdPublish {
    private ColdPublish() {}

    public static void main(String[] arguments) throws InterruptedException {
        try (MessageQueue queue = MessageQueues.open("shm:" + arguments[0] + "?deleteOnLastClose=true")) {
            Publisher publisher = queue.createPublisher();
            byte[] body = new byte[10];
            run(() -> {
                int most = 0;
                for (int step = 1 << 17; step > 0; step >>= 1) if (fits(most + step, () -> {})) most += step;
                boolean isPublished = fits(most - Integer.parseInt(arguments[1]), () -> publisher.publish(body));
                System.out.println(isPublished ? "published" : "overflowed");
            });
            publishByAnotherHandle("shm:" + arguments[0]); // this one may have been given up
            System.out.println("published later");
        }
        MessageQueues.delete("shm:" + arguments[0]); // a handle that was given up may have kept it
    }

    private static void publishByAnotherHandle(String uri) {
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.createPublisher()
                    .publish(
                            "later",
                            MessageProperties.builder().put("number", 1).build());
        }
    }

    private static void run(Runnable task) throws InterruptedException {
        Thread thread = new Thread(null, task, "small stack", 300_000);
        thread.start();
        thread.join();
    }

    private static boolean fits(int frames, Runnable last) {
        try {
            goDown(frames, last);
            return true;
        } catch (StackOverflowError end) {
            return false;
        }
    }

    private static void goDown(int frames, Runnable last) {
        if (frames == 0) last.run();
        else goDown(frames - 1, last);
    }
}
