package dev.belfry.benchmarks.chapters;

import static jakarta.jms.JMSContext.AUTO_ACKNOWLEDGE;
import static jakarta.jms.JMSContext.CLIENT_ACKNOWLEDGE;
import static jakarta.jms.JMSContext.DUPS_OK_ACKNOWLEDGE;
import static jakarta.jms.JMSContext.SESSION_TRANSACTED;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Short programs by chapter of the specification, version 3.1. */
final class Chapters {
    private static final long SOON = 30;
    private static final Object[] VALUES = {
        true, (byte) 3, (short) 300, 70_000, 5_000_000_000L, 1.5f, 2.5, "7", "true", "x", "1e3", "", (byte) -1
    };

    private final Map<String, World.Steps> programs = new LinkedHashMap<>();

    private Chapters() {
        headers();
        properties();
        selectors();
        bodies();
        connections();
        sessions();
        producers();
        consumers();
        topics();
        contexts();
    }

    static Map<String, World.Steps> programs() {
        return new Chapters().programs;
    }

    private void add(String name, World.Steps steps) {
        if (programs.put(name, steps) != null) throw new AssertionError(name + " is there twice");
    }

    private void headers() {
        add("3.4 what a send sets", w -> {
            Session s = w.auto();
            Message sent = s.createTextMessage("x");
            Message m = w.carried(s, sent);
            w.note("expiration", m::getJMSExpiration);
            w.note("has an id", () -> m.getJMSMessageID().startsWith("ID:"));
            w.note("same id", () -> m.getJMSMessageID().equals(sent.getJMSMessageID()));
            w.note("same time", () -> m.getJMSTimestamp() == sent.getJMSTimestamp() && m.getJMSTimestamp() > 0);
            w.note("same destination", () -> m.getJMSDestination().equals(w.queue(s, "carry")));
            w.note("name of it", () -> ((Queue) m.getJMSDestination()).getQueueName());
            w.note("delivery time", () -> m.getJMSDeliveryTime() >= m.getJMSTimestamp());
            w.note("reply to", m::getJMSReplyTo);
            w.note("all", () -> m);
        });
        add("3.4 what is set before a send is replaced", w -> {
            Session s = w.auto();
            Message m = s.createTextMessage("x");
            m.setJMSPriority(8);
            m.setJMSDeliveryMode(DeliveryMode.NON_PERSISTENT);
            m.setJMSExpiration(5);
            m.setJMSMessageID("ID:mine");
            m.setJMSTimestamp(5);
            m.setJMSRedelivered(true);
            w.note("all", () -> w.carried(s, m));
            w.note("own id", () -> m.getJMSMessageID().equals("ID:mine"));
            w.note("own time", () -> m.getJMSTimestamp() == 5);
            w.note("own expiration", m::getJMSExpiration);
        });
        add("3.4 correlation ids", w -> {
            Session s = w.auto();
            Message text = s.createMessage();
            text.setJMSCorrelationID("a-b");
            w.note("as text", () -> w.carried(s, text).getJMSCorrelationID());
            Message bytes = s.createMessage();
            bytes.setJMSCorrelationIDAsBytes(new byte[] {97, 98});
            w.note("as bytes", () -> w.carried(s, bytes).getJMSCorrelationIDAsBytes());
            w.note("none", () -> w.carried(s, s.createMessage()).getJMSCorrelationID());
        });
        add("3.4 reply to", w -> {
            Session s = w.auto();
            Message m = s.createTextMessage("x");
            m.setJMSReplyTo(w.queue(s, "answers"));
            m.setJMSType("question");
            Message received = w.carried(s, m);
            w.note("queue", () -> ((Queue) received.getJMSReplyTo()).getQueueName());
            m.setJMSReplyTo(w.topic(s, "answers"));
            w.note("topic", () -> ((Topic) w.carried(s, m).getJMSReplyTo()).getTopicName());
            TemporaryQueue temporary = s.createTemporaryQueue();
            m.setJMSReplyTo(temporary);
            w.note("temporary", () -> w.carried(s, m).getJMSReplyTo().equals(temporary));
            w.note("is temporary", () -> w.carried(s, m).getJMSReplyTo() instanceof TemporaryQueue);
        });
        add("3.4 without id and time", w -> {
            Session s = w.auto();
            MessageProducer p = s.createProducer(w.queue(s, "q"));
            p.setDisableMessageID(true);
            p.setDisableMessageTimestamp(true);
            p.send(s.createTextMessage("x"));
            Message m = w.next(s.createConsumer(w.queue(s, "q")));
            w.note("id", m::getJMSMessageID);
            w.note("time", m::getJMSTimestamp);
        });
    }

