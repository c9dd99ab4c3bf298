package dev.belfry.tests;

import dev.belfry.api.Claim;
import dev.belfry.api.Create;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Patience;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;
import java.util.zip.CRC32C;

/**
 * A member of a queue that does what it is told, a line a step, and answers "ok ..." or "failed
 * Type: text". The receiver checks what it sends.
 */
final class Member implements Role {
    /** Of the thread that does it all. */
    static final String NAME = "member";

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final int CRC = 4;

    private MessageQueue queue;
    private Publisher publisher;
    private Subscriber subscriber;
    private Claim claim;
    private long sent;

    static JavaCommand command(String... flags) {
        return Role.command(Member.class).flags(JavaCommand.QUICK).flags(List.of(flags));
    }

    @Override
    public void play(Line line, String... args) throws Exception {
        Thread thread = new Thread(() -> obeyAll(line), NAME);
        thread.start();
        thread.join();
    }

    private void obeyAll(Line line) {
        line.say("ready");
        try {
            for (String heard; !(heard = line.hear()).equals("exit"); ) line.say(answer(heard));
        } catch (InterruptedException never) {
            throw new IllegalStateException(never);
        }
        if (queue != null) queue.close();
    }

    String answer(String words) {
        String answer;
        try {
            answer = "ok " + obey(words.split(" "));
        } catch (Exception e) {
            answer = "failed " + e.getClass().getSimpleName() + ": " + e.getMessage()
                    + (e.getCause() == null ? "" : " [" + e.getCause().getMessage() + "]");
        }
        return answer.replace('\n', ' ').strip();
    }

    private Object obey(String[] words) throws Exception {
        int number = words.length > 1 && words[1].matches("\\d+") ? Integer.parseInt(words[1]) : 0;
        switch (words[0]) {
            case "find" ->
                MessageQueues.open(
                                URI.create(words[1]),
                                QueueConfig.builder()
                                        .create(Create.OPEN_EXISTING)
                                        .build())
                        .close();
            case "remove" -> MessageQueues.delete(words[1]);
            case "nanos" -> {
                return System.nanoTime();
            }
            case "open" -> {
                queue = MessageQueues.open(words[1]);
                publisher = queue.createPublisher(
                        PublisherOptions.builder().timeout(TIMEOUT).build());
            }
            case "subscribe" -> {
                SubscriberOptions.Builder options = SubscriberOptions.builder();
                if (words.length > 1) options.name(words[1]);
                subscriber = queue.createSubscriber(options.build());
            }
            case "publish" -> { // how many, how long
                long last = 0;
                for (int i = 0; i < number; i++) last = publisher.publish(next(words[2]));
                return last;
            }
            case "offer" -> { // how long, until it is full; how many went
                int went = 0;
                while (publisher.offer(next(words[1]), Duration.ofMillis(5)) != Publisher.REJECTED) went++;
                sent--;
                return went;
            }
            case "receive" -> {
                for (int i = 0; i < number; i++) {
                    Message message = subscriber.receive(Patience.limit());
                    if (message == null) throw new IllegalStateException("nothing came after " + i);
                    check(message);
                }
                return subscriber.position();
            }
            case "skip" -> { // all there is, unchecked; the last position
                while (subscriber.receiveNoWait() != null) {}
                return subscriber.position();
            }
            case "claim" -> claim = publisher.claim(number);
            case "commit" -> {
                claim.buffer().put(new byte[claim.buffer().remaining()]);
                return claim.commit();
            }
            case "abort" -> claim.close();
            case "version" -> {
                return ServiceLoader.load(MessageQueueProvider.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .filter(provider -> provider.scheme().equals("shm"))
                        .map(MessageQueueProvider::version)
                        .findFirst()
                        .orElse("none");
            }
            case "newest" -> {
                return queue.stats().newestPosition();
            }
            case "subscribers" -> {
                return queue.stats().subscribers().stream()
                        .filter(SubscriberStats::attached)
                        .count();
            }
            case "leave" -> subscriber.close();
            case "close" -> queue.close();
            default -> throw new IllegalArgumentException(words[0]);
        }
        return "";
    }

    /** Its checksum, then bytes that are others in each. */
    private ByteBuffer next(String length) {
        byte[] body = new byte[CRC + Integer.parseInt(length)];
        sent++;
        for (int i = CRC; i < body.length; i++) body[i] = (byte) (sent * 31 + i * 7);
        return ByteBuffer.wrap(body).putInt(0, crc(body));
    }

    private static void check(Message message) {
        byte[] body = message.bytes();
        if (ByteBuffer.wrap(body).getInt(0) != crc(body))
            throw new IllegalStateException("torn: message " + message.position() + " of " + body.length + " bytes");
    }

    private static int crc(byte[] body) {
        CRC32C crc = new CRC32C();
        crc.update(body, CRC, body.length - CRC);
        return (int) crc.getValue();
    }
}
