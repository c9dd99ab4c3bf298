package dev.belfry.spi;

/** Names as a shell takes them, for the commands that texts name. */
public final class ShellWords {
    private ShellWords() {}

    /** Without quotes it is one argument, and no option. */
    public static boolean isPlain(String name) {
        return name.matches("[A-Za-z0-9._/][A-Za-z0-9._/-]*");
    }

    /** One argument, whatever is in it. It has double quotes, as the command stands in single ones. */
    public static String of(String name) {
        return isPlain(name)
                ? name
                : (name.startsWith("-") ? "-- " : "") + "\"" + name.replaceAll("([\\\\\"$`])", "\\\\$1") + "\"";
    }
}
