package dev.belfry.jakarta.message;

import jakarta.jms.MessageFormatException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;

/**
 * The classes that an ObjectMessage may bring: a pattern of JEP 290, as {@link ObjectInputFilter.Config#createFilter}
 * reads it. It is an allow list: a class of which it says nothing is refused. Whatever it says, no array may have more
 * elements than the message has bytes.
 */
public final class TrustedClasses {
    /** Is for a domain into which nobody but this user can write. */
    public static final String ALL = "*";

    /**
     * Is for all others: values and collections of the JDK. Refused is what is nested so deep, with so
     * many references, that each level multiplies the time to read it. A set of many things that have
     * one hash is read, in a time that is the square of their number.
     */
    public static final String JDK_VALUES = "java.lang.*;java.math.*;java.time.*;java.util.*;maxdepth=16";

    /** A set of sets, each in all that are above it, asks each for its hash on each way that leads to it: so many. */
    private static final double MOST_WAYS = 10_000_000;

    private final String pattern;
    private volatile ObjectInputFilter filter;

    private TrustedClasses(String pattern) {
        this.pattern = pattern;
    }

    /** Trusts those of {@code pattern}, such as {@code com.example.orders.*;java.base/*}. */
    public static TrustedClasses of(String pattern) {
        TrustedClasses trusted = new TrustedClasses(pattern);
        if (!pattern.equals(ALL) && !pattern.equals(JDK_VALUES)) trusted.filter(); // it may be wrong
        return trusted;
    }

    /** Made when it is asked for: the JDK searches the class path for a logger first. */
    private ObjectInputFilter filter() {
        ObjectInputFilter made = filter;
        if (made == null) filter = made = made(pattern);
        return made;
    }

    private static ObjectInputFilter made(String pattern) {
        try {
            return ObjectInputFilter.Config.createFilter(pattern);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "trustedClasses is '" + pattern + "'; it must be a filter pattern of Java serialisation ("
                            + e.getMessage() + "). Write com.example.*;other.Type, or * for all.",
                    e);
        }
    }

    /** Reads an object from bytes that may be anything. */
    Serializable read(byte[] serialised) throws MessageFormatException {
        Reading reading = new Reading(serialised.length);
        try (ObjectInputStream in = new Loading(new ByteArrayInputStream(serialised))) {
            reading.jvm = in.getObjectInputFilter();
            in.setObjectInputFilter(reading);
            return (Serializable) in.readObject();
        } catch (IOException | ReflectiveOperationException | RuntimeException | LinkageError | StackOverflowError e) {
            throw Problems.object(
                    reading.refused == null ? "read" : "read: " + reading.refused + " was refused",
                    e,
                    "Name its classes in trustedClasses, and have them on the class path.");
        }
    }

    /** The filter of one object. */
    private final class Reading implements ObjectInputFilter {
        private final int length;
        /** That of jdk.serialFilter, which may refuse as well; null: there is none. */
        private ObjectInputFilter jvm;
        /** The deepest nesting: most objects that refer to the deepest are read after it. */
        private long deepest;
        /** A class; null: none was. */
        private String refused;

        Reading(int length) {
            this.length = length;
        }

        @Override
        public Status checkInput(FilterInfo info) {
            deepest = Math.max(deepest, info.depth());
            Status status = check(info);
            if (status == Status.REJECTED && info.serialClass() != null)
                refused = info.serialClass().getName();
            return status;
        }

        private Status check(FilterInfo info) {
            if (info.arrayLength() > length) return Status.REJECTED;
            if (pattern.equals(JDK_VALUES) && ways(deepest - 1, info.references()) > MOST_WAYS) return Status.REJECTED;
            if (jvm != null && jvm.checkInput(info) == Status.REJECTED) return Status.REJECTED;
            Status status = filter().checkInput(info);
            if (status != Status.UNDECIDED || info.serialClass() == null) return status;
            Class<?> element = info.serialClass();
            while (element.isArray()) element = element.getComponentType();
            return element.isPrimitive() ? Status.ALLOWED : Status.REJECTED;
        }
    }

    /** At most, through things that are nested so deep: the references are as many in each that leads to the next. */
    private static double ways(long levels, long references) {
        return levels < 2 ? 1 : Math.pow((double) references / levels, levels / 2.0);
    }

    /** Loads by the thread's class loader first: that of the application in a container. */
    private static final class Loading extends ObjectInputStream {
        Loading(ByteArrayInputStream in) throws IOException {
            super(in);
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass type) throws IOException, ClassNotFoundException {
            ClassLoader loader = Thread.currentThread().getContextClassLoader();
            if (loader == null) return super.resolveClass(type);
            try {
                return Class.forName(type.getName(), false, loader);
            } catch (ClassNotFoundException e) {
                return super.resolveClass(type);
            }
        }
    }
}
