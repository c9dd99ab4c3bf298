package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Capability;
import dev.belfry.api.Codec;
import dev.belfry.api.CodecException;
import dev.belfry.api.Codecs;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.LatestValues;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.ReadableBody;
import dev.belfry.api.SubscriberState;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 57: the newest value of each key. A value here is a text, {@code KEY=NUMBER}. */
@WaitsForOthers
@Tag("POSITIONS")
@Tag("HISTORY")
public abstract class LatestSuite extends ConformanceSuite {
    private static final Function<String, String> KEY = text -> text.substring(0, text.indexOf('='));

    protected LatestSuite() {}

    private LatestValues<String, String> latest(Function<String, String> keyOf) {
        return closing(LatestValues.of(queue, Codecs.text(), keyOf));
    }

    private static int number(LatestValues.Value<? extends String> value) {
        return Integer.parseInt(value.value().substring(value.value().indexOf('=') + 1));
    }

    private void begin() {
        queue = open();
        publisher = queue.createPublisher();
    }

    /**
     * With as many keys and messages as a small queue keeps: first those that are there before,
     * then those that come.
     */
    @Test
    void b57ValuesAreTheNewestOfEachKey() {
        begin();
        Random random = new Random(57);
        Map<String, String> expected = new HashMap<>();
        long last = publishSome(random, expected);
        LatestValues<String, String> values = latest(KEY);
        assertThat(plain(values.snapshot())).as("at once").isEqualTo(expected);
        assertThat(values.isComplete()).isTrue();
        assertThat(values.position()).isEqualTo(last);
        assertThat(values.since()).isOne();
        long newest = publishSome(random, expected);
        Patience.until("all is read", () -> values.position() == newest);
        assertThat(plain(values.snapshot())).isEqualTo(expected);
        assertThat(values.size()).isEqualTo(expected.size());
        expected.forEach((key, value) -> assertThat(values.get(key).value()).isEqualTo(value));
        assertThat(values.get("unknown")).isNull();
        assertThat(values.lost() + values.skipped() + values.overLimit()).isZero();
    }

    private long publishSome(Random random, Map<String, String> expected) {
        long last = 0;
        for (int i = 0; i < 100; i++) {
            String key = "key" + random.nextInt(10);
            last = publisher.publish(key + "=" + i);
            expected.put(key, key + "=" + i);
        }
        return last;
    }

    private static Map<String, String> plain(Map<String, LatestValues.Value<String>> values) {
        Map<String, String> plain = new HashMap<>();
        values.forEach((key, value) -> plain.put(key, value.value()));
        return plain;
    }

    @Test
    void b57AwaitReturnsWhatIsNewerOfItsKey() {
        begin();
        LatestValues<String, String> values = latest(KEY);
        Call<LatestValues.Value<String>> first =
                call(() -> values.await("a", 0, Patience.limit())).untilItWaits();
        publisher.publish("b=1");
        assertThat(values.await("b", 0, Patience.limit()).value()).isEqualTo("b=1");
        assertThat(first.isDone()).isFalse();
        long position = publisher.publish("a=1");
        assertThat(first.result().value()).isEqualTo("a=1");
        assertThat(first.result().position()).isEqualTo(position);
        assertThat(values.await("a", position - 1, LONG_TIME).value())
                .as("without waiting")
                .isEqualTo("a=1");
        assertThat(values.await("a", position, SHORT)).isNull();
        List<Call<LatestValues.Value<String>>> both = List.of(
                call(() -> values.await("a", position, LONG_TIME)).untilItWaits(),
                call(() -> values.await("a", position, LONG_TIME)).untilItWaits());
        publisher.publish("a=2");
        for (Call<LatestValues.Value<String>> each : both)
            assertThat(each.result().value()).isEqualTo("a=2");
        assertThat(values.size()).isEqualTo(2);
    }

    @Test
    void b57CloseAndInterruptEndAnAwait() {
        begin();
        LatestValues<String, String> values = latest(KEY);
        Call<LatestValues.Value<String>> interrupted =
                call(() -> values.await("a", 0, LONG_TIME)).untilItWaits();
        Call<LatestValues.Value<String>> waiting =
                call(() -> values.await("a", 0, LONG_TIME)).untilItWaits();
        interrupted.interrupt();
        assertThat(interrupted.failure()).isInstanceOf(InterruptedQueueException.class);
        assertThat(waiting.isDone()).isFalse();
        values.close();
        assertThat(waiting.result()).isNull();
        assertThat(values.state()).isEqualTo(new SubscriberState.Closed());
        assertThatThrownBy(() -> values.get("a")).isInstanceOf(QueueClosedException.class);
        values.close();
        LatestValues<String, String> others = latest(KEY);
        Call<LatestValues.Value<String>> others1 =
                call(() -> others.await("a", 0, LONG_TIME)).untilItWaits();
        queue.close();
        assertThat(others1.result()).isNull();
        assertThat(others.state()).isEqualTo(new SubscriberState.Closed());
    }

