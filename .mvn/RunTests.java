import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.FileWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Runs the test classes of its arguments, each as a.b.CTest, a.b.CTest$Nested or a.b.CTest#shouldX: for ./dev. */
final class RunTests {
    private RunTests() {}

    public static void main(String[] arguments) throws IOException {
        List<DiscoverySelector> selected = Stream.of(arguments).flatMap(RunTests::selectors).toList();
        SummaryGeneratingListener heard = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(LauncherDiscoveryRequestBuilder.request().selectors(selected).build(), heard);
        // A pipe to the terminal: what tests print goes to a file. A caller without one must not have the JVM's own files
        // emptied: lib/modules of the JDK has that number then.
        Path given = Path.of("/proc/self/fd/3");
        PrintWriter out = new PrintWriter(
                Files.isRegularFile(given) ? new OutputStreamWriter(System.out) : new FileWriter(given.toString()), true);
        heard.getSummary().printFailuresTo(out, 25);
        long failed = heard.getSummary().getTotalFailureCount();
        out.printf(
                "%d tests ran: %d failed, %d skipped%n",
                heard.getSummary().getTestsStartedCount(), failed, heard.getSummary().getTestsSkippedCount());
        System.exit(failed == 0 && heard.getSummary().getTestsFoundCount() > 0 ? 0 : 1);
    }

    private static Stream<DiscoverySelector> selectors(String name) {
        if (!name.contains("#")) return Stream.of(selectClass(name));
        Class<?> type = selectClass(name.substring(0, name.indexOf('#'))).getJavaClass();
        String wanted = name.substring(name.indexOf('#') + 1);
        // An own one, or an inherited one that is public; whatever its parameters are.
        return Stream.concat(Stream.of(type.getDeclaredMethods()), Stream.of(type.getMethods()))
                .filter(method -> method.getName().equals(wanted))
                .distinct()
                .map(method -> selectMethod(type, method));
    }
}