    private void properties() {
        for (boolean carried : new boolean[] {false, true})
            add("3.5 conversions of properties, " + (carried ? "received" : "set"), w -> {
                Session s = w.auto();
                for (Object value : VALUES) {
                    Message m = s.createMessage();
                    m.setObjectProperty("p", value);
                    read(w, carried ? w.carried(s, m) : m, World.text(value));
                }
            });
        add("3.5 names", w -> {
            Session s = w.auto();
            for (String name : new String[] {
                "a",
                "_a",
                "$a",
                "a.b",
                "a-b",
                "a b",
                "1a",
                "",
                null,
                "NOT",
                "like",
                "TRUE",
                "é",
                "JMSfoo",
                "JMSXfoo",
                "JMSXGroupID",
                "JMSXGroupSeq"
            }) w.attempt("name " + name, () -> s.createMessage().setIntProperty(name, 1));
        });
        add("3.5 classes", w -> {
            Session s = w.auto();
            for (Object value : new Object[] {new Date(0), 'c', new byte[1], List.of(), null})
                w.attempt(value == null ? "null" : value.getClass().getSimpleName(), () -> s.createMessage()
                        .setObjectProperty("p", value));
            Message m = s.createMessage();
            m.setObjectProperty("n", null);
            w.note("exists", () -> m.propertyExists("n"));
            w.note("null came", () -> w.carried(s, m).propertyExists("n"));
            w.note("absent", () -> m.getObjectProperty("x"));
            w.note("absent text", () -> m.getStringProperty("x"));
            w.note("absent boolean", () -> m.getBooleanProperty("x"));
            w.note("absent int", () -> m.getIntProperty("x"));
            w.note("absent double", () -> m.getDoubleProperty("x"));
        });
        add("3.5 received ones are read-only", w -> {
            Session s = w.auto();
            Message m = s.createMessage();
            m.setIntProperty("a", 1);
            m.setStringProperty("b", "2");
            Message received = w.carried(s, m);
            w.attempt("set", () -> received.setIntProperty("c", 1));
            w.attempt("clear", received::clearProperties);
            w.note("exists", () -> received.propertyExists("a"));
            w.attempt("set again", () -> received.setIntProperty("c", 1));
            w.note("names", () -> names(received));
            w.note("sent on", () -> w.carried(s, received));
            w.note("the first has", () -> names(m));
        });
        add("3.5 delivery count", w -> {
            Session s = w.auto();
            Message m = w.carried(s, s.createMessage());
            w.note("exists", () -> m.propertyExists("JMSXDeliveryCount"));
            w.note("is", () -> m.getIntProperty("JMSXDeliveryCount"));
            w.note("text", () -> m.getStringProperty("JMSXDeliveryCount"));
            w.attempt("set", () -> s.createMessage().setIntProperty("JMSXDeliveryCount", 3));
        });
    }

    private static TreeSet<String> names(Message m) throws Exception {
        TreeSet<String> names = new TreeSet<>();
        for (Object name : Collections.list((Enumeration<?>) m.getPropertyNames()))
            if (!name.toString().startsWith("JMS")) names.add(name.toString());
        return names;
    }

    private static void read(World w, Message m, String value) {
        w.note(value + " as boolean", () -> m.getBooleanProperty("p"));
        w.note(value + " as byte", () -> m.getByteProperty("p"));
        w.note(value + " as short", () -> m.getShortProperty("p"));
        w.note(value + " as int", () -> m.getIntProperty("p"));
        w.note(value + " as long", () -> m.getLongProperty("p"));
        w.note(value + " as float", () -> m.getFloatProperty("p"));
        w.note(value + " as double", () -> m.getDoubleProperty("p"));
        w.note(value + " as text", () -> m.getStringProperty("p"));
        w.note(value + " as object", () -> m.getObjectProperty("p"));
    }

    private void selectors() {
        select(
                "comparisons",
                "n = 1",
                "n <> 1",
                "n > 1",
                "n >= 2",
                "n < 2.5",
                "n = 2.0",
                "color = 'red'",
                "color <> 'red'",
                "color > 'a'",
                "flag",
                "flag = TRUE",
                "flag <> TRUE",
                "NOT flag",
                "n = '1'",
                "color = 1");
        select(
                "patterns",
                "color LIKE 'r%'",
                "color LIKE '_ed'",
                "color NOT LIKE 'r%'",
                "color LIKE 'r!_d' ESCAPE '!'",
                "color LIKE ''",
                "color LIKE '%'",
                "n LIKE '1'",
                "x LIKE '%'");
        select(
                "sets",
                "color IN ('red', 'blue')",
                "color NOT IN ('red')",
                "n IN ('1')",
                "n NOT IN ('1')",
                "x IN ('a')",
                "x NOT IN ('a')");
        select(
                "nulls",
                "x IS NULL",
                "x IS NOT NULL",
                "color IS NULL",
                "color IS NOT NULL",
                "x = 1",
                "NOT (x = 1)",
                "x = 1 OR n = 1",
                "x = 1 AND n = 1",
                "NOT (x = 1 AND n = 9)");
        select(
                "ranges",
                "n BETWEEN 1 AND 2",
                "n NOT BETWEEN 1 AND 2",
                "n BETWEEN 2 AND 1",
                "x BETWEEN 1 AND 2",
                "weight BETWEEN 0.5 AND 1.5");
        select(
                "arithmetic",
                "n + 1 = 2",
                "n * 2 = 4",
                "n - 1 = -n",
                "n / 2 = 0.5",
                "-n = -1",
                "+n = 1",
                "n + 1 * 2 = 3",
                "(n + 1) * 2 = 4",
                "n = 0x1",
                "n = 1L",
                "n = 1e0",
                "weight = 1.5",
                "weight > n");
        select(
                "precedence",
                "n = 1 OR n = 2 AND color = 'blue'",
                "(n = 1 OR n = 2) AND color = 'blue'",
                "NOT n = 1 AND n < 3",
                "n = 1 and color = 'red' or FALSE",
                "TRUE",
                "FALSE",
                "NOT FALSE");
        select(
                "headers",
                "JMSPriority = 4",
                "JMSPriority > 4",
                "JMSType = 'even'",
                "JMSType IS NULL",
                "JMSDeliveryMode = 'PERSISTENT'",
                "JMSDeliveryMode = 'NON_PERSISTENT'",
                "JMSCorrelationID = 'c1'",
                "JMSTimestamp > 0",
                "JMSMessageID IS NOT NULL",
                "JMSXDeliveryCount IS NULL");
        select(
                "mistakes",
                "n =",
                "= 1",
                "n == 1",
                "color = \"red\"",
                "n = 1 AND",
                "(n = 1",
                "n LIKE 1",
                "n BETWEEN 1",
                "color IN ()",
                "color IN (1)",
                "NOT",
                "n IS 1",
                "color LIKE 'a' ESCAPE 'bc'",
                "1",
                "'a'",
                "n + 1",
                "",
                " ");
    }

