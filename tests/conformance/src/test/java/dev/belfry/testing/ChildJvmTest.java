package dev.belfry.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Children that behave and that do not: a failure's message alone tells what happened to them. */
@Timeout(120)
@WaitsForOthers
@Slow
class ChildJvmTest {
    private static final Duration MOMENT = Duration.ofMillis(100);
    private static final int MANY = 10_000;

    private ChildJvm child;

    @AfterEach
    void close() {
        if (child != null) child.close();
    }

    private ChildJvm start(Class<?> main, String... arguments) {
        child = JavaCommand.of(main, arguments).flags(JavaCommand.QUICK).start();
        return child;
    }

    /** Of a failure that is expected here. */
    private static String messageOf(org.assertj.core.api.ThrowableAssert.ThrowingCallable body) {
        String message = catchThrowableOfType(AssertionError.class, body::call).getMessage();
        assertThat(message.lines().count()).as(message).isLessThanOrEqualTo(60);
        return message;
    }

    /** Says each word that it hears back to front; ends after "end". */
    static final class Mirror {
        public static void main(String[] args) {
            Scanner in = new Scanner(System.in);
            System.out.println("ready");
            for (String word; !(word = in.nextLine()).equals("end"); )
                System.out.println("said " + new StringBuilder(word).reverse());
            System.err.println("over");
        }
    }

    @Test
    void shouldTalkWithAChildThatAnswers() {
        start(Mirror.class).expect("ready");
        assertThat(child.ask("abc", "said")).isEqualTo("cba");
        assertThat(child.ask("abc")).isEqualTo("said cba");
        assertThat(child.hasSpoken()).isFalse();
        assertThat(messageOf(() -> child.ask("abc", "heard")))
                .startsWith("Expected 'heard' after 'abc', but it printed: said cba\n--- Mirror, pid " + child.pid());
        child.endInput("def\nend\n");
        assertThat(child.rest()).containsExactly("said fed", "exit 0");
        assertThat(child.output()).isEqualTo("ready\nsaid cba\nsaid cba\nsaid cba\nsaid fed\n");
        assertThat(child.errors()).isEqualTo("over\n");
    }

    @Test
    void shouldShareItsClasses() throws IOException {
        for (List<String> flags : List.of(JavaCommand.QUICK, JavaCommand.MAY_CRASH, List.of("-Xint", "-Xmx32m"))) {
            child = JavaCommand.of(Mirror.class).flags(flags).start();
            child.expect("ready");
            assertThat(Files.readString(Tasks.process(child.pid()).resolve("maps")))
                    .as("%s", flags)
                    .contains("children.jsa");
            child.close();
        }
        child = JavaCommand.of(Mirror.class).start();
        child.expect("ready");
        assertThat(Files.readString(Tasks.process(child.pid()).resolve("maps"))).doesNotContain("children.jsa");
    }

    @Test
    void shouldMakeAnArchiveOnceUntilAClassIsCompiledAgain(@TempDir Path target) throws IOException {
        Path classes = Files.createDirectory(target.resolve("classes"));
        String classPath = System.getProperty("java.class.path") + File.pathSeparator + classes;
        Path first = ClassArchive.shared(target, classPath);
        assertThat(ClassArchive.shared(target, classPath)).isEqualTo(first);
        Files.write(classes.resolve("Another.class"), new byte[1]);
        Path second = ClassArchive.shared(target, classPath);
        assertThat(second).isNotEqualTo(first).isDirectoryContaining("glob:**/*.jsa");
        assertThat(first).as("of no use any more").doesNotExist();
        Path file;
        try (Stream<Path> all = Files.list(target)) {
            file = all.filter(one -> Files.isRegularFile(one) && !one.endsWith("classes-of-children-lock"))
                    .findFirst()
                    .orElseThrow();
        }
        Files.delete(file); // as if its JVM had been killed
        assertThat(ClassArchive.shared(target, classPath)).isNotEqualTo(second);
        assertThat(second).doesNotExist();
    }

