package dev.belfry.jakarta.overflow;

import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.spi.QueueUri;
import java.nio.file.Path;
import java.util.UUID;

/**
 * The name and the place of a companion. Each life of a domain has a random one, which its OVERFLOW tells: nothing in a
 * directory of an earlier life, or of another domain, is ever taken for its own.
 *
 * <p>In a {@code file:} domain it is DIR/overflow, which moves with the domain and is copied with it. Of a {@code shm:}
 * domain it is DIRECTORY/BINDING, where DIRECTORY is what its setting {@code overflow} names.
 *
 * @param told the setting, as OVERFLOW has it: {@code on} or {@code file:/directory?maxSize=50g}
 */
public record Binding(UUID id, String told, Path directory) {
    /** The setting of a {@code file:} domain. */
    public static final String ON = "on";

    /** The name of a companion's directory in that of its {@code file:} domain. */
    public static final String INSIDE = "overflow";

    /**
     * A new one, for a domain that has none. Touches no disk.
     *
     * @throws IllegalArgumentException if the domain cannot have this one
     */
    public static Binding create(QueueUri domain, String overflow) {
        throw new UnsupportedOperationException(domain + overflow);
    }

    /**
     * The one that the domain's log tells. Touches no disk.
     *
     * @throws IllegalArgumentException if the domain cannot have this one
     */
    public static Binding of(QueueUri domain, Overflow told) {
        throw new UnsupportedOperationException(domain + "" + told);
    }

    /** What an OVERFLOW is to tell of it. */
    public Overflow overflow() {
        throw new UnsupportedOperationException();
    }
}