    /**
     * While it is busy with one value hundreds come: of each key the newest alone is given, in the
     * order of the keys.
     */
    @Test
    void b57SlowListenerSkipsToTheNewest() throws Exception {
        begin();
        publish(publisher, "a=", 3);
        LatestValues<String, String> values = latest(KEY);
        CountDownLatch isIn = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        List<String> given = new CopyOnWriteArrayList<>();
        values.setListener((key, value) -> {
            assertThat(KEY.apply(value.value())).isEqualTo(key);
            given.add(value.value());
            isIn.countDown();
            goesOn.await();
        });
        await(isIn);
        for (String key : List.of("b=", "c=", "a=")) publish(publisher, key, 50);
        long last = publisher.publish("b=51");
        Patience.until("all is read", () -> values.position() == last);
        assertThat(given).containsExactly("a=3");
        assertThat(values.skipped()).isEqualTo(49 + 49 + 49 + 1);
        goesOn.countDown();
        Patience.until("the newest of each are given", () -> given.size() == 4);
        assertThat(given).containsExactly("a=3", "b=51", "c=50", "a=50");
    }

    /** Two publishers, and a listener that sleeps now and then. */
    @Test
    void b57NeverAnOlderValueAfterANewerOne() {
        begin();
        LatestValues<String, String> values = latest(KEY);
        Map<String, Integer> heard = new LinkedHashMap<>();
        List<String> wrong = new CopyOnWriteArrayList<>();
        CountDownLatch ends = new CountDownLatch(2);
        values.setListener((key, value) -> {
            Integer before = heard.put(key, number(value));
            if (before != null && before >= number(value)) wrong.add(before + " before " + value);
            if (number(value) % 50 == 0) Patience.pause(1);
            if (number(value) == 400) ends.countDown();
        });
        List<Call<List<String>>> calls = List.of(
                call(() -> publish(queue.createPublisher(), "a=", 400)),
                call(() -> publish(queue.createPublisher(), "b=", 400)));
        calls.forEach(Call::result);
        await(ends);
        assertThat(wrong).isEmpty();
        assertThat(values.get("a").value()).isEqualTo("a=400");
        assertThat(values.lost()).isZero();
    }

    @Test
    @Tag("OVERRUN")
    void b57LateJoinerDoesNotClaimToKnowAllKeys() {
        queue = open(SMALL);
        publisher = queue.createPublisher();
        publisher.publish("early=1");
        publish(publisher, "late=", many());
        overwritten();
        LatestValues<String, String> values = latest(KEY);
        assertThat(values.get("early")).isNull();
        assertThat(number(values.get("late"))).isEqualTo(many());
        assertThat(values.isComplete()).isFalse();
        assertThat(values.since()).isEqualTo(queue.stats().oldestPosition());
    }

    /** Its thread is held in keyOf meanwhile. */
    @Test
    @Tag("OVERRUN")
    void b57HoldsNobodyUpAndCountsWhatItMissed() {
        queue = open(SMALL);
        publisher = queue.createPublisher();
        CountDownLatch isIn = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        LatestValues<String, String> values = latest(text -> {
            isIn.countDown();
            await(goesOn);
            return KEY.apply(text);
        });
        assertThat(values.isComplete()).isTrue();
        publisher.publish("early=1");
        await(isIn);
        publish(publisher, "late=", many());
        long last = publisher.publish("last=1");
        overwritten();
        goesOn.countDown();
        Patience.until("all is read", () -> values.position() == last);
        assertThat(values.get("early").value()).as("the newest that was read").isEqualTo("early=1");
        assertThat(number(values.get("late"))).isEqualTo(many());
        assertThat(values.lost()).isPositive();
        assertThat(values.isComplete()).isFalse();
        assertThat(values.since()).isBetween(values.lost() + 2, last);
    }

    @Test
    void b57KeysAreBoundedAndForgotten() {
        begin();
        LatestValues<String, String> values = closing(LatestValues.of(queue, Codecs.text(), KEY, 2));
        for (String text : List.of("a=1", "b=1", "c=1", "b=2")) publisher.publish(text);
        assertThat(values.await("b", 2, Patience.limit()).value()).isEqualTo("b=2");
        assertThat(values.get("c")).isNull();
        assertThat(values.overLimit()).isOne();
        assertThat(values.isComplete()).isFalse();
        assertThat(values.forget("a")).isTrue();
        assertThat(values.forget("a")).isFalse();
        assertThat(values.get("a")).isNull();
        publisher.publish("c=2");
        assertThat(values.await("c", 0, Patience.limit()).value()).isEqualTo("c=2");
        assertThat(values.snapshot()).containsOnlyKeys("b", "c");
        Call<LatestValues.Value<String>> waiting =
                call(() -> values.await("b", 4, LONG_TIME)).untilItWaits();
        assertThat(values.forget("b")).isTrue();
        assertThat(values.get("b")).as("though a thread awaits it").isNull();
        assertThat(values.snapshot()).containsOnlyKeys("c");
        publisher.publish("b=3");
        assertThat(waiting.result().value()).isEqualTo("b=3");
        assertThat(values.await("d", 0, SHORT)).isNull();
        assertThat(values.size()).as("one that is awaited has no value").isEqualTo(2);
    }

