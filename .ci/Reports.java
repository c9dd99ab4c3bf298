import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Reads the reports of surefire below a directory.
 *
 * <pre>
 * java .ci/Reports.java summary DIR        how many tests, and why some were skipped
 * java .ci/Reports.java missing DIR [LIST] the test classes of the modules here of which no test ran, and those in LIST, an excludesFile of
 *                                          surefire, of which one ran or that do not exist; exit status 1 if there are any
 * java .ci/Reports.java failed DIR         the failed tests, each with the beginning of its message
 * java .ci/Reports.java flaky DIR PAGE     the tests that passed only when they were run again, with the output of both runs;
 *                                          exit status 1 if the table of flakes in PAGE has one of them already, or one saw a
 *                                          message lost, doubled, torn or out of order
 * java .ci/Reports.java minutes NAME=DIR…  where the minutes go, as a table: a column for each directory
 * </pre>
 */
final class Reports {
    private static final int LINES = 70;
    private static final String TABLE = "## Flakes that were seen";

    /** How the message of the kit's MessageViolation begins, also in the output of a child in another's message. */
    private static final String VIOLATION = "MESSAGE VIOLATION: ";

    /** One test in a report. */
    private record Case(String type, String method, Element element) {
        String name() {
            return type + "." + method;
        }

        /** Of these names: failure, error, flakyFailure, skipped, ... */
        List<Element> all(String... names) {
            return elements(element, names);
        }
    }

