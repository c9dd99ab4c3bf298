package dev.belfry.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.CodecException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.api.TypedPublisher;
import dev.belfry.api.TypedSubscriber;
import dev.belfry.examples.SbeQuotes.Codec;
import dev.belfry.examples.SbeQuotes.NewQuote;
import dev.belfry.examples.SbeQuotes.Quote;
import dev.belfry.testing.OneJdk;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The codec of the example keeps the layout of SBE's standard, byte for byte. */
@Timeout(60)
@OneJdk
class SbeQuotesTest {
    private static final String BLOCK_TEMPLATE_SCHEMA_VERSION = "1400 0100 0700 0000";
    private static final String INSTRUMENT_PRICE_QUANTITY = "2a00000000000000 000000000000f43f 07000000";
    private static final String SYMBOL = "0400 41434d45";

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static void assertIsTheQuote(TypedSubscriber<Quote> in) {
        assertThat(in.poll(
                        (quote, message) -> assertThat(new NewQuote(
                                        quote.instrument(), quote.price(), quote.quantity(), quote.symbol()))
                                .isEqualTo(new NewQuote(42, 1.25, 7, "ACME")),
                        1))
                .isOne();
    }

    @Test
    void shouldWriteTheBytesOfTheStandardAndReadThoseOfANewerVersion() {
        try (MessageQueue queue = MessageQueues.open("mem:sbe-test?deleteOnLastClose=true");
                TypedPublisher<Quote> out = queue.createPublisher(new Codec());
                Publisher others = queue.createPublisher();
                Subscriber bytes = queue.createSubscriber();
                TypedSubscriber<Quote> in = queue.createSubscriber(new Codec())) {
            out.publish(new NewQuote(42, 1.25, 7, "ACME"));
            assertThat(bytes.receive().bytes())
                    .isEqualTo(bytes(BLOCK_TEMPLATE_SCHEMA_VERSION + INSTRUMENT_PRICE_QUANTITY + SYMBOL));
            assertIsTheQuote(in);
            others.publish(bytes("1800 0100 0700 0100" + INSTRUMENT_PRICE_QUANTITY + "ffffffff" + SYMBOL));
            assertIsTheQuote(in);
            others.publish(bytes("1400 0200 0700 0000"));
            assertThatThrownBy(in::receive)
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("template 2 of schema 7, expected 1 of 7.");
        }
    }
}
