package dev.belfry.cli.command;

import dev.belfry.api.MessageQueue;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.Log;
import java.io.PrintWriter;
import java.util.Map;

/** Takes messages as a consumer. */
abstract class Taking extends OfDomainQueue {
    /** {@code done}: such as "purged", which is also the name in JSON. {@code to}: null if they end. */
    final int take(String done, String to, PrintWriter out) {
        take(done, selector, to, most(), out);
        return Exit.OK;
    }

    /** Returns how many. */
    final long take(String done, String selected, String to, long most, PrintWriter out) {
        long n = taking(selected, (named, opened, source) -> tools().take(
                        named.toString(), opened, source, selected, to, most)); // closes it
        tell(done, to, n, out);
        if (n < most && !subscription) tellOfTheDisk();
        return n;
    }

    /** A selector sees what is in memory. */
    private void tellOfTheDisk() {
        Queue named = domain();
        observe(named, log -> {
            long left = onDisk(named, log, DomainTools.Source.queue(queue));
            if (left > 0)
                err().println("belfry: " + Text.number(left) + " of " + Text.clean(queue)
                        + " are on the disk, and stay: a selector sees what is in memory alone");
        });
    }

    /** Takes from this source in the domain, which it closes. */
    interface Take {
        long from(Queue domain, MessageQueue opened, DomainTools.Source source);
    }

    final long taking(String selected, Take take) {
        require(!subscription || selected == null, "--selector is for a queue: a subscription has its own");
        Queue named = domain();
        MessageQueue opened = named.openDomain();
        DomainTools.Source source = null;
        try {
            source = source(named, opened.unwrap(Log.class));
        } finally {
            if (source == null) opened.close();
        }
        return take.from(named, opened, source);
    }

    final void tell(String done, String to, long n, PrintWriter out) {
        Map<String, Object> object = Json.object("queue", queue);
        if (to != null) object.put("to", to);
        object.put(done, n);
        String where = Text.clean(queue) + (to == null ? "" : " to " + Text.clean(to));
        say(out, object, done + " " + Text.number(n) + " of " + where);
    }
}