    @Test
    void shouldStartAsEverWhereAnArchiveCannotBeUsed(@TempDir Path directory) throws IOException {
        Path broken = Files.write(directory.resolve("classes.jsa"), new byte[10_000]);
        for (Path file : List.of(broken, directory.resolve("nonesuch"))) {
            child = JavaCommand.of(Mirror.class)
                    .flags(JavaCommand.QUICK)
                    .flags(ClassArchive.SILENT)
                    .flags(List.of("-XX:SharedArchiveFile=" + file))
                    .start();
            child.endInput("end\n");
            assertThat(child.rest()).containsExactly("ready", "exit 0");
            assertThat(child.errors()).isEqualTo("over\n");
        }
    }

    /** It prints more than a report can have; last comes an exception from deep down. */
    static final class Fails {
        public static void main(String[] args) {
            for (int i = 1; i <= MANY; i++) System.out.println("step " + i);
            for (int i = 1; i <= MANY; i++) System.err.println("warning " + i);
            fail(100);
        }

        private static void fail(int depth) {
            if (depth == 0) throw new IllegalStateException("the reason");
            fail(depth - 1);
        }
    }

    @Test
    void shouldShowWhatAChildPrintedThatEndedWithAnError() {
        start(Fails.class);
        assertThat(messageOf(child::awaitEnd))
                .startsWith("It failed\n--- Fails, pid " + child.pid() + ": ended with exit 1\n")
                .contains("\n  step " + MANY + "\n", "lines cut)", "ChildJvmTest$Fails.fail")
                .contains("IllegalStateException: the reason\n");
    }

    static final class FailsInOneLine {
        public static void main(String[] args) {
            System.err.println("the reason");
            System.exit(1);
        }
    }

    @Test
    void shouldShowTheErrorsOfAChildThatEndedInsteadOfAnswering() {
        start(FailsInOneLine.class);
        assertThat(messageOf(() -> child.ask("hello")))
                .startsWith("It has ended after 'hello'\n")
                .contains(": ended with exit 1\n", "stderr:\n  the reason\n");
    }

    @Test
    void shouldNameTheSignalThatEndedAChild() {
        start(Mirror.class).expect("ready");
        child.killSoon();
        assertThat(messageOf(child::line)).contains(": ended by SIGKILL (exit value 137)\n");
        assertThat(child.awaitExit()).isEqualTo(137);
    }

    /** Two threads hang, one in a lock that the other has. */
    static final class Hangs {
        private static final Object LOCK = new Object();

        public static void main(String[] args) {
            Thread holder = new Thread(Hangs::hold, "the holder");
            holder.start();
            while (holder.getState() != Thread.State.WAITING) Thread.onSpinWait();
            System.out.println("ready");
            hold();
        }

        private static void hold() {
            synchronized (LOCK) {
                while (true) LockSupport.park();
            }
        }
    }

    @Test
    void shouldShowTheStacksOfAChildThatHangs() {
        start(Hangs.class).expect("ready");
        for (int again = 0; again < 2; again++)
            assertThat(messageOf(() -> child.line(MOMENT)))
                    .startsWith("No output within PT0.1S\n")
                    .contains(": still running\n", "stdout:\n  ready\n")
                    .containsPattern("\"main\" BLOCKED .*\n.*at dev.belfry.testing.ChildJvmTest\\$Hangs.hold")
                    .containsPattern("\"the holder\" WAITING .*\n(.*\n){1,4}.*ChildJvmTest\\$Hangs.hold");
        assertThat(child.hasSpoken())
                .as("the stacks are not lines that it said")
                .isFalse();
    }

    @Test
    void shouldShowTheStacksOfAChildOfAChild() {
        child = JavaCommand.of(Hangs.class)
                .flags(JavaCommand.QUICK)
                .through(List.of("sh", "-c", "\"$@\"; exit", "sh"))
                .start();
        child.expect("ready");
        assertThat(messageOf(() -> child.line(MOMENT))).contains("\"the holder\" WAITING");
        long jvm = ProcessHandle.of(child.pid())
                .orElseThrow()
                .descendants()
                .toList()
                .get(0)
                .pid();
        child.kill();
        assertThat(Tasks.isDead(jvm)).isTrue();
    }

