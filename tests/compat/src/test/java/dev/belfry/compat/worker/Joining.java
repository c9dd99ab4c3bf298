package dev.belfry.compat.worker;

import dev.belfry.jakarta.BelfryConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;

/** Says whether it can be a member of a domain, or why not. */
final class Joining {
    private Joining() {}

    /** {@code args}: the domain's URI. */
    public static void main(String[] args) {
        Talk talk = Talk.begin();
        try (Connection connection = new BelfryConnectionFactory(args[0]).createConnection()) {
            talk.say("joined as " + connection.getMetaData().getProviderVersion());
        } catch (JMSException refused) {
            talk.say("refused " + refused.getErrorCode() + " " + refused.getMessage());
        }
    }
}
