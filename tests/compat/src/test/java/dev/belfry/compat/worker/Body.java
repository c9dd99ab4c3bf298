package dev.belfry.compat.worker;

/** Bodies that follow from their first word: a reader sees whether one is whole. */
final class Body {
    private static final int MOST = 700;

    private Body() {}

    static String of(String id) {
        int hash = id.hashCode() * 0x9E3779B9 >>> 1;
        StringBuilder body = new StringBuilder(id).append(' ');
        for (int i = hash % MOST; i > 0; i--) body.append((char) ('a' + (hash + i * 7) % 26));
        return body.toString();
    }

    /** Its first word; throws if the others do not follow from it. */
    static String id(String body) {
        String id = body.substring(0, Math.max(0, body.indexOf(' ')));
        if (!body.equals(of(id))) throw new IllegalStateException("torn: " + body);
        return id;
    }
}
