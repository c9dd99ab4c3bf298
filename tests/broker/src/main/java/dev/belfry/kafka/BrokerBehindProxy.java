package dev.belfry.kafka;

import java.util.Arrays;

/** A broker that clients reach over a {@link Proxy} alone. */
public final class BrokerBehindProxy implements AutoCloseable {
    private final Proxy proxy = new Proxy();
    private final Broker broker;

    private BrokerBehindProxy(String... settings) {
        String[] all = Arrays.copyOf(settings, settings.length + 1);
        all[settings.length] = "advertised.listeners=PLAINTEXT://" + bootstrap();
        broker = Broker.started(all);
        proxy.to(broker.port());
    }

    /** With further settings, each {@code name=value}. */
    public static BrokerBehindProxy started(String... settings) {
        return new BrokerBehindProxy(settings);
    }

    public Broker broker() {
        return broker;
    }

    public Proxy proxy() {
        return proxy;
    }

    public String bootstrap() {
        return "127.0.0.1:" + proxy.port();
    }

    @Override
    public void close() {
        broker.close();
        proxy.close();
    }
}