    private void select(String what, String... selectors) {
        add("3.8 selectors: " + what, w -> {
            Session s = w.auto();
            MessageProducer p = s.createProducer(w.queue(s, "q"));
            String[] colors = {"red", "blue", "r_d", null};
            for (int i = 0; i < 4; i++) {
                TextMessage m = s.createTextMessage("m" + i);
                m.setIntProperty("n", i + 1);
                if (colors[i] != null) m.setStringProperty("color", colors[i]);
                m.setBooleanProperty("flag", i % 2 == 0);
                m.setDoubleProperty("weight", i * 0.75);
                if (i % 2 == 0) m.setJMSType("even");
                m.setJMSCorrelationID("c" + i);
                p.send(m, i == 3 ? DeliveryMode.NON_PERSISTENT : DeliveryMode.PERSISTENT, 4, 0);
            }
            for (String selector : selectors) w.noteBrowsed(s, "q", selector);
        });
    }

    private void bodies() {
        add("3.11 texts", w -> {
            Session s = w.auto();
            for (String text : new String[] {null, "", "a\nb", "é€\uD83D\uDE00", "x".repeat(70_000)})
                w.note("text", () -> {
                    String came = w.carried(s, s.createTextMessage(text)).getText();
                    return came == null ? "null" : came.length() + " " + came.equals(text);
                });
        });
        add("3.11 conversions of maps", w -> {
            Session s = w.auto();
            MapMessage map = s.createMapMessage();
            List<Object> values = new ArrayList<>(List.of(VALUES));
            Collections.addAll(values, 'c', new byte[] {1, 2}, null);
            for (int i = 0; i < values.size(); i++) map.setObject("v" + i, values.get(i));
            MapMessage m = w.carried(s, map);
            for (int i = 0; i < values.size(); i++) {
                String v = "v" + i;
                w.note(v + " as boolean", () -> m.getBoolean(v));
                w.note(v + " as byte", () -> m.getByte(v));
                w.note(v + " as short", () -> m.getShort(v));
                w.note(v + " as char", () -> m.getChar(v));
                w.note(v + " as int", () -> m.getInt(v));
                w.note(v + " as long", () -> m.getLong(v));
                w.note(v + " as float", () -> m.getFloat(v));
                w.note(v + " as double", () -> m.getDouble(v));
                w.note(v + " as text", () -> m.getString(v));
                w.note(v + " as bytes", () -> m.getBytes(v));
                w.note(v + " as object", () -> m.getObject(v));
            }
            w.note("absent", () -> m.getObject("x"));
            w.note("exists", () -> m.itemExists("x"));
            w.attempt("no name", () -> s.createMapMessage().setInt("", 1));
            w.attempt("null name", () -> s.createMapMessage().setInt(null, 1));
            w.attempt("a date", () -> s.createMapMessage().setObject("a", new Date(0)));
        });
        add("3.11 streams", w -> {
            Session s = w.auto();
            StreamMessage stream = s.createStreamMessage();
            stream.writeInt(5);
            stream.writeString("x");
            stream.writeString("12");
            stream.writeBytes(new byte[] {1, 2, 3});
            stream.writeChar('c');
            StreamMessage m = w.carried(s, stream);
            w.note("long", m::readLong);
            w.note("int of x", m::readInt);
            w.note("x again", m::readString);
            w.note("byte of 12", m::readByte);
            byte[] two = new byte[2];
            w.note("part", () -> m.readBytes(two));
            w.note("in the middle", m::readInt);
            w.note("second part", () -> m.readBytes(two));
            w.note("int of c", m::readInt);
            w.note("c", m::readChar);
            w.note("end", m::readInt);
            m.reset();
            w.note("again", m::readObject);
        });
        add("3.11 fields of bytes in streams", w -> {
            Session s = w.auto();
            StreamMessage stream = s.createStreamMessage();
            stream.writeObject(null);
            stream.writeBytes(new byte[0]);
            stream.writeBytes(new byte[] {1, 2, 3});
            StreamMessage m = w.carried(s, stream);
            byte[] two = new byte[2];
            w.note("null", () -> m.readBytes(two));
            m.reset();
            m.readObject();
            w.note("empty", () -> m.readBytes(two));
            m.reset();
            m.readObject();
            m.readObject();
            w.note("a part", () -> m.readBytes(two));
            m.reset();
            w.note("reset in the middle", m::readObject);
        });
        add("3.11 bytes", w -> {
            Session s = w.auto();
            BytesMessage bytes = s.createBytesMessage();
            bytes.writeBoolean(true);
            bytes.writeShort((short) -2);
            bytes.writeUTF("é");
            bytes.writeObject(7L);
            w.note("length of a new one", bytes::getBodyLength);
            w.note("read of a new one", bytes::readByte);
            BytesMessage m = w.carried(s, bytes);
            w.note("length", m::getBodyLength);
            w.note("boolean", m::readBoolean);
            w.note("unsigned", m::readUnsignedShort);
            w.note("utf", m::readUTF);
            w.note("int", m::readInt);
            w.note("too long", m::readLong);
            w.note("what is left", () -> m.readBytes(new byte[9]));
            w.note("end", () -> m.readBytes(new byte[9]));
            w.note("byte at the end", m::readByte);
            w.attempt("an object", () -> s.createBytesMessage().writeObject(new Date(0)));
            w.attempt("null", () -> s.createBytesMessage().writeObject(null));
        });
        add("3.11 objects", w -> {
            Session s = w.auto();
            ArrayList<String> list = new ArrayList<>(List.of("a"));
            ObjectMessage m = s.createObjectMessage(list);
            list.add("b");
            w.note("a copy at the set", m::getObject);
            w.note("came", () -> w.carried(s, m).getObject());
            w.note("null", () -> w.carried(s, s.createObjectMessage()).getObject());
            w.note("a body", () -> w.carried(s, m).getBody(List.class));
        });
        add("3.11 bodies by class", w -> {
            Session s = w.auto();
            Message[] kinds = {
                s.createMessage(),
                s.createTextMessage("t"),
                s.createObjectMessage("o"),
                s.createMapMessage(),
                s.createBytesMessage(),
                s.createStreamMessage(),
                s.createTextMessage()
            };
            ((MapMessage) kinds[3]).setInt("a", 1);
            ((BytesMessage) kinds[4]).writeByte((byte) 1);
            for (Message kind : kinds) {
                Message m = w.carried(s, kind);
                for (Class<?> type : new Class<?>[] {
                    String.class, Map.class, byte[].class, Object.class, Integer.class, CharSequence.class
                }) {
                    w.note("is a " + type.getSimpleName(), () -> m.isBodyAssignableTo(type));
                    w.note("as a " + type.getSimpleName(), () -> m.getBody(type));
                }
            }
        });
        add("3.11 received ones are read-only", w -> {
            Session s = w.auto();
            TextMessage m = w.carried(s, s.createTextMessage("a"));
            w.attempt("set", () -> m.setText("b"));
            m.clearBody();
            w.note("cleared", m::getText);
            w.attempt("set again", () -> m.setText("b"));
            w.note("sent on", () -> w.carried(s, m));
            MapMessage map = w.carried(s, s.createMapMessage());
            w.attempt("put", () -> map.setInt("a", 1));
            BytesMessage bytes = w.carried(s, s.createBytesMessage());
            w.attempt("write", () -> bytes.writeByte((byte) 1));
            bytes.clearBody();
            w.attempt("write again", () -> bytes.writeByte((byte) 1));
            w.note("read", bytes::readByte);
            bytes.reset();
            w.note("read after reset", bytes::readByte);
        });
        add("3.9 a sent message may be changed", w -> {
            Session s = w.auto();
            MessageProducer p = s.createProducer(w.queue(s, "q"));
            TextMessage m = s.createTextMessage("first");
            p.send(m);
            m.setText("second");
            m.setIntProperty("a", 1);
            p.send(m);
            w.noteRest("q");
        });
    }

