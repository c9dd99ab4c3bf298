package dev.belfry.jakarta.client;

import jakarta.jms.JMSConsumer;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;

/** A consumer with unchecked exceptions. */
record ContextConsumer(BelfrySession session, BelfryConsumer consumer) implements JMSConsumer {
    @Override
    public String getMessageSelector() {
        return Jms.unchecked(consumer::getMessageSelector);
    }

    @Override
    public MessageListener getMessageListener() {
        return Jms.unchecked(consumer::getMessageListener);
    }

    @Override
    public void setMessageListener(MessageListener listener) {
        Jms.uncheckedAct(() -> consumer.setMessageListener(listener));
    }

    @Override
    public Message receive() {
        return Jms.unchecked(() -> consumer.receive());
    }

    @Override
    public Message receive(long millis) {
        return Jms.unchecked(() -> consumer.receive(millis));
    }

    @Override
    public Message receiveNoWait() {
        return Jms.unchecked(consumer::receiveNoWait);
    }

    @Override
    public <T> T receiveBody(Class<T> type) {
        return receiveBody(type, 0);
    }

    @Override
    public <T> T receiveBody(Class<T> type, long millis) {
        return Jms.unchecked(() -> session.receiving.receiveBody(
                consumer, type, millis == 0 ? BelfrySession.FOREVER : Math.max(0, millis)));
    }

    @Override
    public <T> T receiveBodyNoWait(Class<T> type) {
        return Jms.unchecked(() -> session.receiving.receiveBody(consumer, type, 0));
    }

    @Override
    public void close() {
        Jms.uncheckedAct(consumer::close);
    }
}
