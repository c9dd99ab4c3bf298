package dev.belfry.jakarta.soak;

import jakarta.jms.Session;

/** What a process of a soak does in a session. */
enum Mode {
    /** Sends, each message at once. */
    SEND(Session.AUTO_ACKNOWLEDGE, true),
    /** Sends in transactions, to two queues and more. */
    SEND_TRANSACTED(Session.SESSION_TRANSACTED, true),
    /** Receives; each message is acknowledged before its receiver has it. */
    AUTO(Session.AUTO_ACKNOWLEDGE, false),
    /** Has a listener; each message is acknowledged when that returns. */
    LISTENER(Session.AUTO_ACKNOWLEDGE, false),
    CLIENT(Session.CLIENT_ACKNOWLEDGE, false),
    DUPS_OK(Session.DUPS_OK_ACKNOWLEDGE, false),
    /** Receives from two queues and sends to two queues in each transaction. */
    TRANSFER(Session.SESSION_TRANSACTED, true);

    /** Where messages come from: queues, and subscriptions of the topic. */
    static final String[] PLACES = {"p", "q", "a", "durable", "shared durable", "shared", "plain"};

    static final int QUEUES = 3;
    /**
     * Its messages may vanish with a process that dies in {@code receive}: acknowledged, and
     * nobody has it. So what must not vanish goes to the other two.
     */
    static final int VANISHING = 2;

    /** Where a message goes that is for each subscription of the topic, the first of which this is. */
    static final int TOPIC = 3;

    /** Of one consumer at a time: it gets what each sends in that order. */
    static final int DURABLE = 3;

    static final int SHARED_DURABLE = 4;
    /** Not durable: it lasts where the soak itself has a consumer of it. */
    static final int SHARED = 5;
    /** Each is of one consumer, and ends with it. */
    static final int PLAIN = 6;

    final int acknowledges;
    final boolean sends;

    Mode(int acknowledges, boolean sends) {
        this.acknowledges = acknowledges;
        this.sends = sends;
    }

    boolean receives() {
        return this != SEND && this != SEND_TRANSACTED;
    }
}