    private void connections() {
        add("6.1.2 client ids", w -> {
            Connection one = w.unused();
            w.note("none", one::getClientID);
            w.attempt("after a use", () -> one.setClientID(w.name("a")));
            Connection two = w.unused();
            w.attempt("first", () -> two.setClientID(w.name("a")));
            w.note("is", two::getClientID);
            w.attempt("twice", () -> two.setClientID(w.name("b")));
            Connection three = w.unused();
            w.attempt("in use", () -> three.setClientID(w.name("a")));
            two.close();
            w.attempt("free again", () -> w.unused().setClientID(w.name("a")));
            w.attempt("null", () -> w.unused().setClientID(null));
            w.attempt("empty", () -> w.unused().setClientID(""));
        });
        add("6.1.4 start and stop", w -> {
            Connection c = w.unused();
            Session s = c.createSession();
            MessageConsumer consumer = s.createConsumer(w.queue(s, "q"));
            w.send(s, w.queue(s, "q"), "a", "b");
            w.noteNone(consumer);
            c.start();
            w.noteNext(consumer);
            c.stop();
            w.noteNone(consumer);
            c.stop();
            c.start();
            c.start();
            w.noteNext(consumer);
        });
        add("6.1.5 closed connection", w -> {
            Connection c = w.connection();
            Session s = c.createSession();
            MessageConsumer consumer = s.createConsumer(w.queue(s, "q"));
            MessageProducer producer = s.createProducer(w.queue(s, "q"));
            TextMessage m = s.createTextMessage("x");
            c.close();
            w.attempt("close", c::close);
            w.attempt("start", c::start);
            w.attempt("stop", c::stop);
            w.attempt("session", c::createSession);
            w.attempt("client id", c::getClientID);
            w.attempt("message", s::createMessage);
            w.attempt("receive", consumer::receiveNoWait);
            w.attempt("send", () -> producer.send(m));
            w.attempt("close session", s::close);
            w.note("text", m::getText);
        });
        add("6.2.2 temporary queues", w -> {
            Connection c = w.connection();
            Session s = c.createSession();
            Session other = w.auto();
            TemporaryQueue t = s.createTemporaryQueue();
            w.attempt("consumer of another connection", () -> other.createConsumer(t));
            w.attempt("send of another connection", () -> w.send(other, t, "x"));
            MessageConsumer consumer = s.createConsumer(t);
            w.noteNext(consumer);
            w.attempt("delete in use", t::delete);
            consumer.close();
            w.attempt("delete", t::delete);
            w.attempt("send after delete", () -> w.send(s, t, "y"));
            w.note("two names", () -> s.createTemporaryQueue().getQueueName().equals(t.getQueueName()));
        });
    }

