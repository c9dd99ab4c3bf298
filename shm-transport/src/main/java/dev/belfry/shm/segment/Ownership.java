package dev.belfry.shm.segment;

import dev.belfry.api.QueueConfig;
import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.Groups;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.Users;
import dev.belfry.spi.Errors;

/**
 * Decides which owners' queues this process joins. {@code /dev/shm} is open to every user, so another user can create a
 * queue in advance that seems to be ours and that all users may write to. Its file's owner must be this user or root,
 * or be named by {@code owner=}, or {@code group=} was given and is the file's. A mode allows nothing.
 *
 * <p>A semaphore may belong to any user who may write to its queue, as the owner decided who was accepted there: see
 * {@code NamedSemaphore}.
 */
public final class Ownership {
    public static final String OWNER = "owner";
    public static final String ANY = "any";
    private static final int ROOT = 0;

    private Ownership() {}

    static void require(LibC c, String queue, FileStatus file, QueueConfig config) {
        int user = c.geteuid();
        // anything but a regular file is refused for that reason
        if (isTrusted(file.uid(), user) || !file.regular()) return;
        String asked = asked(config);
        if (asked != null && (asked.equals(ANY) || file.uid() == uid(c, queue, asked))) return;
        if (config.group() != null && file.gid() == Groups.idOf(c, config.group())) return;
        String name = Users.nameOf(c, file.uid());
        throw Errors.foreignOwner(
                queue,
                Users.describe(c, file.uid()),
                Users.describe(c, user),
                asked,
                config.group(),
                name == null ? Integer.toUnsignedString(file.uid()) : name);
    }

    /** Where the user names no queue: the owner that the property or the environment gives for all. */
    public static QueueConfig saidForAll() {
        String said = System.getProperty("belfry.owner", System.getenv("BELFRY_OWNER"));
        return said == null
                ? QueueConfig.defaults()
                : QueueConfig.builder().attribute(OWNER, said).build();
    }

    /** Without a setting for it. */
    public static boolean isTrusted(int owner, int user) {
        return owner == user || owner == ROOT;
    }

    private static String asked(QueueConfig config) {
        Object owner = config.attributes().get(OWNER);
        return owner == null ? null : owner.toString();
    }

    private static int uid(LibC c, String queue, String name) {
        int uid = Users.idOf(c, name);
        if (uid == -1)
            throw new IllegalArgumentException("owner '" + name + "' of '" + queue
                    + "' does not exist on this machine: a user's name or number, or 'any'");
        return uid;
    }

    static int groupId(LibC libC, String queue, String group) {
        int id = Groups.idOf(libC, group);
        if (id < 0)
            throw new IllegalArgumentException(
                    "group '" + group + "' of '" + queue + "' does not exist on this machine");
        return id;
    }
}
