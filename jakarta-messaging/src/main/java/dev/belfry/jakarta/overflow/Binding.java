package dev.belfry.jakarta.overflow;

import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.Units;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * The name and the place of a companion. A domain has a random one, which its OVERFLOW tells: so nothing in a directory
 * of an earlier life, or of another domain, is ever taken for its own.
 *
 * <p>In a {@code file:} domain it is DIR/overflow, which moves with the domain and is copied with it; an absolute path
 * would name the original's pages in a copy, whose floor destroys them. In a {@code shm:} domain it is
 * DIRECTORY/BINDING: each life has its own. Two lives never share one, as the transport opens no copy beside its
 * original.
 *
 * @param told the setting, as OVERFLOW has it: {@code on}, or {@code file:/directory?maxSize=50g}
 * @param uri with the parameters of the setting
 * @param floor that was told of it; 0: none, so its directory may have to be made
 */
public record Binding(UUID id, String told, QueueUri uri, long floor) {
    /** The setting of a {@code file:} domain. */
    public static final String ON = "on";

    /** The name of a companion's directory in that of its {@code file:} domain. */
    public static final String INSIDE = "overflow";

    static final String MAX_SIZE = "maxSize";
    static final String DEFAULT_MAX_SIZE = "20g";
    static final String ANY_FILE_SYSTEM = "anyFileSystem";

    private static final String FILE = "file";
    private static final Set<String> SETTINGS = Set.of(MAX_SIZE, ANY_FILE_SYSTEM);

    /**
     * Finds a place for a domain that has none. Touches no disk: the first page out makes the directory, so tell
     * OVERFLOW before it. Then a member that dies in between leaves no directory that nobody knows.
     *
     * @throws IllegalArgumentException if the domain cannot have this one
     */
    public static Binding create(QueueUri domain, String overflow) {
        return of(domain, UUID.randomUUID(), overflow, 0);
    }

    /**
     * Returns the one that the domain's log tells, which is not NONE. Touches no disk.
     *
     * @throws IllegalArgumentException if the domain cannot have this one
     */
    public static Binding of(QueueUri domain, Overflow told) {
        return of(domain, told.binding(), told.uri(), told.floor());
    }

    private static Binding of(QueueUri domain, UUID id, String told, long floor) {
        int query = told.indexOf('?') < 0 ? told.length() : told.indexOf('?');
        QueueUri uri =
                switch (domain.scheme()) {
                    case FILE -> inside(domain, told.substring(0, query), told.substring(query));
                    case "shm" -> beside(id, told);
                    default ->
                        throw new IllegalArgumentException("'" + domain + "' cannot have overflow: its messages end"
                                + " with their process, or it is not here. 'shm:' and 'file:' can. Leave it out.");
                };
        for (String setting : uri.parameters().keySet())
            if (!SETTINGS.contains(setting))
                throw new IllegalArgumentException(
                        "overflow '" + QueueUri.shown(told) + "' has '" + setting + "': it may have maxSize.");
        return new Binding(id, told, uri, floor);
    }

    private static QueueUri inside(QueueUri domain, String word, String query) {
        if (!word.equals(ON))
            throw new IllegalArgumentException("'" + domain + "' cannot have overflow=" + QueueUri.shown(word)
                    + ": in a domain of 'file:' it lies in the domain's directory. Say overflow=on.");
        Map<String, String> parameters =
                new HashMap<>(QueueUri.parse(domain + query).parameters());
        String any = domain.parameters().get(ANY_FILE_SYSTEM);
        if (any != null) parameters.putIfAbsent(ANY_FILE_SYSTEM, any);
        return new QueueUri(FILE, domain.name() + "/" + INSIDE, parameters);
    }

    private static QueueUri beside(UUID id, String told) {
        if (!told.startsWith(FILE + ":"))
            throw new IllegalArgumentException("overflow=" + QueueUri.shown(told) + " names no directory: say"
                    + " overflow=file:/var/spool/shop, a directory that is there.");
        QueueUri directory = QueueUri.parse(told);
        return new QueueUri(FILE, directory.name() + "/" + id, directory.parameters());
    }

    /** Tells the most bytes that it may have; 0: no limit. */
    public long mostBytes() {
        String most = uri.parameters().getOrDefault(MAX_SIZE, DEFAULT_MAX_SIZE);
        return most.equals("none") ? 0 : Units.parseSize(most);
    }

    /** @throws IllegalArgumentException if its maxSize is less than this, which each queue of files needs */
    void expectMost(long least) {
        if (mostBytes() != 0 && mostBytes() < least)
            throw new IllegalArgumentException("overflow '" + QueueUri.shown(told) + "' has too little maxSize: it"
                    + " must be at least " + Units.size(least) + " for this maxCapacity. Raise it, or leave it out.");
    }

    /** Tells people in which directory it is. */
    public Path directory() {
        return Path.of(uri.name());
    }

    /** Returns what an OVERFLOW is to tell of it. */
    public Overflow overflow() {
        return new Overflow(id, told);
    }
}
