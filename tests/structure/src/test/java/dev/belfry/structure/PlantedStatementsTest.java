package dev.belfry.structure;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.ImportTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewArrayTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SimpleTreeVisitor;
import com.sun.source.util.TreeScanner;
import dev.belfry.testing.Checkout;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * The product has each statement that a test replaces by {@link Patched}, once: those tests are slow, and run by
 * turns. A statement stands after its class, both as constants, among arguments or in a row of a {@code CsvSource}.
 */
@OneJdk
class PlantedStatementsTest {
    private static final Pattern PLANTS = Pattern.compile("\\b(Patched|Mistake|Twin)\\b");

    /** Names follow a class, too: a statement has at least a sign. */
    private static final Pattern STATEMENT = Pattern.compile("(?s).*[^\\w\\s].*");

    private static final Set<String> CLASSES = files("src/main/java")
            .map(file -> file.getFileName().toString().replace(".java", ""))
            .collect(Collectors.toSet());

    @Test
    void shouldFindEachStatement() throws IOException {
        List<Path> tests = files("src/test/java")
                .filter(file -> PLANTS.matcher(read(file)).find())
                .toList();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            Plants plants = new Plants(compiler, files, files.getJavaFileObjectsFromPaths(tests));
            assertThat(plants.unread)
                    .as("name class and statement by constants")
                    .isEmpty();
            assertThat(plants.all).hasSizeGreaterThan(500);
            assertThat(plants.missing()).as("not there, or not once").isEmpty();
        }
    }

    @Test
    void shouldTellWhichStatementIsMissing() throws IOException {
        String source = """
                class ATest {
                    static final String SYNC = "directory.sync();";
                    void concatenated() {
                        String there = "makeOrAwait(ready / size); " + SYNC;
                        Patched.in("Segments", there, "").and(Segments.class, there + " // no such thing", "");
                    }
                    void twice() { Patched.in("Segments", "return -1;", ""); Patched.in("Segments", "return", ""); }
                    void local(String there) { Patched.in("Segments", there, ""); }
                    @CsvSource(delimiterString = "##", value = {"Segments ## directory.sync( ) ; // gone ## ''", "a ## b"})
                    void rows(String type, String statement) { Patched.in(type, statement, ""); }
                    @CsvSource(delimiter = '|', value = "file.Segments | no such; | ''")
                    void row() {}
                    enum Mistake {
                        BLOCK("Segments", \"""
                                no such
                                block;\""", "");
                    }
                }
                """;
        JavaFileObject file = new SimpleJavaFileObject(URI.create("string:///ATest.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreErrors) {
                return source;
            }
        };
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            Plants plants = new Plants(compiler, files, List.of(file));
            assertThat(plants.unread)
                    .containsExactly("ATest: \"Segments\",\"return\",\"\"", "ATest: \"Segments\",there,\"\"");
            assertThat(plants.all).hasSize(6);
            assertThat(plants.missing())
                    .extracting(Plant::statement)
                    .containsExactly(
                            "makeOrAwait(ready / size); directory.sync(); // no such thing",
                            "return -1;",
                            "directory.sync( ) ; // gone",
                            "no such;",
                            "no such\nblock;");
        }
    }

    private record Plant(String test, String type, String statement) {
        boolean isMissing() {
            try {
                Patched.in(type, statement, "").close();
                return false;
            } catch (AssertionError missing) {
                return true;
            }
        }
    }

    /** Reads all sources twice: the constants of one stand in others. */
    private static final class Plants extends TreeScanner<Void, Void> {
        final List<Plant> all = new ArrayList<>();
        final List<String> unread = new ArrayList<>();
        private final Map<String, ExpressionTree> constants = new HashMap<>();
        private final Map<String, ExpressionTree> locals = new HashMap<>();
        private CompilationUnitTree unit;

        Plants(JavaCompiler compiler, StandardJavaFileManager files, Iterable<? extends JavaFileObject> sources)
                throws IOException {
            JavacTask task = (JavacTask)
                    compiler.getTask(new StringWriter(), files, problem -> {}, List.of("-proc:none"), null, sources);
            List<CompilationUnitTree> units = new ArrayList<>();
            task.parse().forEach(units::add);
            for (CompilationUnitTree each : units) new Fields(name(each), constants).scan(each, null);
            for (CompilationUnitTree each : units) {
                unit = each;
                scan(each, null);
            }
        }

        List<Plant> missing() {
            return all.stream().filter(Plant::isMissing).toList();
        }

        private static String name(CompilationUnitTree unit) {
            return unit.getSourceFile().getName().replaceFirst(".*/", "").replace(".java", "");
        }

        @Override
        public Void visitMethod(MethodTree method, Void none) {
            super.visitMethod(method, none);
            locals.clear();
            return none;
        }

        /** Of a method alone: fields are constants, or their values are among the arguments of a constructor. */
        @Override
        public Void visitVariable(VariableTree variable, Void none) {
            locals.put(variable.getName().toString(), variable.getInitializer());
            return super.visitVariable(variable, none);
        }

        @Override
        public Void visitMethodInvocation(MethodInvocationTree call, Void none) {
            String name = call.getMethodSelect().toString().replaceFirst("(?s).*\\.", "");
            plants(call.getArguments(), Set.of("in", "and").contains(name));
            return super.visitMethodInvocation(call, none);
        }

        @Override
        public Void visitNewClass(NewClassTree made, Void none) {
            plants(
                    made.getArguments(),
                    Set.of("Mistake", "Twin").contains(made.getIdentifier().toString()));
            return super.visitNewClass(made, none);
        }

        /** {@code puts}: a call that replaces a statement, or means to. */
        private void plants(List<? extends ExpressionTree> arguments, boolean puts) {
            List<String> texts = arguments.stream().map(this::text).toList();
            int found = all.size();
            plants(texts);
            if (puts && all.size() == found && texts.stream().anyMatch(Plants::isClass))
                unread.add(name(unit) + ": " + arguments);
        }

        private void plants(List<String> texts) {
            for (int i = 1; i < texts.size(); i++)
                if (isClass(texts.get(i - 1))
                        && texts.get(i) != null
                        && STATEMENT.matcher(texts.get(i)).matches())
                    all.add(new Plant(name(unit), texts.get(i - 1), texts.get(i)));
        }

        private static boolean isClass(String text) {
            return text != null && CLASSES.contains(text.replaceFirst("^([a-z]+\\.)+", ""));
        }

        @Override
        public Void visitAnnotation(AnnotationTree annotation, Void none) {
            if (annotation.getAnnotationType().toString().equals("CsvSource")) {
                Map<String, ExpressionTree> named = new HashMap<>();
                for (ExpressionTree one : annotation.getArguments())
                    if (one instanceof AssignmentTree set)
                        named.put(set.getVariable().toString(), set.getExpression());
                    else named.put("value", one);
                String delimiter = Stream.of("delimiter", "delimiterString")
                        .filter(named::containsKey)
                        .map(one -> text(named.get(one)))
                        .findFirst()
                        .orElse(",");
                rows(named.get("value")).forEach(row -> plants(cells(text(row), delimiter)));
            }
            return super.visitAnnotation(annotation, none);
        }

        private static List<? extends ExpressionTree> rows(ExpressionTree value) {
            return value instanceof NewArrayTree several ? several.getInitializers() : List.of(value);
        }

        private static List<String> cells(String row, String delimiter) {
            return Arrays.stream(row.split(Pattern.quote(delimiter)))
                    .map(cell -> cell.strip().replaceFirst("(?s)^'(.*)'$", "$1"))
                    .toList();
        }

        /** Null: no constant. */
        private String text(ExpressionTree expression) {
            return expression == null ? null : expression.accept(new Texts(), null);
        }

        private final class Texts extends SimpleTreeVisitor<String, Void> {
            @Override
            public String visitLiteral(LiteralTree literal, Void none) {
                return String.valueOf(literal.getValue());
            }

            @Override
            public String visitBinary(BinaryTree sum, Void none) {
                String left = text(sum.getLeftOperand());
                String right = text(sum.getRightOperand());
                return sum.getKind() != Tree.Kind.PLUS || left == null || right == null ? null : left + right;
            }

            @Override
            public String visitIdentifier(IdentifierTree identifier, Void none) {
                String name = identifier.getName().toString();
                if (locals.containsKey(name)) return text(locals.get(name));
                String imported = unit.getImports().stream()
                        .filter(ImportTree::isStatic)
                        .map(one -> one.getQualifiedIdentifier().toString())
                        .filter(one -> one.endsWith("." + name))
                        .map(one -> one.replaceFirst(".*\\.(\\w+\\.)", "$1"))
                        .findFirst()
                        .orElse(name(unit) + "." + name);
                return text(constants.get(imported));
            }

            @Override
            public String visitMemberSelect(MemberSelectTree selected, Void none) {
                return selected.getIdentifier().contentEquals("class")
                        ? selected.getExpression().toString()
                        : text(constants.get(selected.toString()));
            }
        }
    }

    /** By the file, of which a class inside another has the name, too. */
    private static final class Fields extends TreeScanner<Void, Void> {
        private final String file;
        private final Map<String, ExpressionTree> found;

        Fields(String file, Map<String, ExpressionTree> found) {
            this.file = file;
            this.found = found;
        }

        @Override
        public Void visitClass(ClassTree type, Void none) {
            for (Tree member : type.getMembers())
                if (member instanceof VariableTree field && field.getInitializer() != null)
                    found.put(file + "." + field.getName(), field.getInitializer());
            return super.visitClass(type, none);
        }
    }

    private static Stream<Path> files(String folder) {
        try (Stream<Path> modules =
                Files.find(Checkout.root(), 2, (path, a) -> Files.isDirectory(path.resolve(folder)))) {
            return modules.map(module -> module.resolve(folder)).toList().stream()
                    .flatMap(PlantedStatementsTest::below);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> below(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
