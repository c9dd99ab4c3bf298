package dev.belfry.jakarta.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.jakarta.soak.Journal.Event;
import dev.belfry.jakarta.soak.Journal.Kind;
import dev.belfry.testing.OneJdk;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The ledger, told of messages that are right, lost, doubled and half sent. */
@OneJdk
class LedgerTest {
    /**
     * Journals, one a line: name, mode, events; each event with its time, the kind, and for a
     * message its number, how often it was delivered, and its place if that is not 0. {@code !}:
     * killed then. What is wrong with them; empty: nothing.
     */
    private record Case(String journals, String wrong) {
        @Override
        public String toString() {
            return (wrong.isEmpty() ? "nothing is wrong with" : wrong + ":") + " " + journals.strip();
        }
    }

    private static final String SENT = "a SEND 1 SEND 1; 2 SENT 1; 3 LEFT\n";
    private static final String PAIR = "a SEND_TRANSACTED 1 SEND 1; 1 SEND 2; 2 ENDING; ";
    private static final String LAST = "z AUTO ";
    private static final String PUBLISHED = "a SEND 1 SEND 1 0 3; 2 SENT 1; 3 SEND 2 0 3; 4 SENT 2; 5 LEFT\n";
    private static final String AUDITED = LAST + "6 GOT 1 1 3; 7 GOT 2 1 3; 8 GOT 1 1 4; 9 GOT 2 1 4; 10 LEFT\n";

    static Stream<Case> cases() {
        return Stream.of(
                new Case(SENT + "b CLIENT 4 GOT 1 1; 5 ENDING; 6 ENDED; 7 LEFT", ""),
                new Case(SENT + "b CLIENT 4 GOT 1 1; 9 !\n" + LAST + "11 GOT 1 2; 12 LEFT", ""),
                new Case(SENT + "b CLIENT 4 GOT 1 1; 5 ENDING; 9 !", ""),
                new Case(SENT + "b CLIENT 4 GOT 1 1; 5 ENDING; 9 !\n" + LAST + "11 GOT 1 2; 12 LEFT", ""),
                new Case(SENT + "b DUPS_OK 4 GOT 1 1; 9 !", ""),
                new Case(
                        SENT + "b LISTENER 4 GOT 1 1; 5 RELEASING; 6 GOT 1 2; 7 ENDING; 8 CLOSING; 9 CLOSED; 10 LEFT",
                        ""),
                new Case(SENT + "b LISTENER 4 GOT 1 1; 5 CLOSING; 6 ENDING; 8 !", ""),
                new Case("a SEND 1 SEND 1; 2 !", ""),
                new Case("a SEND 1 SEND 1; 2 !\n" + LAST + "3 GOT 1 1; 4 LEFT", ""),
                new Case("a SEND 1 SEND 1; 2 REFUSED 1; 3 LEFT", ""),
                new Case(PAIR + "3 !", ""),
                new Case(PAIR + "3 !\n" + LAST + "4 GOT 1 1; 5 GOT 2 1; 6 LEFT", ""),
                new Case(PAIR + "3 UNDONE; 4 LEFT", ""),
                new Case(SENT + "b TRANSFER 4 GOT 1 1; 5 SEND 2; 6 ENDING; 7 !\n" + LAST + "8 GOT 1 2; 9 LEFT", ""),
                new Case(SENT + "b TRANSFER 4 GOT 1 1; 5 SEND 2; 6 ENDING; 7 !\n" + LAST + "8 GOT 2 1; 9 LEFT", ""),
                // Lost, doubled, held by two.
                new Case(SENT, "lost"),
                new Case(SENT + "b CLIENT 4 GOT 1 1; 9 !", "lost"),
                new Case(
                        SENT + "b CLIENT 4 GOT 1 1; 5 ENDING; 6 ENDED; 7 LEFT\n" + LAST + "8 GOT 1 2; 9 LEFT",
                        "came again"),
                new Case(
                        SENT + "b DUPS_OK 4 GOT 1 1; 5 CLOSING; 6 CLOSED; 7 LEFT\n" + LAST + "8 GOT 1 2; 9 LEFT",
                        "came again"),
                new Case(SENT + LAST + "4 GOT 1 1; 5 GOT 1 2; 6 LEFT", "came again"),
                new Case(SENT + "b CLIENT 4 GOT 1 1; 9 !\n" + LAST + "8 GOT 1 2; 10 LEFT", "while b held it"),
                new Case(
                        SENT + "b CLIENT 4 GOT 1 1; 9 !\n" + LAST + "10 GOT 1 1; 11 LEFT",
                        "for the 1. time, and before"),
                new Case(LAST + "4 GOT 1 1; 5 LEFT", "never sent"),
                new Case("a SEND 1 SEND 1; 2 REFUSED 1; 3 LEFT\n" + LAST + "4 GOT 1 1; 5 LEFT", "was seen"),
                new Case("a SEND_TRANSACTED 1 SEND 1; 2 RELEASING; 3 LEFT\n" + LAST + "4 GOT 1 1; 5 LEFT", "was seen"),
                // Half a transaction.
                new Case(PAIR + "3 !\n" + LAST + "4 GOT 1 1; 6 LEFT", "half of a transaction"),
                new Case(PAIR + "3 ENDED; 4 LEFT\n" + LAST + "5 GOT 1 1; 6 LEFT", "lost"),
                new Case(
                        SENT + "b TRANSFER 4 GOT 1 1; 5 SEND 2; 6 ENDING; 7 !\n" + LAST
                                + "8 GOT 1 2; 9 GOT 2 1; 10 LEFT",
                        "half of a transaction"),
                new Case(SENT + "b TRANSFER 4 GOT 1 1; 5 SEND 2; 6 ENDING; 7 !", "half of a transaction"),
                new Case(
                        SENT + "b TRANSFER 4 GOT 1 1; 5 SEND 2; 7 !\n" + LAST + "8 GOT 1 2; 9 GOT 2 1; 10 LEFT",
                        "was seen"),
                new Case("a SEND 1 SEND 1; 2 SENT 1", "ended by itself"));
    }

