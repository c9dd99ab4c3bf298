package dev.belfry.jakarta.message;

import jakarta.jms.JMSException;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** The names that a property [3.5.1] or an entry of a map may have. */
final class Names {
    static final String DELIVERY_COUNT = "JMSXDeliveryCount";

    /** In any case; sorted for the errors. */
    static final Set<String> RESERVED =
            new TreeSet<>(Set.of("NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE"));

    private Names() {}

    static void checkProperty(String name) throws JMSException {
        if (name == null || name.isEmpty())
            throw new IllegalArgumentException("Property name is " + (name == null ? "null" : "empty")
                    + "; it must be a Java identifier. Give the property a name.");
        if (!isIdentifier(name) || isReserved(name) || isOfJms(name)) throw Problems.name(name);
    }

    static void checkEntry(String name) {
        if (name == null || name.isEmpty())
            throw new IllegalArgumentException("Name of an entry of this MapMessage is "
                    + (name == null ? "null" : "empty") + "; it must have a character. Give the entry a name.");
    }

    private static boolean isIdentifier(String name) {
        if (!Character.isJavaIdentifierStart(name.codePointAt(0))) return false;
        for (int i = 0; i < name.length(); i += Character.charCount(name.codePointAt(i)))
            if (!Character.isJavaIdentifierPart(name.codePointAt(i))) return false;
        return true;
    }

    private static boolean isOfJms(String name) {
        return name.startsWith("JMS") && !name.startsWith("JMSX") && !name.startsWith("JMS_");
    }

    /** {@code toUpperCase} makes an I of other letters, too. */
    private static boolean isReserved(String name) {
        return name.length() <= "BETWEEN".length()
                && name.chars().allMatch(c -> c < 0x80)
                && RESERVED.contains(name.toUpperCase(Locale.ROOT));
    }
}