    private void sessions() {
        add("6.2.7 a commit sends", w -> {
            Session t = w.connection().createSession(SESSION_TRANSACTED);
            w.send(t, w.queue(t, "q"), "a", "b");
            w.noteRest("q");
            t.commit();
            w.send(t, w.queue(t, "q"), "c");
            t.rollback();
            w.noteRest("q");
        });
        add("6.2.7 a rollback delivers again", w -> {
            w.send("q", "a", "b", "c");
            Session t = w.connection().createSession(SESSION_TRANSACTED);
            MessageConsumer consumer = t.createConsumer(w.queue(t, "q"));
            w.noteNext(consumer);
            t.commit();
            w.noteNext(consumer);
            t.rollback();
            w.noteNext(consumer);
            w.noteNext(consumer);
            t.rollback();
            w.noteNext(consumer);
            w.noteNext(consumer);
            w.noteNone(consumer);
            t.commit();
            w.noteNone(consumer);
        });
        add("6.2.7 a closed session is rolled back", w -> {
            w.send("q", "a");
            Session t = w.connection().createSession(SESSION_TRANSACTED);
            w.noteNext(t.createConsumer(w.queue(t, "q")));
            w.send(t, w.queue(t, "q"), "b");
            t.close();
            w.noteRest("q");
        });
        add("6.2.7 several queues in a transaction", w -> {
            w.send("in", "a", "b");
            Session t = w.connection().createSession(SESSION_TRANSACTED);
            MessageConsumer in = t.createConsumer(w.queue(t, "in"));
            for (int i = 0; i < 2; i++) {
                w.noteNext(in);
                w.send(t, w.queue(t, "out"), "result " + i);
                if (i == 0) t.commit();
                else t.rollback();
            }
            t.close();
            w.noteRest("in");
            w.noteRest("out");
        });
        add("6.2.10 calls of other modes", w -> {
            Connection c = w.connection();
            Session auto = c.createSession();
            Session transacted = c.createSession(SESSION_TRANSACTED);
            w.attempt("commit", auto::commit);
            w.attempt("rollback", auto::rollback);
            w.attempt("recover", auto::recover);
            w.attempt("recover a transacted one", transacted::recover);
            for (int mode : new int[] {-1, 0, 1, 2, 3, 4, 99}) w.attempt("mode " + mode, () -> c.createSession(mode));
            w.note("transacted, 2", () -> c.createSession(true, 2).getAcknowledgeMode());
            w.note("not transacted, 0", () -> c.createSession(false, 0).getAcknowledgeMode());
            w.note("is transacted", transacted::getTransacted);
        });
        add("6.2.10 one acknowledges all", w -> {
            w.send("q", "a", "b", "c");
            Session s = w.connection().createSession(CLIENT_ACKNOWLEDGE);
            MessageConsumer consumer = s.createConsumer(w.queue(s, "q"));
            Message first = w.next(consumer);
            w.noteNext(consumer);
            w.attempt("acknowledge", first::acknowledge);
            w.noteNext(consumer);
            s.close();
            w.attempt("acknowledge, closed", first::acknowledge);
            w.noteRest("q");
        });
        add("6.2.11 recover", w -> {
            w.send("q", "a", "b", "c");
            Session s = w.connection().createSession(CLIENT_ACKNOWLEDGE);
            MessageConsumer consumer = s.createConsumer(w.queue(s, "q"));
            w.noteNext(consumer);
            w.noteNext(consumer);
            s.recover();
            w.noteNext(consumer);
            w.noteNext(consumer);
            w.noteNext(consumer);
            s.recover();
            w.noteNext(consumer);
            consumer.close();
            s.close();
            w.noteRest("q");
        });
        add("6.2.10 lazily", w -> {
            w.send("q", "a", "b", "c");
            Session s = w.connection().createSession(DUPS_OK_ACKNOWLEDGE);
            MessageConsumer consumer = s.createConsumer(w.queue(s, "q"));
            w.noteNext(consumer);
            w.noteNext(consumer);
            w.noteNext(consumer);
            w.noteNone(consumer);
            s.close();
            w.noteRest("q");
        });
        add("6.2 names of destinations", w -> {
            Session s = w.auto();
            w.attempt("null queue", () -> s.createQueue(null));
            w.attempt("empty queue", () -> s.createQueue(""));
            w.attempt("null topic", () -> s.createTopic(null));
            w.attempt("consumer of null", () -> s.createConsumer(null));
            w.attempt("browser of null", () -> s.createBrowser(null));
            w.attempt("producer of null", () -> s.createProducer(null));
            w.attempt("subscriber of null", () -> s.createDurableConsumer(null, "x"));
            w.note("equal", () -> s.createQueue("a").equals(s.createQueue("a")));
            w.note("a queue and a topic", () -> s.createQueue("a").equals(s.createTopic("a")));
        });
    }

