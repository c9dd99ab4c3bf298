package dev.belfry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.SlowSubscriber;
import java.util.List;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

/** Places of named subscriptions: as 0.1.0 stores them, never to be changed here, and as a later release may. */
class PlaceTest {
    private static final Uuid QUEUE = new Uuid(1, 2);
    private static final String ID = "AAAAAAAAAAEAAAAAAAAAAg";
    private static final String STORED = "belfry1 " + ID + " 3 7 1 OVERRUN";
    private static final Place PLACE = new Place(QUEUE, 3, 5, 7, 1, SlowSubscriber.OVERRUN);

    private static Place read(String metadata) {
        return Place.of(QUEUE, "belfry.orders/audit", new OffsetAndMetadata(5, metadata));
    }

    @Test
    void shouldStoreAndReadAPlace() {
        assertThat(PLACE.stored()).isEqualTo(new OffsetAndMetadata(5, STORED));
        assertThat(read(STORED)).isEqualTo(PLACE);
        assertThat(read(STORED + " more of a later release")).isEqualTo(PLACE);
    }

    /** To take it for none would begin anew, and overwrite it. */
    @Test
    void shouldRefuseALaterForm() {
        for (String later : List.of("belfry2 " + ID, "belfry10 " + ID + " 3 7 1 OVERRUN"))
            assertThatThrownBy(() -> read(later))
                    .isInstanceOf(IncompatibleVersionException.class)
                    .hasMessage("Group 'belfry.orders/audit' has stored its place in the form '" + later.split(" ")[0]
                            + "', this library reads 'belfry1'. Nothing was changed. Upgrade.");
    }

    /** As a slot of shared memory with such a policy gates. */
    @Test
    void shouldWaitForOneWithALaterPolicy() {
        Place later = read(STORED.replace("OVERRUN", "LATER"));
        assertThat(later).isEqualTo(new Place(QUEUE, 3, 5, 7, 1, SlowSubscriber.GATE_PUBLISHER));
        assertThat(later.isBehind(6)).isTrue();
    }

    @Test
    void shouldSeeNoPlaceInWhatIsOfAnotherQueueOrProgram() {
        String another = new Uuid(1, 3).toString();
        for (String text : List.of(
                "",
                "belfry",
                "belfry2",
                "a note",
                "belfrys " + ID,
                "belfry1 " + ID + " 3 7",
                "belfry1 " + ID + " 3 x 1 OVERRUN",
                STORED.replace(ID, another),
                "belfry2 " + another)) assertThat(read(text)).as(text).isNull();
        assertThat(Place.of(QUEUE, "belfry.orders/audit", null)).isNull();
    }
}
