package dev.belfry.spi;

import dev.belfry.api.AfterOverrun;
import dev.belfry.api.Batch;
import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.InUseException;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.QueueExistsException;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.api.StartAt;
import dev.belfry.api.SubscriberDisconnectedException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The error texts that all transports share: subject, actual value, limit, next step; never a body. The methods return
 * the exception, so that the caller's {@code throw} stays visible. {@code queue} is {@code shm:prices} ({@link
 * QueueUri#toString}), {@code name} is {@code prices}. A subscriber's name is null if it is anonymous.
 * @since 0.1
 */
public final class Errors {
    private Errors() {}

    /** Refuses a message whose {@code length}, body and encoded properties together, is over the limit. */
    public static MessageTooLargeException tooLarge(long length, long limit, long maxCapacity) {
        return new MessageTooLargeException("Message of " + Units.number(length) + " bytes; limit is "
                + Units.number(limit) + " (a quarter of maxCapacity " + Units.size(maxCapacity)
                + ", body and properties). Raise maxCapacity when the queue is created.");
    }

    /** Says the same of a transport that has no capacity, or where nobody knows it. */
    public static MessageTooLargeException tooLarge(long length, long limit) {
        return new MessageTooLargeException("Message of " + Units.number(length) + " bytes; limit is "
                + Units.number(limit) + " (body and properties).");
    }

    /** A batch of so many bytes, header and padding of its messages included. */
    public static MessageTooLargeException batchTooLarge(long bytes, long limit, long maxCapacity) {
        return new MessageTooLargeException("Batch of " + Units.number(bytes) + " bytes; limit is "
                + Units.number(limit) + " (a quarter of maxCapacity " + Units.size(maxCapacity)
                + "). Use several batches, or raise maxCapacity when the queue is created.");
    }

    /**
     * {@code pid}: 0 if no process is attached to this named subscription. {@code owed}: how many of the lag its
     * program received and has to acknowledge by itself. {@code more}: that the process is stopped, or why the queue
     * cannot grow, in sentences, or empty.
     */
    public static QueueFullException full(
            String queue,
            long capacity,
            @Nullable String subscriber,
            long pid,
            long lag,
            long owed,
            long parkedNanos,
            String more) {
        boolean forgets = pid != 0 && owed > lag / 2; // it reads, and does not acknowledge
        String next = (pid == 0 ? "Attach it" : forgets ? "Let it acknowledge" : "Let it read faster")
                + (subscriber == null ? "" : ", " + unsubscribe(queue, subscriber) + " if it is not needed")
                + ", or subscribe with another policy than GATE_PUBLISHER.";
        if (ShellWords.OVERFLOW.equals(subscriber)) next = OverflowText.REMEDY;
        return new QueueFullException("'" + queue + "' is full (" + Units.size(capacity) + "): waiting for "
                + subscriber(subscriber) + " (" + (pid == 0 ? "no process attached" : "pid " + pid) + ", lag "
                + Units.number(lag)
                + (forgets ? ", " + Units.number(owed) + " of them received and not acknowledged" : "")
                + ", parked " + Units.duration(parkedNanos) + "). " + next + after(more));
    }

    /** Shows the command where that sees the queue, else the call of a program. */
    private static String unsubscribe(String queue, String subscriber) {
        boolean isTyped = (queue.startsWith("shm:") || queue.startsWith("file:"))
                && ShellWords.isPlain(queue.substring(queue.indexOf(':') + 1))
                && ShellWords.isPlain(subscriber);
        return isTyped
                ? "'belfry unsubscribe " + queue + " " + subscriber + "'"
                : "unsubscribe(\"" + subscriber + "\")";
    }

    private static String after(String more) {
        return more.isEmpty() ? "" : " " + more;
    }

