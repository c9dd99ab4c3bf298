import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Reads the reports of surefire.
 *
 * <pre>
 * java .ci/Reports.java summary SINCE LATER   the last lines of a build of this checkout that began at SINCE and left out the tags of LATER, by
 *                                             the JVM that builds: what ran, what was skipped in which module and why, what it took,
 *                                             what was left out and how to run it
 * java .ci/Reports.java judge TAG DIR...      what is wrong below these directories, which together hold one run of the gate without
 *                                             the tests of TAG, or with "-" a part of it; exit status 1 if anything but a flake is
 * java .ci/Reports.java nowhere MODULES DIR... the classes that both JDKs left to other commits, where these directories hold a whole
 *                                             gate; exit status 1 if one is not slow, or not for one JDK alone, or of a module
 *                                             that changed: which these are, by commas; each may have, if none is named
 * java .ci/Reports.java cases DIR...          the tests, a line each: of what is not run twice the lines of quick and of rest are the gate's
 * </pre>
 */
final class Reports {
    private static final int LINES = 70;

    /** What no second run makes good: how the message of the kit's MessageViolation begins, and how a crashed JVM looks. */
    private static final Pattern NO_FLAKE = Pattern.compile("MESSAGE VIOLATION: |SIG(SEGV|BUS|ILL|FPE)|hs_err_pid");

    /** How the reason of the kit's Half begins. */
    private static final String OTHER_HALF = "runs on this JDK on other commits";

    /** Reasons for which no test is skipped where all of the gate can run. */
    private static final Pattern MUST_RUN =
            Pattern.compile("needs (" + (System.getProperty("user.name").equals("root") ? "root|" : "") + "spin|python3|git to read)");

    /** A JVM of surefire's has such a property of its own. */
    private static final Pattern FORK = Pattern.compile("surefirebooter-?[0-9_]+\\.jar");

    /** One test in a report. */
    private record Case(String module, String type, String method, Element element) {
        String name() {
            return type + "." + method;
        }

        String outermost() {
            return type.replaceAll("\\$.*", "");
        }

        /** Of these names: failure, error, flakyFailure, skipped, ... */
        List<Element> all(String... names) {
            return elements(element, names);
        }
    }

    /** A class of tests, by its source. */
    private record TestClass(String module, String source) {
        /** The annotation of a class stands at the margin. */
        boolean isWhole(String tag) {
            return source.lines().anyMatch(("@" + tag)::equals);
        }
    }

    private static final List<String> FAILED = new ArrayList<>();

    private Reports() {}

    public static void main(String[] args) throws Exception {
        List<String> rest = List.of(args).subList(1, args.length);
        switch (args[0]) {
            case "summary" -> summary(Instant.parse(rest.get(0)), rest.get(1));
            case "judge" -> judge(rest.get(0), paths(rest.subList(1, rest.size())));
            case "nowhere" -> nowhere(Set.of(rest.get(0).split(",")), paths(rest.subList(1, rest.size())));
            case "cases" -> cases(paths(rest)).stream().map(Case::name).sorted().forEach(System.out::println);
            default -> throw new IllegalArgumentException(args[0] + ": not one of summary, judge, nowhere, cases");
        }
        FAILED.forEach(what -> System.out.println("FAILED: " + what));
        System.exit(FAILED.isEmpty() ? 0 : 1);
    }

    private static void summary(Instant since, String later) throws Exception {
        List<Path> fresh = new ArrayList<>();
        for (Path report : reports(List.of(Path.of("."))))
            if (!Files.getLastModifiedTime(report).toInstant().isBefore(since)) fresh.add(report);
        List<Case> cases = parse(fresh);
        if (cases.isEmpty()) return; // -DskipTests
        total(cases);
        taken(fresh, since);
        if (!later.contains("Slow")) return;
        long whole = 0;
        long parts = 0;
        for (TestClass type : testClasses().values())
            if (type.isWhole("Slow")) whole++;
            else if (type.source.contains("    @Slow") || type.source.contains("@Tag(\"Slow\")")) parts++;
        System.out.printf(
                "Left out as slow: %d classes and parts of %d others.%n"
                        + "mvn verify -Prest runs these, mvn verify -Pgate all that must pass before a change lands.%n",
                whole, parts);
    }

