package dev.belfry.cli.command;

import dev.belfry.api.SubscriberStats;
import dev.belfry.cli.reading.QueueWatch;
import dev.belfry.cli.reading.Verdict;
import dev.belfry.cli.text.Text;
import dev.belfry.judgement.Reading;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.Units;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "check",
        exitCodeOnInvalidInput = 3,
        exitCodeOnExecutionException = 3,
        description = {
            "As 'health', and with limits: above the first it warns, above the second, if there is one, it is critical.",
            "Figures are of the one subscription that has most; of a domain what 'belfry jms ls' shows."
        },
        footer = {
            "  belfry check prices --lag 1000,100000 --use 80,95",
            "  belfry check --age 1m,10m --lost 0 --dead-letters 0,100 --quiet",
            "",
            "The words and codes are those of 'health'; 'high' is above a limit."
        })
public final class CheckCommand extends HealthCommand {
    @Option(names = "--lag", paramLabel = "N[,N]", description = "Messages that a subscription is behind.")
    String lag;

    @Option(
            names = "--age",
            paramLabel = "TIME[,TIME]",
            description = "Age of the oldest message that is not acknowledged, as far as it is known.")
    String age;

    @Option(names = "--use", paramLabel = "N[,N]", description = "Per cent of the largest size that are in use.")
    String use;

    @Option(names = "--lost", paramLabel = "N[,N]", description = "Messages that a subscription has lost so far.")
    String lost;

    @Option(names = "--depth", paramLabel = "N[,N]", description = "Messages in a domain that nobody has taken.")
    String depth;

    @Option(names = "--dead-letters", paramLabel = "N[,N]", description = "Dead letters of a domain.")
    String deadLetters;

    /** Wrong limits are refused also where nothing is compared with them. */
    @Override
    protected int run(PrintWriter out) throws Exception {
        limits("--lag", lag);
        limits("--age", age);
        limits("--use", use);
        limits("--lost", lost);
        limits("--depth", depth);
        limits("--dead-letters", deadLetters);
        return super.run(out);
    }

    private static long[] limits(String option, String text) {
        if (text == null) return new long[0];
        ToLongFunction<String> as = option.equals("--age") ? one -> time(one).toNanos() : Long::parseLong;
        try {
            long[] limits = Arrays.stream(text.split(",", -1)).mapToLong(as).toArray();
            require(limits.length <= 2, option + " takes one limit or two, was '" + text + "'");
            require(
                    limits.length == 1 || limits[0] <= limits[1],
                    option + " warns above the first, which must not be the larger one, was '" + text + "'");
            return limits;
        } catch (NumberFormatException wrong) {
            throw new IllegalArgumentException(option + " takes numbers, such as 80,95, was '" + text + "'");
        }
    }

    @Override
    Verdict judged(Verdict verdict, List<QueueWatch.Look> looks) {
        Limits limits = new Limits(verdict);
        for (QueueWatch.Look look : looks)
            if (look.report() != null && look.uri().equals(verdict.uri())) check(look, limits);
        return limits.verdict();
    }

    private void check(QueueWatch.Look look, Limits limits) {
        Reading its = look.reading();
        DomainTools.Contents domain = its.domain();
        long ahead = mostOf(domain, one -> one.messages() - one.expired());
        limits.check("--lag", lag, Math.max(its.lag(), ahead), n -> "lag " + Text.number(n));
        limits.check("--lost", lost, its.most(SubscriberStats::lostCount), n -> Text.number(n) + " lost");
        long oldest = Math.max(its.oldest(), mostOf(domain, CheckCommand::oldest));
        limits.check("--age", age, oldest, n -> "the oldest message is " + Units.duration(n) + " old");
        Long most = look.report().maxSize();
        long used = most == null ? 0 : 100 * look.report().used() / most;
        limits.check("--use", use, used, n -> n + " % of its largest size are in use");
        if (domain == null) return;
        limits.check("--depth", depth, domain.messages(), n -> Text.number(n) + " messages");
        limits.check("--dead-letters", deadLetters, domain.deadLetters(), n -> Text.number(n) + " dead letters");
    }

    /** {@code domain}: null: the queue is none, or its messages were not read. */
    private static long mostOf(DomainTools.Contents domain, ToLongFunction<DomainTools.Place> figure) {
        return domain == null
                ? 0
                : domain.places().stream().mapToLong(figure).max().orElse(0);
    }

    private static long oldest(DomainTools.Place one) {
        return one.oldest() == 0 ? 0 : TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis() - one.oldest());
    }

    /** Makes a verdict worse by limits that the user has given. */
    private static final class Limits {
        private final Verdict before;
        private final List<Verdict.Said> high = new ArrayList<>();

        Limits(Verdict before) {
            this.before = before;
        }

        void check(String option, String limits, long figure, LongFunction<String> words) {
            Verdict.Level level = Verdict.Level.OK;
            for (long limit : limits(option, limits))
                if (figure > limit) level = level == Verdict.Level.OK ? Verdict.Level.WARNING : Verdict.Level.CRITICAL;
            if (level == Verdict.Level.OK) return;
            high.add(new Verdict.Said(
                    level,
                    false,
                    "high",
                    words.apply(figure) + ", above the limit of "
                            + limits.split(",")[level == Verdict.Level.WARNING ? 0 : 1],
                    "'belfry top " + before.uri() + "' shows whether that goes on."));
        }

        Verdict verdict() {
            return high.isEmpty() ? before : before.and("high", high);
        }
    }
}
