package dev.belfry.api;

import dev.belfry.spi.Units;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the requests on one queue with messages on another: a subscriber whose listener returns something. Each
 * replier gets each request, so of several each may answer, and the requester takes the first answer.
 *
 * <p>An answer is published before its request is acknowledged. So if its process dies, a replier with a name answers
 * at least once, as soon as one attaches under that name. Without a name the requests under way are lost, which the
 * requester notices by its time limit.
 *
 * <p>A message that is no request is skipped, and the first such one is logged.
 * @since 0.1
 */
public final class Replier<Q, A> implements AutoCloseable {
    /** The queue of the requests whose handler runs in this thread. */
    private static final ThreadLocal<String> ANSWERED = new ThreadLocal<>();

    private static final Logger LOG = LoggerFactory.getLogger(Replier.class);
    private static final String NEXT = "onFailure decides what becomes of it; correct the codec.";

    private final Subscriber in;
    private final Publisher out;
    private final Decoding<Q> decoding;
    private final Encoding<A> encoding;
    private final ReplyHandler<? super Q, ? extends A> handler;
    private volatile Thread answering; // null: none
    private volatile boolean closedInside;
    private boolean warned; // of the listener's thread: a message was no request

    private Replier(
            Subscriber in,
            Publisher out,
            Decoding<Q> decoding,
            Encoding<A> encoding,
            ReplyHandler<? super Q, ? extends A> handler) {
        this.in = in;
        this.out = out;
        this.decoding = decoding;
        this.encoding = encoding;
        this.handler = handler;
    }

    /** Answers by a publisher that waits for room for ever. */
    public static <Q, A> Replier<Q, A> of(
            MessageQueue requests,
            Codec<Q> questions,
            SubscriberOptions in,
            MessageQueue answers,
            Codec<A> codec,
            ReplyHandler<? super Q, ? extends A> handler) {
        return of(requests, questions, in, answers, codec, PublisherOptions.defaults(), handler);
    }

    /**
     * Begins at once. The options {@code in} apply as for a listener: its name, its thread, and what happens
     * when the handler throws. An answer that is too large for its queue, or finds it full until the timeout of {@code
     * out} has passed, counts as such a failure. So a replier for strangers has {@link OnFailure#skip}.
     */
    public static <Q, A> Replier<Q, A> of(
            MessageQueue requests,
            Codec<Q> questions,
            SubscriberOptions in,
            MessageQueue answers,
            Codec<A> codec,
            PublisherOptions out,
            ReplyHandler<? super Q, ? extends A> handler) {
        Objects.requireNonNull(questions, "questions");
        Objects.requireNonNull(codec, "codec");
        Objects.requireNonNull(handler, "handler");
        Envelope.refuseOneQueue(requests, answers);
        Publisher publisher = answers.createPublisher(out);
        try {
            Subscriber subscriber = requests.createSubscriber(in);
            Replier<Q, A> replier = new Replier<>(
                    subscriber,
                    publisher,
                    new Decoding<>(requests.uri().toString(), questions, NEXT),
                    new Encoding<>(answers.uri().toString(), false, codec),
                    handler);
            try {
                subscriber.setListener(replier::answer);
            } catch (Throwable e) {
                subscriber.close();
                throw e;
            }
            return replier;
        } catch (Throwable e) {
            publisher.close();
            throw e;
        }
    }

    private void answer(Message message) throws Exception {
        answering = Thread.currentThread();
        ANSWERED.set(decoding.queue());
        try {
            answers(message);
        } finally {
            ANSWERED.remove();
            answering = null;
            if (closedInside) out.close();
        }
    }

    private void answers(Message message) throws Exception {
        if (!Envelope.is(message, Envelope.REQUEST)) {
            if (!warned)
                LOG.warn(
                        "{} skips message {} of '{}', which is no request: {}. Others like it are skipped without a"
                                + " word. Publish to this queue by a Requester only.",
                        this,
                        Units.number(message.position()),
                        decoding.queue(),
                        Envelope.whyNot(message, Envelope.REQUEST));
            warned = true;
            return;
        }
        Message request = Envelope.inside(message);
        A answer = handler.reply(decoding.decode(request), request);
        if (answer == null) return;
        byte[] body = encoding.bytes(out, answer);
        out.publish(Envelope.around(
                body, Envelope.high(message), Envelope.low(message), Envelope.number(message), Envelope.ANSWER));
    }

    static boolean answersHere(String requests) {
        return requests.equals(ANSWERED.get());
    }

    /** The one that it listens by. */
    public Subscriber subscriber() {
        return in;
    }

    /** Lets a handler that runs answer first, for 5 s. */
    @Override
    public void close() {
        closedInside = answering == Thread.currentThread(); // before: then its answer comes first
        try {
            in.close();
        } finally {
            if (!closedInside) out.close();
        }
    }

    @Override
    public String toString() {
        return "Replier by " + in;
    }
}
