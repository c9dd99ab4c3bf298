package dev.belfry.jakarta.fold;

/**
 * The state of a message in a view: taken by a holder, or available from {@code notBefore} on.
 *
 * @param holder the member that took it; 0: it is available
 * @param count how often it was delivered before, as far as that is known
 */
public record Delivery(long holder, int count, long notBefore) {
    static final Delivery AVAILABLE = new Delivery(0, 0, 0);
    /** This very object: the view needs the message no longer. */
    static final Delivery GONE = new Delivery(0, -1, 0);

    public boolean isAvailable() {
        return holder == 0;
    }

    Delivery takenBy(long member) {
        return new Delivery(member, count, 0);
    }

    Delivery givenBack(boolean counted, long from) {
        return new Delivery(0, counted ? counted() : count, from);
    }

    Delivery redelivered() {
        return new Delivery(holder, counted(), 0);
    }

    Delivery atOnce() {
        return notBefore == 0 ? this : new Delivery(holder, count, 0);
    }

    private int counted() {
        return count == Integer.MAX_VALUE ? count : count + 1;
    }
}
