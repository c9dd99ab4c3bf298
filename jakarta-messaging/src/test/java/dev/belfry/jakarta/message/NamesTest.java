package dev.belfry.jakarta.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.testing.OneJdk;
import jakarta.jms.JMSException;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of properties [3.5.1]: what a selector can name. */
@OneJdk
class NamesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "_",
                "$",
                "a1",
                "\u00fcber",
                "JMSXGroupID",
                "JMSXGroupSeq",
                "JMSXUserID",
                "JMS_belfry_x",
                "nullable",
                "INN",
                "\u0131s",
                "\ud835\udc00",
                "class"
            })
    void shouldTakeIdentifiers(String name) throws JMSException {
        BelfryMessage m = new BelfryMessage();
        m.setIntProperty(name, 1);
        assertThat(m.getIntProperty(name)).isOne();
        assertThat(Collections.list(m.getPropertyNames())).asString().isEqualTo("[" + name + "]");
        assertThat(Messages.received(m, BelfryMessage.class).getIntProperty(name))
                .isOne();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1a",
                "a-b",
                "a.b",
                "a b",
                " ",
                "a\n",
                "NULL",
                "True",
                "false",
                "not",
                "And",
                "OR",
                "between",
                "LIKE",
                "in",
                "Is",
                "escape",
                "JMS",
                "JMSfoo",
                "JMSPriority"
            })
    void shouldRefuseOthers(String name) {
        assertThatThrownBy(() -> new BelfryMessage().setIntProperty(name, 1))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining(
                        "is a Java identifier and none of [AND, BETWEEN, ESCAPE, FALSE, IN, IS, LIKE, NOT, NULL, OR, TRUE],"
                                + " and begins with JMS only as JMSX or JMS_")
                .hasMessageNotContaining("\n");
    }

    @Test
    void shouldRefuseNoName() {
        for (String name : new String[] {null, ""})
            assertThatThrownBy(() -> new BelfryMessage().setObjectProperty(name, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must be a Java identifier");
    }

    /** It is the provider's, and of the delivery, so it is not sent on. */
    @Test
    void shouldIgnoreADeliveryCountThatIsSet() throws JMSException {
        BelfryMessage m = new BelfryMessage();
        m.setIntProperty("JMSXDeliveryCount", 7);
        assertThat(m.propertyExists("JMSXDeliveryCount")).isFalse();
        BelfryMessage received = Messages.received(m, BelfryMessage.class);
        assertThat(received.getObjectProperty("JMSXDeliveryCount")).isEqualTo(1);
        assertThat(Messages.flat(Messages.encoded(received)).property(MessageFields.bytes("JMSXDeliveryCount")))
                .isEqualTo(MessageFields.NULL);
        received.clearProperties();
        assertThat(received.propertyExists("JMSXDeliveryCount")).isFalse();
    }
}
