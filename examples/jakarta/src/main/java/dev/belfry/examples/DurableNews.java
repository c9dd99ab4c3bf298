package dev.belfry.examples;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.BelfryConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;

/**
 * A reader, a JVM of its own, has a durable subscription. It is killed with SIGKILL, and more is
 * published before it comes back. It misses nothing, and what it had received and not acknowledged
 * is delivered again.
 *
 * <p>It prints:
 *
 * <pre>
 *   [reader] has the subscription 'daily'
 *   [main] Publishes 1 to 3
 *   [reader] reads 1
 *   [reader] reads 2
 *   [reader] reads 3
 *   [reader] has not acknowledged 2 and 3, and hangs
 *   [main] Killed the reader, with SIGKILL
 *   [main] Publishes 4 to 6, while nobody reads
 *   [reader] has the subscription 'daily'
 *   [reader] reads 2, redelivered: delivery 2
 *   [reader] reads 3, redelivered: delivery 2
 *   [reader] reads 4
 *   [reader] reads 5
 *   [reader] reads 6
 *   [reader] has acknowledged all
 *   [main] The reader has read all
 * </pre>
 */
public final class DurableNews {
    private static final int HANGS = 3;
    private static final int ALL = 6;

    private DurableNews() {}

    public static void main(String[] args) throws Exception {
        Speaker main = new Speaker("main");
        String domain = "shm:news-" + ProcessHandle.current().pid();
        // linger: this JVM shall have left the domain when it is deleted.
        try (JMSContext context = new BelfryConnectionFactory(domain + "?linger=0s").createContext();
                Jvms jvms = new Jvms()) {
            JMSConsumer reports = context.createConsumer(context.createQueue("reports"));
            Process reader = jvms.start(Reader.class, domain);
            reports.receive(); // it has subscribed
            main.say("Publishes 1 to %d", HANGS);
            publish(context, 1, HANGS);
            reports.receive(); // it has read these
            Jvms.kill(reader);
            main.say("Killed the reader, with SIGKILL");
            main.say("Publishes %d to %d, while nobody reads", HANGS + 1, ALL);
            publish(context, HANGS + 1, ALL);

            Jvms.join(jvms.start(Reader.class, domain));
            main.say("The reader has read all");
        } finally {
            MessageQueues.delete(domain);
        }
    }

    private static void publish(JMSContext context, int first, int last) {
        for (int i = first; i <= last; i++) context.createProducer().send(context.createTopic("news"), "" + i);
    }

    /** Reads the news, and acknowledges the first, and then all when it has the last. */
    static final class Reader {
        public static void main(String[] args) throws JMSException, InterruptedException {
            Speaker speaker = new Speaker("reader");
            // Of one client id there is one reader at a time; a killed one has none any more.
            try (JMSContext context = new BelfryConnectionFactory(args[0] + "?clientID=reader")
                            .createContext(JMSContext.CLIENT_ACKNOWLEDGE);
                    JMSContext talk = context.createContext(JMSContext.AUTO_ACKNOWLEDGE)) {
                JMSConsumer news = context.createDurableConsumer(context.createTopic("news"), "daily");
                speaker.say("has the subscription 'daily'");
                talk.createProducer().send(talk.createQueue("reports"), "ready");
                for (int read = 0; read < ALL; ) {
                    Message message = news.receive();
                    read = Integer.parseInt(message.getBody(String.class));
                    boolean again = message.getJMSRedelivered();
                    int count = message.getIntProperty("JMSXDeliveryCount");
                    speaker.say("reads %d%s", read, again ? ", redelivered: delivery " + count : "");
                    if (read == 1) message.acknowledge();
                    if (read != HANGS || again) continue;
                    speaker.say("has not acknowledged 2 and 3, and hangs");
                    talk.createProducer().send(talk.createQueue("reports"), "hangs");
                    Thread.sleep(Long.MAX_VALUE);
                }
                context.acknowledge();
                speaker.say("has acknowledged all");
                news.close();
                context.unsubscribe("daily");
            }
        }
    }
}
