package dev.belfry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.NetworkException;
import org.junit.jupiter.api.Test;

class PublishFailuresTest {
    private static final ClusterAuthorizationException REFUSAL = new ClusterAuthorizationException("no right");

    /** Which of the two a publish meets is a race with the client's own thread. */
    @Test
    void shouldFindTheRefusalOfAClientInAnErrorState() {
        assertThat(PublishFailures.refusalOr(new KafkaException("in an error state", REFUSAL)))
                .isSameAs(REFUSAL);
        assertThat(PublishFailures.refusalOr(REFUSAL)).isSameAs(REFUSAL);
    }

    @Test
    void shouldLeaveOthersAsTheyAre() {
        KafkaException other = new KafkaException("in an error state", new NetworkException("gone"));
        assertThat(PublishFailures.refusalOr(other)).isSameAs(other);
    }
}