    @Test
    void b57MessageWithoutAKeyIsPassedOver() {
        begin();
        LatestValues<String, String> values = latest(text -> text.contains("=") ? KEY.apply(text) : null);
        for (String text : List.of("a=1", "nothing", "b=1")) publisher.publish(text);
        assertThat(values.await("b", 0, Patience.limit()).value()).isEqualTo("b=1");
        assertThat(values.snapshot()).containsOnlyKeys("a", "b");
        assertThat(values.isComplete()).isTrue();
    }

    @Test
    void b57WhatThrowsStopsItAndIsTold() {
        Codec<String> refusing = new Codec<>() {
            @Override
            public byte[] encode(String value) {
                throw new UnsupportedOperationException();
            }

            @Override
            public String decode(ReadableBody body) {
                String text = Codecs.text().decode(body);
                if (text.startsWith("!")) throw new IllegalArgumentException("no such price");
                return text;
            }
        };
        begin();
        LatestValues<String, String> ofCodec = closing(LatestValues.of(queue, refusing, KEY));
        LatestValues<String, String> ofKey = latest(text -> {
            if (text.startsWith("!")) throw new IllegalStateException("no such key");
            return KEY.apply(text);
        });
        LatestValues<String, String> ofListener = latest(KEY);
        ofListener.setListener((key, value) -> {
            if (key.startsWith("!")) throw new java.io.IOException("no such file");
        });
        LatestValues<String, String> well = latest(KEY);
        Call<LatestValues.Value<String>> waiting =
                call(() -> ofCodec.await("b", 0, LONG_TIME)).untilItWaits();
        publisher.publish("a=1");
        long bad = publisher.publish("!a=2");
        assertThat(waiting.failure()).isInstanceOf(QueueClosedException.class);
        assertStopped(ofCodec, bad, CodecException.class, "does not decode");
        assertStopped(ofKey, bad, IllegalStateException.class, "no such key");
        assertStopped(ofListener, bad + 1, java.io.IOException.class, "no such file");
        publisher.publish("a=3");
        assertThat(well.await("a", bad, Patience.limit()).value()).isEqualTo("a=3");
        assertThatThrownBy(() -> closing(LatestValues.of(queue, refusing, KEY)))
                .as("what is there already")
                .isInstanceOf(CodecException.class);
    }

    private static void assertStopped(
            LatestValues<String, String> values, long position, Class<?> reason, String text) {
        Patience.until("it stops", () -> values.state() instanceof SubscriberState.Stopped);
        SubscriberState.Stopped stopped = (SubscriberState.Stopped) values.state();
        assertThat(stopped.reason()).isInstanceOf(reason).hasMessageContaining(text);
        assertThat(stopped.position()).isEqualTo(position);
        for (ThrowingCallable later : List.<ThrowingCallable>of(
                () -> values.get("a"), values::snapshot, () -> values.await("a", 0, SHORT), () -> values.forget("a")))
            assertThatThrownBy(later)
                    .isInstanceOf(QueueClosedException.class)
                    .hasMessageContaining(text)
                    .hasCause(stopped.reason());
        values.close();
        assertThat(values.state()).as("still").isEqualTo(stopped);
    }

    @Test
    void b57BadCallsAreRefusedAndChangeNothing() {
        begin();
        publisher.publish("a=1");
        LatestValues<String, String> values = latest(KEY);
        Map<ThrowingCallable, Class<?>> bad = new LinkedHashMap<>();
        bad.put(() -> LatestValues.of(null, Codecs.text(), KEY), NullPointerException.class);
        bad.put(() -> LatestValues.of(queue, null, KEY), NullPointerException.class);
        bad.put(() -> LatestValues.of(queue, Codecs.text(), null), NullPointerException.class);
        bad.put(() -> LatestValues.of(queue, Codecs.text(), KEY, 0), IllegalArgumentException.class);
        bad.put(() -> values.get(null), NullPointerException.class);
        bad.put(() -> values.forget(null), NullPointerException.class);
        bad.put(() -> values.await(null, 0, SHORT), NullPointerException.class);
        bad.put(() -> values.await("a", 0, null), NullPointerException.class);
        bad.put(() -> values.setListener(null), NullPointerException.class);
        bad.forEach((call, type) -> assertThatThrownBy(call).isInstanceOf(type));
        assertThat(values.await("a", -5, Duration.ofSeconds(-1)).value()).isEqualTo("a=1");
        values.setListener((key, value) -> {});
        assertThatThrownBy(() -> values.setListener((key, value) -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("have a listener already");
        assertThat(values.get("a").value()).isEqualTo("a=1");
        if (has(Capability.MEMBERS))
            assertThat(queue.stats().subscribers()).as("the refused left none").hasSize(1);
    }

    @Test
    void b57ListenerMayCloseIt() {
        begin();
        LatestValues<String, String> values = latest(KEY);
        CountDownLatch closed = new CountDownLatch(1);
        values.setListener((key, value) -> {
            values.close();
            closed.countDown();
        });
        publisher.publish("a=1");
        await(closed);
        assertThat(values.state()).isEqualTo(new SubscriberState.Closed());
    }
}
