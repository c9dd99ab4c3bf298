package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.ByTurns;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Mistakes that are easily made when messages go back: the test that each names notices it, and says so. */
@Timeout(120)
@Slow
@OneJdk
@ByTurns
@Tag("Waits")
class RequeueMistakesTest {
    private static final String REQUEUE = "RequeueCommand";
    private static final String PUBLISH =
            "long position = target.publisher.offer(ByteBuffer.wrap(message.bytes()), properties, time(timeout));";
    private static final String ONCE = "shouldSendEachMessageBackToItsOriginOnce";
    private static final String FULL = "shouldLoseNoneWhenItsTargetIsFull";

    /** Which statement, what instead; the test, and what its failure says. */
    enum Mistake {
        ACKNOWLEDGED_BEFORE_IT_IS_SENT(
                REQUEUE, PUBLISH, "in.acknowledge(message.position()); " + PUBLISH, FULL, "sent back"),
        ACKNOWLEDGED_THOUGH_REJECTED(REQUEUE, "if (position < 0) throw", "if (false) throw", FULL, "sent back 30"),
        NOT_ACKNOWLEDGED(REQUEUE, "in.acknowledge(message.position());", "", ONCE, "sent back 3"),
        NOT_ACKNOWLEDGED_BEFORE_A_KILL(
                REQUEUE, "in.acknowledge(message.position());", "", "shouldLoseNoneWhenItIsKilledInTheMiddle", "[of "),
        DRY_RUN_SENDS(REQUEUE, "if (dryRun) return;", "", ONCE, "first"),
        WITHOUT_ITS_FAILURE(
                REQUEUE,
                "if (message.length() + properties.encodedLength() > target.publisher.maxMessageLength())",
                "if (true)",
                ONCE,
                "belfry_failed_subscriber"),
        WITH_WHAT_COMES_MEANWHILE(
                REQUEUE,
                "long newest = stats.newestPosition();",
                "long newest = Long.MAX_VALUE;",
                "shouldLeaveWhatComesMeanwhileToTheNextTime",
                "sent back 3");

        private final String type;
        private final String statement;
        private final String replacement;
        private final String test;
        private final String failure;

        Mistake(String type, String statement, String replacement, String test, String failure) {
            this.type = type;
            this.statement = statement;
            this.replacement = replacement;
            this.test = test;
            this.failure = failure;
        }
    }

    /** In a JVM of its own: the commands that it starts have its class path. */
    @ParameterizedTest
    @EnumSource
    void shouldBeNoticed(Mistake mistake) {
        try (Patched twin = Patched.in(mistake.type, mistake.statement, mistake.replacement);
                ChildJvm test = JavaCommand.of(OneTest.class, mistake.test)
                        .flags(JavaCommand.QUICK)
                        .flags(List.of("-Dbelfry.patience=20s"))
                        .classPath(twin.classPath())
                        .start()) {
            assertThat(test.awaitExit()).as("%s", mistake).isOne();
            assertThat(test.errors()).contains("Assertion", mistake.failure);
        }
    }

    /** One of {@link RequeueTest}'s. */
    static final class OneTest {
        private OneTest() {}

        public static void main(String[] args) throws Throwable {
            var method = RequeueTest.class.getDeclaredMethod(args[0]);
            try {
                method.invoke(new RequeueTest());
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }
    }
}