    /** The named {@code subscriber} is the one whose handler or listener publishes; it may be null. */
    public static IllegalStateException waitsForItself(
            String queue, long size, @Nullable String subscriber, String limit) {
        return new IllegalStateException("'" + queue + "' is full (" + Units.size(size)
                + "), and this thread would wait for itself: " + subscriber(subscriber)
                + ", in whose handler it publishes, frees no space before that poll or listener returns. Publish"
                + " afterwards, poll fewer messages at a time, or create the queue with a larger " + limit + ".");
    }

    /** When the cause is no longer known. {@code more}: as above. */
    public static QueueFullException full(String queue, long capacity, String more) {
        return new QueueFullException("'" + queue + "' is full (" + Units.size(capacity)
                + "). Publish again, with a longer timeout." + after(more));
    }

    public static QueueFullException heldByPublisher(String queue, long pid, long heldNanos) {
        return new QueueFullException("'" + queue + "' is held by publisher pid " + pid + " for "
                + Units.duration(heldNanos) + ". Is it stopped? Continue or kill it then; if it holds a claim or a"
                + " batch, let it commit or close that.");
    }

    /** The same; {@code stopped}: that process is known to be. */
    public static QueueFullException heldByPublisher(String queue, long pid, long heldNanos, boolean stopped) {
        return new QueueFullException("'" + queue + "' is held by publisher pid " + pid + " for "
                + Units.duration(heldNanos) + "."
                + (stopped ? stopped(pid) : " If it holds a claim or a batch, let it commit or close that.")
                + (stopped || !queue.startsWith("file:") ? "" : " If not, it waits for its disk.")
                + (queue.startsWith("shm:") ? " 'belfry doctor " + queue + "' tells more." : ""));
    }

    /** The same; empty if it is not, or that cannot be seen. */
    public static String stoppedIf(long pid) {
        return ProgramName.isStopped(pid) ? stopped(pid) : "";
    }

    /** Adds a sentence, such as " Process 812 is stopped: 'kill -CONT 812' continues it." */
    public static String stopped(long pid) {
        String tracer = ProgramName.tracer(pid);
        return tracer == null
                ? " Process " + pid + " is stopped: 'kill -CONT " + pid + "' continues it."
                : " Process " + pid + " is stopped by " + tracer + ", which traces it: let it continue there.";
    }

    /** {@code where}: "/dev/shm (device 0:27)", "this JVM"; {@code hint}: the next step, a sentence. */
    public static QueueNotFoundException notFound(String name, String where, String hint) {
        return new QueueNotFoundException("No queue '" + name + "' in " + where + ". " + hint);
    }

    public static QueueExistsException exists(String name, String where) {
        return new QueueExistsException("There is a queue '" + name + "' in " + where
                + " already. Delete it first, or open it with CREATE_OR_OPEN.");
    }

    /** Shows owner and permission bits, so that the user sees which of them to change. */
    public static QueueAccessDeniedException accessDenied(String name, String owner, int mode, long uid) {
        return new QueueAccessDeniedException("'" + name + "' belongs to " + owner
                + String.format(
                        Locale.ROOT,
                        ", mode %04o; this process is uid %d. Create it with mode=rw-rw---- and group=….",
                        mode,
                        uid));
    }

    /**
     * The queue exists, but its owner is a user whom this process does not trust. {@code owner},
     * {@code user}: "nobody (uid 65534)". {@code asked}, {@code group}: the given owner and group,
     * or null. {@code say}: the value that accepts it.
     */
    public static QueueAccessDeniedException foreignOwner(
            String name, String owner, String user, @Nullable String asked, @Nullable String group, String say) {
        return new QueueAccessDeniedException("'" + name + "' belongs to " + owner + "; this process is " + user
                + " and joins its own queues, root's" + (asked == null ? "" : ", those of '" + asked + "'")
                + (group == null ? "" : ", those of group '" + group + "'")
                + ". If the owner is the one you expect, say owner=" + say
                + "; if not, choose another name, or have it removed.");
    }