    /** The cost of a build, most of which is the start of JVMs. */
    private static void taken(List<Path> reports, Instant since) throws Exception {
        Set<String> forks = new TreeSet<>();
        for (Path report : reports) {
            Matcher name = FORK.matcher(Files.readString(report));
            if (name.find()) forks.add(name.group());
        }
        long children = 0;
        for (Path counted : files(Path.of("."), "children-" + since, "")) children += Files.size(counted);
        // Of proc(5): utime, stime, cutime and cstime, in hundredths of a second; the latter two are those of all processes that have ended.
        String stat = Files.readString(Path.of("/proc/" + ProcessHandle.current().parent().orElseThrow().pid() + "/stat"));
        String[] ticks = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        long maven = (Long.parseLong(ticks[11]) + Long.parseLong(ticks[12])) / 100;
        long others = (Long.parseLong(ticks[13]) + Long.parseLong(ticks[14])) / 100;
        System.out.printf(
                "It took %,d s of processor, %,d s of them Maven itself, in %d JVMs of tests and %d that tests started.%n",
                maven + others, maven, forks.size(), children);
    }

    private static void judge(String without, List<Path> directories) throws Exception {
        List<Case> cases = cases(directories);
        total(cases).filter(reason -> MUST_RUN.matcher(reason).find())
                .forEach(reason -> FAILED.add("skipped in the gate: " + reason));
        if (!without.equals("-")) missing(without, directories);
        for (Case test : cases)
            for (Element failure : test.all("failure", "error")) {
                FAILED.add(test.name());
                System.out.println("FAILED: " + test.name());
                print(message(failure));
            }
        for (Case test : cases) flaky(test, directories);
    }

    /** Prints how many ran, and why others did not: the reasons, without what differs from test to test. */
    private static Stream<String> total(List<Case> cases) {
        Map<String, Integer> skipped = new TreeMap<>();
        Set<String> types = new TreeSet<>();
        int failed = 0;
        for (Case test : cases) {
            types.add(test.outermost());
            if (!test.all("failure", "error").isEmpty()) failed++;
            for (Element one : test.all("skipped"))
                skipped.merge("%-18s %s".formatted(test.module(), reason(one)), 1, Integer::sum);
        }
        int sum = skipped.values().stream().mapToInt(n -> n).sum();
        System.out.printf("%n%,d tests of %d classes ran: %d failed.", cases.size() - sum, types.size(), failed);
        System.out.printf(" Skipped: %d%n", sum);
        skipped.forEach((reason, count) -> System.out.printf("%5d  %s%n", count, reason));
        return skipped.keySet().stream();
    }

    private static String reason(Element skipped) {
        String message = skipped.getAttribute("message");
        if (message.isEmpty()) message = skipped.getTextContent().lines().findFirst().orElse("");
        return message.replaceFirst("^(\\S+Exception: )?(Assumption failed: |System property .* ==> )?", "")
                .replaceFirst(" does not declare .*", " does not declare what the test needs");
    }

    /** A tag in a wrong combination, or an exclude, may hide a class from all builds: they are green then. */
    private static void missing(String without, List<Path> directories) throws Exception {
        Set<String> ran = new TreeSet<>();
        for (Path report : reports(directories)) // one of no selected test has no report
            ran.add(report.getFileName().toString().replaceAll("^TEST-|(-waits|-alone)?\\.xml$|\\$.*", ""));
        Map<String, List<String>> missing = new TreeMap<>(); // by package: a module that failed keeps many from running
        testClasses().forEach((type, found) -> {
            boolean leftOut = found.isWhole("Luck") || found.isWhole(without);
            if (leftOut && ran.contains(type)) FAILED.add("not for this run, and yet it ran: " + type);
            if (leftOut || ran.contains(type) || found.source.contains("abstract class ")) return;
            int name = type.lastIndexOf('.') + 1;
            missing.computeIfAbsent(type.substring(0, name), any -> new ArrayList<>()).add(type.substring(name));
        });
        missing.forEach((where, names) -> FAILED.add("no test ran of " + where + String.join(", ", names)));
    }