    private Reports() {}

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "summary" -> summary(Path.of(args[1]));
            case "missing" -> System.exit(missing(Path.of(args[1]), leftOut(args)) ? 1 : 0);
            case "failed" -> failed(Path.of(args[1]));
            case "flaky" -> System.exit(flaky(Path.of(args[1]), Path.of(args[2])) ? 1 : 0);
            case "minutes" -> minutes(List.of(args).subList(1, args.length));
            default -> throw new IllegalArgumentException(args[0] + ": not one of summary, missing, failed, flaky, minutes");
        }
    }

    private static void summary(Path directory) throws Exception {
        List<Case> cases = cases(directory);
        Map<String, Integer> skipped = new TreeMap<>();
        long failed = 0;
        for (Case test : cases) {
            if (!test.all("failure", "error").isEmpty()) failed++;
            for (Element reason : test.all("skipped")) skipped.merge(reason(reason), 1, Integer::sum);
        }
        System.out.printf(
                "%d tests, %d failed, %d skipped%n",
                cases.size(), failed, skipped.values().stream().mapToInt(n -> n).sum());
        skipped.forEach((reason, count) -> System.out.printf("%7d skipped: %s%n", count, reason));
    }

    /** Why a test was skipped, without what differs from test to test. */
    private static String reason(Element skipped) {
        String message = skipped.getAttribute("message");
        if (message.isEmpty()) message = skipped.getTextContent().lines().findFirst().orElse("");
        return message.replaceFirst("^\\S+Exception: ", "").replaceFirst(", which '.*' needs.*", "");
    }

    /** The simple names in the list, if there is one. */
    private static Set<String> leftOut(String[] args) throws IOException {
        Set<String> names = new TreeSet<>();
        if (args.length > 2)
            for (String line : Files.readAllLines(Path.of(args[2])))
                if (line.startsWith("**/") && line.endsWith(".java")) names.add(line.substring(3).replace(".java", ""));
        return names;
    }

    /** A tag in a wrong combination, or an exclude, may hide a class from all executions: the build is green then. */
    private static boolean missing(Path directory, Set<String> leftOut) throws Exception {
        Set<String> ran = new TreeSet<>();
        for (Path report : reports(directory)) // one of no selected test has no report
            ran.add(report.getFileName().toString().replaceAll("^TEST-|(-waits|-alone)?\\.xml$|\\$.*", ""));
        List<String> wrong = new ArrayList<>();
        Set<String> absent = new TreeSet<>(leftOut);
        for (Path source : files(Path.of("."), "", "Test.java")) {
            List<String> path = new ArrayList<>();
            source.forEach(name -> path.add(name.toString()));
            int root = path.indexOf("src");
            if (root < 0 || source.startsWith(Path.of(".", ".ci")) || !path.get(root + 1).equals("test")) continue;
            String type = String.join(".", path.subList(root + 3, path.size())).replace(".java", "");
            absent.remove(simple(type));
            if (leftOut.contains(simple(type)) == !ran.contains(type)) continue;
            if (leftOut.contains(simple(type))) wrong.add("left out, and yet it ran: " + type);
            else if (!isNeverInTheGate(Files.readString(source))) wrong.add("no test ran of " + type);
        }
        absent.forEach(name -> wrong.add("left out, and there is no such class: " + name));
        wrong.forEach(what -> System.out.println("FAILED: " + what));
        return !wrong.isEmpty();
    }

    /** Abstract, or for luck as a whole: its annotation stands at the margin. */
    private static boolean isNeverInTheGate(String source) {
        return source.contains("abstract class ") || source.lines().anyMatch("@Luck"::equals);
    }

    private static void failed(Path directory) throws Exception {
        for (Case test : cases(directory))
            for (Element failure : test.all("failure", "error")) {
                System.out.println("FAILED: " + test.name());
                print(message(failure));
            }
    }

    private static boolean flaky(Path directory, Path page) throws Exception {
        Set<String> seen = seen(page);
        boolean failed = false;
        for (Case test : cases(directory)) {
            List<Element> runs = test.all("flakyFailure", "flakyError");
            if (runs.isEmpty()) continue;
            boolean known = seen.contains(test.name());
            boolean violation = runs.stream().anyMatch(run -> message(run).contains(VIOLATION));
            failed |= known || violation;
            String verdict = violation
                    ? "FAILED: a message was lost, doubled, torn or out of order: "
                    : known ? "FAILED: flaky again, see " + page + ": " : "FLAKY: ";
            System.out.println(verdict + test.name());
            for (Element run : runs) {
                System.out.println("  a run that failed:");
                print(message(run));
                for (Element out : elements(run, "system-out", "system-err")) print(out.getTextContent());
            }
            System.out.println("  the run that passed:");
            String outermost = test.type().replaceAll("\\$.*", "");
            for (Path file : files(directory, outermost, "-output.txt")) print(Files.readString(file));
        }
        return failed;
    }

    /** The tests in the page's table of flakes: the first cell of each row, between back quotes. */
    private static Set<String> seen(Path page) throws IOException {
        Set<String> names = new TreeSet<>();
        boolean here = false;
        for (String line : Files.readAllLines(page)) {
            if (line.startsWith("#")) here = line.endsWith(TABLE);
            else if (here && line.startsWith("| `")) names.add(line.substring(3, line.indexOf('`', 3)));
        }
        return names;
    }

    private static void minutes(List<String> columns) throws Exception {
        Map<String, double[]> rows = new TreeMap<>();
        List<String> names = new ArrayList<>();
        for (int c = 0; c < columns.size(); c++) {
            String[] column = columns.get(c).split("=", 2);
            names.add(column[0]);
            for (Path report : reports(Path.of(column[1]))) {
                Element suite = parse(report);
                double seconds = Double.parseDouble(suite.getAttribute("time").replace(",", ""));
                String type = suite.getAttribute("name").replaceAll("\\(.*", "").replaceAll("\\$.*", "");
                rows.computeIfAbsent(module(report), key -> new double[columns.size()])[c] += seconds;
                rows.computeIfAbsent(module(report) + " " + simple(type), key -> new double[columns.size()])[c] += seconds;
            }
        }
        System.out.println("| | " + names.stream().map(n -> "JDK " + n).collect(Collectors.joining(" | ")) + " |");
        System.out.println("|---|" + "---|".repeat(columns.size()));
        rows.forEach((row, seconds) -> {
            boolean module = !row.contains(" ");
            if (!module && Arrays.stream(seconds).max().orElse(0) < 5) return;
            String name = module ? "**" + row + "**" : "… " + row.substring(row.indexOf(' ') + 1);
            System.out.println("| " + name + " | "
                    + Arrays.stream(seconds).mapToObj(s -> "%.0f s".formatted(s)).collect(Collectors.joining(" | "))
                    + " |");
        });
    }

    private static String simple(String type) {
        return type.substring(type.lastIndexOf('.') + 1);
    }

    /** The folder above "target", or above the report where reports were copied. */
    private static String module(Path report) {
        Path folder = report.toAbsolutePath().getParent();
        if (folder.endsWith("target/surefire-reports")) folder = folder.getParent().getParent();
        return folder.getFileName().toString();
    }

    private static List<Case> cases(Path directory) throws Exception {
        List<Case> cases = new ArrayList<>();
        for (Path report : reports(directory))
            for (Element test : elements(parse(report), "testcase")) {
                String type = test.getAttribute("classname").replaceAll("\\((waits|alone)\\)$", "");
                cases.add(new Case(type, test.getAttribute("name"), test));
            }
        return cases;
    }

    private static List<Path> reports(Path directory) throws IOException {
        return files(directory, "TEST-", ".xml");
    }

    private static List<Path> files(Path directory, String begin, String end) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> {
                        String name = file.getFileName().toString();
                        return name.startsWith(begin) && name.endsWith(end) && Files.isRegularFile(file);
                    })
                    .sorted()
                    .toList();
        }
    }

    private static Element parse(Path report) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(report.toFile()).getDocumentElement();
    }

    private static List<Element> elements(Element parent, String... names) {
        List<Element> found = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling())
            if (node instanceof Element child && List.of(names).contains(child.getTagName())) found.add(child);
        return found;
    }

    /** The message and where it was thrown; a flaky run has its stack trace in an element of its own. */
    private static String message(Element failure) {
        List<Element> trace = elements(failure, "stackTrace");
        String text = trace.isEmpty() ? failure.getTextContent() : trace.get(0).getTextContent();
        return text.isBlank() ? failure.getAttribute("message") : text;
    }

    private static void print(String text) {
        List<String> lines = text.lines().toList();
        lines.stream().limit(LINES).forEach(line -> System.out.println("    " + line.substring(0, Math.min(400, line.length()))));
        if (lines.size() > LINES) System.out.println("    … " + (lines.size() - LINES) + " more lines");
    }
}
