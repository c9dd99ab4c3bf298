package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.cli.ServeTest.Served;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page of {@code serve} as a browser shows it. What it looks like is in target/page. */
@Timeout(240)
@Tag("Waits")
@Slow
@OneJdk
class ServeBrowserTest {
    private static final Path SCREENSHOTS = Path.of("target", "page");
    private static final String MARKUP = "<script>document.title='planted'</script>";

    @TempDir
    Path directory;

    @BeforeEach
    void needsChromium() {
        assumeTrue(Browser.isInstalled(), "needs chromium: apt-get install chromium");
    }

    private Browser browser(Served served, int width) throws Exception {
        Browser browser = new Browser(directory, width, 1500);
        browser.open(served.address);
        Patience.until(
                "the page is drawn",
                () -> browser.text("#queues").contains("The worst first")
                        && !browser.text("#verdict").contains("Reading"));
        return browser;
    }

    private static long refreshes(Browser browser) {
        return (Long) browser.value(
                "performance.getEntriesByType('resource').filter(e => e.name.endsWith('/api/page')).length");
    }

    @Test
    void shouldShowABlockedPublisherWithinTwoRefreshes() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm idle = sandbox.actor("idle", "shm:prices?capacity=4k&maxCapacity=4k");
            Served served = new Served(sandbox);
            try (Browser browser = browser(served, 1200)) {
                assertThat(browser.text("#verdict")).contains("all is well, 1 queue");
                assertThat(browser.text("#waits")).contains("Nobody waits.");
                sandbox.actor("tries", "shm:prices?capacity=4k&maxCapacity=4k");
                Patience.until("it waits", () -> served.page("waits").size() == 1);
                long before = refreshes(browser);
                Patience.until("two refreshes", () -> refreshes(browser) >= before + 2);
                assertThat(browser.text("#waits"))
                        .contains(
                                "prices", "for room, held up by 'audit' of pid " + idle.pid(), "belfry doctor prices");
                assertThat(browser.text("#verdict")).contains("\u25b2");
                browser.screenshot(SCREENSHOTS.resolve("blocked.png"));
                assertThat(browser.complaints()).isEmpty();
            }
        }
    }

    @Test
    void shouldShowMarkupAsTextAndWhatIsDamagedAndStopped() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfryWithInput("x\n", "pub", "bad");
            Files.write(sandbox.file("belfry.bad"), new byte[8], StandardOpenOption.WRITE);
            sandbox.actor("hold", "shm:prices");
            sandbox.belfry("sub", "--name", MARKUP, "--from", "oldest", "--count", "1", "prices");
            ChildJvm consumer = sandbox.start(Sandbox.java(Sender.class, "hold", "shm:shop?prefetch=1"));
            consumer.expect("ready");
            consumer.pause();
            Served served = new Served(sandbox);
            try (Browser browser = browser(served, 1200)) {
                assertThat(browser.text("#verdict")).contains("\u2716 2 queues are stuck or damaged");
                assertThat(browser.text("#broken")).contains("bad");
                assertThat(browser.text("#keeps"))
                        .contains("'" + MARKUP + "'", "belfry unsubscribe prices \"<script>")
                        .contains("pid " + consumer.pid() + " (Sender, since ")
                        .contains(") is stopped and holds 5 messages of 'orders'")
                        .contains("kill -CONT " + consumer.pid());
                browser.value("[...document.querySelectorAll('#queues button')].forEach(b => b.click())");
                Patience.until(
                        "all is open",
                        () -> browser.text("#queues").contains("Destination")
                                && browser.text("#queues").contains("publishers wait"));
                assertThat(browser.text("#queues")).contains("orders", "holds 5", MARKUP);
                assertThat(browser.value("document.scripts.length")).isEqualTo(1L);
                assertThat(browser.value("document.title"))
                        .asString()
                        .contains("belfry")
                        .doesNotContain("planted");
                browser.screenshot(SCREENSHOTS.resolve("troubles.png"));
                browser.dark();
                browser.screenshot(SCREENSHOTS.resolve("dark.png"));
                assertThat(browser.complaints()).isEmpty();
            }
        }
    }

    @Test
    void shouldShowTwoHundredQueuesOnAPhoneAndByKeyboard() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.start(Sandbox.java(Many.class)).expect("ready");
            Served served = new Served(sandbox);
            try (Browser browser = browser(served, 500)) {
                assertThat(browser.value("document.querySelectorAll('#queues tbody tr').length"))
                        .isEqualTo(200L);
                assertThat(browser.value("document.querySelectorAll('#queues > details tbody tr').length"))
                        .as("folded")
                        .isEqualTo(180L);
                assertThat(browser.value("document.documentElement.scrollWidth <= innerWidth"))
                        .as("nothing is wider than the screen")
                        .isEqualTo(true);
                String focused = "(document.activeElement.dataset.key || document.activeElement.id)";
                for (String wanted : new String[] {"pause", "filter", "open shm:many0"}) {
                    browser.key("Tab", 9);
                    assertThat(browser.value(focused)).isEqualTo(wanted);
                }
                browser.key("Enter", 13);
                Patience.until("it is open", () -> browser.text("#queues").contains("No subscriptions."));
                long before = refreshes(browser);
                Patience.until("two refreshes", () -> refreshes(browser) >= before + 2);
                assertThat(browser.value(focused)).as("after them").isEqualTo("open shm:many0");
                browser.value("filter.value = 'many19', filter.oninput()");
                assertThat(browser.value("document.querySelectorAll('#queues td button').length"))
                        .isEqualTo(11L);
                for (String first : new String[] {"many19", "many199"}) {
                    browser.value("document.querySelector('#queues th button').click()"); // by name, and back
                    assertThat(browser.value("document.querySelector('#queues td button').textContent"))
                            .isEqualTo(first);
                }
                browser.screenshot(SCREENSHOTS.resolve("phone.png"));
            }
        }
    }

    /** Of a full domain the words differ from those of other troubles: its kind tells that it is there already. */
    @Test
    void shouldTellOneTroubleOnceWithItsCommand() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.start(
                    Sandbox.java(Sender.class, "fill", "shm:shop?capacity=64k&maxCapacity=64k&sendTimeout=600ms"));
            Served served = new Served(sandbox);
            Patience.until("it is full", () -> served.page("waits").toString().contains("sends to it"));
            try (Browser browser = browser(served, 1400)) {
                assertThat(browser.text("#waits")).contains("it is full: ", "belfry jms ls shop");
                assertThat(browser.text("#queues")).contains("shop").doesNotContain("it is full");
                browser.value("document.querySelector('#queues td button').click()");
                Patience.until("it is open", () -> browser.text("#queues").contains("Destination"));
                assertThat(browser.text("#queues")).doesNotContain("it is full");
                assertThat(browser.complaints()).isEmpty();
            }
        }
    }

    @Test
    void shouldShowThreeHundredQueuesInTroubleOnThreeScreens() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.start(Sandbox.java(Many.class, "300")).expect("ready");
            Served served = new Served(sandbox);
            try (Browser browser = browser(served, 1400)) {
                assertThat(browser.value("document.documentElement.scrollWidth <= innerWidth"))
                        .as("nothing is wider than the screen")
                        .isEqualTo(true);
                assertThat((Long) browser.value("document.documentElement.scrollHeight"))
                        .as("three screens of 900")
                        .isLessThanOrEqualTo(2700);
                assertThat(browser.text("#keeps")).contains("belfry unsubscribe many0 audit", "295 more");
                assertThat(
                                browser.value(
                                        "[...document.querySelectorAll('#keeps button')].filter(b => (b.dataset.key || '').includes('unsubscribe')).length"))
                        .as("what ends something is not one click away")
                        .isEqualTo(0L);
                assertThat(browser.text("#queues"))
                        .contains("all its 1 slots are taken")
                        .doesNotContain("no process is attached");
                browser.screenshot(SCREENSHOTS.resolve("many.png"));
                assertThat(browser.complaints()).isEmpty();
            }
        }
    }

    @Test
    void shouldSayWithoutJavaScriptWhereToLook() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            Served served = new Served(sandbox);
            String page = served.get("/");
            String without = page.substring(page.indexOf("<noscript>"), page.indexOf("</noscript>"));
            for (String link : new String[] {"health", "api/queues", "api/doctor"}) {
                assertThat(without).contains("href=\"" + link + "\"");
                assertThat(served.answer("/" + link)).startsWith("200 ");
            }
        }
    }

    /** Two hundred queues; or so many, each with a subscription that has no process and the only slot. */
    static final class Many {
        public static void main(String[] args) throws Exception {
            int troubled = args.length == 0 ? 0 : Integer.parseInt(args[0]);
            for (int i = 0; i < troubled; i++) {
                MessageQueue queue = MessageQueues.open("shm:many" + i + "?capacity=4k&maxCapacity=4k&slots=1");
                queue.createSubscriber(SubscriberOptions.builder().name("audit").build())
                        .close();
                try (Publisher publisher = queue.createPublisher()) {
                    publisher.publish(new byte[1]);
                }
            }
            for (int i = troubled; i < 200; i++) MessageQueues.open("shm:many" + i + "?capacity=4k&maxCapacity=4k");
            System.out.println("ready");
            while (System.in.read() >= 0) continue;
        }
    }
}
