package dev.belfry.conformance;

import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageView;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The outcome of each method of each object in each state: a table, with a row for every public
 * method that the API has.
 */
final class ApiStates {
    enum State {
        NEW,
        OPEN,
        /** Another thread closes it, and waits for a third one that is inside. */
        CLOSING,
        CLOSED,
        /** The subscription was ended, because publishers of a full queue had to wait for it. */
        EVICTED,
        /** The memory was damaged, and that was noticed. */
        POISONED,
        /**
         * Another thread is inside, where only one at a time may be: in a handler of a subscriber.
         */
        BUSY
    }

    static final List<Class<?>> TYPES = List.of(
            MessageQueues.class,
            MessageQueue.class,
            Publisher.class,
            Subscriber.class,
            Claim.class,
            Batch.class,
            MessageView.class,
            Message.class);

    /**
     * ok: returns. null, 0, false, message (anything else than null): returns that. waits: would
     * wait for ever. closed, ended, corrupted: that exception. state: IllegalStateException. busy:
     * ConcurrentModificationException. any: returns, or throws an exception of the API's; never an
     * Error. -: there is no such state. Several with |.
     */
    private static final String TABLE = """
            MessageQueue                                     NEW    OPEN    CLOSING CLOSED EVICTED  POISONED     BUSY
            uri()                                            ok     ok      ok      ok     -        ok           -
            capabilities()                                   ok     ok      ok      ok     -        ok           -
            createPublisher()                                ok     ok      closed  closed -        corrupted    -
            createPublisher(PublisherOptions)                ok     ok      closed  closed -        corrupted    -
            createPublisher(Codec)                           ok     ok      closed  closed -        corrupted    -
            createPublisher(Codec,PublisherOptions)          ok     ok      closed  closed -        corrupted    -
            createSubscriber()                               ok     ok      closed  closed -        corrupted    -
            createSubscriber(Codec)                          ok     ok      closed  closed -        corrupted    -
            createSubscriber(Codec,SubscriberOptions)        ok     ok      closed  closed -        corrupted    -
            createSubscriber(StartAt)                        ok     ok      closed  closed -        corrupted    -
            createSubscriber(SubscriberOptions)              ok     ok      closed  closed -        corrupted    -
            unsubscribe(String)                              false  false   closed  closed -        corrupted    -
            stats()                                          ok     ok      closed  closed -        corrupted    -
            unwrap(Class)                                    ok     ok      ok      ok     -        ok           -
            close()                                          ok     ok      ok      ok     -        ok           -

            Publisher                                        NEW    OPEN    CLOSING CLOSED EVICTED  POISONED     BUSY
            publish(byte[])                                  ok     ok      closed  closed -        corrupted    -
            publish(String)                                  ok     ok      closed  closed -        corrupted    -
            publish(ByteBuffer)                              ok     ok      closed  closed -        corrupted    -
            publish(byte[],MessageProperties)                ok     ok      closed  closed -        corrupted    -
            publish(String,MessageProperties)                ok     ok      closed  closed -        corrupted    -
            publish(ByteBuffer,MessageProperties)            ok     ok      closed  closed -        corrupted    -
            offer(ByteBuffer,Duration)                       ok     ok      closed  closed -        corrupted    -
            offer(ByteBuffer,MessageProperties,Duration)     ok     ok      closed  closed -        corrupted    -
            claim(int)                                       ok     ok      closed  closed -        corrupted    -
            batch(int)                                       ok     ok      closed  closed -        corrupted    -
            tryBatch(int,Duration)                           ok     ok      closed  closed -        corrupted    -
            sizeInBatch(int)                                 ok     ok      ok      ok     -        ok           -
            sizeInBatch(int,MessageProperties)               ok     ok      ok      ok     -        ok           -
            maxMessageLength()                               ok     ok      ok      ok     -        ok           -
            awaitAcknowledged(long,int,Duration)             false  false   closed  closed -        corrupted    -
            durablePosition()                                ok     ok      closed  closed -        corrupted    -
            awaitDurable(long,Duration)                      any    ok      closed  closed -        corrupted    -
            close()                                          ok     ok      ok      ok     -        ok           -

            Subscriber                                       NEW    OPEN    CLOSING CLOSED EVICTED  POISONED     BUSY
            name()                                           ok     ok      ok      ok     ok       ok           ok
            receive()                                        waits  message closed  closed ended    corrupted    busy
            receive(Duration)                                null   message closed  closed ended    corrupted    busy
            receiveNoWait()                                  null   message closed  closed ended    corrupted    busy
            poll(MessageHandler,int)                         0      1       closed  closed ended    corrupted    busy
            poll(MessageHandler,int,Duration)                0      1       closed  closed ended    corrupted    busy
            setListener(MessageListener)                     ok     ok      closed  closed ok       ok           busy
            acknowledge()                                    ok     ok      closed  closed ended    corrupted    ok
            acknowledge(long)                                any    ok      closed  closed ended    corrupted    ok
            recover()                                        ok     ok      closed  closed ok|ended ok|corrupted busy
            seek(StartAt)                                    ok     ok      closed  closed ended    corrupted    busy
            position()                                       ok     ok      ok      ok     ok       ok           ok
            lag()                                            ok     ok      ok      ok     ok       corrupted    ok
            lostCount()                                      ok     ok      ok      ok     ok       ok           ok
            state()                                          ok     ok      ok      ok     ok       ok           ok
            close()                                          ok     ok      ok      ok     ok       ok           ok

            Claim                                            NEW    OPEN    CLOSING CLOSED EVICTED  POISONED     BUSY
            length()                                         ok     ok      ok      ok     -        -            -
            putByte(int,byte)                                ok     ok      ok      state  -        -            -
            putShort(int,short)                              ok     ok      ok      state  -        -            -
            putInt(int,int)                                  ok     ok      ok      state  -        -            -
            putLong(int,long)                                ok     ok      ok      state  -        -            -
            putFloat(int,float)                              ok     ok      ok      state  -        -            -
            putDouble(int,double)                            ok     ok      ok      state  -        -            -
            putShortLE(int,short)                            ok     ok      ok      state  -        -            -
            putIntLE(int,int)                                ok     ok      ok      state  -        -            -
            putLongLE(int,long)                              ok     ok      ok      state  -        -            -
            putFloatLE(int,float)                            ok     ok      ok      state  -        -            -
            putDoubleLE(int,double)                          ok     ok      ok      state  -        -            -
            copyFrom(int,byte[],int,int)                     ok     ok      ok      state  -        -            -
            copyFrom(int,ByteBuffer)                         ok     ok      ok      state  -        -            -
            buffer()                                         ok     ok      ok      ok|state -        -            -
            as(Class)                                        ok     ok      ok      ok|state -        -            -
            commit()                                         ok     ok      closed  state  -        -            -
            commit(int)                                      ok     ok      closed  state  -        -            -
            close()                                          ok     ok      ok      ok     -        -            -

            Batch                                            NEW    OPEN    CLOSING   CLOSED   EVICTED POISONED   BUSY
            add(byte[])                                      ok     ok      ok|closed state    -       -          -
            add(String)                                      ok     ok      ok|closed state    -       -          -
            add(ByteBuffer)                                  ok     ok      ok|closed state    -       -          -
            add(byte[],MessageProperties)                    ok     ok      ok|closed state    -       -          -
            add(String,MessageProperties)                    ok     ok      ok|closed state    -       -          -
            add(ByteBuffer,MessageProperties)                ok     ok      ok|closed state    -       -          -
            claim(int)                                       ok     ok      ok|closed state    -       -          -
            shorten(int)                                     state  ok      ok|closed state    -       -          -
            fits(int)                                        true   true    ok|closed ok|state -       -          -
            fits(int,MessageProperties)                      true   true    ok|closed ok|state -       -          -
            count()                                          0      1       ok|closed ok|state -       -          -
            commit()                                         ok     ok      closed    state    -       -          -
            close()                                          ok     ok      ok        ok       -       -          -

            MessageView                                      NEW    OPEN    CLOSING CLOSED EVICTED  POISONED     BUSY
            position()                                       ok     ok      ok      ok|state -      -            -
            timestampMillis()                                ok     ok      ok      ok|state -      -            -
            length()                                         ok     ok      ok      ok|state -      -            -
            getByte(int)                                     ok     ok      ok      ok|state -      -            -
            getShort(int)                                    ok     ok      ok      ok|state -      -            -
            getInt(int)                                      ok     ok      ok      ok|state -      -            -
            getLong(int)                                     ok     ok      ok      ok|state -      -            -
            getFloat(int)                                    ok     ok      ok      ok|state -      -            -
            getDouble(int)                                   ok     ok      ok      ok|state -      -            -
            getShortLE(int)                                  ok     ok      ok      ok|state -      -            -
            getIntLE(int)                                    ok     ok      ok      ok|state -      -            -
            getLongLE(int)                                   ok     ok      ok      ok|state -      -            -
            getFloatLE(int)                                  ok     ok      ok      ok|state -      -            -
            getDoubleLE(int)                                 ok     ok      ok      ok|state -      -            -
            copyTo(int,byte[],int,int)                       ok     ok      ok      ok|state -      -            -
            copyTo(int,ByteBuffer,int)                       ok     ok      ok      ok|state -      -            -
            buffer()                                         ok     ok      ok      ok|state -      -            -
            as(Class)                                        ok     ok      ok      ok|state -      -            -
            bytes()                                          ok     ok      ok      ok|state -      -            -
            text()                                           ok     ok      ok      ok|state -      -            -
            properties()                                     ok     ok      ok      ok|state -      -            -
            redelivered()                                    ok     ok      ok      ok|state -      -            -
            copy()                                           ok     ok      ok      ok|state -      -            -

            Message                                          NEW    OPEN    CLOSING CLOSED EVICTED  POISONED     BUSY
            position()                                       ok     ok      ok      ok     -        -            -
            timestampMillis()                                ok     ok      ok      ok     -        -            -
            length()                                         ok     ok      ok      ok     -        -            -
            getByte(int)                                     ok     ok      ok      ok     -        -            -
            getShort(int)                                    ok     ok      ok      ok     -        -            -
            getInt(int)                                      ok     ok      ok      ok     -        -            -
            getLong(int)                                     ok     ok      ok      ok     -        -            -
            getFloat(int)                                    ok     ok      ok      ok     -        -            -
            getDouble(int)                                   ok     ok      ok      ok     -        -            -
            getShortLE(int)                                  ok     ok      ok      ok     -        -            -
            getIntLE(int)                                    ok     ok      ok      ok     -        -            -
            getLongLE(int)                                   ok     ok      ok      ok     -        -            -
            getFloatLE(int)                                  ok     ok      ok      ok     -        -            -
            getDoubleLE(int)                                 ok     ok      ok      ok     -        -            -
            copyTo(int,byte[],int,int)                       ok     ok      ok      ok     -        -            -
            copyTo(int,ByteBuffer,int)                       ok     ok      ok      ok     -        -            -
            buffer()                                         ok     ok      ok      ok     -        -            -
            as(Class)                                        ok     ok      ok      ok     -        -            -
            bytes()                                          ok     ok      ok      ok     -        -            -
            text()                                           ok     ok      ok      ok     -        -            -
            properties()                                     ok     ok      ok      ok     -        -            -
            redelivered()                                    ok     ok      ok      ok     -        -            -
            copy()                                           ok     ok      ok      ok     -        -            -

            MessageQueues                                    NEW    OPEN    CLOSING CLOSED EVICTED  POISONED     BUSY
            open(String)                                     ok     ok      ok      ok     -        ok|corrupted -
            open(URI,QueueConfig)                            ok     ok      ok      ok     -        ok|corrupted -
            delete(String)                                   false  true    true    true   -        true         -
            delete(URI)                                      false  true    true    true   -        true         -
            list(String)                                     ok     ok      ok      ok     -        ok           -
            providers()                                      ok     ok      ok      ok     -        ok           -
            """;

