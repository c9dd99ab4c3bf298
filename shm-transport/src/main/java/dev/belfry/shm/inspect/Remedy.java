package dev.belfry.shm.inspect;

import dev.belfry.shm.segment.Ownership;
import dev.belfry.shm.segment.Segment;
import dev.belfry.spi.Finding;
import dev.belfry.spi.Finding.Level;
import dev.belfry.spi.ProgramName;
import dev.belfry.spi.ShellWords;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The remedy of each finding, as doctor says it. In the texts QUEUE, FILE, NAME, PID, OWNER,
 * OTHER, TARGET and SIZE stand for what a finding knows. Commands in quotes can be run.
 */
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
    REMOVED_NAME("removed-name", "Close it in each of them, or start them again."),
    DISK_FULL("disk-full", "Make room on its disk; at maxSize, let its readers go on: 'belfry subs QUEUE' shows them."),

    WAITING("waiting", "'belfry top QUEUE' shows the attached processes."),
    WAITING_FOR_STOPPED("waiting", Texts.CONTINUE + " or end it ('kill -KILL PID')."),
    WAITING_FOR_STOPPED_NAMED("waiting", Texts.CONTINUE + " or end it ('kill -KILL PID')" + Texts.AND_THEN),
    WAITING_FOR_PROCESS("waiting", Texts.LOOK_AT_IT + "."),
    WAITING_FOR_NAMED("waiting", Texts.LOOK_AT_IT + Texts.AND_THEN),
    WAITING_FOR_SUBSCRIPTION("waiting", "'belfry subs QUEUE' shows the subscriptions."),
    WAITING_FOR_UNATTENDED("waiting", Texts.START_OR_END),
    WAITING_FOR_BRIDGE("waiting", Texts.START_BRIDGE),
    WAITING_FOR_MOVE("waiting", Texts.MOVE_BACK),
    WAITING_IN_DOMAIN("waiting", "'belfry jms ls QUEUE' shows what fills it, and who consumes that."),
    WAITING_FOR_HOLDER("waiting", Texts.JSTACK + ", its log names the thread; " + Texts.KILL + "."),
    STILL("still", Texts.JSTACK + "; " + Texts.KILL + "."),
    BEHIND("behind", "'belfry top QUEUE' shows how fast it reads, and whether it catches up."),
    LOSES(
            "losing",
            "'belfry top QUEUE' shows how fast it reads. Let it read faster, or create the queue with more room"
                    + " (maxCapacity=, of files maxSize=); with --policy gate, publishers wait for it."),
    STOPPED_CONSUMER(
            "stopped-consumer", Texts.CONTINUE + " or end it ('kill -KILL PID'): then others get what it holds."),
    STOPPED_SUBSCRIBER(
            "stopped-consumer",
            Texts.CONTINUE + " or end it ('kill -KILL PID'): a plain subscription then ends with its"
                    + " messages, a durable one keeps them for the next consumer."),
    FULL_QUEUE("full-domain", Texts.CONSUME_QUEUE),
    FULL_DOMAIN("full-domain", Texts.CONSUME_DOMAIN),
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
    STOPPED_HOLDER("stuck-lock", Texts.CONTINUE + " or end it ('kill -KILL PID'); others wait until then."),
    FOREIGN_LOCK(
            "foreign-lock", "'lslocks' names it. Stop it (a backup, FileChannel.lock), and exclude /dev/shm from it."),
    STALE_SLOTS(
            "stale-slots",
            "They hold nobody up: a publisher that needs their room, or a subscriber that needs a slot, frees them."
                    + " 'belfry doctor --fix QUEUE' frees them now."),
    NO_SLOTS(
            "slots",
            "'belfry subs QUEUE' lists them; 'belfry unsubscribe QUEUE NAME' ends one that is not needed."
                    + " Or create it with more (slots=)."),
    MISSING_SEMAPHORE("missing-semaphore", Texts.AGAIN),
    DAMAGED_SEMAPHORE("damaged-semaphore", Texts.AGAIN),
    ENDED("ended", "End it with 'belfry unsubscribe QUEUE NAME', and subscribe again."),
    ENDED_ATTACHED(
            "ended",
            "Close its subscriber ('kill PID' ends the process), then 'belfry unsubscribe QUEUE NAME', and subscribe again."),
    ENDED_ANONYMOUS("ended", "Let it subscribe again; 'belfry top QUEUE' shows how fast the others read."),
    LISTENER("stopped-listener", "Mend its listener, and start it again."),
    LISTENER_NAMED(
            "stopped-listener",
            "Mend its listener, and start it again; or pass over the message that it failed at: 'belfry skip QUEUE NAME'."),
    UNATTENDED("unattended", Texts.START_OR_END),
    UNATTENDED_BRIDGE("unattended", Texts.START_BRIDGE),
    UNATTENDED_MOVE("unattended", Texts.MOVE_BACK),
    UNATTENDED_MANY(
            "unattended",
            "'belfry subs QUEUE' lists them. Start their subscribers, or end them: 'belfry unsubscribe QUEUE --match \"*\""
                    + " --dry-run' shows which those are."),
    STOPPED_SUBSCRIPTION("stopped-subscriber", Texts.CONTINUE + " or end it ('kill -KILL PID')."),
    STOPPED_NAMED("stopped-subscriber", Texts.CONTINUE + " or end it ('kill -KILL PID')" + Texts.AND_THEN),
    LEFT_OVER_PART("live-part", "'belfry gc' removes it."),
    LEFT_OVER_QUEUE("left-over-queue", "'belfry gc' removes it; so does the next open."),
    ORPHAN_SEMAPHORES("orphan-semaphores", "'belfry gc' removes it.");

    private static final class Texts {
        static final String JSTACK = "'jstack PID' shows what it does";
        static final String KILL = "'kill PID' ends it";
        static final String DEBUGGED =
                "A Java debugger may have suspended it, then 'jstack PID' does not answer: let it" + " go on there";
        static final String KILL_DEBUGGED = "'kill -KILL PID' ends it in any case";
        static final String IN_A_CONTAINER = "Docker --shm-size=SIZE; Kubernetes an emptyDir with medium: Memory.";
        static final String CORRUPT =
                "Another program wrote into it, or Belfry has a defect: keep a copy of FILE, and report it. Stop the"
                        + " attached processes. Take out what lies behind the damage: 'belfry salvage QUEUE ./salvaged'."
                        + " Then 'belfry rm QUEUE'.";
        static final String START_OR_END = "Start its subscriber, or end it: 'belfry unsubscribe QUEUE NAME'.";
        static final String START_BRIDGE = "Start the bridge again, with the options that it had: 'belfry bridge QUEUE"
                + " TARGET'. If nothing is to be carried any more, end it: 'belfry unsubscribe QUEUE NAME'.";
        static final String MOVE_BACK =
                "It keeps what 'belfry jms move' took out of a domain, until that is moved back:"
                        + " 'belfry jms move --help'. If nobody needs it any more, end it: 'belfry unsubscribe QUEUE NAME'.";
        static final String LOOK_AT_IT =
                "'belfry top QUEUE' shows whether it moves. " + Texts.JSTACK + "; " + Texts.KILL;
        static final String CONTINUE = "Let it continue ('kill -CONT PID')";
        static final String AND_THEN = ", and then its subscription: 'belfry unsubscribe QUEUE NAME'.";
        static final String CONSUME_QUEUE =
                "Start consumers of it, or end its messages: 'belfry jms purge QUEUE NAME'. 'belfry jms ls QUEUE' shows the"
                        + " others.";
        static final String CONSUME_DOMAIN =
                "'belfry jms ls QUEUE' shows what fills it: start consumers of that, or end a subscription that"
                        + " nobody uses: 'belfry jms unsubscribe QUEUE SUBSCRIPTION'.";
        static final String MEND_CONSUMER =
                "Mend its consumer, or set maxDeliveries there: then it becomes a dead letter.";
        static final String AGAIN = "Let it subscribe again, or end it ('kill PID') and start it again.";
    }

    private static final Pattern WORD = Pattern.compile("\\b(?:QUEUE|FILE|NAME|PID|OWNER|OTHER|TARGET|SIZE)\\b");

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

    /** This one; for the subscription of a bridge or of a move another: that is to be started. */
    Remedy of(String subscription) {
        if (ShellWords.MOVE.equals(subscription))
            return this == UNATTENDED ? UNATTENDED_MOVE : this == WAITING_FOR_UNATTENDED ? WAITING_FOR_MOVE : this;
        if (ShellWords.targetOfBridge(subscription) == null) return this;
        return this == UNATTENDED ? UNATTENDED_BRIDGE : this == WAITING_FOR_UNATTENDED ? WAITING_FOR_BRIDGE : this;
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
        return new Finding(code, level, subject, what, with(words), false);
    }

    private String with(String... words) {
        Map<String, String> meant = new HashMap<>();
        for (int i = 0; i < words.length; i += 2) meant.put(words[i], words[i + 1]);
        meant.computeIfPresent("QUEUE", (word, queue) -> queue.startsWith("-") ? "shm:" + queue : queue); // no option
        return WORD.matcher(continued(meant.getOrDefault("PID", "")))
                .replaceAll(m -> Matcher.quoteReplacement(meant.getOrDefault(m.group(), m.group())));
    }

    /** A signal does not continue what a debugger has stopped, nor end what a debugger of Java has suspended. */
    private String continued(String pid) {
        if (!pid.matches("\\d+")) return text;
        String tracer = ProgramName.tracer(Long.parseLong(pid));
        if (text.contains(Texts.JSTACK) && ProgramName.isDebugged(Long.parseLong(pid)))
            return text.replace(Texts.JSTACK, Texts.DEBUGGED).replace(Texts.KILL, Texts.KILL_DEBUGGED);
        return tracer == null
                ? text
                : text.replace(Texts.CONTINUE, "Let it continue in " + tracer + ", which traces it,");
    }
}
