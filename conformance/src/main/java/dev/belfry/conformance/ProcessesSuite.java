package dev.belfry.conformance;

import static dev.belfry.conformance.FullAndSlowSuite.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Capability;
import dev.belfry.api.InUseException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.Call;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Payload;
import dev.belfry.testing.RemoteJvm;
import dev.belfry.testing.WaitsForOthers;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 31: several JVMs on one queue; with 27 and 39, as far as they concern several. */
@WaitsForOthers
public abstract class ProcessesSuite extends ConformanceSuite {
    protected ProcessesSuite() {}

    // ---- 31: everything across processes

    @Test
    @Tag("CROSS_PROCESS")
    void b31MessagesGoBothWays() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        RemoteJvm other = remoteReader();
        other.ask("publisher");
        other.send("receive 3 20000"); // waits, in its own process
        Publisher publisher = queue.createPublisher();
        publish(publisher, "here", 3);
        assertThat(withoutPositions(other.answer())).containsExactly("here1", "here2", "here3");
        assertThat(texts(subscriber, 3)).containsExactly("here1", "here2", "here3");
        Call<List<String>> waiting = call(() -> texts(subscriber, 100)).untilItWaits();
        other.ask("publish there 100");
        assertThat(waiting.result()).first().isEqualTo("there1");
        assertThat(withoutPositions(other.ask("receive 100 20000"))).last().isEqualTo("there100");
        other.ask("leave");
        other.ask("close");
        publisher.publish("alone");
        assertThat(next(subscriber).text()).isEqualTo("alone");
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("POSITIONS")
    void b31TwoJvmsSeeTheSameOrderOfThreePublishers() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        List<RemoteJvm> others = List.of(remote(), remote());
        for (RemoteJvm other : others) {
            other.ask("subscribe");
            other.ask("publisher");
        }
        others.get(0).send("publish a 1000");
        others.get(1).send("publish b 1000");
        publish(queue.createPublisher(), "c", 1_000);
        others.forEach(RemoteJvm::answer);
        List<Message> mine = next(subscriber, 3_000);
        String expected = String.join(
                "\t", mine.stream().map(m -> m.position() + ":" + m.text()).toList());
        assertThat(mine.get(2_999).position()).isEqualTo(3_000);
        for (RemoteJvm other : others)
            assertThat(other.ask("receive 3000 20000")).isEqualTo(expected);
        for (String prefix : List.of("a", "b", "c"))
            assertThat(mine.stream().map(Message::text).filter(t -> t.startsWith(prefix)))
                    .containsExactlyElementsOf(Stream.iterate(1, i -> i + 1)
                            .limit(1_000)
                            .map(i -> prefix + i)
                            .toList());
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("PROPERTIES")
    void b31PropertiesCross() {
        Subscriber subscriber = open().createSubscriber();
        RemoteJvm other = remoteWriter();
        other.ask("property text colour blue");
        Message message = next(subscriber);
        assertThat(message.text()).isEqualTo("text");
        assertThat(message.properties())
                .isEqualTo(MessageProperties.builder().put("colour", "blue").build());
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("HISTORY")
    void b31HistoryIsThereForALaterProcess() {
        RemoteJvm first = remoteWriter();
        first.ask("publish message 50");
        first.ask("close");
        RemoteJvm second = remoteReader("start=OLDEST");
        assertThat(withoutPositions(second.ask("receive 50 20000"))).last().isEqualTo("message50");
        assertThat(texts(oldest(open()), 50)).first().isEqualTo("message1");
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("GATING")
    void b31RemoteReaderGatesAndFrees() {
        MessageQueue queue = open(FIXED);
        RemoteJvm reader = remoteReader();
        Publisher publisher = queue.createPublisher(timeout(SHORT));
        int taken = fill(publisher, 100);
        assertThatThrownBy(() -> publisher.publish(bytes(100)))
                .isInstanceOf(QueueFullException.class)
                .hasMessageContaining("pid " + reader.jvm().pid())
                .hasMessageContaining("lag " + taken);
        Publisher patient = queue.createPublisher();
        Call<Long> waiting = call(() -> patient.publish(bytes(100))).untilItWaits();
        reader.ask("receive " + taken + " 20000");
        waiting.result();
        reader.ask("receive 1 20000");
        RemoteJvm writer = remoteWriter();
        fill(publisher, 100);
        fill(publisher, 0); // not even a small one fits any more
        writer.send("publish waiting 1");
        Patience.pause(100);
        assertThat(writer.hasAnswered()).isFalse();
        reader.ask("leave");
        writer.answer();
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("AWAIT_ACK")
    @Tag("CLIENT_ACK")
    void b31AcknowledgementsCross() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        RemoteJvm reader = remoteReader("ack=CLIENT" + (has(Capability.MEMBERS) ? "" : " name=far"));
        long position = publisher.publish("message");
        reader.ask("receive 1 20000");
        Call<Boolean> waiting = call(() -> publisher.awaitAcknowledged(position, 1, Patience.limit()))
                .untilItWaits()
                .staysPending(SHORT);
        reader.ask("acknowledge");
        assertThat(waiting.result()).isTrue();
        reader.ask("publisher");
        Subscriber own = queue.createSubscriber(counted().build());
        String remotes = reader.ask("publish theirs 1");
        assertThat(reader.ask("await " + remotes + " 1 0")).isEqualTo("false");
        reader.ask("receive 1 20000");
        reader.ask("acknowledge");
        reader.send("await " + remotes + " 2 20000");
        next(own);
        assertThat(reader.answer()).isEqualTo("true");
    }

    @Test
    @Tag("F61")
    @Tag("CROSS_PROCESS")
    @Tag("NAMED")
    void b31NamedSubscriptionIsForOneProcessAtATime() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        RemoteJvm other = remoteReader("name=audit");
        assertThatThrownBy(() -> queue.createSubscriber(options().name("audit").build()))
                .isInstanceOf(InUseException.class)
                .hasMessageStartingWith(
                        "Subscription 'audit' is attached by pid " + other.jvm().pid());
        assertThatThrownBy(() -> queue.unsubscribe("audit")).isInstanceOf(InUseException.class);
        publish(publisher, "message", 3);
        assertThat(withoutPositions(other.ask("receive 2 20000"))).containsExactly("message1", "message2");
        other.ask("leave");
        Subscriber own = queue.createSubscriber(options().name("audit").build());
        assertThat(other.askForError("subscribe name=audit"))
                .startsWith("InUseException: Subscription 'audit' is attached by pid "
                        + ProcessHandle.current().pid());
        assertThat(other.askForError("unsubscribe audit")).startsWith("InUseException");
        assertThat(next(own).text()).isEqualTo("message3");
        own.close();
        assertThat(other.ask("unsubscribe audit")).isEqualTo("true");
        assertThat(queue.unsubscribe("audit")).isFalse();
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("CLAIM")
    @Tag("GATING")
    void b31RemoteClaimHoldsOthersUpUntilItsProcessDies() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        RemoteJvm other = remoteWriter();
        other.ask("claim 10");
        Publisher publisher = queue.createPublisher(timeout(SHORT));
        assertThatThrownBy(() -> publisher.publish("x"))
                .isInstanceOf(QueueFullException.class)
                .hasMessageStartingWith("'" + plainUri() + "' is held by publisher pid "
                        + other.jvm().pid() + " for ");
        other.ask("commit");
        publisher.publish("second");
        other.ask("claim 10");
        Publisher patient = queue.createPublisher();
        Call<Long> waiting = call(() -> patient.publish("third")).untilItWaits();
        other.jvm().kill();
        waiting.result();
        assertThat(next(subscriber).bytes()).hasSize(10);
        assertThat(texts(subscriber, 2)).containsExactly("second", "third");
        assertNothingComes(subscriber);
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("GATING")
    void b27GrowthIsSeenByAllProcesses() {
        MessageQueue queue = open("capacity=4k&maxCapacity=2m");
        RemoteJvm reader = remoteReader();
        RemoteJvm writer = remote();
        writer.ask("flood 1 1 5000"); // without an end it would fill the queue before a slow disk has made its files
        Subscriber own = queue.createSubscriber();
        Publisher publisher = queue.createPublisher(timeout(Patience.limit()));
        long last = 0;
        for (int i = 1; i <= 300; i++) last = publisher.publish(new Payload(0, i).bytes(i % 50 == 0 ? 10_000 : 50));
        long wanted = last;
        reader.send("check " + wanted);
        while (own.position() < wanted) Payload.of(next(own).bytes());
        assertThat(reader.answer()).isEqualTo(Long.toString(wanted));
    }

    @Test
    @Tag("CROSS_PROCESS")
    @Tag("POSITIONS")
    void b39RacingProcessesCreateOneQueue() {
        List<RemoteJvm> others =
                Stream.generate(() -> remoteJvm(JavaCommand.QUICK)).limit(4).toList();
        for (int round = 0; round < (LONG ? 100 : 5); round++) {
            String uri = uri();
            others.forEach(o -> o.send("open " + uri));
            assertThat(others.stream().map(RemoteJvm::answer).distinct()).hasSize(1);
            others.forEach(o -> o.ask("close"));
            if (!has(Capability.DELETE)) return;
            fixture().remove(plainUri());
        }
    }

    /** The texts of a "receive" answer. */
    private static List<String> withoutPositions(String answer) {
        return Arrays.stream(answer.split("\t"))
                .map(item -> item.substring(item.lastIndexOf(':') + 1))
                .toList();
    }
}