    private ApiStates() {}

    record Cell(Class<?> type, Method method, State state, String expected) {
        @Override
        public String toString() {
            return type.getSimpleName() + "." + signature(method) + " when " + state;
        }

        /** Null: as expected; otherwise the outcome. */
        String complaint(Object result, Throwable thrown) {
            String actual = thrown == null ? "returned " + result : "threw " + thrown;
            boolean right = Arrays.stream(expected.split("\\|")).anyMatch(e -> fits(e, result, thrown));
            return right ? null : this + ": expected " + expected + ", but it " + actual;
        }
    }

    private static boolean fits(String expected, Object result, Throwable thrown) {
        return switch (expected) {
            case "any" -> thrown == null || isOfTheApi(thrown);
            case "closed" -> thrown instanceof QueueClosedException;
            case "ended" -> thrown instanceof SubscriberDisconnectedException;
            case "corrupted" -> thrown instanceof QueueCorruptedException;
            case "state" -> thrown != null && thrown.getClass() == IllegalStateException.class;
            case "busy" -> thrown instanceof ConcurrentModificationException;
            case "ok" -> thrown == null;
            case "null" -> thrown == null && result == null;
            case "message" -> thrown == null && result instanceof Message;
            case "waits" -> thrown instanceof AssertionError error && Waits.NOTE.equals(error.getMessage());
            default -> thrown == null && expected.equals(String.valueOf(result));
        };
    }