    /** Each class that one JDK leaves out runs on the other, but for slow ones that it never runs, of modules that did not change. */
    private static void nowhere(Set<String> changed, List<Path> directories) throws Exception {
        Set<String> left = new TreeSet<>();
        Set<String> ran = new TreeSet<>();
        for (Case test : cases(directories))
            (test.all("skipped").stream().anyMatch(one -> reason(one).startsWith(OTHER_HALF)) ? left : ran).add(test.outermost());
        left.removeAll(ran);
        System.out.println("Left to other commits: " + left.size() + " classes");
        Map<String, TestClass> classes = testClasses();
        for (String type : left) {
            TestClass found = classes.get(type);
            System.out.println("       " + type);
            if (found == null || !found.isWhole("Slow") || !found.isWhole("OneJdk"))
                FAILED.add("left to other commits, and no JDK ran it: " + type);
            else if (changed.contains("") || changed.contains(found.module))
                FAILED.add("left to other commits, though its module may have changed: " + type);
        }
    }

    /** The classes of tests, by their names. */
    private static Map<String, TestClass> testClasses() throws IOException {
        String modules = Files.readString(Path.of("pom.xml")); // tests/consumer has projects of its own
        Map<String, TestClass> classes = new TreeMap<>();
        for (Path source : files(Path.of("."), "", "Test.java")) {
            List<String> path = new ArrayList<>();
            source.forEach(name -> path.add(name.toString()));
            int root = path.indexOf("src");
            String module = String.join("/", path.subList(1, Math.max(1, root)));
            if (!modules.contains("<module>" + module + "</module>") || !path.get(root + 1).equals("test")) continue;
            String type = String.join(".", path.subList(root + 3, path.size())).replace(".java", "");
            classes.put(type, new TestClass(module, Files.readString(source)));
        }
        return classes;
    }

    /** It failed, and passed when it was run again: what both runs printed is all there is to find out why. */
    private static void flaky(Case test, List<Path> directories) throws IOException {
        List<Element> runs = test.all("flakyFailure", "flakyError");
        if (runs.isEmpty()) return;
        boolean flake = runs.stream().noneMatch(run -> NO_FLAKE.matcher(message(run)).find());
        if (!flake) FAILED.add("a message was lost, doubled, torn or out of order, or a JVM crashed: " + test.name());
        System.out.println((flake ? "FLAKY: " : "FAILED, and no flake: ") + test.name());
        for (Element run : runs) {
            System.out.println("  a run that failed:");
            print(message(run));
            for (Element out : elements(run, "system-out", "system-err")) print(out.getTextContent());
        }
        System.out.println("  the run that passed:");
        for (Path directory : directories)
            for (Path file : files(directory, test.outermost(), "-output.txt")) print(Files.readString(file));
    }

    private static List<Path> paths(List<String> names) {
        return names.stream().map(Path::of).toList();
    }

    private static List<Case> cases(List<Path> directories) throws Exception {
        return parse(reports(directories));
    }

    private static List<Case> parse(List<Path> reports) throws Exception {
        List<Case> cases = new ArrayList<>();
        for (Path report : reports) {
            Path module = report.toAbsolutePath().getParent().getParent().getParent().getFileName(); // above target/surefire-reports
            Element suite = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(report.toFile())
                    .getDocumentElement();
            for (Element test : elements(suite, "testcase")) {
                String type = test.getAttribute("classname").replaceAll("\\((waits|alone)\\)$", "");
                cases.add(new Case(module.toString(), type, test.getAttribute("name"), test));
            }
        }
        return cases;
    }

    private static List<Path> reports(List<Path> directories) throws IOException {
        List<Path> reports = new ArrayList<>();
        for (Path directory : directories) reports.addAll(files(directory, "TEST-", ".xml"));
        return reports;
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
