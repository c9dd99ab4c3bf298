package dev.belfry.shm;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.simple.SimpleServiceProvider;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * The backend of SLF4J in these tests: prints as slf4j-simple does, unless it is {@link Quiet}; and
 * tells each line of the library, of any level, to those that listen, in the thread that logs it.
 */
public final class TestLog implements SLF4JServiceProvider {
    private static final List<Consumer<String>> LISTENERS = new CopyOnWriteArrayList<>();
    static final AtomicInteger SILENCED = new AtomicInteger();

    private final SimpleServiceProvider simple = new SimpleServiceProvider();

    public static void listen(Consumer<String> listener) {
        LISTENERS.add(listener);
    }

    public static void forget(Consumer<String> listener) {
        LISTENERS.remove(listener);
    }

    private static final class Line extends LegacyAbstractLogger {
        private static final long serialVersionUID = 1;

        private final transient Logger printer;

        Line(String name, Logger printer) {
            this.name = name;
            this.printer = printer;
        }

        private boolean isHeard(Level level) {
            return !LISTENERS.isEmpty() || isPrinted(level);
        }

        private boolean isPrinted(Level level) {
            return SILENCED.get() == 0 && printer.isEnabledForLevel(level);
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level, Marker marker, String pattern, Object[] arguments, Throwable cause) {
            String text = MessageFormatter.basicArrayFormat(pattern, arguments);
            for (Consumer<String> listener : LISTENERS) listener.accept(level + " " + text);
            if (isPrinted(level)) printer.atLevel(level).setCause(cause).log(text);
        }

        @Override
        protected String getFullyQualifiedCallerName() {
            return null;
        }

        @Override
        public boolean isTraceEnabled() {
            return isHeard(Level.TRACE);
        }

        @Override
        public boolean isDebugEnabled() {
            return isHeard(Level.DEBUG);
        }

        @Override
        public boolean isInfoEnabled() {
            return isHeard(Level.INFO);
        }

        @Override
        public boolean isWarnEnabled() {
            return isHeard(Level.WARN);
        }

        @Override
        public boolean isErrorEnabled() {
            return isHeard(Level.ERROR);
        }
    }

    @Override
    public ILoggerFactory getLoggerFactory() {
        ILoggerFactory printers = simple.getLoggerFactory();
        return name -> {
            Logger printer = printers.getLogger(name);
            return name.startsWith("dev.belfry.") ? new Line(name, printer) : printer;
        };
    }

    @Override
    public void initialize() {
        simple.initialize();
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return simple.getMarkerFactory();
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return simple.getMDCAdapter();
    }

    @Override
    public String getRequestedApiVersion() {
        return simple.getRequestedApiVersion();
    }
}
