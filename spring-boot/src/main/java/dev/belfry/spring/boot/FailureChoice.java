package dev.belfry.spring.boot;

import dev.belfry.api.OnFailure;

/** Reads what becomes of a message at which a listener has thrown too often. */
final class FailureChoice {
    private FailureChoice() {}

    static OnFailure of(String text, ListenerMethod method) {
        if (text.equalsIgnoreCase("stop")) return OnFailure.stop();
        if (text.equalsIgnoreCase("skip")) return OnFailure.skip();
        if (text.startsWith("moveTo(") && text.endsWith(")")) return moveTo(text, method);
        throw new BelfryConfigurationException(
                "The listener " + method + " has the onFailure '" + text + "'.",
                "It is stop, skip, or moveTo(URI), as in moveTo(shm:failed).");
    }

    private static OnFailure moveTo(String text, ListenerMethod method) {
        try {
            return OnFailure.moveTo(text.substring("moveTo(".length(), text.length() - 1));
        } catch (IllegalArgumentException e) {
            throw new BelfryConfigurationException(
                    "The listener " + method + " has the onFailure '" + text + "': "
                            + BelfryConfigurationException.sentence(e),
                    "Give the URI of a queue, as in moveTo(shm:failed).",
                    e);
        }
    }
}
