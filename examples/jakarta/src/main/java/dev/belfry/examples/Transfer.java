package dev.belfry.examples;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.BelfryConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.QueueBrowser;
import java.util.Collections;
import java.util.Enumeration;

/**
 * Two queues are accounts, and messages are coins. A teller, a JVM of its own, moves ten coins from
 * A to B in each transaction. It is killed in the middle, and another one goes on: at no time is
 * half a transfer seen, and no coin is lost.
 *
 * <p>It prints:
 *
 * <pre>
 *   [main] A has 100 coins, B has 0
 *   [first] moved 10 coins
 *   [first] moved 10 coins
 *   [first] has moved 5 coins, and not committed
 *   [main] Killed the first teller, with SIGKILL
 *   [main] A has 80 coins, B has 20
 *   [second] moved 10 coins
 *   [second] moved 10 coins
 *   [second] moved 10 coins
 *   [main] Killed the second teller, with SIGKILL
 *   [main] A has 50 coins, B has 50
 *   [third] moved 10 coins
 *   [third] moved 10 coins
 *   [third] moved 10 coins
 *   [third] moved 10 coins
 *   [third] moved 10 coins
 *   [third] has nothing left to move
 *   [main] A has 0 coins, B has 100
 * </pre>
 */
public final class Transfer {
    private static final int COINS = 100;
    private static final int TEN = 10;

    private Transfer() {}

    public static void main(String[] args) throws Exception {
        Speaker main = new Speaker("main");
        String domain = "shm:transfer-" + ProcessHandle.current().pid();
        // linger: this JVM shall have left the domain when it is deleted.
        try (JMSContext bank = new BelfryConnectionFactory(domain + "?linger=0s").createContext();
                Jvms jvms = new Jvms()) {
            JMSConsumer news = bank.createConsumer(bank.createQueue("news"));
            for (int i = 0; i < COINS; i++) bank.createProducer().send(bank.createQueue("A"), "a coin");
            main.say("A has %d coins, B has %d", count(bank, "A"), count(bank, "B"));

            Process first = jvms.start(Teller.class, domain, "first", "3");
            news.receive(); // it is in the middle of its third transfer
            Jvms.kill(first);
            main.say("Killed the first teller, with SIGKILL");
            main.say("A has %d coins, B has %d", count(bank, "A"), count(bank, "B"));

            Process second = jvms.start(Teller.class, domain, "second", "0");
            while (count(bank, "B") < COINS / 2) Thread.sleep(1);
            Jvms.kill(second); // wherever it is
            main.say("Killed the second teller, with SIGKILL");
            main.say("A has %d coins, B has %d", count(bank, "A"), count(bank, "B"));

            Jvms.join(jvms.start(Teller.class, domain, "third", "0"));
            main.say("A has %d coins, B has %d", count(bank, "A"), count(bank, "B"));
        } finally {
            MessageQueues.delete(domain);
        }
    }

    private static int count(JMSContext context, String account) throws JMSException {
        try (QueueBrowser coins = context.createBrowser(context.createQueue(account))) {
            Enumeration<?> all = coins.getEnumeration();
            return Collections.list(all).size();
        }
    }

    /** Moves ten coins at a time, until A is empty. */
    static final class Teller {
        public static void main(String[] args) throws JMSException, InterruptedException {
            Speaker teller = new Speaker(args[1]);
            int stopsIn = Integer.parseInt(args[2]);
            try (JMSContext context =
                            new BelfryConnectionFactory(args[0]).createContext(JMSContext.SESSION_TRANSACTED);
                    JMSContext talk = context.createContext(JMSContext.AUTO_ACKNOWLEDGE)) {
                JMSConsumer from = context.createConsumer(context.createQueue("A"));
                JMSProducer to = context.createProducer();
                for (int transfer = 1; count(context, "A") > 0; transfer++) {
                    for (int coin = 1; coin <= TEN; coin++) {
                        to.send(context.createQueue("B"), from.receive());
                        if (transfer != stopsIn || coin < TEN / 2) continue;
                        teller.say("has moved %d coins, and not committed", coin);
                        talk.createProducer().send(talk.createQueue("news"), "half");
                        Thread.sleep(Long.MAX_VALUE);
                    }
                    context.commit();
                    teller.say("moved %d coins", TEN);
                    Thread.sleep(5);
                }
                teller.say("has nothing left to move");
            }
        }
    }
}
