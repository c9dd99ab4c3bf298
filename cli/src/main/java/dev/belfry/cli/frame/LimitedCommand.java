package dev.belfry.cli.frame;

import java.lang.reflect.UndeclaredThrowableException;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Reads what may not answer: a queue whose process stands still, a machine without processor time. */
public abstract class LimitedCommand extends BelfryCommand {
    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "Fails if there is no answer for so long, such as 5s (1s at least).")
    protected String timeout;

    /** Then each reading has the limit. */
    protected boolean isEndless() {
        return false;
    }

    @Override
    public Integer call() throws Exception {
        if (isEndless()) return super.call();
        try {
            return inTime(() -> {
                try {
                    return super.call();
                } catch (RuntimeException failure) {
                    throw failure;
                } catch (Exception failure) {
                    throw new UndeclaredThrowableException(failure);
                }
            });
        } catch (UndeclaredThrowableException failed) {
            throw (Exception) failed.getCause();
        }
    }

    protected final <T> T inTime(Supplier<T> question) {
        return Opening.within(
                timeout,
                question,
                tooLate -> {},
                limit -> "no answer within " + limit + ": give a longer --timeout, or name one queue");
    }
}
