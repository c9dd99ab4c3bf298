package dev.belfry.kafka;

import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.spi.Units;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.BootstrapResolutionException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The clients of one cluster that all handles of this JVM with the same settings share; the last to
 * leave closes them. Any thread.
 */
final class Cluster {
    /** Limits one question to the broker that is no message, unless the settings say otherwise. */
    private static final int ANSWER_MILLIS = 30_000;
    /** The clients' own limit comes first, as it tells more. */
    private static final long LATER_MILLIS = 5_000;

    private static final long CLOSE_SECONDS = 5;
    private static final long STALE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    static final String MEMBER = "belfry";

    /** How long the engine itself may hold up a call that hands over a message. */
    static final int ROOM_MILLIS = 100;

    /** The client's texts of a wrong setting that may be right in a moment. */
    private static final List<String> UNRESOLVED =
            List.of("No resolvable bootstrap urls given", "Unknown host in bootstrap.servers");

    private static final Map<Map<String, String>, Cluster> CLUSTERS = new HashMap<>();
    /** Not from 0: in containers many processes have pid 1. */
    private static final AtomicInteger CLIENTS =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(1 << 30));

    private final Map<String, String> settings;
    private final Secrets secrets;
    final Admin admin;
    private Producer<Object, byte[]> producer; // guarded by this, as the next
    private Deletions deletions; // of the producer
    private int handles; // guarded by CLUSTERS

    private Cluster(Map<String, String> settings) {
        this.settings = settings;
        secrets = secretsOf(settings);
        Map<String, Object> own = own(AdminClientConfig.configNames());
        own.putIfAbsent(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        own.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS / 2);
        admin = make("the client's settings", () -> Admin.create(own));
    }

    /** All but the addresses, which are shown. */
    private static Secrets secretsOf(Map<String, String> settings) {
        Map<String, String> hidden = new HashMap<>(settings);
        hidden.remove(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG);
        return new Secrets(hidden.values());
    }

    static Cluster join(Map<String, String> settings) {
        synchronized (CLUSTERS) {
            Cluster cluster = CLUSTERS.get(settings);
            if (cluster == null) CLUSTERS.put(settings, cluster = new Cluster(settings));
            cluster.handles++;
            return cluster;
        }
    }

    void leave() {
        synchronized (CLUSTERS) {
            if (--handles > 0) return;
            CLUSTERS.remove(settings);
        }
        Quiet.run(() -> {
            synchronized (this) {
                if (producer != null) producer.close(Duration.ofSeconds(CLOSE_SECONDS));
            }
            admin.close(Duration.ofSeconds(CLOSE_SECONDS));
        });
    }

    /** Those of the given settings that this kind of client knows, and a name by which a broker's tools show it. */
    private Map<String, Object> own(Set<String> known) {
        Map<String, Object> own = new HashMap<>();
        settings.forEach((name, value) -> {
            if (known.contains(name)) own.put(name, value);
        });
        own.put(CommonClientConfigs.CLIENT_ID_CONFIG, newClient());
        return own;
    }

    /** The name of a client, which no other has. */
    static String newClient() {
        return "belfry-" + ProcessHandle.current().pid() + "-" + CLIENTS.incrementAndGet();
    }

    /**
     * The client takes a name that does not resolve for a wrong setting, but in containers a name
     * goes and comes with its broker.
     */
    private <T> T make(String what, Supplier<T> body) {
        try {
            return Quiet.call(body);
        } catch (KafkaException e) {
            Throwable cause = e;
            while (cause.getCause() != null) cause = cause.getCause();
            if (UNRESOLVED.stream().anyMatch(String.valueOf(cause.getMessage())::startsWith)) throw unresolved(e);
            throw new IllegalArgumentException(
                    "Kafka refuses " + what + ": " + cause.getClass().getSimpleName() + ": "
                            + secrets.hidden(String.valueOf(cause.getMessage())),
                    secrets.cause(e));
        }
    }

    private ConnectionLostException unresolved(Throwable cause) {
        return new ConnectionLostException(
                "No address is known for " + servers()
                        + ". Check the names in bootstrap, and that this machine's name server knows them.",
                secrets.cause(cause));
    }

    String servers() {
        return settings.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG);
    }

    // ---- publishing: one client for all queues; a record's key is the topic's id, which SameTopic checks

    /** So that a first offer without time needs none. */
    void find(String topic) {
        try {
            producer().partitionsFor(topic);
        } catch (org.apache.kafka.common.errors.TimeoutException notNow) {
            return; // publishing waits for it
        }
    }

    /** Hands the record over. {@code requireThere} throws if the queue was deleted. */
    Future<RecordMetadata> send(ProducerRecord<Object, byte[]> record, Runnable requireThere) {
        String topic = record.topic();
        while (true) {
            Producer<Object, byte[]> client;
            Deletions watching;
            synchronized (this) {
                client = producer();
                watching = deletions;
            }
            if (watching.begins(topic, (Uuid) record.key())) {
                boolean handedOver = false;
                try {
                    Future<RecordMetadata> sent = client.send(record, (metadata, failure) -> watching.ends(topic));
                    handedOver = true;
                    return sent;
                } catch (SameTopic.AnotherTopic e) {
                    requireThere.run(); // else what the client knows is out of date, or what a broker told it
                    LockSupport.parkNanos(STALE_NANOS);
                } catch (IllegalStateException closed) {
                    if (!watching.hasClosed() && isUsed(client)) throw closed;
                } finally {
                    if (!handedOver) watching.ends(topic);
                }
            } else requireThere.run();
            retire(client);
        }
    }

    private synchronized boolean isUsed(Producer<Object, byte[]> client) {
        return client == producer;
    }

    /**
     * Another one is made for what comes. This one delivers what it can within some seconds; {@link
     * Deletions} watches it until then.
     */
    private void retire(Producer<Object, byte[]> client) {
        synchronized (this) {
            if (client != producer) return;
            producer = null;
        }
        Thread closing = new Thread(() -> client.close(Duration.ofSeconds(CLOSE_SECONDS)), "belfry-kafka-close");
        closing.setDaemon(true);
        closing.start();
    }

    /** Something that was handed over cannot be delivered any more, or the client was let in no more. */
    void gaveUp() {
        Producer<Object, byte[]> client;
        synchronized (this) {
            client = producer;
        }
        if (client != null) retire(client);
    }

    private synchronized Producer<Object, byte[]> producer() {
        if (producer == null || deletions.hasClosed()) {
            Deletions watching = new Deletions();
            producer = producer(watching, ofProducer());
            deletions = watching;
        }
        return producer;
    }

    /**
     * Makes a producer for one publisher alone. One request at a time is under way: if it fails, no later one is there
     * already. (A broker that knows nothing of a client yet takes its second request also without the first.)
     */
    Producer<Object, byte[]> producerInOrder(Deletions watching, int batchBytes) {
        Map<String, Object> own = ofProducer();
        own.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        own.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, batchBytes);
        own.putIfAbsent(ProducerConfig.SEND_BUFFER_CONFIG, -1); // the system's, which grows to a request's length
        return producer(watching, own);
    }

    private Producer<Object, byte[]> producer(Deletions watching, Map<String, Object> own) {
        Producer<Object, byte[]> made = make(
                "the publisher's settings", () -> new KafkaProducer<>(own, (topic, id) -> Records.key(id), watching));
        watching.watch(made);
        return made;
    }

    private Map<String, Object> ofProducer() {
        Map<String, Object> own = own(ProducerConfig.configNames());
        own.put(ProducerConfig.ACKS_CONFIG, "all");
        own.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        own.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 0);
        own.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, ROOM_MILLIS);
        own.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.MAX_VALUE);
        own.put(ProducerConfig.PARTITIONER_CLASS_CONFIG, SameTopic.class);
        return own;
    }

    /** How long a client tries to deliver a message that it has taken. */
    long deliveryNanos() {
        String name = ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG;
        return nanos(name, ProducerConfig.configDef().defaultValues().get(name));
    }

    /** How long a client waits for the answer to a question that is no message. */
    private long answerNanos() {
        return nanos(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
    }

    private long nanos(String name, Object otherwise) {
        String millis = settings.getOrDefault(name, otherwise.toString());
        return TimeUnit.MILLISECONDS.toNanos(Long.parseLong(millis.strip()));
    }

    // ---- subscribing

    /** Makes a consumer without a group: it reads where it is told to. */
    Consumer<byte[], byte[]> reader() {
        Map<String, Object> own = ofConsumer();
        own.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, GroupProtocol.CLASSIC.name());
        return consumer(own);
    }

    /** The one member of a group, by this name of a client. */
    Consumer<byte[], byte[]> member(String group, String client) {
        Map<String, Object> own = ofConsumer();
        own.put(CommonClientConfigs.CLIENT_ID_CONFIG, client);
        own.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, GroupProtocol.CONSUMER.name());
        own.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        own.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, MEMBER);
        own.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, Integer.MAX_VALUE); // attached as long as its process lives
        return consumer(own);
    }

    private Map<String, Object> ofConsumer() {
        Map<String, Object> own = own(ConsumerConfig.configNames());
        own.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        own.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        own.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        own.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        own.putIfAbsent(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS / 2);
        return own;
    }

    private Consumer<byte[], byte[]> consumer(Map<String, Object> own) {
        return make(
                "the subscriber's settings",
                () -> new KafkaConsumer<>(own, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    }

    /**
     * The broker's answer; {@code subject}: "'kafka:orders'". A refusal of the broker is thrown as
     * it is, any other failure as what it means here.
     */
    <T> T answer(String subject, Future<T> question) throws Refused {
        try {
            return Quiet.await(question, answerNanos() + TimeUnit.MILLISECONDS.toNanos(LATER_MILLIS));
        } catch (TimeoutException e) {
            throw unreachable(subject, e);
        } catch (ExecutionException e) {
            throw refused(subject, e.getCause());
        }
    }

    /** Leaves it to the caller to tell apart, or throws at once if only one thing can be meant. */
    Refused refused(String subject, Throwable cause) {
        if (cause instanceof AuthorizationException || cause instanceof AuthenticationException)
            throw denied(subject, cause);
        if (cause instanceof org.apache.kafka.common.errors.TimeoutException
                || cause instanceof org.apache.kafka.common.errors.DisconnectException)
            throw unreachable(subject, cause);
        if (cause instanceof BootstrapResolutionException) throw unresolved(cause);
        return new Refused(
                subject + ": " + servers() + " answers " + secrets.hidden(String.valueOf(cause.getMessage())), cause);
    }

    QueueAccessDeniedException denied(String subject, Throwable cause) {
        if (cause instanceof SslAuthenticationException)
            return new QueueAccessDeniedException(
                    subject + ": no TLS connection to " + servers() + ": "
                            + said(cause.getCause() == null ? cause : cause.getCause())
                            + ". Check kafka.ssl.truststore.*, kafka.ssl.keystore.* and the host names in bootstrap.",
                    secrets.cause(cause));
        return new QueueAccessDeniedException(
                subject + ": " + servers() + " refuses this client: " + said(cause)
                        + ". Give it the right, or other settings (kafka.*).",
                secrets.cause(cause));
    }

    /** Tells its message, for a sentence that goes on. */
    String said(Throwable cause) {
        String message = secrets.hidden(String.valueOf(cause.getMessage()));
        return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
    }

    ConnectionLostException unreachable(String subject, Throwable cause) {
        return unreachable(subject, answerNanos(), cause);
    }

    /** {@code cause}: with the client's reason, or null. */
    ConnectionLostException unreachable(String subject, long nanos, Throwable cause) {
        Throwable reason = cause == null || cause.getCause() == null ? cause : cause.getCause();
        return new ConnectionLostException(
                subject + ": no answer from " + servers() + " within " + Units.duration(nanos)
                        + (reason == null || reason.getMessage() == null ? "" : " (" + said(reason) + ")")
                        + ". Check that the broker runs, that bootstrap names it,"
                        + " and that kafka.security.protocol is what it wants.",
                cause == null ? null : secrets.cause(cause));
    }

    /** The broker has answered, and it was no. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String message, Throwable cause) {
            super(message, cause);
        }

        boolean is(Class<? extends Throwable> type) {
            return type.isInstance(getCause());
        }

        ConnectionLostException unexpected() {
            return new ConnectionLostException(getMessage(), getCause());
        }
    }
}
