package dev.belfry.jakarta.message;

import dev.belfry.jakarta.text.Text;

/**
 * One message as a selector reads it: it finds a field, then reads the value found, and no object
 * is made for it. One thread at a time.
 *
 * <pre>
 *   kind                what bits() is
 *   NULL                nothing: the field is absent, or present without a value
 *   BOOLEAN             0 or 1
 *   BYTE SHORT INT LONG the number
 *   FLOAT, DOUBLE       Float.floatToRawIntBits, Double.doubleToRawLongBits
 *   STRING              nothing: the text is at array(), offset(), length(), encoded by bytes(text)
 * </pre>
 */
public interface MessageFields {
    byte NULL = 0;
    byte BOOLEAN = 1;
    byte BYTE = 2;
    byte SHORT = 3;
    byte INT = 4;
    byte LONG = 5;
    byte FLOAT = 6;
    byte DOUBLE = 7;
    byte STRING = 8;

    /** The header fields that a selector may name. */
    enum Header {
        JMSDeliveryMode,
        JMSPriority,
        JMSMessageID,
        JMSTimestamp,
        JMSCorrelationID,
        JMSType
    }

    /** The kind of this header field. The delivery mode is the STRING PERSISTENT or NON_PERSISTENT. */
    byte header(Header header);

    /** The kind of the property with this name, which {@link #bytes} encoded. */
    byte property(byte[] name);

    long bits();

    byte[] array();

    int offset();

    int length();

    /** UTF-8, and three bytes for an unpaired surrogate: so two strings are equal if and only if their bytes are. */
    static byte[] bytes(String text) {
        return Text.bytes(text);
    }
}
