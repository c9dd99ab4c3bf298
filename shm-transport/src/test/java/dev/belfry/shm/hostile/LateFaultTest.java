package dev.belfry.shm.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.shm.Quiet;
import dev.belfry.shm.segment.Segment;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The JVM reports late that a page is gone: maybe only after the method that touched it has returned. */
@Tag("F35")
@ExtendWith(Quiet.Always.class)
class LateFaultTest {
    @Test
    @Slow
    void shouldCloseThoughAFaultIsReportedBeforeTheMemoryIsCovered() {
        try (Patched product = Patched.in(
                Segment.class,
                "covered = true; headerMapping",
                "if (!covered) { covered = true; throw new InternalError(\"late\"); } headerMapping")) {
            product.run(OpenAndClose.class, "late-" + ProcessHandle.current().pid());
        }
    }

    /** The last close of a queue, which removes it. */
    static final class OpenAndClose implements Consumer<String> {
        @Override
        public void accept(String name) {
            MessageQueues.open("shm:" + name + "?deleteOnLastClose=true").close();
            assertThat(Images.file(name)).doesNotExist();
        }
    }
}
