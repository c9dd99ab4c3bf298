package dev.belfry.shm.inspect;

import dev.belfry.shm.segment.Ownership;
import dev.belfry.shm.segment.Segment;
import dev.belfry.spi.Finding;
import dev.belfry.spi.Finding.Level;
import dev.belfry.spi.RemedyText;
import java.util.HashMap;
import java.util.Map;

/** The remedy of each finding of a checkup, as doctor says it: see {@link RemedyText}. */
enum Remedy {
    KERNEL("kernel", "Nothing works here until that works."),
    NO_TMPFS("mount", "Mount a tmpfs there: 'mount -t tmpfs none /dev/shm'."),
    READ_ONLY("mount", "'mount -o remount,rw /dev/shm'"),
    SMALL("shm-size", "'mount -o remount,size=SIZE /dev/shm'; " + Texts.IN_A_CONTAINER),
    FULL(
            "shm-full",
            "'belfry ls' and 'ls -l /dev/shm' show what takes it; 'belfry gc' removes left-overs; or make it larger:"
                    + " 'mount -o remount,size=SIZE /dev/shm'; " + Texts.IN_A_CONTAINER),
    NO_INODES(
            "shm-inodes",
            "'belfry gc' removes left-overs; or let it have more files: 'mount -o remount,nr_inodes=1m /dev/shm'"),
    NOT_STICKY("permission", "'chmod 1777 /dev/shm', as it is everywhere else."),
    FILE_SIZE("limits", "'ulimit -f unlimited'"),
    ADDRESS_SPACE("limits", "'ulimit -v unlimited'"),
    OPEN_FILES("limits", "'ulimit -n 1024'"),
    CONTAINER("container", "--ipc=host, --ipc=container:NAME, or one volume at /dev/shm in both."),
    LOGIND("logind", "RemoveIPC=no in /etc/systemd/logind.conf, or run as a system user."),

    MISSING("exists", "'belfry ls' shows which there are."),
    DENIED("denied", "Its owner or root can check it: 'belfry doctor QUEUE'."),
    VERSION("version", "Use the command of the version that made it, or stop all processes and 'belfry rm QUEUE'."),
    NEWER_RECORD("version", "Use the command of the later release: this one can neither read nor write it."),
    NEWER(
            "newer",
            "The command of that version can judge it. If no newer version is in use here, it is damage. "
                    + Texts.CORRUPT),
    NEWER_AT_WORK("newer", "Nothing is to be done. The command of that version judges all of it."),
    FOREIGN_FILE(
            "foreign-file",
            "Choose another queue name, or stop that program and remove its file: 'belfry rm --force QUEUE'."),
    KEEP_THIS("two-names", "This one is the queue. Remove the other: 'rm OTHER'."),
    KEEP_OTHER("two-names", "The other one is the queue. Remove this one: 'rm FILE'."),
    KEEP_ONE("two-names", "Keep the one that your programs open. Remove the other: 'rm FILE' or 'rm OTHER'."),
    SAME_ID("same-id", "Keep the one that your programs open. Remove the other: 'rm FILE' or 'rm OTHER'."),
    NO_GROWTH(
            "growth",
            "Make room there; after the last ring: let all subscriptions acknowledge what they have, close it in all"
                    + " processes, and open it again."),
    KERNEL_ERROR("permission", "'strace -f belfry info QUEUE' shows the call."),
    TRUNCATED(
            "truncated",
            "A program cut FILE short; its messages are lost. Stop the attached processes, then 'belfry rm QUEUE'."),
    CORRUPT_HEADER("corrupt-header", Texts.CORRUPT),
    CORRUPT_REGIONS("corrupt-regions", Texts.CORRUPT),
    CORRUPT_HANDLES("corrupt-handles", Texts.CORRUPT),
    CORRUPT_SLOTS("corrupt-slots", Texts.CORRUPT),
    CORRUPT_LOG("corrupt-log", Texts.CORRUPT),
    LOG_NOT_READ("log", "Run 'belfry doctor --deep QUEUE' again while less is published."),
    OWNER("owner", "To open it say owner=OWNER, if that is the owner you expect."),
    MODE("mode", "'chmod 0600 FILE' leaves it to its own user; open processes are not affected."),
    REMOVED_NAME("removed-name", RemedyText.CLOSE),
    STOPPED_CONSUMER(
            "stopped-consumer", RemedyText.CONTINUE + " or end it ('kill -KILL PID'): then others get what it holds."),
    STOPPED_SUBSCRIBER(
            "stopped-consumer",
            RemedyText.CONTINUE + " or end it ('kill -KILL PID'): a plain subscription then ends with its"
                    + " messages, a durable one keeps them for the next consumer."),
    FULL_QUEUE("full-domain", Texts.CONSUME_QUEUE),
    FULL_DOMAIN("full-domain", Texts.CONSUME_DOMAIN),
    FULL_WITH_DISK("full-domain", Texts.CONSUME_WITH_DISK),
    FILLING_WITH_DISK("filling", Texts.CONSUME_WITH_DISK),
    FILLING_QUEUE("filling", Texts.CONSUME_QUEUE),
    FILLING_DOMAIN("filling", Texts.CONSUME_DOMAIN),
    DEAD_LETTERS(
            "dead-letters",
            "'belfry jms browse QUEUE NAME' shows them and why; 'belfry jms requeue QUEUE NAME' sends them again;"
                    + " 'belfry jms purge QUEUE NAME' ends them."),
    DOMAIN_NOT_READ("domain", "'belfry jms ls QUEUE' reads and counts them."),
    POISON_IN_QUEUE("poison", "'belfry jms browse QUEUE NAME' shows it. " + Texts.MEND_CONSUMER),
    POISON_IN_TOPIC("poison", Texts.MEND_CONSUMER),
    DEAD_HOLDER("stuck-lock", "'belfry doctor --fix QUEUE' takes it over; so does the next publisher that needs it."),
    STOPPED_HOLDER("stuck-lock", RemedyText.CONTINUE + " or end it ('kill -KILL PID'); others wait until then."),
    FOREIGN_LOCK(
            "foreign-lock", "'lslocks' names it. Stop it (a backup, FileChannel.lock), and exclude /dev/shm from it."),
    STALE_SLOTS(
            "stale-slots",
            "They hold nobody up: a publisher that needs their room, or a subscriber that needs a slot, frees them."
                    + " 'belfry doctor --fix QUEUE' frees them now."),
    MISSING_SEMAPHORE("missing-semaphore", Texts.AGAIN),
    DAMAGED_SEMAPHORE("damaged-semaphore", Texts.AGAIN),
    LEFT_OVER_PART("live-part", "'belfry gc' removes it."),
    LEFT_OVER_QUEUE("left-over-queue", "'belfry gc' removes it; so does the next open."),
    ORPHAN_SEMAPHORES("orphan-semaphores", "'belfry gc' removes it.");