    /** Of a topic. */
    static Stream<Case> published() {
        String plain = PUBLISHED + AUDITED + "c SEND_TRANSACTED ";
        return Stream.of(
                new Case(PUBLISHED + AUDITED, ""),
                new Case(
                        PUBLISHED + LAST + "6 GOT 1 1 3; 7 GOT 2 1 3; 8 GOT 1 1 4; 9 LEFT",
                        "'shared durable' was lost"),
                new Case(PUBLISHED + LAST + "6 GOT 2 1 3; 7 GOT 1 1 3; 8 LEFT", "after message 0.2"),
                new Case("a SEND_TRANSACTED 1 SEND 1 0 3; 2 ENDING; 3 !\n" + LAST + "4 GOT 1 1 3; 5 LEFT", "half of"),
                new Case(plain + "0 SUBSCRIBED; 6 GOT 1 1 6; 7 GOT 2 1 6; 8 LEFT", ""),
                new Case(plain + "0 SUBSCRIBED; 6 GOT 1 1 6; 7 !", ""),
                new Case(plain + "0 SUBSCRIBED; 6 GOT 1 1 6; 7 RELEASING; 8 GOT 1 2 6; 9 LEFT", ""),
                new Case(plain + "2 SUBSCRIBED; 6 GOT 2 1 6; 7 LEFT", ""),
                new Case(plain + "0 SUBSCRIBED; 6 GOT 2 1 6; 7 LEFT", "was missed by the plain"),
                new Case(plain + "0 SUBSCRIBED; 6 GOT 1 1 6; 7 GOT 1 1 6; 8 LEFT", "and before for the 1."),
                new Case(plain + "0 SUBSCRIBED; 6 GOT 1 2 6; 7 LEFT", "and never before"),
                new Case(plain + "0 SUBSCRIBED; 6 GOT 2 1 6; 7 GOT 1 1 6; 8 LEFT", "after message 0.2"),
                new Case(plain + "0 SUBSCRIBED; 6 GOT 3 1 6; 7 LEFT", "never sent"),
                new Case(
                        "a SEND 1 SEND 1 0 3; 2 REFUSED 1; 3 LEFT\nc SEND 0 SUBSCRIBED; 4 GOT 1 1 6; 5 LEFT",
                        "rolled back or refused"));
    }

    @ParameterizedTest
    @MethodSource({"cases", "published"})
    void shouldFindWhatIsWrong(Case one) {
        Ledger ledger = new Ledger(Mode.SHARED);
        one.journals.lines().forEach(line -> add(line, ledger));
        List<String> violations = ledger.check();
        if (one.wrong.isEmpty()) assertThat(violations).isEmpty();
        else assertThat(violations).anyMatch(v -> v.contains(one.wrong));
    }

    /** Of a queue whose messages may vanish, but not more than processes that died in receive. */
    @ParameterizedTest
    @MethodSource("vanished")
    void shouldCountWhatMayVanish(int messages, int deaths, int violations) {
        Ledger ledger = new Ledger(Mode.SHARED);
        List<Event> sends = new ArrayList<>(List.of(new Event(Kind.SESSION, Mode.SEND.ordinal(), 0, 0)));
        for (int i = 1; i <= messages; i++) {
            sends.add(new Event(Kind.SEND, Mode.VANISHING, i, i));
            sends.add(new Event(Kind.SENT, Mode.VANISHING, i, i));
        }
        sends.add(new Event(Kind.LEFT, 0, 0, 99));
        ledger.add("a", Long.MAX_VALUE, sends);
        for (int i = 0; i < deaths; i++)
            ledger.add(
                    "b" + i,
                    100,
                    List.of(new Event(Kind.SESSION, Mode.AUTO.ordinal(), 0, 0), new Event(Kind.RECEIVING, 0, 0, 50)));
        assertThat(ledger.check()).hasSize(violations);
    }

    static Stream<Arguments> vanished() {
        return Stream.of(new int[] {2, 2, 0}, new int[] {2, 1, 1}, new int[] {0, 3, 0})
                .map(n -> Arguments.of(n[0], n[1], n[2]));
    }

    private static void add(String line, Ledger ledger) {
        String[] words = line.split(" ", 3);
        List<Event> events = new ArrayList<>(
                List.of(new Event(Kind.SESSION, Mode.valueOf(words[1]).ordinal(), 0, 0)));
        long died = Long.MAX_VALUE;
        for (String text : words[2].split("; *")) {
            String[] event = text.split(" ");
            long at = Long.parseLong(event[0]);
            if (event[1].equals("!")) died = at;
            else {
                int count = event.length > 3 ? Integer.parseInt(event[3]) : 0;
                int place = event.length > 4 ? Integer.parseInt(event[4]) : 0;
                long id = event.length > 2 ? Long.parseLong(event[2]) : 0;
                events.add(new Event(Kind.valueOf(event[1]), count << 8 | place, id, at));
            }
        }
        ledger.add(words[0], died, events);
    }
}