    /** The outcome of a call that did not end in time. */
    static final class Waits {
        static final String NOTE = "waits for ever";

        private Waits() {}
    }

    /** The exceptions that the API may throw when it is used wrongly, or at the wrong moment. */
    static boolean isOfTheApi(Throwable thrown) {
        return thrown instanceof MessageQueueException
                || thrown instanceof IllegalStateException
                || thrown instanceof IllegalArgumentException
                || thrown instanceof IndexOutOfBoundsException
                || thrown instanceof NullPointerException
                || thrown instanceof ConcurrentModificationException;
    }

    static String signature(Method method) {
        return method.getName()
                + Arrays.stream(method.getParameterTypes())
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(",", "(", ")"));
    }

    /**
     * The methods of the API: a type's inherited methods count as its own. {@link MessageQueues}
     * has no objects, so its static methods count.
     */
    static Map<String, Method> methods(Class<?> type) {
        Map<String, Method> methods = new LinkedHashMap<>();
        for (Method method : type.getMethods())
            if (Modifier.isStatic(method.getModifiers()) == (type == MessageQueues.class)
                    && method.getDeclaringClass() != Object.class
                    && !method.isBridge())
                methods.merge(signature(method), method, (a, b) -> a.getDeclaringClass() == type ? a : b);
        return methods;
    }

    /** All rows of a type; fails if a public method has none, or a row no method. */
    static List<Cell> cells(Class<?> type) {
        Map<String, Method> methods = methods(type);
        List<Cell> cells = new ArrayList<>();
        Set<String> rows = new TreeSet<>();
        for (String line : section(type)) {
            String[] columns = line.split("\\s+");
            rows.add(columns[0]);
            for (State state : State.values()) {
                String expected = columns[1 + state.ordinal()];
                if (!expected.equals("-") && methods.containsKey(columns[0]))
                    cells.add(new Cell(type, methods.get(columns[0]), state, expected));
            }
        }
        Set<String> missing = new TreeSet<>(methods.keySet());
        missing.removeAll(rows);
        rows.removeAll(methods.keySet());
        if (!missing.isEmpty() || !rows.isEmpty())
            throw new AssertionError(
                    type.getSimpleName() + ": methods without a row " + missing + ", rows without a method " + rows);
        return cells;
    }

    private static List<String> section(Class<?> type) {
        return Arrays.stream(TABLE.split("\n\n"))
                .map(s -> List.of(s.strip().split("\n")))
                .filter(s -> s.get(0).startsWith(type.getSimpleName() + " "))
                .map(s -> s.subList(1, s.size()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no table for " + type));
    }
}
