package dev.belfry.tests;

import dev.belfry.api.MessageQueues;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A JVM that opens its first queue while its user may start no more threads, and others later. Argument: a queue's name. */
final class FewThreads {
    private FewThreads() {}

    public static void main(String[] arguments) throws Exception {
        String uri = "shm:" + arguments[0] + "?deleteOnLastClose=true";
        MessageQueues.delete(uri); // loads the native library, whose own trouble is not meant
        CountDownLatch enough = new CountDownLatch(1);
        List<Thread> all = new ArrayList<>();
        try {
            while (true) all.add(startWaiting(enough));
        } catch (OutOfMemoryError noMore) {
            System.out.println("none but " + all.size() + " threads");
        }
        System.out.println("meanwhile: " + opened(uri));
        enough.countDown();
        for (Thread thread : all) thread.join();
        System.out.println("later: " + opened(uri));
        int before = descriptors();
        System.out.println("then: " + opened(uri) + ", " + (descriptors() - before) + " descriptors more");
    }

    private static Thread startWaiting(CountDownLatch enough) {
        Thread thread = new Thread(() -> {
            try {
                enough.await();
            } catch (InterruptedException end) {
                // as well
            }
        });
        thread.start();
        return thread;
    }

    private static String opened(String uri) {
        try {
            MessageQueues.open(uri).close();
            return "opened";
        } catch (Throwable failure) {
            return failure.getClass().getSimpleName();
        }
    }

    private static int descriptors() {
        return new File("/proc/self/fd").list().length;
    }
}
