package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Codec;
import dev.belfry.api.Codecs;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.OnFailure;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.ReadableBody;
import dev.belfry.api.Replier;
import dev.belfry.api.ReplyHandler;
import dev.belfry.api.Requester;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberState;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each request gets its own answer, whoever else asks, answers or dies. */
@Timeout(120)
@WaitsForOthers
class RequestReplyTest {
    private static final Duration FOR_EVER = ChronoUnit.FOREVER.getDuration();
    private static final SubscriberOptions DEFAULTS = SubscriberOptions.defaults();

    @RegisterExtension
    final Stage stage = new Stage();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private String requestsUri;
    private String answersUri;
    private MessageQueue requests;
    private MessageQueue answers;

    private void open(String scheme) {
        requestsUri = scheme + ":" + stage.name() + "?capacity=64k&maxCapacity=64k&deleteOnLastClose=true";
        answersUri = scheme + ":" + stage.name() + "?capacity=64k&maxCapacity=64k&deleteOnLastClose=true";
        requests = MessageQueues.open(requestsUri);
        answers = MessageQueues.open(answersUri);
    }

    @AfterEach
    void close() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(Patience.limit().toMillis(), TimeUnit.MILLISECONDS))
                .isTrue();
        if (requests != null) requests.close();
        if (answers != null) answers.close();
    }

    private Requester<String, String> requester() {
        return Requester.of(requests, Codecs.text(), answers, Codecs.text());
    }

    private Replier<String, String> replier(ReplyHandler<String, String> handler) {
        return Replier.of(requests, Codecs.text(), DEFAULTS, answers, Codecs.text(), handler);
    }

    /** Decodes text, and counts how often. */
    private static final class Counting implements Codec<String> {
        private final AtomicInteger decoded = new AtomicInteger();

        @Override
        public byte[] encode(String value) {
            return Codecs.text().encode(value);
        }

        @Override
        public String decode(ReadableBody body) {
            decoded.incrementAndGet();
            return Codecs.text().decode(body);
        }
    }

    /** Several threads of several requesters, several repliers; nobody decodes an answer to another one. */
    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldGiveEachRequestItsOwnAnswer(String scheme) throws Exception {
        open(scheme);
        int threadsOfEach = 3;
        int asked = 100;
        List<Counting> codecs = List.of(new Counting(), new Counting());
        List<Requester<String, String>> requesters = new ArrayList<>();
        for (Counting codec : codecs) requesters.add(Requester.of(requests, Codecs.text(), answers, codec));
        List<Future<?>> all = new ArrayList<>();
        try (Replier<String, String> one = replier((question, message) -> "re " + question);
                Replier<String, String> same = replier((question, message) -> "re " + question);
                Replier<String, String> none = replier((question, message) -> null)) {
            for (Requester<String, String> requester : requesters)
                for (int thread = 0; thread < threadsOfEach; thread++) {
                    String prefix = requesters.indexOf(requester) + "-" + thread + "-";
                    all.add(threads.submit(() -> {
                        for (int i = 0; i < asked; i++)
                            assertThat(requester.request(prefix + i, Patience.limit()))
                                    .isEqualTo("re " + prefix + i);
                    }));
                }
            for (Future<?> thread : all) thread.get();
            for (Counting codec : codecs) assertThat(codec.decoded).hasValue(threadsOfEach * asked);
            assertThat(List.of(one, same, none))
                    .allMatch(r -> r.subscriber().state() instanceof SubscriberState.Running);
        }
        requesters.forEach(Requester::close);
    }

    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldKeepManyUnderWayAndAwaitThemInAnyOrder(String scheme) {
        open(scheme);
        try (Requester<String, String> requester = requester();
                Replier<String, String> replier = replier((question, message) -> question + message.position())) {
            List<Requester.Pending<String>> pending = new ArrayList<>();
            for (int i = 1; i <= 50; i++) pending.add(requester.send("a"));
            pending.get(7).close();
            for (int i = 50; i >= 1; i--) {
                Duration time = i == 8 ? Duration.ofMillis(1) : Patience.limit();
                assertThat(pending.get(i - 1).await(time)).isEqualTo(i == 8 ? null : "a" + i);
            }
            assertThat(pending.get(3).await(Duration.ZERO)).as("again").isEqualTo("a4");
            assertThat(requester.toString()).contains(" with 0 request(s) under way");
            assertThat(replier).hasToString("Replier by " + replier.subscriber());
        }
    }

    /** What comes too late is nobody's answer, and not the next one's. */
    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldEndWhenTheTimeHasPassed(String scheme) {
        open(scheme);
        try (Requester<String, String> requester = requester()) {
            assertThat(requester.request("nobody answers", Duration.ofMillis(20)))
                    .isNull();
            assertThat(requester.request("nobody answers", Duration.ZERO)).isNull();
            Requester.Pending<String> late = requester.send("late");
            assertThat(late.await(Duration.ofMillis(20))).isNull();
            SubscriberOptions fromTheOldest = SubscriberOptions.builder()
                    .startAt(dev.belfry.api.StartAt.OLDEST_RETAINED)
                    .build();
            try (Replier<String, String> replier = Replier.of(
                    requests, Codecs.text(), fromTheOldest, answers, Codecs.text(), (question, message) -> question)) {
                assertThat(requester.request("in time", Patience.limit())).isEqualTo("in time");
                assertThat(late.await(Duration.ZERO)).isEqualTo("late");
                assertThat(replier.subscriber().position()).isPositive();
            }
            requests.createSubscriber(); // gates
            long full = 0;
            try (Publisher other = requests.createPublisher()) {
                while (other.offer(java.nio.ByteBuffer.allocate(1_000), Duration.ZERO) != Publisher.REJECTED) full++;
            }
            assertThat(full).isPositive();
            assertThat(requester.request("the queue is full", Duration.ofMillis(20)))
                    .isNull();
        }
    }

    /** Whether it reads for all or waits for the one that does; another one goes on reading. */
    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldEndByAnInterruptAndLeaveTheOthersTheirAnswers(String scheme) throws Exception {
        open(scheme);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        try (Requester<String, String> requester = requester();
                Replier<String, String> replier = replier((question, message) -> {
                    asked.countDown();
                    goOn.await();
                    return question;
                })) {
            List<Thread> waiting = new ArrayList<>();
            List<CompletableFuture<Object>> ended = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                CompletableFuture<Object> end = new CompletableFuture<>();
                String question = "" + i;
                Thread thread = new Thread(() -> end.complete(outcome(requester, question)));
                waiting.add(thread);
                ended.add(end);
                thread.start();
                Patience.until("it waits", () -> isWaiting(thread));
            }
            asked.await();
            for (int i : List.of(0, 2)) {
                waiting.get(i).interrupt();
                assertThat(ended.get(i).get())
                        .isEqualTo("Interrupted while waiting for an answer on '" + answers.uri() + "'; flag true");
            }
            assertThat(ended.get(1)).isNotDone();
            goOn.countDown();
            assertThat(List.of(ended.get(1).get(), ended.get(3).get())).containsExactly("1", "3");
            assertThat(replier.subscriber().lostCount()).isZero();
        }
    }

    private static boolean isWaiting(Thread thread) {
        for (StackTraceElement frame : thread.getStackTrace())
            if (frame.getMethodName().equals("read") || frame.getMethodName().equals("awaitNanos"))
                return thread.getState() != Thread.State.RUNNABLE
                        || frame.getMethodName().equals("read");
        return false;
    }

    private static Object outcome(Requester<String, String> requester, String question) {
        try {
            return requester.request(question, FOR_EVER);
        } catch (InterruptedQueueException e) {
            return e.getMessage()
                            .replaceAll("an answer on|a message of", "an answer on")
                            .replaceFirst(";.*", "") + "; flag "
                    + Thread.currentThread().isInterrupted();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldReturnNothingToThoseThatWaitWhenItIsClosed(String scheme) throws Exception {
        open(scheme);
        Requester<String, String> requester = requester();
        List<Future<String>> waiting = new ArrayList<>();
        for (int i = 0; i < 3; i++) waiting.add(threads.submit(() -> requester.request("nobody answers", FOR_EVER)));
        Patience.until("all are under way", () -> requester.toString().contains(" with 3 "));
        requester.close();
        for (Future<String> each : waiting) {
            try {
                assertThat(each.get()).isNull();
            } catch (java.util.concurrent.ExecutionException e) { // it had not published yet
                assertThat(e).hasCauseInstanceOf(QueueClosedException.class);
            }
        }
        assertThatThrownBy(() -> requester.request("late", FOR_EVER)).isInstanceOf(QueueClosedException.class);
        requester.close();
    }

    /** As for each listener. */
    @Test
    void shouldLetThePolicyDecideWhenAHandlerFails() {
        open("shm");
        SubscriberOptions skips = SubscriberOptions.builder()
                .maxRedeliveries(0)
                .onFailure(OnFailure.skip())
                .build();
        List<Throwable> told = new CopyOnWriteArrayList<>();
        SubscriberOptions stops = SubscriberOptions.builder()
                .maxRedeliveries(0)
                .onError(told::add)
                .build();
        ReplyHandler<String, String> handler = (question, message) -> {
            if (question.equals("bad")) throw new IllegalStateException();
            return question;
        };
        try (Requester<String, String> requester = requester();
                Replier<String, String> stopping =
                        Replier.of(requests, Codecs.text(), stops, answers, Codecs.text(), handler);
                Replier<String, String> going =
                        Replier.of(requests, Codecs.text(), skips, answers, Codecs.text(), handler)) {
            assertThat(requester.request("good", Patience.limit())).isEqualTo("good");
            assertThat(requester.request("bad", Duration.ofMillis(50))).isNull();
            assertThat(requester.request("good", Patience.limit())).isEqualTo("good");
            Patience.until("one is stopped", () -> !told.isEmpty());
            assertThat(told.get(0)).isInstanceOf(IllegalStateException.class);
            assertThat(going.subscriber().state()).isEqualTo(new SubscriberState.Running());
            assertThat(stopping.subscriber().state()).isInstanceOf(SubscriberState.Stopped.class);
        }
    }

    /** Another program's message, a damaged one and one of a later layout: no replier stops, and no requester waits. */
    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldSkipWhatIsNoRequestAndWhatIsNoAnswer(String scheme) {
        open(scheme);
        List<String> asked = new CopyOnWriteArrayList<>();
        ReplyHandler<String, String> handler = (question, message) -> {
            asked.add(question);
            return question;
        };
        try (Requester<String, String> requester = requester();
                Subscriber sent = requests.createSubscriber();
                Subscriber answered = answers.createSubscriber();
                Publisher strange = requests.createPublisher();
                Publisher strangeAnswers = answers.createPublisher();
                Replier<String, String> replier = replier(handler)) {
            assertThat(requester.request("one", Patience.limit())).isEqualTo("one");
            byte[] request = sent.receive(Patience.limit()).bytes();
            byte[] answer = answered.receive(Patience.limit()).bytes();
            assertThat(ByteBuffer.wrap(request).getInt(28)).as("version").isEqualTo(1);
            assertThat(ByteBuffer.wrap(answer).getInt(28)).as("version").isEqualTo(1);

            strange.publish("no request");
            strange.publish(new byte[0]);
            strange.publish(with(request, 24, 0x42515252));
            strange.publish(with(request, 28, 0));
            strange.publish(with(request, 28, 2));
            Requester.Pending<String> two = requester.send("two");
            assertThat(two.await(Patience.limit())).isEqualTo("two");
            assertThat(asked).containsExactly("one", "two");
            assertThat(replier.subscriber().state()).isEqualTo(new SubscriberState.Running());

            // read first by the one that waits for its third answer
            strangeAnswers.publish(
                    ByteBuffer.wrap(answer.clone()).putLong(16, 3).putInt(28, 2).array());
            assertThat(requester.request("three", Patience.limit())).isEqualTo("three");
        }
    }

    private static byte[] with(byte[] message, int at, int value) {
        return ByteBuffer.wrap(message.clone()).putInt(at, value).array();
    }

    /** What was answered to others meanwhile is neither read first nor reported as an overrun. */
    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldPassOverWhatWasAnsweredWhileNobodyWaited(String scheme) {
        open(scheme);
        List<Long> overruns = new ArrayList<>();
        SubscriberOptions told = SubscriberOptions.builder()
                .ackMode(AckMode.NONE)
                .slowSubscriber(SlowSubscriber.OVERRUN)
                .onOverrun(overruns::add)
                .build();
        try (Requester<String, String> requester = Requester.of(
                        requests, Codecs.text(), PublisherOptions.defaults(), answers, Codecs.text(), told);
                Replier<String, String> replier = replier((question, message) -> question);
                Publisher others = answers.createPublisher()) {
            for (int i = 0; i < 1_000; i++) others.publish(new byte[1_000]); // many rings
            assertThat(requester.request("first", Patience.limit())).isEqualTo("first");
            assertThat(overruns).isEmpty();
            assertThat(replier.subscriber().position()).isEqualTo(1);
        }
    }

    /** A burst of requests would fill it, and the replier wait for room for its answer. */
    @Test
    void shouldRefuseOneQueueForBoth() {
        open("shm");
        for (ThrowingCallable one : List.<ThrowingCallable>of(
                () -> Requester.of(requests, Codecs.text(), requests, Codecs.text()),
                () -> Replier.of(requests, Codecs.text(), DEFAULTS, requests, Codecs.text(), (q, m) -> q)))
            assertThatThrownBy(one)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("The queue of the answers is that of the requests, '" + requests.uri()
                            + "': once requests fill it, the replier would wait for itself."
                            + " Give the answers another queue.");
        assertThat(requests.stats().publisherCount()).isZero();
        assertThat(requests.stats().subscribers()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldRefuseToWaitForItselfInTheHandlerOfTheOnlyReplier(String scheme) {
        open(scheme);
        ReplyHandler<String, String> handler = (question, message) -> {
            if (!question.equals("ask")) return question;
            try (Requester<String, String> inside = requester()) {
                return inside.request("again", Patience.limit());
            } catch (IllegalStateException e) {
                return e.getMessage();
            }
        };
        try (Requester<String, String> requester = requester();
                Replier<String, String> replier = replier(handler)) {
            assertThat(requester.request("ask", Patience.limit()))
                    .isEqualTo("The only replier of '" + requests.uri() + "' asks its own queue in its handler: this"
                            + " thread would wait for itself. Ask another queue, or start another replier.");
            try (Replier<String, String> other = replier((question, message) -> "other " + question)) {
                assertThat(replier.subscriber().state()).isEqualTo(new SubscriberState.Running());
                assertThat(requester.request("ask", Patience.limit())).startsWith("other ");
                Patience.until(
                        "it has asked the other one", () -> other.subscriber().position() >= 3);
            }
        }
    }

    /** Else its subscription would hold up those who ask, and nobody could close it. */
    @Test
    void shouldLeaveNoSubscriptionBehindWhereItCannotListen() {
        open("shm");
        SubscriberOptions toItself = SubscriberOptions.builder()
                .onFailure(OnFailure.moveTo(requests.uri().toString()))
                .build();
        assertThatThrownBy(() -> Replier.of(requests, Codecs.text(), toItself, answers, Codecs.text(), (q, m) -> q))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(requests.stats().subscribers()).isEmpty();
    }

    @Test
    void shouldAnswerTheRequestByWhichItIsClosed() throws Exception {
        open("shm");
        AtomicReference<Replier<String, String>> itself = new AtomicReference<>();
        try (Requester<String, String> requester = requester()) {
            itself.set(replier((question, message) -> {
                while (itself.get() == null) Thread.onSpinWait();
                itself.get().close();
                return "closed";
            }));
            assertThat(requester.request("shut down", Patience.limit())).isEqualTo("closed");
        }
    }

    // Processes that are killed

    /** A named replier dies before it answers: the next of that name answers, and the requester has waited. */
    @Test
    void shouldAnswerAtLeastOnceWhenANamedReplierIsKilled() throws Exception {
        open("shm");
        try (Requester<String, String> requester = requester()) {
            ChildJvm victim = stage.start(Server.class, requestsUri, answersUri, "server", "stays");
            victim.expect("ready");
            Future<String> answer = threads.submit(() -> requester.request("hard", FOR_EVER));
            victim.expect("asked hard");
            victim.kill();
            ChildJvm next = stage.start(Server.class, requestsUri, answersUri, "server", "answers");
            assertThat(List.of(next.line(), next.line())).containsExactlyInAnyOrder("ready", "asked hard");
            assertThat(answer.get()).isEqualTo("re hard");
            next.tell("end");
            next.awaitEnd();
        }
        requests.unsubscribe("server");
    }

    @Test
    @Slow
    void shouldEndByTheTimeLimitWhenAReplierWithoutANameIsKilled() throws Exception {
        open("shm");
        try (Requester<String, String> requester = requester()) {
            ChildJvm victim = stage.start(Server.class, requestsUri, answersUri, "", "stays");
            victim.expect("ready");
            Requester.Pending<String> pending = requester.send("hard");
            victim.expect("asked hard");
            victim.kill();
            try (Replier<String, String> next = replier((question, message) -> question)) {
                assertThat(pending.await(Duration.ofMillis(100))).isNull();
                assertThat(requester.request("easy", Patience.limit())).isEqualTo("easy");
                assertThat(next.subscriber().lostCount()).isZero();
            }
        }
    }

    /** Its requests are answered, and nobody takes those answers for his own. */
    @Test
    @Slow
    void shouldPassOverTheAnswersToARequesterThatWasKilled() throws Exception {
        open("shm");
        Counting codec = new Counting();
        CountDownLatch goOn = new CountDownLatch(1);
        try (Requester<String, String> requester = Requester.of(requests, Codecs.text(), answers, codec);
                Replier<String, String> replier = replier((question, message) -> {
                    goOn.await();
                    return "re " + question;
                })) {
            ChildJvm victim = stage.start(Client.class, requestsUri, answersUri);
            victim.expect("sent 10");
            Requester.Pending<String> mine = requester.send("mine");
            victim.kill();
            goOn.countDown();
            assertThat(mine.await(Patience.limit())).isEqualTo("re mine");
            assertThat(codec.decoded).hasValue(1);
            assertThat(answers.stats().newestPosition()).isEqualTo(11);
            assertThat(replier.subscriber().position()).isEqualTo(11);
        }
    }

    /** Arguments: both queues, its name or "", "stays" in its handler or "answers". */
    static final class Server implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            SubscriberOptions options = SubscriberOptions.builder()
                    .name(args[2].isEmpty() ? null : args[2])
                    .build();
            try (MessageQueue requests = MessageQueues.open(args[0]);
                    MessageQueue answers = MessageQueues.open(args[1]);
                    Replier<String, String> replier = Replier.of(
                            requests, Codecs.text(), options, answers, Codecs.text(), (question, message) -> {
                                line.say("asked " + question);
                                if (args[3].equals("stays")) Thread.sleep(Long.MAX_VALUE);
                                return "re " + question;
                            })) {
                line.say("ready");
                line.hear();
                line.say("ends: " + replier);
            }
        }
    }

    /** Sends ten requests, and awaits no answer. Arguments: both queues. */
    static final class Client implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue requests = MessageQueues.open(args[0]);
                    MessageQueue answers = MessageQueues.open(args[1]);
                    Requester<String, String> requester =
                            Requester.of(requests, Codecs.text(), answers, Codecs.text())) {
                List<Requester.Pending<String>> sent = new ArrayList<>();
                for (int i = 0; i < 10; i++) sent.add(requester.send("of the dead " + i));
                line.say("sent " + sent.size());
                line.hear();
            }
        }
    }
}
