package dev.belfry.spring.boot;

import dev.belfry.api.MessageQueueException;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.context.ApplicationContextException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * The text that Boot prints in place of a stack trace if the application does not start. A text of Belfry ends with
 * what to do next: that becomes the action. Only for our own beans: a program's own code tells its failures itself.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
class BelfryFailureAnalyzer implements FailureAnalyzer {
    @Override
    public FailureAnalysis analyze(Throwable failure) {
        String bean = null;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BeanCreationException creating) bean = creating.getBeanName();
            if (cause instanceof ApplicationContextException starting
                    && String.valueOf(starting.getMessage()).contains("'belfryListeners'")) bean = "belfryListeners";
            if (cause instanceof BelfryConfigurationException ours)
                return new FailureAnalysis(ours.description, ours.action, ours);
            if (cause instanceof MessageQueueException of)
                return bean != null && bean.startsWith("belfry") ? analysis(of, bean) : null;
        }
        return null;
    }

    private static FailureAnalysis analysis(MessageQueueException failure, String bean) {
        String text = String.valueOf(failure.getMessage());
        int last = text.lastIndexOf(". ", text.length() - 2);
        String description = last < 0 ? text : text.substring(0, last + 1);
        if (bean != null) description = "'" + bean + "' cannot be made: " + description;
        String more = "The page \"Operations\" of Belfry explains " + failure.code() + ".";
        return new FailureAnalysis(description, last < 0 ? more : text.substring(last + 2) + " " + more, failure);
    }
}
