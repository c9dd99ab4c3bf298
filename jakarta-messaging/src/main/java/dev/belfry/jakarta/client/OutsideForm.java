package dev.belfry.jakarta.client;

import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.Sent;
import dev.belfry.jakarta.domain.Taken;
import dev.belfry.jakarta.message.MessageId;
import dev.belfry.spi.DomainTools.Outside;
import dev.belfry.spi.DomainTools.Source;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * The form of a message of a domain in a plain queue: its operation MESSAGE is the body, so that all of it comes back
 * as it was, but for its id and its deliveries. Properties say what it is.
 */
final class OutsideForm {
    /** As its consumers would see it; also where its sender has disabled it. */
    private static final String ID = "JMSMessageID";

    /** The queue, or the subscription. */
    private static final String PLACE = "JMS_BELFRY_Place";

    // See MessageLayout.
    private static final int DESTINATION = 8;
    private static final int SERIAL = 16;
    private static final int SENT = 24;

    private OutsideForm() {}

    static Outside of(Domain member, Taken one, Source source) {
        ByteBuffer fields = fields(one.bytes());
        String id = MessageId.text(member.shortId, one.author, fields.getLong(SERIAL));
        String place = source.name() + (source.clientId() == null ? "" : " of " + source.clientId());
        return new Outside(one.bytes(), Map.of(ID, id, PLACE, place), fields.getLong(SENT), one.count() > 0);
    }

    static boolean is(byte[] body) {
        return Domain.isMessage(body);
    }

    /** It is sent with all that it has, expiry and delivery time, too. */
    static Sent in(byte[] body, Domain member, String to) {
        long destination = Domain.queueId(to);
        byte[] operation = body.clone();
        fields(operation).putLong(DESTINATION, destination).putLong(SERIAL, member.nextSerial());
        return new Sent(destination, to, operation);
    }

    private static ByteBuffer fields(byte[] operation) {
        return ByteBuffer.wrap(operation).order(ByteOrder.LITTLE_ENDIAN);
    }
}