    public static IncompatibleQueueException incompatible(String message) {
        return new IncompatibleQueueException(message);
    }

    /** The queue was created with another value of this setting. */
    public static IncompatibleQueueException otherValue(
            String queue, String setting, @Nullable Object requested, @Nullable Object existing) {
        return incompatible(setting + " " + requested + " requested, existing queue '" + queue + "' has " + existing
                + ". Leave " + setting + " out, also in properties and environment, or delete the queue first.");
    }

    /**
     * Opened as a plain queue, and it is a log of records that only Jakarta Messaging understands,
     * or the other way round.
     */
    public static IncompatibleQueueException wrongKind(String queue, boolean isDomain) {
        return new IncompatibleQueueException(
                isDomain
                        ? "'" + queue + "' is a domain of Jakarta Messaging, which has no publishers and subscribers."
                                + " Use new BelfryConnectionFactory(\"" + queue + "\"), or choose another name."
                        : "'" + queue + "' is a plain queue; a domain of Jakarta Messaging needs one of its own."
                                + " Choose another name, or delete the queue.");
    }

    /** An option with which a log would lose what its marks keep. */
    public static IllegalArgumentException notForDomains(String queue, String option) {
        return new IllegalArgumentException(
                "'" + queue + "' is a domain of Jakarta Messaging, which keeps its messages; " + option
                        + " would lose them. Leave it out, also in properties and environment.");
    }

    public static IncompatibleVersionException incompatibleLayout(String name, int layout, int oldest, int newest) {
        return new IncompatibleVersionException("'" + name + "' has layout " + layout + ", this library reads "
                + (oldest == newest ? "" + newest : oldest + "-" + newest) + ". Upgrade, or 'belfry rm " + name + "'.");
    }

    /** {@code holder}: "pid 812 (java, since 10:02:11)", "a subscriber of this JVM". */
    public static InUseException subscriptionInUse(String subscription, String holder) {
        return new InUseException("Subscription '" + subscription + "' is attached by " + holder
                + ". One process at a time has it: close it there, or use another name.");
    }

    /** An exclusive publisher is wanted and there is another publisher, or the other way round. */
    public static InUseException publisherInUse(String queue, boolean exclusiveWanted, String holder) {
        return new InUseException(
                "'" + queue + "' has " + (exclusiveWanted ? "a publisher: " : "an exclusive publisher: ") + holder
                        + ". Close it first" + (exclusiveWanted ? ", or ask for a shared one." : "."));
    }

    /** It may be deleted only if no process has it open. {@code pids}: as far as they are known. */
    public static InUseException queueInUse(String queue, List<Long> pids) {
        String attached = pids.isEmpty() ? "processes that cannot be named" : "the processes " + pids;
        boolean isInMemory = queue.startsWith("shm:");
        return new InUseException(queue + " stays: attached are " + attached
                + (isInMemory ? force(queue) : "; close it there first, or end them"));
    }

    /** It may be deleted only if no named subscription is lost. */
    public static InUseException subscriptionsWouldBeLost(String queue, List<String> names) {
        return new InUseException(queue + " stays: the subscriptions " + names + " would be lost" + force(queue));
    }

    /** A domain of Jakarta Messaging may be deleted only if no message is lost. {@code unread}: "3 of 'orders'". */
    public static InUseException unreadWouldBeLost(String domain, List<String> unread) {
        return new InUseException(
                domain + " stays: unread messages would be lost, " + String.join(", ", unread) + force(domain));
    }

    /** {@code what} would be lost, such as "subscriptions". {@code reason}: a sentence. */
    public static InUseException uncounted(String queue, String what, String reason) {
        return new InUseException(queue + " stays: its " + what + " cannot be counted: " + reason + force(queue));
    }

    static String force(String queue) {
        return "; 'belfry rm --force " + queue + "' removes it anyway";
    }

