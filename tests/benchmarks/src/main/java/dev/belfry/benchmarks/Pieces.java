package dev.belfry.benchmarks;

import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * What the inner pieces take, one thread, nobody else there: by JMH, each in a JVM of its own. To
 * see that they work, in this one.
 */
final class Pieces implements Scenario {
    @Override
    public String name() {
        return "pieces";
    }

    @Override
    public List<Result> run(Mode mode) {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .jvmArgs(Jvm.FLAGS.toArray(String[]::new))
                .measurementIterations(mode.rounds);
        if (mode == Mode.SMOKE) options.forks(0).warmupIterations(0).measurementTime(TimeValue.milliseconds(20));
        Figures figures = new Figures(name());
        try {
            for (RunResult piece : new Runner(options.build()).run()) add(piece, figures);
        } catch (RunnerException e) {
            throw new IllegalStateException(e);
        }
        return figures.results();
    }

    private static void add(RunResult piece, Figures figures) {
        BenchmarkParams params = piece.getParams();
        String[] name = params.getBenchmark().split("\\.");
        String of =
                name[name.length - 2].replace("Benchmark", "").toLowerCase(Locale.ROOT) + " " + name[name.length - 1];
        for (String key : params.getParamsKeys()) of += " " + params.getParam(key);
        for (BenchmarkResult fork : piece.getBenchmarkResults())
            for (IterationResult round : fork.getIterationResults())
                figures.add(of, "a call", "ns", round.getPrimaryResult().getScore());
    }
}