    private void producers() {
        add("7.2 destinations", w -> {
            Session s = w.auto();
            MessageProducer any = s.createProducer(null);
            MessageProducer one = s.createProducer(w.queue(s, "q"));
            Message m = s.createTextMessage("x");
            w.attempt("no destination", () -> any.send(m));
            w.attempt("null destination", () -> any.send(null, m));
            w.attempt("another destination", () -> one.send(w.queue(s, "p"), m));
            w.attempt("the same destination", () -> one.send(w.queue(s, "q"), m));
            w.attempt("null message", () -> one.send(null));
            w.attempt("right", () -> any.send(w.queue(s, "q"), m));
            w.noteRest("q");
        });
        add("7.6 priorities", w -> {
            Session s = w.auto();
            MessageProducer p = s.createProducer(w.queue(s, "q"));
            for (int priority : new int[] {4, 0, 9, 5, 4, 9})
                p.send(s.createTextMessage("p" + priority), DeliveryMode.PERSISTENT, priority, 0);
            w.noteRest("q");
        });
        add("7.6 a priority after a rollback", w -> {
            Session t = w.connection().createSession(SESSION_TRANSACTED);
            MessageConsumer consumer = t.createConsumer(w.queue(t, "q"));
            w.send("q", "a");
            w.noteNext(consumer);
            t.rollback();
            Session s = w.auto();
            MessageProducer p = s.createProducer(w.queue(s, "q"));
            p.send(s.createTextMessage("urgent"), DeliveryMode.PERSISTENT, 9, 0);
            w.noteNext(consumer);
            w.noteNext(consumer);
            t.commit();
        });
        add("7.8 time to live", w -> {
            Session s = w.auto();
            MessageProducer p = s.createProducer(w.queue(s, "q"));
            p.send(s.createTextMessage("short"), DeliveryMode.PERSISTENT, 4, SOON);
            p.send(s.createTextMessage("long"), DeliveryMode.PERSISTENT, 4, 100_000);
            p.setTimeToLive(SOON);
            p.send(s.createTextMessage("set"));
            Thread.sleep(2 * SOON);
            w.noteRest("q");
        });
        add("7.9 delivery delay", w -> {
            Session s = w.auto();
            MessageProducer p = s.createProducer(w.queue(s, "q"));
            p.setDeliveryDelay(500);
            p.send(s.createTextMessage("late"));
            p.setDeliveryDelay(0);
            p.send(s.createTextMessage("at once"));
            MessageConsumer consumer = s.createConsumer(w.queue(s, "q"));
            w.noteNext(consumer);
            w.noteNone(consumer);
            w.noteNext(consumer);
        });
        add("7 values that are refused", w -> {
            Session s = w.auto();
            MessageProducer p = s.createProducer(w.queue(s, "q"));
            for (int priority : new int[] {-1, 10}) w.attempt("priority " + priority, () -> p.setPriority(priority));
            for (int mode : new int[] {0, 3}) w.attempt("mode " + mode, () -> p.setDeliveryMode(mode));
            w.attempt("ttl", () -> p.setTimeToLive(-1));
            w.attempt("send with priority", () -> p.send(s.createMessage(), 2, 10, 0));
            w.attempt("send with mode", () -> p.send(s.createMessage(), 3, 4, 0));
            w.note(
                    "defaults",
                    () -> p.getPriority() + " " + p.getDeliveryMode() + " " + p.getTimeToLive() + " "
                            + p.getDeliveryDelay() + " " + p.getDisableMessageID());
            p.close();
            p.close();
            w.attempt("closed", p::getPriority);
        });
    }

