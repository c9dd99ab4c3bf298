package dev.belfry.structure;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CaseTree;
import com.sun.source.tree.CatchTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ConditionalExpressionTree;
import com.sun.source.tree.DoWhileLoopTree;
import com.sun.source.tree.EnhancedForLoopTree;
import com.sun.source.tree.ForLoopTree;
import com.sun.source.tree.IfTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.WhileLoopTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import dev.belfry.testing.Checkout;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * Four numbers of the product's main code: lower a bound when you are well below it. What people
 * plug in counts; examples, the conformance kit and what is below tests do not. A comment is no line of code.
 */
@OneJdk
@Slow
class SizesTest {
    /** What stood at the last count and 600 more: a sign to look at what was added, and no wall before a mend. */
    private static final int MOST_LINES_OF_CODE = 64_800 + 600;

    private static final int LONG_FILE = 400;
    private static final int MOST_LONG_FILES = 17;
    private static final int MANY_WAYS = 10;
    private static final int MOST_METHODS_WITH_MANY_WAYS = 80;
    private static final int WORDS_OF_A_FRAGMENT = 3;
    private static final int MOST_FRAGMENTS = 973;

    /** Texts and characters, which may hold what looks like a comment, and comments. */
    private static final Pattern TEXT_OR_COMMENT = Pattern.compile(
            "\"\"\"(?:\\\\.|[^\\\\])*?\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\\\n])*'|(?<comment>/\\*.*?\\*/|//[^\\n]*)",
            Pattern.DOTALL);

    private static final Pattern JAVADOC = Pattern.compile("/\\*\\*\\s*(.*?)\\*/", Pattern.DOTALL);

    /** How a javadoc begins that has neither a verb nor a subject. */
    private static final Pattern FRAGMENT =
            Pattern.compile("(?:As|Null|False|True|The same|Inside|For|By|Of|Its|With|Without|Under) .*");

    private static final List<String> MODULES = List.of(
            "api",
            "bridge",
            "chronicle",
            "cli",
            "file-transport",
            "jackson",
            "jakarta-messaging",
            "kafka-transport",
            "mem-transport",
            "micrometer",
            "opentelemetry",
            "shm-transport",
            "spring-boot");

    @Test
    void shouldHaveNoMoreCodeThanAgreed() {
        assertThat(sources().stream().mapToLong(file -> linesOfCode(text(file))).sum())
                .as("lines of code of the product, without comments and blank lines")
                .isLessThanOrEqualTo(MOST_LINES_OF_CODE);
    }

    @Test
    void shouldHaveNoMoreJavadocsThatBeginWithAFragment() {
        assertThat(sources().stream()
                        .mapToLong(file -> fragments(text(file)).count())
                        .sum())
                .as("javadocs of the product that begin without a verb, or with a subject alone")
                .isLessThanOrEqualTo(MOST_FRAGMENTS);
    }

    @Test
    void shouldHaveNoMoreLongFiles() {
        List<String> over = sources().stream()
                .filter(file -> lines(file) > LONG_FILE)
                .map(file -> file.getFileName() + " " + lines(file))
                .sorted()
                .toList();
        assertThat(over).as("files of more than %d lines", LONG_FILE).hasSizeLessThanOrEqualTo(MOST_LONG_FILES);
    }

