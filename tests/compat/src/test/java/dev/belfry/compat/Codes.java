package dev.belfry.compat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.jakarta.wire.Op;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Looks for each number of a domain's records that 0.1.0 writes or reads. A golden domain has few kinds of them: others
 * are for large transactions, or for a domain that is full. More may be added.
 */
final class Codes implements Consumer<String> {
    private static final String THEN = "MESSAGE 1, TAKE 2, ACK 3, RETURN 4, COUNT 5, DROP 6, DEFINE 7, DELETE 8,"
            + " SUBSCRIBE 9, ATTACH 10, DETACH 11, UNSUBSCRIBE 12, CLIENT 13, LEAVE 14, STAGE 15, APPLY 16, FORGET 17,"
            + " PUT 18, CHECKPOINT 19, SKIPPABLE 64, FORMAT 1, RECORD_HEAD 16, HEAD 8, ID 8, SECOND 16, CONNECTION 16,"
            + " UP_TO 1, COUNTED 1, CLAIM 1, DURABLE 1, SHARED 2, NO_LOCAL 4";

    @Override
    public void accept(String none) {
        List<String> now = new ArrayList<>();
        try {
            for (Field each : Op.class.getFields()) now.add(each.getName() + " " + each.get(null));
        } catch (IllegalAccessException failed) {
            throw new AssertionError(failed);
        }
        assertThat(now).contains(THEN.split(", "));
    }
}
