package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueConfig;
import dev.belfry.file.DiskProvider;
import dev.belfry.jakarta.soak.MortalTransport;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueUri;
import dev.belfry.testing.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The domains of a JVM: each is opened and left for itself. */
class DomainsTest {
    private static final List<String> NAMES = List.of("DomainsTest1", "DomainsTest2");

    @AfterEach
    void delete() {
        MortalTransport.beforeAppend = () -> {};
        for (String name : NAMES) MessageQueues.delete("mem:" + name);
    }

    /** A member that lingers after its last connection, then one that has some. */
    @ParameterizedTest
    @ValueSource(strings = {"mem", "shm"})
    void shouldEnterTheDomainThatHasTheNameNow(String scheme) {
        Domains here = new Domains();
        Domains there = new Domains();
        QueueUri uri =
                QueueUri.parse(scheme + ":DomainsTest" + ProcessHandle.current().pid());
        QueueConfig config =
                QueueConfig.builder().attribute(Log.KIND, Log.DOMAIN).build();
        Domain lingers = here.use(uri, config);
        here.left(lingers, Duration.ofMinutes(10), Duration.ZERO);
        assertThat(here.use(uri, config)).isSameAs(lingers);
        here.left(lingers, Duration.ofMinutes(10), Duration.ZERO);
        assertThat(MessageQueues.delete(uri.toString())).isTrue();
        Domain second = here.use(uri, config);
        assertThatThrownBy(() -> lingers.withState(state -> 0)).isInstanceOf(QueueClosedException.class);
        Domain other = there.use(uri, config);
        assertThat(other.shortId).isEqualTo(second.shortId).isNotEqualTo(lingers.shortId);
        there.left(other, Duration.ZERO, Duration.ZERO);
        assertThat(MessageQueues.delete(uri.toString())).isTrue();
        Domain third = here.use(uri, config);
        assertThat(third.shortId).isNotEqualTo(second.shortId);
        assertThat(second.<Integer>withState(state -> state.size()))
                .as("it is in use")
                .isZero();
        here.left(second, Duration.ofMinutes(10), Duration.ZERO);
        assertThatThrownBy(() -> second.withState(state -> 0)).isInstanceOf(QueueClosedException.class);
        here.left(third, Duration.ZERO, Duration.ZERO);
        MessageQueues.delete(uri.toString());
    }

    @Test
    void shouldLeaveAllAtTheExitThoughOneFails() {
        Domains domains = new Domains();
        QueueConfig config =
                QueueConfig.builder().attribute(Log.KIND, Log.DOMAIN).build();
        List<Domain> both = new ArrayList<>();
        for (String name : NAMES) {
            Domain one = domains.use(QueueUri.parse("mortal:mem." + name), config);
            one.membership.claim("id" + name, Limit.of(Duration.ofSeconds(20)));
            domains.left(one, Duration.ofMinutes(10), Duration.ZERO);
            both.add(one);
        }
        AtomicBoolean failed = new AtomicBoolean();
        MortalTransport.beforeAppend = () -> {
            if (failed.compareAndSet(false, true))
                throw new InternalError("a fault occurred in an unsafe memory access operation");
        };
        domains.leaveAtExit();
        assertThat(failed).isTrue();
        for (Domain one : both)
            assertThatThrownBy(() -> one.withState(state -> 0)).isInstanceOf(QueueClosedException.class);
    }

    // ---- a disk that hangs

    private static final QueueConfig CONFIG =
            QueueConfig.builder().attribute(Log.KIND, Log.DOMAIN).build();

    /** The common pool has one thread on two cores, and from JDK 25 on it is used all the same. */
    private static final Executor THREADS = task -> new Thread(task).start();

    private final QueueUri onDisk =
            QueueUri.parse("disk:DomainsTest" + ProcessHandle.current().pid());
    private final CountDownLatch hangs = new CountDownLatch(1);
    private final CountDownLatch goesOn = new CountDownLatch(1);

    private void hang() {
        DiskProvider.beforeSync = () -> {
            hangs.countDown();
            try {
                goesOn.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return 0;
        };
    }

    @AfterEach
    void goOn() {
        goesOn.countDown();
        DiskProvider.beforeSync = () -> 0;
        MessageQueues.delete(onDisk.toString());
    }

    @Test
    void shouldUseOtherDomainsWhileTheDiskOfOneHangs() throws Exception {
        Domains domains = new Domains();
        QueueUri inMemory = QueueUri.parse("mem:" + NAMES.get(0));
        Domain before = domains.use(inMemory, CONFIG);
        hang();
        CompletableFuture<Domain> first = CompletableFuture.supplyAsync(() -> domains.use(onDisk, CONFIG), THREADS);
        hangs.await();
        CompletableFuture<Domain> second = CompletableFuture.supplyAsync(() -> domains.use(onDisk, CONFIG), THREADS);
        CompletableFuture<Void> others = CompletableFuture.runAsync(
                () -> {
                    domains.left(before, Duration.ZERO, Duration.ZERO);
                    domains.left(domains.use(inMemory, CONFIG), Duration.ZERO, Duration.ZERO);
                    domains.leaveAtExit();
                },
                THREADS);
        Patience.until("the others are used", others::isDone);
        others.join();
        assertThat(first).isNotDone();
        goesOn.countDown();
        assertThat(second.join()).isSameAs(first.join());
        for (int i = 0; i < 2; i++) domains.left(first.join(), Duration.ZERO, Duration.ZERO);
    }

    @Test
    void shouldNotWaitAtTheExitForADiskThatHangs() throws Exception {
        Domains domains = new Domains();
        Domain one = domains.use(onDisk, CONFIG);
        one.membership.claim("client", Limit.of(Duration.ofSeconds(20)));
        hang();
        domains.left(one, Duration.ofMinutes(10), Duration.ZERO);
        CompletableFuture<Void> exit = CompletableFuture.runAsync(domains::leaveAtExit, THREADS);
        hangs.await();
        Patience.until("the JVM can end", exit::isDone);
        exit.join();
    }

    /** As each asks for a log of its own: the one may be refused, and the other not. */
    @Test
    void shouldOpenForTheNextWhatTheFirstCouldNotOpen() {
        Domains domains = new Domains();
        QueueUri uri = QueueUri.parse("mem:" + NAMES.get(0));
        QueueConfig none = QueueConfig.builder().attribute(Log.KIND, "none").build();
        assertThatThrownBy(() -> domains.use(uri, none)).isInstanceOf(RuntimeException.class);
        Domain one = domains.use(uri, CONFIG);
        assertThat(domains.use(uri, none)).isSameAs(one);
        for (int i = 0; i < 2; i++) domains.left(one, Duration.ZERO, Duration.ZERO);
        assertThatThrownBy(() -> one.withState(state -> 0)).isInstanceOf(QueueClosedException.class);
    }
}
