package shop;

import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.Main;

/** Says what things cost, and packs what is ordered. */
public class Shop extends RouteBuilder {
    public static void main(String[] args) throws Exception {
        new Main(Shop.class).run(args);
    }

    @Override
    public void configure() {
        // The answer goes to the queue that the question names in JMSReplyTo.
        from("jms:queue:prices?transacted=true").transform(simple("${body} for 2 coins"));

        // An order and its parcel are one transaction. If this process is killed before its commit,
        // the order comes again, and nobody sees the parcel.
        from("jms:queue:orders?transacted=true")
                .transform(simple("parcel of ${body}"))
                .to("jms:queue:parcels")
                .log("packed a ${body}");
    }
}
