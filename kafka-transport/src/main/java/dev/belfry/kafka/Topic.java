package dev.belfry.kafka;

import dev.belfry.api.Capability;
import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.Create;
import dev.belfry.api.InUseException;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueInfo;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.QueueSettings;
import dev.belfry.spi.QueueUri;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TopicListing;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** A queue at the broker: one topic, told from others of its name by its id. Any thread. */
final class Topic {
    /** A slow reader never holds up a publisher: the broker stores. And nobody knows all that have a queue open. */
    static final Set<Capability> CAPABILITIES = Collections.unmodifiableSet(EnumSet.complementOf(EnumSet.of(
            Capability.GATING,
            Capability.DISCONNECT,
            Capability.CLAIM,
            Capability.BATCH,
            Capability.EXCLUSIVE,
            Capability.AWAIT_DURABLE,
            Capability.MEMBERS)));

    private static final String PREFIX = "belfry.";
    private static final Pattern CLIENT = Pattern.compile("belfry-(\\d+)-\\d+");
    private static final long APPEARS_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int SHORT_MILLIS = 1_000;
    private static final int SOON_MILLIS = 5_000;

    final Cluster cluster;
    final QueueUri uri;
    final Uuid id;
    final int maxMessageLength;
    private final Pulse pulse = new Pulse(this::isThere, this::gone);

    private Topic(Cluster cluster, QueueUri uri, Uuid id, int maxMessageLength) {
        this.cluster = cluster;
        this.uri = uri;
        this.id = id;
        this.maxMessageLength = maxMessageLength;
    }

    // ---- how queues come and go

    static Topic open(Cluster cluster, QueueUri uri, QueueConfig config, KafkaSettings settings) {
        Create mode = QueueSettings.create(config);
        Uuid created = null;
        long deadline = Deadlines.after(APPEARS_NANOS);
        while (true) {
            TopicDescription found = mode == Create.CREATE_NEW && created == null ? null : describe(cluster, uri);
            if (found != null) return new Topic(cluster, uri, found.topicId(), checked(cluster, uri, found));
            if (mode == Create.OPEN_EXISTING)
                throw Errors.notFound(
                        uri.name(), where(cluster), "Create it by opening it without create=OPEN_EXISTING.");
            if (created == null) created = create(cluster, uri, mode, settings);
            if (Deadlines.passed(deadline)) throw cluster.unreachable(subject(uri), APPEARS_NANOS, null);
            LockSupport.parkNanos(2_000_000); // the brokers learn of it one after the other
        }
    }

