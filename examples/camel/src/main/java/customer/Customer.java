package customer;

import org.apache.camel.ExchangePattern;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.Main;

/** Asks each second what a pear costs, orders it, and receives the parcels. */
public class Customer extends RouteBuilder {
    public static void main(String[] args) throws Exception {
        new Main(Customer.class).run(args);
    }

    @Override
    public void configure() {
        from("timer:hungry?period=1000&includeMetadata=true")
                .setBody(simple("pear ${exchangeProperty.CamelTimerCounter}"))
                .to(ExchangePattern.InOut, "jms:queue:prices") // the answer comes over a temporary queue
                .to(ExchangePattern.InOnly, "jms:queue:orders")
                .log("ordered ${body}");

        from("jms:queue:parcels").log("received a ${body}");
    }
}
