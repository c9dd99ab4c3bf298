package dev.belfry.shm.mistakes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.ring.LogEnd;
import dev.belfry.testing.Patched;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PatchedTest {
    private static final String WRITER = LogEnd.class.getName();

    /** Sees what {@link RecordHeader#align} says. */
    static final class Aligned implements Consumer<String> {
        @Override
        public void accept(String expected) {
            assertThat(RecordHeader.align(9)).isEqualTo(Long.parseLong(expected));
            Noticers.class.getName(); // a class of the tests, private to the package
        }
    }

    @Test
    void shouldRunAgainstTheDefectAndLeaveTheProductAsItIs() {
        try (Patched twin = Patched.in(RecordHeader.class.getName(), "length + 7 & ~7L", "length + 807 & ~7L")) {
            twin.run(Aligned.class, "816");
            assertThatThrownBy(() -> twin.run(Aligned.class, "16")).isInstanceOf(AssertionError.class);
        }
        new Aligned().accept("16");
    }

    @Test
    void shouldNameAClassByItsSimpleNameAndTakeNoNoticeOfWhiteSpace() {
        try (Patched twin = Patched.in("RecordHeader", "length+7\n&  ~ 7L", "length + 807 & ~7L")) {
            twin.run(Aligned.class, "816");
        }
    }

    @Test
    void shouldTakeTheClassThatHasTheStatement() {
        try (Patched twin = Patched.in("Sleepers", "owed < MOST_OWED && bed.tryTake()", "bed.tryTake()")) {
            assertThat(twin.directory().resolve("dev/belfry/shm/sync/Sleepers.class"))
                    .exists();
        }
    }

    @Test
    void shouldRefuseASnippetThatIsNotThereOnce() {
        assertThatThrownBy(() -> Patched.in(WRITER, "no such thing", "")).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> Patched.in(WRITER, "committing = NO_ROOM;", ""))
                .hasMessageContaining("occurrences");
        assertThatThrownBy(() -> Patched.in(WRITER, "header.countRelease(position);", "no java")
                        .directory())
                .isInstanceOf(AssertionError.class);
    }
}