    /** Creates it; null if another process was faster. */
    private static Uuid create(Cluster cluster, QueueUri uri, Create mode, KafkaSettings settings) {
        Map<String, String> configs = new HashMap<>();
        configs.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
        configs.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(settings.retentionMillis()));
        configs.put(TopicConfig.RETENTION_BYTES_CONFIG, Long.toString(settings.retentionBytes()));
        configs.put(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "false");
        if (settings.minInsyncReplicas() > 0)
            configs.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(settings.minInsyncReplicas()));
        NewTopic topic = new NewTopic(
                        PREFIX + uri.name(),
                        Optional.of(1),
                        settings.replication() < 0 ? Optional.empty() : Optional.of(settings.replication()))
                .configs(configs);
        try {
            if (settings.minInsyncReplicas() > 1) requireCopies(cluster, uri, topic, settings.minInsyncReplicas());
            CreateTopicsResult result = cluster.admin.createTopics(List.of(topic));
            cluster.answer(subject(uri), result.all());
            return cluster.answer(subject(uri), result.topicId(topic.name()));
        } catch (Cluster.Refused e) {
            if (e.is(TopicExistsException.class)) {
                if (mode == Create.CREATE_NEW) throw Errors.exists(uri.name(), where(cluster));
                return null;
            }
            if (e.is(InvalidTopicException.class))
                throw new IllegalArgumentException(
                        e.getMessage() + ". Kafka takes a dot and an underscore for the same: use another name",
                        e.getCause());
            throw new IllegalArgumentException(e.getMessage(), e.getCause());
        }
    }

    /** The broker creates a topic to which nobody can ever publish. */
    private static void requireCopies(Cluster cluster, QueueUri uri, NewTopic topic, int wanted)
            throws Cluster.Refused {
        CreateTopicsResult checked =
                cluster.admin.createTopics(List.of(topic), new CreateTopicsOptions().validateOnly(true));
        int copies = cluster.answer(subject(uri), checked.replicationFactor(topic.name()));
        if (wanted > copies)
            throw new IllegalArgumentException("minInsyncReplicas must be <= " + copies + " (the copies of '" + uri
                    + "'), was " + wanted + ". Set replication, too");
    }

    /** The longest body that such a topic takes. */
    private static int checked(Cluster cluster, QueueUri uri, TopicDescription found) {
        requireOnePartition(uri, found);
        Config config = config(cluster, uri);
        String policy = config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value();
        if (policy.contains(TopicConfig.CLEANUP_POLICY_COMPACT))
            throw Errors.incompatible(subject(uri) + " is a topic with cleanup.policy=" + policy
                    + ", whose positions have gaps. A queue's is 'delete'");
        return Integer.parseInt(config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value()) - Records.OVERHEAD;
    }

    private static void requireOnePartition(QueueUri uri, TopicDescription found) {
        int partitions = found.partitions().size();
        if (partitions != 1)
            throw Errors.incompatible(subject(uri) + " is a topic of " + partitions
                    + " partitions, which have no common order. A queue is a topic of one");
    }

    static Config config(Cluster cluster, QueueUri uri) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, PREFIX + uri.name());
        try {
            return cluster.answer(
                            subject(uri),
                            cluster.admin.describeConfigs(List.of(resource)).all())
                    .get(resource);
        } catch (Cluster.Refused e) {
            throw gone(uri, e);
        }
    }

    private static TopicDescription describe(Cluster cluster, QueueUri uri) {
        return describe(cluster, uri, new DescribeTopicsOptions());
    }

    /** Asks the brokers for it; null if there is none. */
    private static TopicDescription describe(Cluster cluster, QueueUri uri, DescribeTopicsOptions options) {
        try {
            return described(cluster, uri, options);
        } catch (Cluster.Refused e) {
            if (e.is(UnknownTopicOrPartitionException.class)) return null;
            if (e.is(InvalidTopicException.class)) throw new IllegalArgumentException(e.getMessage(), e.getCause());
            throw e.unexpected();
        }
    }

    private static TopicDescription described(Cluster cluster, QueueUri uri, DescribeTopicsOptions options)
            throws Cluster.Refused {
        String name = PREFIX + uri.name();
        var question = cluster.admin.describeTopics(List.of(name), options);
        return cluster.answer(subject(uri), question.allTopicNames()).get(name);
    }

    /** Deletes it, and its named subscriptions. */
    static boolean delete(Cluster cluster, QueueUri uri) {
        KafkaFuture<Void> deletion =
                cluster.admin.deleteTopics(List.of(PREFIX + uri.name())).all();
        boolean deleted = answerOr(
                cluster, false, UnknownTopicOrPartitionException.class, subject(uri), deletion.thenApply(done -> true));
        if (!deleted) return false;
        long deadline = Deadlines.after(APPEARS_NANOS);
        while (describe(cluster, uri) != null && !Deadlines.passed(deadline)) LockSupport.parkNanos(2_000_000);
        List<String> groups = groups(cluster, uri);
        try {
            if (!groups.isEmpty())
                cluster.answer(
                        subject(uri), cluster.admin.deleteConsumerGroups(groups).all());
        } catch (Cluster.Refused stillAttached) { // its place is another topic's: see Place
            return true;
        }
        return true;
    }

    static List<QueueInfo> list(Cluster cluster) {
        List<QueueInfo> queues = new ArrayList<>();
        for (TopicListing topic :
                expected(cluster, "list", cluster.admin.listTopics().listings())) {
            if (!topic.name().startsWith(PREFIX)) continue;
            try {
                QueueUri uri = new QueueUri(KafkaProvider.SCHEME, topic.name().substring(PREFIX.length()), Map.of());
                queues.add(new QueueInfo(uri.toUri(), uuid(topic.topicId()), null));
            } catch (IllegalArgumentException noQueue) {
                continue;
            }
        }
        return queues;
    }

    /** The answer to a question that the broker has no reason to refuse. */
    private static <T> T expected(Cluster cluster, String subject, Future<T> question) {
        try {
            return cluster.answer(subject, question);
        } catch (Cluster.Refused e) {
            throw e.unexpected();
        }
    }

    /** The answer to one that it may refuse for this reason alone: then {@code otherwise}. */
    private static <T> T answerOr(
            Cluster cluster, T otherwise, Class<? extends Throwable> reason, String subject, Future<T> question) {
        try {
            return cluster.answer(subject, question);
        } catch (Cluster.Refused e) {
            if (e.is(reason)) return otherwise;
            throw e.unexpected();
        }
    }

    private static String where(Cluster cluster) {
        return "the cluster " + cluster.servers();
    }

    private static String subject(QueueUri uri) {
        return "'" + uri + "'";
    }

    private static UUID uuid(Uuid id) {
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    private static QueueClosedException gone(QueueUri uri, Throwable cause) {
        return new QueueClosedException(
                "Queue '" + uri + "' was deleted, and this handle has ended with it. Open or create it again.", cause);
    }

    // ---- what it is

    String name() {
        return PREFIX + uri.name();
    }

    UUID queueId() {
        return uuid(id);
    }

    String clusterId() {
        return expected(cluster, subject(uri), cluster.admin.describeCluster().clusterId());
    }

    TopicPartition partition() {
        return new TopicPartition(name(), 0);
    }

    /** The exception once this is deleted. */
    QueueClosedException gone() {
        return gone(uri, null);
    }

    /** Throws if it was deleted, or is no queue any more. */
    void requireThere() {
        description();
    }

    /** Tells how the brokers describe it now. Throws if it was deleted. */
    TopicDescription description() {
        return found(describe(cluster, uri));
    }

    private TopicDescription found(TopicDescription found) {
        if (found == null || !found.topicId().equals(id)) throw gone();
        requireOnePartition(uri, found); // it may have got another
        return found;
    }

    // ---- for those that must not wait for a broker that is away

    /** Why nobody has answered for some seconds, or null. Never waits. Throws as {@link #requireNotEnded}. */
    String outage() {
        long silent = pulse.silentNanos();
        return silent < Pulse.PATIENCE_NANOS
                ? null
                : cluster.unreachable(subject(uri), silent, null).getMessage();
    }

    /** Throws at once if it is known that nobody answers, or within a second if that may be over. */
    void requireNoOutage() {
        KafkaFuture<?> next = pulse.next();
        if (next != null) await(next);
        String outage = outage();
        if (outage != null) throw new ConnectionLostException(outage);
    }

    private static void await(KafkaFuture<?> answer) {
        try {
            Quiet.await(answer, TimeUnit.MILLISECONDS.toNanos(SHORT_MILLIS));
        } catch (ExecutionException | TimeoutException notNow) {
            return;
        }
    }

    /** Notes the failure of a client's call: if it found no broker, others need not wait as long. */
    void note(KafkaException failure) {
        if (failure instanceof org.apache.kafka.common.errors.TimeoutException) pulse.noAnswer();
    }

    /** Throws if it is known that it was deleted, or is no queue any more; has that asked. Never waits. */
    void requireNotEnded() {
        pulse.silentNanos();
    }

    private KafkaFuture<TopicDescription> isThere() {
        return cluster.admin
                .describeTopics(List.of(name()))
                .allTopicNames()
                .thenApply(found -> found(found.get(name())));
    }

    /** Does as requireThere, but waits some seconds at most. */
    void requireThereSoon() {
        requireNoOutage();
        found(describe(cluster, uri, new DescribeTopicsOptions().timeoutMs(SOON_MILLIS)));
    }

    /** Does as newest, but waits some seconds at most. */
    long newestSoon() {
        requireNoOutage();
        return offset(OffsetSpec.latest(), new ListOffsetsOptions().timeoutMs(SOON_MILLIS));
    }

    /** Tells whether it was deleted; false also if nobody answers within a second. */
    boolean isGone() {
        return ask() == Presence.GONE;
    }

    /** Tells whether the brokers have it. UNKNOWN: nobody answers within a second. */
    enum Presence {
        THERE,
        GONE,
        UNKNOWN
    }

    Presence ask() {
        try {
            DescribeTopicsOptions options = new DescribeTopicsOptions().timeoutMs(SHORT_MILLIS);
            Uuid now = described(cluster, uri, options).topicId();
            return now.equals(id) ? Presence.THERE : Presence.GONE;
        } catch (Cluster.Refused e) {
            return e.is(UnknownTopicOrPartitionException.class) ? Presence.GONE : Presence.THERE;
        } catch (ConnectionLostException notNow) {
            return Presence.UNKNOWN;
        }
    }

    /** The position of the newest message; 0 before the first. */
    long newest() {
        return offset(OffsetSpec.latest(), new ListOffsetsOptions());
    }

    /**
     * The position before the first message of this time or later, by the timestamps that the topic has of all; the
     * newest, which is asked for first, if there is none. Below 0 a time means something else to a broker.
     */
    long beforeTime(long millis) {
        long newest = newest();
        long offset = offset(OffsetSpec.forTimestamp(Math.max(0, millis)), new ListOffsetsOptions());
        return offset < 0 ? newest : offset;
    }

    /** Does as newest, but tells -1 if nobody answers within a second. */
    long newestIfKnown() {
        try {
            return offset(OffsetSpec.latest(), new ListOffsetsOptions().timeoutMs(SHORT_MILLIS));
        } catch (ConnectionLostException notNow) {
            return -1;
        }
    }

    /** Before the oldest message that is still there. */
    long beforeOldest() {
        return offset(OffsetSpec.earliest(), new ListOffsetsOptions());
    }

    private long offset(OffsetSpec which, ListOffsetsOptions options) {
        try {
            return cluster.answer(
                            subject(uri),
                            cluster.admin
                                    .listOffsets(Map.of(partition(), which), options)
                                    .partitionResult(partition()))
                    .offset();
        } catch (Cluster.Refused e) {
            if (e.is(UnknownTopicOrPartitionException.class) || e.is(UnknownTopicIdException.class)) throw gone();
            throw e.unexpected();
        }
    }

    // ---- its named subscriptions

    /** No queue's name has a slash. */
    String group(String subscription) {
        return name() + "/" + subscription;
    }

    private static List<String> groups(Cluster cluster, QueueUri uri) {
        String prefix = PREFIX + uri.name() + "/";
        var all =
                cluster.admin.listGroups(ListGroupsOptions.forConsumerGroups()).all();
        return expected(cluster, subject(uri), all).stream()
                .map(GroupListing::groupId)
                .filter(group -> group.startsWith(prefix))
                .toList();
    }

    /** Finds the places of its subscriptions, by name. */
    Map<String, Place> places() {
        return places(groups(cluster, uri));
    }

    private Map<String, Place> places(List<String> groups) {
        Map<String, Place> places = new TreeMap<>();
        if (groups.isEmpty()) return places;
        Map<String, ListConsumerGroupOffsetsSpec> asked = new HashMap<>();
        for (String group : groups)
            asked.put(group, new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(partition())));
        var offsets = cluster.admin.listConsumerGroupOffsets(asked).all();
        answerOr(cluster, Map.of(), GroupIdNotFoundException.class, subject(uri), offsets)
                .forEach((group, of) -> {
                    Place place = Place.of(id, group, of.get(partition()));
                    if (place != null) places.put(group.substring(name().length() + 1), place);
                });
        return places;
    }

    /** Ends this subscription; false if there is none, InUseException if a process is attached. */
    boolean unsubscribe(String subscription) {
        String group = group(subscription);
        boolean there = places(List.of(group)).containsKey(subscription);
        try {
            cluster.answer(
                    subject(uri),
                    cluster.admin.deleteConsumerGroups(List.of(group)).all());
            return there;
        } catch (Cluster.Refused e) {
            if (e.is(GroupIdNotFoundException.class)) return false;
            if (e.is(GroupNotEmptyException.class)) throw inUse(subscription);
            throw e.unexpected();
        }
    }

    InUseException inUse(String subscription) {
        InUseException inUse = Errors.subscriptionInUse(
                subscription, holder(subscription).map(Holder::text).orElse("a process that has just left"));
        return new InUseException(inUse.getMessage()
                + " One that has died is forgotten after the broker's session time-out; 'belfry unsubscribe --detach'"
                + " frees the name at once.");
    }

    /** Takes it from its one member, dead or alive; the place stays. False if there was none. */
    boolean detach(String subscription) {
        if (holder(subscription).isEmpty()) return false;
        var member = new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove(Cluster.MEMBER)));
        KafkaFuture<Void> removal = cluster.admin
                .removeMembersFromConsumerGroup(group(subscription), member)
                .all();
        return answerOr(cluster, false, UnknownMemberIdException.class, subject(uri), removal.thenApply(done -> true));
    }

    /** The process that is attached to it. */
    Optional<Holder> holder(String subscription) {
        String group = group(subscription);
        var description = cluster.admin
                .describeConsumerGroups(List.of(group))
                .describedGroups()
                .get(group);
        return answerOr(
                cluster,
                Optional.empty(),
                GroupIdNotFoundException.class,
                subject(uri),
                description.thenApply(
                        found -> found.members().stream().findFirst().map(Holder::of)));
    }

    boolean isHeldBy(String client, String subscription) {
        return holder(subscription).map(Holder::client).equals(Optional.of(client));
    }

    /** {@code pid} 0 = another client's. */
    record Holder(long pid, String client, String text) {
        static Holder of(MemberDescription member) {
            Matcher client = CLIENT.matcher(member.clientId());
            String host = member.host().replace("/", "");
            if (!client.matches())
                return new Holder(0, member.clientId(), "client '" + member.clientId() + "' at " + host);
            long pid = Long.parseLong(client.group(1));
            boolean same = pid == ProcessHandle.current().pid();
            return new Holder(
                    pid,
                    member.clientId(),
                    "pid " + pid + " at " + host + (same ? " (this process has that pid)" : ""));
        }
    }
}
