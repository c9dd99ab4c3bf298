package dev.belfry.cli;

import dev.belfry.spi.Finding;
import dev.belfry.spi.QueueInspector;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "doctor",
        description = {
            "Checks the machine (kernel, size and options of /dev/shm, limits, permissions, container, JDK) and all queues, or one: dead slots, stuck locks, damage, left-overs.",
            "Says what each finding means and what to do."
        },
        footer = {
            "  belfry doctor",
            "  belfry doctor prices",
            "  belfry doctor --fix prices     repairs what is provably safe: what the next process would do anyway",
            "",
            "Exit code 1 if there is a problem (left)."
        })
final class DoctorCommand extends AnyCommand {
    @Parameters(paramLabel = "Q", arity = "0..1", description = "Only this queue, and the machine.")
    String queue;

    @Option(names = "--fix", description = "Repairs what is provably safe.")
    boolean fix;

    /** A finding, and whether it was repaired. */
    private record Treated(Finding finding, boolean fixed) {
        boolean isProblem() {
            return finding.level() == Finding.Level.PROBLEM && !fixed;
        }
    }

    @Override
    int run(PrintWriter out) {
        Queue named = queue == null ? null : Queue.of(queue);
        QueueInspector inspector = Transports.inspector(named == null ? Queue.SCHEME : named.scheme());
        List<Treated> all = new ArrayList<>();
        for (Finding finding : inspector.diagnose(named == null ? null : named.name()))
            all.add(new Treated(finding, fix && finding.repairable() && inspector.repair(finding)));
        if (json) out.println(Json.of(all.stream().map(DoctorCommand::json).toList()));
        else all.forEach(each -> print(each, out));
        return all.stream().anyMatch(Treated::isProblem) ? Belfry.PROBLEM : Belfry.OK;
    }

    private static Map<String, Object> json(Treated treated) {
        Map<String, Object> json = Json.object(treated.finding);
        json.put("level", treated.finding.level().toString().toLowerCase(Locale.ROOT));
        json.put("fixed", treated.fixed);
        return json;
    }

    private static void print(Treated treated, PrintWriter out) {
        Finding finding = treated.finding;
        String level = treated.fixed ? "@|green fixed|@" : Show.level(finding.level());
        String gap = " ".repeat(8 - Ansi.OFF.string(level).length());
        out.println(paint(level + gap + Show.clean(finding.subject()) + ": " + Show.clean(finding.what()) + " ["
                + finding.check() + "]"));
        if (!finding.remedy().isEmpty() && !treated.fixed) out.println("        " + finding.remedy());
    }
}
