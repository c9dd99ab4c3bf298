package dev.belfry.jakarta.message;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.jakarta.text.Codes;
import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;

/**
 * The words of what a message refuses: subject, actual, limit, next step. Texts have names,
 * never values. They return the exception, so that the {@code throw} stays visible.
 */
final class Problems {
    private Problems() {}

    /** {@code subject}: "TextMessage". */
    static MessageNotWriteableException bodyReadOnly(String subject) {
        return new MessageNotWriteableException(
                "Body of this " + subject
                        + " is read-only, as it was received or reset; only an own or cleared one is written. Call clearBody() first.",
                Codes.READ_ONLY);
    }

    static MessageNotWriteableException propertiesReadOnly() {
        return new MessageNotWriteableException(
                "Properties of this message are read-only, as it was received;"
                        + " only own or cleared ones are set. Call clearProperties() first.",
                Codes.READ_ONLY);
    }

    static MessageNotReadableException bodyWriteOnly(String subject) {
        return new MessageNotReadableException(
                "Body of this " + subject
                        + " is write-only, as it is new or cleared; only a received or reset one is read. Call reset() first.",
                Codes.WRITE_ONLY);
    }

    static MessageEOFException end(String subject) {
        return new MessageEOFException(
                "Body of this " + subject
                        + " ends before what is to be read; there is nothing after its end. Read less, or call reset().",
                Codes.END_OF_BODY);
    }

    /** {@code of}: "Property 'price'". {@code value} only gives its class. */
    static MessageFormatException conversion(String of, Object value, String wanted) {
        return new MessageFormatException(
                of + " is a " + kind(value) + ", which is no " + wanted
                        + " by the specification's table of conversions. Read it as what it was written.",
                Codes.TYPE);
    }

    static NumberFormatException number(String of, String wanted) {
        return new NumberFormatException(of + " is a string (or null) that does not say a number; " + wanted
                + ".valueOf does not take it. Read it as a String.");
    }

    /** {@code limit}: "a property has a Boolean, a Byte, …". */
    static MessageFormatException unsupported(String of, Object value, String limit) {
        return new MessageFormatException(
                of + " cannot be a " + value.getClass().getName() + "; " + limit
                        + ". Convert it, or send it as an ObjectMessage.",
                Codes.TYPE);
    }

    static MessageFormatException body(String subject, Class<?> wanted, String limit) {
        return new MessageFormatException(
                "Body of this " + subject + " is not a " + wanted.getName() + "; it is read as " + limit
                        + ". Ask isBodyAssignableTo(…) before.",
                Codes.TYPE);
    }

    static MessageFormatException bytesUnfinished() {
        return new MessageFormatException(
                "Item of this StreamMessage is a byte[] that was read in part; the next one is"
                        + " read after its end only. Call readBytes until it returns less than its array's length, or -1.",
                Codes.TYPE);
    }

    static MessageFormatException utf(String what) {
        return new MessageFormatException(
                "BytesMessage " + what
                        + "; such a text is two bytes of length and modified UTF-8. Use readBytes or writeBytes.",
                Codes.TYPE);
    }

    static JMSException header(String field, int value, String limit) {
        return new JMSException(field + " cannot be " + value + "; " + limit + ". Set one of these.", Codes.ARGUMENT);
    }

    static JMSException name(String name) {
        return new JMSException(
                "Property name '" + name.replaceAll("\\p{IsControl}", "?")
                        + "' cannot be named by a selector; a name is a Java identifier and none of " + Names.RESERVED
                        + ", and begins with JMS only as JMSX or JMS_. Choose another one.",
                Codes.ARGUMENT);
    }

    static MessageFormatException damaged(String what) {
        return new MessageFormatException(
                "Message is damaged: " + what
                        + "; it can be read only as it was written. Look for the program that writes into the log besides Belfry.",
                Codes.DAMAGED_MESSAGE);
    }

    /** {@code what}: a clause that says what is not known. */
    static NewerMessageException newer(String what) {
        return new NewerMessageException(
                "Message is of a newer version: " + what
                        + "; this version does not know that. It stays where it is. Upgrade this program.",
                IncompatibleVersionException.CODE);
    }

    /** Without the cause's text, which may have a value of the object; the cause itself is linked. */
    static MessageFormatException object(String verb, Throwable cause, String nextStep) {
        MessageFormatException e = new MessageFormatException(
                "Object of this ObjectMessage cannot be " + verb + " ("
                        + cause.getClass().getName() + "); it must be Serializable and of a trusted class. " + nextStep,
                Codes.TYPE);
        e.initCause(cause);
        return e;
    }

    private static String kind(Object value) {
        return value instanceof byte[] ? "byte[]" : value.getClass().getSimpleName();
    }
}