    private void consumers() {
        add("8.2 selected from a queue", w -> {
            Session s = w.auto();
            MessageConsumer consumer = s.createConsumer(w.queue(s, "q"), "n > 1");
            w.note("selector", consumer::getMessageSelector);
            MessageProducer p = s.createProducer(w.queue(s, "q"));
            for (int i = 0; i < 4; i++) {
                TextMessage m = s.createTextMessage("m" + i);
                m.setIntProperty("n", i);
                p.send(m);
            }
            w.noteNext(consumer);
            w.noteNext(consumer);
            w.noteNone(consumer);
            consumer.close();
            w.attempt("closed", consumer::receiveNoWait);
            w.noteRest("q");
        });
        add("8.5 receive and listen", w -> {
            Session s = w.auto();
            MessageConsumer one = s.createConsumer(w.queue(s, "q"));
            MessageConsumer two = s.createConsumer(w.queue(s, "p"));
            w.note("no listener", one::getMessageListener);
            one.setMessageListener(m -> {});
            w.attempt("receive of the same", one::receiveNoWait);
            w.attempt("receive of another", two::receiveNoWait);
            one.setMessageListener(null);
            w.attempt("receive after it", one::receiveNoWait);
        });
        add("8.9 browsers", w -> {
            w.send("q", "a", "b", "c");
            Session s = w.auto();
            w.noteBrowsed(s, "q", null);
            w.noteBrowsed(s, "q", null);
            w.noteBrowsed(s, "empty", null);
            w.noteRest("q");
            w.noteBrowsed(s, "q", null);
        });
    }

    private void topics() {
        add("8.3.1 plain subscriptions", w -> {
            Session s = w.auto();
            w.send(s, w.topic(s, "t"), "before");
            MessageConsumer one = s.createConsumer(w.topic(s, "t"));
            MessageConsumer two = s.createConsumer(w.topic(s, "t"), "JMSPriority > 4");
            w.send(s, w.topic(s, "t"), "a", "b");
            w.noteNext(one);
            w.noteNext(one);
            w.noteNone(one);
            w.noteNone(two);
            one.close();
            w.send(s, w.topic(s, "t"), "c");
            w.noteNone(s.createConsumer(w.topic(s, "t")));
        });
        add("6.2.7 a subscription made before the commit", w -> {
            Connection c = w.connection();
            Session t = c.createSession(SESSION_TRANSACTED);
            w.send(t, w.topic(t, "t"), "a");
            t.createConsumer(w.queue(t, "q")).close(); // a broker has the message now
            Session s = c.createSession();
            MessageConsumer one = s.createConsumer(w.topic(s, "t"));
            t.commit();
            w.noteNone(one);
            w.noteNone(one);
        });
        add("8.3.1 no local ones", w -> {
            Connection c = w.named("a");
            Session s = c.createSession();
            MessageConsumer one = s.createConsumer(w.topic(s, "t"), null, true);
            w.send(c.createSession(), w.topic(s, "t"), "own");
            Session other = w.auto();
            w.send(other, w.topic(other, "t"), "foreign");
            w.noteNext(one);
            w.noteNone(one);
        });
        add("8.3.3 durable subscriptions", w -> {
            Connection c = w.named("a");
            Session s = c.createSession();
            Topic t = w.topic(s, "t");
            MessageConsumer d = s.createDurableConsumer(t, w.name("d"));
            w.attempt("twice", () -> s.createDurableConsumer(t, w.name("d")));
            w.send(s, t, "a", "b");
            w.noteNext(d);
            d.close();
            w.send(s, t, "c");
            c.close();
            Session again = w.named("a").createSession();
            MessageConsumer e = again.createDurableConsumer(w.topic(again, "t"), w.name("d"));
            w.note("rest", () -> World.rest(e));
            w.attempt("unsubscribe in use", () -> again.unsubscribe(w.name("d")));
            e.close();
            w.attempt("unsubscribe", () -> again.unsubscribe(w.name("d")));
            w.attempt("unsubscribe twice", () -> again.unsubscribe(w.name("d")));
            w.attempt("without client id", () -> {
                Session none = w.auto();
                none.createDurableConsumer(w.topic(none, "t"), w.name("d"));
            });
        });
        add("8.3.3 another selector, another subscription", w -> {
            Session s = w.named("a").createSession();
            Topic t = w.topic(s, "t");
            s.createDurableConsumer(t, w.name("d")).close();
            w.send(s, t, "a");
            MessageConsumer d = s.createDurableConsumer(t, w.name("d"), "JMSPriority = 4", false);
            w.noteNone(d);
            w.send(s, t, "b");
            w.noteNext(d);
            d.close();
            MessageConsumer e = s.createDurableConsumer(w.topic(s, "u"), w.name("d"));
            w.send(s, t, "c");
            w.noteNone(e);
        });
        add("8.3.2 shared subscriptions", w -> {
            Session s = w.auto();
            Topic t = w.topic(s, "t");
            MessageConsumer one = s.createSharedConsumer(t, w.name("s"));
            w.send(s, t, "a", "b");
            w.noteNext(one);
            w.noteNext(one);
            MessageConsumer two = w.auto().createSharedConsumer(t, w.name("s"));
            w.attempt("another selector", () -> s.createSharedConsumer(t, w.name("s"), "TRUE"));
            w.attempt("another topic", () -> s.createSharedConsumer(w.topic(s, "u"), w.name("s")));
            one.close();
            w.send(s, t, "c");
            w.noteNext(two);
            two.close();
            w.send(s, t, "d");
            w.noteNone(s.createSharedConsumer(t, w.name("s")));
            w.attempt("no name", () -> s.createSharedConsumer(t, null));
            w.attempt("empty name", () -> s.createSharedConsumer(t, ""));
        });
        add("8.3.4 shared durable subscriptions", w -> {
            Session s = w.auto();
            Topic t = w.topic(s, "t");
            MessageConsumer one = s.createSharedDurableConsumer(t, w.name("s"));
            w.send(s, t, "a", "b");
            w.noteNext(one);
            one.close();
            w.send(s, t, "c");
            MessageConsumer two = s.createSharedDurableConsumer(t, w.name("s"));
            w.note("rest", () -> World.rest(two));
            two.close();
            w.attempt("unsubscribe", () -> s.unsubscribe(w.name("s")));
            Session named = w.named("a").createSession();
            MessageConsumer d = named.createDurableConsumer(w.topic(named, "t"), w.name("x"));
            w.attempt(
                    "the name of an unshared one",
                    () -> named.createSharedDurableConsumer(w.topic(named, "t"), w.name("x")));
            d.close();
        });
        add("6.2.7 topics in transactions", w -> {
            Connection c = w.connection();
            Session t = c.createSession(SESSION_TRANSACTED);
            MessageConsumer one = t.createConsumer(w.topic(t, "t"));
            MessageConsumer two = c.createSession().createConsumer(w.topic(t, "t"));
            w.send(t, w.topic(t, "t"), "a");
            w.noteNone(two);
            t.commit();
            w.noteNext(two);
            w.noteNext(one);
            t.rollback();
            w.noteNext(one);
            t.commit();
            w.noteNone(one);
            w.noteNone(two);
        });
    }