    @Test
    void shouldNotHangItselfWhereAChildIsStopped() {
        start(Hangs.class).expect("ready");
        child.pause();
        long before = System.nanoTime();
        String message = messageOf(() -> child.line(MOMENT));
        assertThat(message).contains(": stopped\n", "the kernel's view", "the holder: state T");
        assertThat(System.nanoTime() - before).isLessThan(Patience.limit().toNanos());
        child.proceed();
        assertThat(messageOf(() -> child.line(MOMENT))).contains("\"the holder\" WAITING");
    }

    @Test
    void shouldShowHowAProcessWithoutStacksStands() {
        child = ChildJvm.start("no JVM", List.of("sleep", "1000"));
        assertThat(messageOf(() -> child.line(MOMENT))).contains("the kernel's view", "sleep: state S");
        assertThat(child.isAlive()).isTrue();
    }

    /** Sleeps often, works, and has a thread of its own. */
    static final class Works {
        public static void main(String[] args) throws Exception {
            Thread thread = new Thread(LockSupport::park, "its own");
            thread.start();
            System.out.println("ready");
            for (long i = 0; ; i++) if (i % 1_000_000 == 0) Thread.sleep(1);
        }
    }

    @Test
    void shouldKnowWhatAChildCosts() {
        start(Works.class).expect("ready");
        assertThat(child.thread("its own")).isPositive();
        Map<String, Long> nanos = child.cpuNanos();
        Map<String, Long> sleeps = child.sleeps();
        Patience.until("it has worked", child, () -> ChildJvm.sum(nanos, child.cpuNanos()) > 0);
        Patience.until("it has slept", child, () -> ChildJvm.sum(sleeps, child.sleeps()) > 10);
        child.kill();
        assertThatThrownBy(child::cpuNanos).hasMessageStartingWith("It is gone");
    }

    @Test
    void shouldReportAChildThatAConditionIsAbout() {
        start(Hangs.class).expect("ready");
        String patience = Patience.limit().toMillis() + "ms";
        System.setProperty("belfry.patience", "100ms");
        try {
            assertThat(messageOf(() -> Patience.until("it ends", child, () -> !child.isAlive())))
                    .startsWith("Not within PT0.1S: it ends\n--- Hangs, pid ")
                    .contains("\"the holder\" WAITING");
            assertThat(messageOf(() -> Patience.until("it ends", () -> false))).isEqualTo("Not within PT0.1S: it ends");
        } finally {
            System.setProperty("belfry.patience", patience);
        }
        AtomicInteger asked = new AtomicInteger();
        Patience.until("asked often enough", () -> asked.incrementAndGet() == 5);
        assertThat(asked).hasValue(5);
        assertThatThrownBy(() -> Patience.until("it throws", () -> {
                    throw new AssertionError("itself");
                }))
                .hasMessage("itself");
    }

    @Test
    void shouldPutAReportBesideAnotherFailure() {
        start(Hangs.class).expect("ready");
        AssertionError failure = new AssertionError("something else");
        child.reportTo(failure);
        assertThat(failure.getSuppressed()[0]).hasMessageContaining("--- Hangs, pid " + child.pid());
    }

    @Test
    void shouldShareTheLinesOfAReportAmongSeveralChildren() {
        start(Hangs.class).expect("ready");
        AssertionError failure = new AssertionError("something else");
        ChildJvm.reportTo(failure, List.of(child, child, child));
        assertThat(failure.getSuppressed()).hasSize(3);
        for (Throwable each : failure.getSuppressed())
            assertThat(each.getMessage().lines().count()).isBetween(10L, ChildReport.MOST_LINES / 3 + 1L);
    }

    @Test
    void shouldReportWhereTheTestIsInterrupted() {
        start(Hangs.class).expect("ready");
        Thread.currentThread().interrupt();
        String message = messageOf(child::line);
        assertThat(Thread.interrupted()).as("interrupted").isTrue();
        assertThat(message).startsWith("The test was interrupted").contains("\"the holder\" WAITING");
    }
}
