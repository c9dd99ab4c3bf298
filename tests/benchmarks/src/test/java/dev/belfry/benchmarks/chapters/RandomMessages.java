package dev.belfry.benchmarks.chapters;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Random;

/** Messages with random properties and bodies, and what is read of them by random methods after they were received. */
final class RandomMessages implements World.Steps {
    private static final Object[] VALUES = {
        true,
        false,
        (byte) 0,
        (byte) -128,
        (short) 300,
        (short) -1,
        0,
        Integer.MAX_VALUE,
        -1,
        0L,
        Long.MIN_VALUE,
        0f,
        -0f,
        Float.MAX_VALUE,
        Float.NaN,
        0.1,
        Double.MIN_VALUE,
        Double.NEGATIVE_INFINITY,
        "",
        "0",
        "-1",
        "+1",
        "1.5",
        "1f",
        "NaN",
        " 1",
        "0x10",
        "1e3",
        "TRUE",
        "false",
        "128",
        "2147483648",
        "é",
        "null"
    };
    private static final Object[] MORE = {'c', '\0', '\uFFFF', new byte[0], new byte[] {1, -1}, null};
    private static final String[] TYPES = {
        "Boolean", "Byte", "Short", "Int", "Long", "Float", "Double", "String", "Object"
    };
    private static final int MESSAGES = 10;
    private static final int READS = 12;

    private final Random random;

    RandomMessages(long seed) {
        random = new Random(seed);
    }

    @Override
    public void run(World w) throws Exception {
        Session s = w.auto();
        for (int i = 0; i < MESSAGES; i++) one(w, s);
    }

    private void one(World w, Session s) throws JMSException {
        Message m = filled(s);
        int properties = 1 + random.nextInt(3);
        for (int i = 0; i < properties; i++) m.setObjectProperty("p" + i, VALUES[random.nextInt(VALUES.length)]);
        Message received = w.carried(s, m);
        w.note("all", () -> received);
        for (int i = 0; i < READS; i++) {
            String name = "p" + random.nextInt(properties);
            String getter = "get" + TYPES[random.nextInt(TYPES.length)] + "Property";
            w.note(getter + " " + name, () -> call(Message.class, received, getter, name));
            readBody(w, received);
        }
        w.note("sent on", () -> w.carried(s, received));
    }

    private Message filled(Session s) throws JMSException {
        return switch (random.nextInt(5)) {
            case 0 -> s.createTextMessage((String) oneOf("", "x", "é\0", null));
            case 1 -> s.createObjectMessage((java.io.Serializable) value());
            case 2 -> {
                MapMessage map = s.createMapMessage();
                for (int i = 0; i < 4; i++) map.setObject("v" + i, value());
                yield map;
            }
            case 3 -> {
                StreamMessage stream = s.createStreamMessage();
                for (int i = 0; i < 4; i++) stream.writeObject(value());
                yield stream;
            }
            default -> {
                BytesMessage bytes = s.createBytesMessage();
                byte[] random20 = new byte[random.nextInt(20)];
                random.nextBytes(random20);
                bytes.writeBytes(random20);
                bytes.writeUTF("é");
                yield bytes;
            }
        };
    }

    private Object oneOf(Object... values) {
        return values[random.nextInt(values.length)];
    }

    private Object value() {
        return random.nextInt(4) == 0 ? oneOf(MORE) : oneOf(VALUES);
    }

    private void readBody(World w, Message m) throws JMSException {
        int item = random.nextInt(5); // one more than there is
        String type = random.nextInt(6) == 0 ? "Char" : (String) oneOf((Object[]) TYPES);
        if (m instanceof TextMessage text) w.note("text", text::getText);
        if (m instanceof ObjectMessage object) w.note("object", object::getObject);
        if (m instanceof MapMessage map)
            w.note("map " + type + " " + item, () -> call(MapMessage.class, map, "get" + type, "v" + item));
        if (m instanceof StreamMessage stream) {
            stream.reset(); // each item from the front: what a refused read leaves is a program of its own
            w.note("stream " + type + " " + item, () -> {
                for (int i = 0; i < item; i++) stream.readObject();
                return call(StreamMessage.class, stream, "read" + type);
            });
        }
        if (m instanceof BytesMessage bytes) {
            if (random.nextInt(4) == 0) bytes.reset();
            String read =
                    (String) oneOf("Boolean", "Byte", "UnsignedByte", "Short", "UnsignedShort", "Char", "Int", "Long");
            w.note("bytes " + read, () -> call(BytesMessage.class, bytes, "read" + read));
        }
    }

    private static Object call(Class<?> type, Object of, String name, Object... arguments) throws Exception {
        Class<?>[] types = arguments.length == 0 ? new Class<?>[0] : new Class<?>[] {String.class};
        Method method = type.getMethod(name, types);
        try {
            return method.invoke(of, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Exception thrown) throw thrown;
            throw e;
        }
    }
}