    /** Another process is in the middle of opening, creating or deleting, and has been for 10 s. */
    public static InUseException stepInProgress(String queue, String holder) {
        return new InUseException(holder + " has held the administrative lock of '" + queue
                + "' for 10 s. Is it stopped? Continue or kill it then, and try again.");
    }

    /** Says how much is free {@code where}, such as "/dev/shm". */
    public static InsufficientResourcesException noSpace(long needed, String where, long size, long free) {
        return new InsufficientResourcesException("Cannot reserve " + Units.size(needed) + " in " + where + " ("
                + Units.size(size) + ", " + Units.size(free)
                + " free). In Docker use --shm-size; 'belfry gc' removes left-overs.");
    }

    /** {@code subject}: "Subscriber 'audit' of 'shm:prices'", "Publisher of 'shm:prices'", "Queue 'shm:prices'". */
    public static QueueClosedException closed(String subject) {
        return new QueueClosedException(subject + " is closed. Open or create it again.");
    }

    /** Tells a publish to a queue in files that it is published, and not known to be durable. */
    public static QueueClosedException closedBeforeDurable(String queue) {
        return new QueueClosedException("'" + queue + "' was closed before the disk had what was published: it is"
                + " published, and not known to be durable. Open it again and read.");
    }

    /** Names it in texts, such as "Subscriber 'audit' of 'shm:prices'". */
    public static String subscriberOf(String queue, @Nullable String subscriber) {
        return (subscriber == null ? "Anonymous subscriber" : "Subscriber '" + subscriber + "'") + " of '" + queue
                + "'";
    }

    /** {@code waitingFor}: "a message of 'shm:prices'", "space in 'shm:prices'". The flag is set and stays so. */
    public static InterruptedQueueException interrupted(String waitingFor) {
        return new InterruptedQueueException("Interrupted while waiting for " + waitingFor
                + "; nothing was published or taken, and the thread's interrupt flag is still set.");
    }

    /** {@code reason}: a clause, such as "it held up publishers longer than maxGateTime 5 s". */
    public static SubscriberDisconnectedException disconnected(
            String queue, @Nullable String subscriber, long position, long lag, String reason) {
        return new SubscriberDisconnectedException(subscriberOf(queue, subscriber) + " was disconnected at position "
                + Units.number(position) + ", lag " + Units.number(lag) + ": " + reason + ". "
                + (subscriber == null
                        ? "Subscribe again, read faster, or " + largerOne(queue, AfterOverrun.OLDEST) + "."
                        : "It stays ended until " + unsubscribe(queue, subscriber) + "; then subscribe again."));
    }

    /** Gives a slow subscriber more time. In files its place is lost at maxSize, with NEWEST by the ring. */
    static String largerOne(String queue, AfterOverrun then) {
        String ofFiles = then == AfterOverrun.NEWEST ? "capacity" : "maxSize";
        return "create the queue with a larger " + (queue.startsWith("file:") ? ofFiles : "maxCapacity");
    }

    /** {@code what} cannot be right, such as "record length 17 at position 812". */
    public static QueueCorruptedException corrupted(String name, String what, @Nullable Throwable cause) {
        return new QueueCorruptedException(
                "'" + name + "' is damaged: " + what + ". This handle is unusable; run 'belfry doctor --deep " + name
                        + "'.",
                cause);
    }

    /** Ends one handle for its own trouble, which others take no notice of. */
    public static QueueCorruptedException givenUp(String queue, String what, @Nullable Throwable cause) {
        return new QueueCorruptedException(
                "This handle of '" + queue + "' was given up after " + what
                        + ". A publish in progress may or may not have happened; the queue goes on. Open it again.",
                cause);
    }

    public static ConnectionLostException connectionLost(String queue, String what, @Nullable Throwable cause) {
        return new ConnectionLostException(
                "'" + queue + "' lost its connection: " + what
                        + ". A publish in progress may or may not have happened; open it again.",
                cause);
    }