    @Test
    void shouldHaveNoMoreMethodsWithManyWays() throws IOException {
        List<String> over = new ArrayList<>();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            over.addAll(over(compiler, files, files.getJavaFileObjectsFromPaths(sources())));
        }
        assertThat(over)
                .as("methods with more than %d ways through", MANY_WAYS)
                .hasSizeLessThanOrEqualTo(MOST_METHODS_WITH_MANY_WAYS);
    }

    @Test
    void shouldCountCodeAndNoComment() {
        String source = """
                package p; // with a comment behind it

                /** A class. */
                class C {
                    // a comment
                    /*
                     * another
                     */
                    String url = "http://no-comment"; char quote = '"'; /* "no text" */
                    String text = \"""
                            // text, not a comment
                            /* and so is this
                            \""";
                }
                """;
        assertThat(linesOfCode(source)).isEqualTo(8);
    }

    @Test
    void shouldCountAJavadocThatIsNoSentence() {
        String source = """
                /** Records. */
                /** False: it was passed. */
                /** The same for two that read at once. */
                /** As the one before, but without a limit. */
                /** Raises the floor to the oldest needed record. */
                /**
                 * Tells how far
                 * it is.
                 */
                """;
        assertThat(fragments(source))
                .containsExactly(
                        "Records.",
                        "False:",
                        "The same for two that read at once.",
                        "As the one before, but without a limit.");
    }

    /** One of each kind that counts, and two of what does not. */
    @Test
    void shouldCountEachWay() throws IOException {
        String source = """
                class C {
                    int few(int i) { return Math.abs(i); }
                    int ways(int i) {
                        if (i > 0 && i < 9 || i == 12) i++;
                        for (int j = 0; j < 2; j++) i++;
                        for (int j : new int[] {1}) i += j;
                        while (i > 100) i--;
                        do i++; while (i < 0);
                        try { i++; } catch (RuntimeException e) { i--; }
                        switch (i) { case 1: i++; default: i--; }
                        return i > 0 ? i : -i;
                    }
                }
                """;
        JavaFileObject file = new SimpleJavaFileObject(URI.create("string:///C.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreErrors) {
                return source;
            }
        };
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            assertThat(over(compiler, files, List.of(file))).containsExactly("C.java ways 11");
        }
    }

    private static List<String> over(
            JavaCompiler compiler, StandardJavaFileManager files, Iterable<? extends JavaFileObject> sources)
            throws IOException {
        List<String> over = new ArrayList<>();
        JavacTask task = (JavacTask)
                compiler.getTask(new StringWriter(), files, problem -> {}, List.of("-proc:none"), null, sources);
        for (CompilationUnitTree unit : task.parse()) new Methods(unit, over).scan(unit, null);
        return over.stream().sorted().toList();
    }

    private static List<Path> sources() {
        return MODULES.stream().flatMap(SizesTest::sources).toList();
    }

    private static Stream<Path> sources(String module) {
        try (Stream<Path> files = Files.walk(Checkout.root().resolve(module).resolve("src/main/java"))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long lines(Path file) {
        return text(file).lines().count();
    }

    private static long linesOfCode(String source) {
        String code = TEXT_OR_COMMENT.matcher(source).replaceAll(found -> {
            boolean isComment = found.group(1) != null;
            return isComment ? found.group().replaceAll("[^\n]", "") : Matcher.quoteReplacement(found.group());
        });
        return code.lines().filter(line -> !line.isBlank()).count();
    }

    /** Finds the first sentences of javadocs that are none. */
    private static Stream<String> fragments(String source) {
        return JAVADOC.matcher(source)
                .results()
                .map(javadoc -> javadoc.group(1).replaceAll("\\s*\\*\\s?", " ").strip())
                .map(javadoc -> javadoc.split("(?<=[.:])\\s", 2)[0])
                .filter(first -> first.split("\\s+").length <= WORDS_OF_A_FRAGMENT
                        || FRAGMENT.matcher(first).matches());
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Finds methods. Lambdas and nested ones count for the method around them. */
    private static final class Methods extends TreeScanner<Void, Void> {
        private final CompilationUnitTree unit;
        private final List<String> over;

        Methods(CompilationUnitTree unit, List<String> over) {
            this.unit = unit;
            this.over = over;
        }

        @Override
        public Void visitMethod(MethodTree method, Void none) {
            Ways ways = new Ways();
            ways.scan(method.getBody(), null);
            String path = unit.getSourceFile().getName();
            if (ways.count > MANY_WAYS)
                over.add(path.substring(path.lastIndexOf('/') + 1) + " " + method.getName() + " " + ways.count);
            return super.visitMethod(method, none);
        }
    }

    /** The cyclomatic number: one, and one for each fork. */
    private static final class Ways extends TreeScanner<Void, Void> {
        private int count = 1;

        @Override
        public Void visitIf(IfTree tree, Void none) {
            count++;
            return super.visitIf(tree, none);
        }

        @Override
        public Void visitForLoop(ForLoopTree tree, Void none) {
            count++;
            return super.visitForLoop(tree, none);
        }

        @Override
        public Void visitEnhancedForLoop(EnhancedForLoopTree tree, Void none) {
            count++;
            return super.visitEnhancedForLoop(tree, none);
        }

        @Override
        public Void visitWhileLoop(WhileLoopTree tree, Void none) {
            count++;
            return super.visitWhileLoop(tree, none);
        }

        @Override
        public Void visitDoWhileLoop(DoWhileLoopTree tree, Void none) {
            count++;
            return super.visitDoWhileLoop(tree, none);
        }

        @Override
        public Void visitCase(CaseTree tree, Void none) {
            if (!tree.getExpressions().isEmpty()) count++;
            return super.visitCase(tree, none);
        }

        @Override
        public Void visitCatch(CatchTree tree, Void none) {
            count++;
            return super.visitCatch(tree, none);
        }

        @Override
        public Void visitConditionalExpression(ConditionalExpressionTree tree, Void none) {
            count++;
            return super.visitConditionalExpression(tree, none);
        }

        @Override
        public Void visitBinary(BinaryTree tree, Void none) {
            if (tree.getKind() == Tree.Kind.CONDITIONAL_AND || tree.getKind() == Tree.Kind.CONDITIONAL_OR) count++;
            return super.visitBinary(tree, none);
        }
    }
}
