package dev.belfry.spi;

/** Names as a shell takes them, for the commands that texts name. */
public final class ShellWords {
    public static final String BRIDGE = "bridge-to-";

    /** The subscription that keeps what the command has moved out of a domain. */
    public static final String MOVE = "jms-move";

    /** The place of a domain's pages in the queue that has them. It has no reader, and without it they go. */
    public static final String OVERFLOW = "jms-overflow";

    private ShellWords() {}

    /** Tells whether it is one argument, and no option, without quotes. */
    public static boolean isPlain(String name) {
        return name.matches("[A-Za-z0-9._/][A-Za-z0-9._/-]*");
    }

    /**
     * The target of a bridge, by the name of its subscription, for a command that starts it again. The topic and the
     * address of a broker are left to its administrator. Null: it is no bridge's.
     */
    public static String targetOfBridge(String subscription) {
        if (subscription == null || !subscription.startsWith(BRIDGE)) return null;
        String target = subscription.substring(BRIDGE.length()).replaceFirst("-", ":");
        return target.startsWith("shm:") || target.startsWith("file:")
                ? of(target)
                : "\"" + target.substring(0, target.indexOf(':') + 1) + "TOPIC?bootstrap=BROKER\"";
    }

    /** One argument, whatever is in it. It has double quotes, as the command stands in single ones. */
    public static String of(String name) {
        return isPlain(name)
                ? name
                : (name.startsWith("-") ? "-- " : "") + "\"" + name.replaceAll("([\\\\\"$`])", "\\\\$1") + "\"";
    }
}