    /** {@code allowGating=false}, and GATE_PUBLISHER was asked for. */
    public static IllegalArgumentException gatingRefused(String queue) {
        return new IllegalArgumentException(
                "'" + queue
                        + "' was created with allowGating=false: slowSubscriber must be OVERRUN or DISCONNECT, was GATE_PUBLISHER");
    }

    /** {@code StartAt.at(position)} beyond the next one. */
    public static IllegalArgumentException startsInFuture(String queue, long position, long newest) {
        return new IllegalArgumentException("position must be <= " + Units.number(newest + 1) + " (newest of '" + queue
                + "' plus 1), was " + Units.number(position));
    }

    /** {@code seek} to a position that is gone. */
    public static IllegalArgumentException seeksWhatIsGone(String queue, long position, long oldest) {
        return new IllegalArgumentException("position must be >= " + Units.number(oldest) + " (oldest of '" + queue
                + "' that is retained), was " + Units.number(position)
                + ". Seek that one, or StartAt.OLDEST_RETAINED.");
    }

    /** {@code StartAt.time}, and a message that may be before that time has no timestamp. */
    public static IllegalArgumentException hasNoTimestamp(String queue, long position, StartAt start) {
        return new IllegalArgumentException("Message " + Units.number(position) + " of '" + queue
                + "' has no timestamp, so " + start + " cannot be found: its publisher writes none."
                + " Set timestamps in PublisherOptions, or begin at a position or at StartAt.OLDEST_RETAINED.");
    }

    /** Publish or claim, by the thread that holds a claim. */
    public static IllegalStateException nestedClaim(String queue) {
        return new IllegalStateException("This thread holds an open claim on '" + queue
                + "': commit or close it before it publishes or claims again");
    }

    public static IllegalStateException anotherWasAdded(String queueUri) {
        return new IllegalStateException("Another message was added to this batch on '" + queueUri
                + "': fill a claimed message before the next one is added");
    }

    /** Refuses as {@link #nestedClaim} does, by the thread that has a batch open. */
    public static IllegalStateException nestedBatch(String queue) {
        return new IllegalStateException("This thread has an open batch on '" + queue
                + "': add to it, or commit or close it before it publishes or claims again");
    }

    /** A message that needs {@code size} bytes of a batch that has {@code left} of its {@code bytes}. */
    public static IllegalStateException doesNotFitIntoBatch(String queue, long size, long left, long bytes) {
        return new IllegalStateException("The message takes " + Units.number(size) + " bytes, this batch on '" + queue
                + "' has " + Units.number(left) + " of " + Units.number(bytes)
                + " left. Commit it and begin another, or begin it with more bytes.");
    }

    /** It has {@link dev.belfry.api.Batch#MAX_MESSAGES} already. */
    public static IllegalStateException batchHasMost(String queue) {
        return new IllegalStateException("This batch on '" + queue + "' has " + Units.number(Batch.MAX_MESSAGES)
                + " messages; limit is the same. Commit it and begin another.");
    }

    /** Refuses an unwrap to a type that the queue is not. */
    public static IllegalArgumentException cannotUnwrap(String queue, Class<?> type) {
        return new IllegalArgumentException("'" + queue + "' has no " + type.getName() + " to unwrap");
    }

    public static String subscriber(@Nullable String name) {
        return name == null ? "an anonymous subscriber" : "'" + name + "'";
    }

    /** A view was used after its handler. */
    public static IllegalStateException viewKept(String queue, @Nullable Throwable cause) {
        return new IllegalStateException(
                "This message of '" + queue
                        + "' is not its own any more: a view is valid until its handler returns; keep what copy() returns",
                cause);
    }

    /** {@code later} came up after {@code first}, which is told. A program may throw the same one again. */
    public static void suppress(Throwable first, Throwable later) {
        if (later != first) first.addSuppressed(later);
    }
}