    private static final class Texts {
        static final String IN_A_CONTAINER = "Docker --shm-size=SIZE; Kubernetes an emptyDir with medium: Memory.";
        static final String CORRUPT =
                "Another program wrote into it, or Belfry has a defect: keep a copy of FILE, and report it. Stop the"
                        + " attached processes. Take out what lies behind the damage: 'belfry salvage QUEUE ./salvaged'."
                        + " Then 'belfry rm QUEUE'.";
        static final String CONSUME_QUEUE =
                "Start consumers of it, or end its messages: 'belfry jms purge QUEUE NAME'. 'belfry jms ls QUEUE' shows the"
                        + " others.";
        static final String CONSUME_DOMAIN =
                "'belfry jms ls QUEUE' shows what fills it: start consumers of that, or end a subscription that"
                        + " nobody uses: 'belfry jms unsubscribe QUEUE SUBSCRIPTION'.";
        static final String CONSUME_WITH_DISK =
                "'belfry jms ls QUEUE' shows what waits, who consumes it, and where it is on the disk: start consumers, or"
                        + " make room on that disk. 'belfry jms move --help' tells how to take messages out.";
        static final String MEND_CONSUMER =
                "Mend its consumer, or set maxDeliveries there: then it becomes a dead letter.";
        static final String AGAIN = "Let it subscribe again, or end it ('kill PID') and start it again.";
    }

    /** The word in brackets that {@code doctor} prints. */
    final String code;

    final String text;

    Remedy(String code, String text) {
        this.code = code;
        this.text = text;
    }

    /** QUEUE, as the command takes it; of another user's queue it says whose, without which it is not opened. */
    static String queue(Segment segment) {
        int uid = segment.object.status().uid();
        return Ownership.isTrusted(uid, segment.machine.libC().geteuid())
                ? segment.queue
                : "\"" + segment.queue + "?owner=" + Integer.toUnsignedString(uid) + "\"";
    }

    Finding stuck(String subject, String what, String... words) {
        return finding(Level.STUCK, subject, what, words);
    }

    Finding problem(String subject, String what, String... words) {
        return finding(Level.PROBLEM, subject, what, words);
    }

    Finding note(String subject, String what, String... words) {
        return finding(Level.NOTE, subject, what, words);
    }

    Finding information(String subject, String what, String... words) {
        return finding(Level.INFORMATION, subject, what, words);
    }

    /** {@code words}: each of the text's, and what it stands for. */
    private Finding finding(Level level, String subject, String what, String... words) {
        Map<String, String> meant = new HashMap<>();
        for (int i = 0; i < words.length; i += 2) meant.put(words[i], words[i + 1]);
        return new Finding(code, level, subject, what, RemedyText.of(text, meant), false);
    }
}