    private void contexts() {
        add("2.8 a context starts by itself", w -> {
            JMSContext c = w.context(AUTO_ACKNOWLEDGE);
            Queue q = c.createQueue(w.name("q"));
            c.createProducer().send(q, "a").send(q, "b").send(q, "c");
            JMSConsumer consumer = c.createConsumer(q);
            w.note("text", () -> consumer.receiveBody(String.class, 20_000));
            c.stop();
            w.note("stopped", () -> consumer.receiveBodyNoWait(String.class));
            c.setAutoStart(false);
            c.start();
            w.note("started", () -> consumer.receiveBody(String.class, 20_000));
            w.note("mode", c::getSessionMode);
            w.note("transacted", c::getTransacted);
            c.close();
            w.attempt("closed", c::createMessage);
            w.attempt("closed start", c::start);
            w.attempt("close", c::close);
        });
        add("8.6 bodies of another class", w -> {
            JMSContext c = w.context(AUTO_ACKNOWLEDGE);
            Queue q = c.createQueue(w.name("q"));
            c.createProducer()
                    .send(q, "a")
                    .send(q, Map.of("k", 1))
                    .send(q, new byte[] {1})
                    .send(q, (String) null);
            JMSConsumer consumer = c.createConsumer(q);
            w.note("map of a text", () -> consumer.receiveBodyNoWait(Map.class));
            w.note("text after that", () -> consumer.receiveBodyNoWait(String.class));
            w.note("map", () -> consumer.receiveBodyNoWait(Map.class));
            w.note("bytes", () -> consumer.receiveBodyNoWait(byte[].class));
            w.note("no body", () -> consumer.receiveBodyNoWait(String.class));
        });
        add("7.2 what a producer of a context puts on its messages", w -> {
            JMSContext c = w.context(SESSION_TRANSACTED);
            Queue q = c.createQueue(w.name("q"));
            JMSProducer p =
                    c.createProducer().setProperty("a", 1).setProperty("b", "x").setPriority(7);
            p.setJMSType("kind").setJMSCorrelationID("c").setDeliveryMode(DeliveryMode.NON_PERSISTENT);
            TextMessage m = c.createTextMessage("m");
            m.setIntProperty("a", 5);
            m.setIntProperty("own", 6);
            p.send(q, m).send(q, "text");
            w.note("names", () -> new TreeSet<>(p.getPropertyNames()));
            p.clearProperties().send(q, "bare");
            w.attempt("bad name", () -> p.setProperty("a b", 1));
            w.attempt("bad class", () -> p.setProperty("a", new Date(0)));
            w.attempt("null destination", () -> p.send(null, "x"));
            w.attempt("bad priority", () -> p.setPriority(10));
            c.commit();
            w.noteRest("q");
        });
        add("6.2.10 a context acknowledges", w -> {
            w.send("q", "a", "b");
            JMSContext c = w.context(CLIENT_ACKNOWLEDGE);
            JMSConsumer consumer = c.createConsumer(c.createQueue(w.name("q")));
            w.note("first", () -> consumer.receive(20_000));
            c.acknowledge();
            w.note("second", () -> consumer.receive(20_000));
            c.recover();
            w.note("second again", () -> consumer.receive(20_000));
            w.attempt("commit", c::commit);
            c.close();
            w.noteRest("q");
        });
    }
}
