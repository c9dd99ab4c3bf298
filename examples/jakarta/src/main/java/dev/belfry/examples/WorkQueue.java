package dev.belfry.examples;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.BelfryConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.Map;
import java.util.TreeMap;

/**
 * Three workers, a JVM each, share the jobs of one queue. One hangs in the middle of a job and is
 * killed with SIGKILL. Its job is delivered again, to another worker: no job is lost, none is done
 * twice. A job and its result are one transaction.
 *
 * <p>It prints:
 *
 * <pre>
 *   [W2] took job 1
 *   [W1] took job 3
 *   [W3] took job 2
 *   [W2] took job 4
 *   [W1] took job 5
 *   [W3] took job 6
 *   [W2] took job 7
 *   [W1] took job 8
 *   [W3] took job 9
 *   [main] Killed W2 in the middle of job 7, with SIGKILL
 *   [W1] took job 10
 *   [W3] took job 11
 *   [W1] took job 7, redelivered: delivery 2
 *   [W3] took job 12
 *   [main] 12 results, their sum is 650
 *   [main] Results left: none
 * </pre>
 */
public final class WorkQueue {
    private static final int JOBS = 12;
    private static final int HANGS = 7;

    private WorkQueue() {}

    public static void main(String[] args) throws Exception {
        Speaker main = new Speaker("main");
        String domain = "shm:work-" + ProcessHandle.current().pid();
        // linger: this JVM shall have left the domain when it is deleted.
        try (JMSContext context = new BelfryConnectionFactory(domain + "?linger=0s").createContext();
                Jvms jvms = new Jvms()) {
            JMSConsumer news = context.createConsumer(context.createQueue("news"));
            Map<String, Process> workers = new TreeMap<>();
            for (String name : new String[] {"W1", "W2", "W3"})
                workers.put(name, jvms.start(Worker.class, domain, name));
            for (int i = 0; i < workers.size(); i++) news.receiveBody(String.class);

            for (int job = 1; job <= JOBS; job++) context.createProducer().send(context.createQueue("jobs"), "" + job);
            String hanging = news.receiveBody(String.class);
            Jvms.kill(workers.get(hanging));
            main.say("Killed %s in the middle of job %d, with SIGKILL", hanging, HANGS);

            JMSConsumer results = context.createConsumer(context.createQueue("results"));
            int sum = 0;
            for (int i = 0; i < JOBS; i++) sum += Integer.parseInt(results.receiveBody(String.class));
            main.say("%d results, their sum is %d", JOBS, sum);
            main.say("Results left: %s", results.receiveNoWait() == null ? "none" : "some");
        } finally {
            MessageQueues.delete(domain);
        }
    }

    /** Squares numbers, until it is killed. */
    static final class Worker {
        public static void main(String[] args) throws JMSException, InterruptedException {
            Speaker worker = new Speaker(args[1]);
            try (JMSContext work = new BelfryConnectionFactory(args[0]).createContext(JMSContext.SESSION_TRANSACTED);
                    JMSContext talk = work.createContext(JMSContext.AUTO_ACKNOWLEDGE)) {
                JMSConsumer jobs = work.createConsumer(work.createQueue("jobs"));
                talk.createProducer().send(talk.createQueue("news"), args[1]);
                while (true) {
                    Message message = jobs.receive();
                    int job = Integer.parseInt(message.getBody(String.class));
                    boolean again = message.getJMSRedelivered();
                    int count = message.getIntProperty("JMSXDeliveryCount");
                    worker.say("took job %d%s", job, again ? ", redelivered: delivery " + count : "");
                    if (job == HANGS && !again) {
                        talk.createProducer().send(talk.createQueue("news"), args[1]);
                        Thread.sleep(Long.MAX_VALUE);
                    }
                    Thread.sleep(50); // it is hard work
                    work.createProducer().send(work.createQueue("results"), "" + job * job);
                    work.commit(); // the job is done and its result is sent: both, or neither
                }
            }
        }
    }
}
