package dev.belfry.structure;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ReturnTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.TreeScanner;
import dev.belfry.testing.Checkout;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * What sources of the published packages say beside names: since when each public type is there, a nested one with the
 * one around it; and in packages with {@code @NullMarked}, where null may be. What a comment says of null has a
 * {@code @Nullable} in its signature, and so has what returns a literal null.
 */
@OneJdk
@Slow
class PublishedSourcesTest {
    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();
    private static final StandardJavaFileManager FILES = COMPILER.getStandardFileManager(null, null, null);
    private static final Pattern NULL = Pattern.compile("(?<!never )\\bnull\\b", Pattern.CASE_INSENSITIVE);
    private static final Pattern SINCE = Pattern.compile("^\\s*@since 0\\.1$", Pattern.MULTILINE);
    private static final Pattern OF_COMPONENT = Pattern.compile("@param (\\w+)([^@]*)");

    @Test
    void shouldSaySinceWhen() throws IOException {
        List<JavaFileObject> sources = sources();
        assertThat(sources).hasSizeGreaterThan(100);
        assertThat(complaints(sources, false)).isEmpty();
    }

    @Test
    void shouldMarkWhatMayBeNull() throws IOException {
        List<JavaFileObject> marked = sources().stream()
                .filter(source -> isMarked(Path.of(source.toUri())))
                .toList();
        assertThat(marked).hasSizeGreaterThan(60);
        assertThat(complaints(marked, true)).isEmpty();
    }

    @Test
    void shouldFindEachMistake() throws IOException {
        String source = """
                package p;
                /** A type. @since 0.1 */
                public class C {
                    /** Returns the name, or null. */
                    public String name() { return name; }
                    /** Null: none. */
                    protected abstract String group();
                    /** Returns a name; never null. */
                    public String never() { return "name"; }
                    public String found(String key) { if (key.isEmpty()) return null; return key; }
                    public @Nullable String right() { return null; }
                    public void call(Runnable what) { if (what == null) return; what.run(); }
                    /** {@code what} may be null. */
                    public static void take(@Nullable Object what) { call(() -> { return null; }); }
                    /** Or null. */
                    String inner() { return null; }
                    /**
                     * Two.
                     *
                     * @param first null: none
                     * @param second is there
                     */
                    public record Two(String first, @Nullable String second) {}
                    /** Null: none. */
                    public interface Source { String at(); /** The next, or null. */ String next(); }
                    public final String text; // null: none
                    /** Null: none. */
                    public static final String TEXT = null;
                }
                """;
        JavaFileObject file = new SimpleJavaFileObject(URI.create("string:///C.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreErrors) {
                return source;
            }
        };
        assertThat(complaints(List.of(file), true))
                .containsExactly(
                        "C.java: name is not @Nullable",
                        "C.java: group is not @Nullable",
                        "C.java: found does not return @Nullable",
                        "C.java: Two.first is not @Nullable",
                        "C.java: next is not @Nullable",
                        "C.java: TEXT is not @Nullable");
        assertThat(complaints(List.of(file), false)).containsExactly("C.java: C has no @since");
    }

    private static List<JavaFileObject> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        try (Stream<Path> modules = Files.list(Checkout.root())) {
            for (Path module : modules.sorted().toList())
                for (String name : PublishedShapesTest.PACKAGES)
                    sources.addAll(in(module.resolve("src/main/java").resolve(name.replace('.', '/'))));
        }
        List<JavaFileObject> files = new ArrayList<>();
        FILES.getJavaFileObjectsFromPaths(sources).forEach(files::add);
        return files;
    }

    private static List<Path> in(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) return List.of();
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .toList();
        }
    }

    private static boolean isMarked(Path source) {
        try {
            return Files.readString(source.resolveSibling("package-info.java")).contains("NullMarked");
        } catch (IOException none) {
            return false;
        }
    }

    private static List<String> complaints(List<JavaFileObject> sources, boolean ofNull) throws IOException {
        List<String> complaints = new ArrayList<>();
        JavacTask task = (JavacTask)
                COMPILER.getTask(new StringWriter(), FILES, problem -> {}, List.of("-proc:none"), null, sources);
        DocTrees comments = DocTrees.instance(task);
        for (CompilationUnitTree unit : task.parse()) new Types(unit, comments, ofNull, complaints).scan(unit, null);
        return complaints;
    }

    /** Goes through the public types of a file, and what users see of each. */
    private static final class Types extends TreePathScanner<Void, Void> {
        private final String file;
        private final DocTrees comments;
        private final boolean ofNull;
        private final List<String> complaints;

        Types(CompilationUnitTree unit, DocTrees comments, boolean ofNull, List<String> complaints) {
            String path = unit.getSourceFile().getName();
            this.file = path.substring(path.lastIndexOf('/') + 1);
            this.comments = comments;
            this.ofNull = ofNull;
            this.complaints = complaints;
        }

        @Override
        public Void visitClass(ClassTree type, Void none) {
            if (!isSeen(type.getModifiers().getFlags())) return null;
            boolean isTop = getCurrentPath().getParentPath().getLeaf().getKind() == Tree.Kind.COMPILATION_UNIT;
            if (!ofNull && isTop && !SINCE.matcher(comment()).find()) complain(type.getSimpleName() + " has no @since");
            if (ofNull && type.getKind() == Tree.Kind.RECORD) components(type);
            return super.visitClass(type, none);
        }

        /** Those of a record, by its comment. */
        private void components(ClassTree type) {
            Matcher of = OF_COMPONENT.matcher(comment());
            while (of.find())
                for (Tree member : type.getMembers())
                    if (member instanceof VariableTree component
                            && component.getName().contentEquals(of.group(1))
                            && NULL.matcher(of.group(2)).find()
                            && !component.toString().contains("@Nullable"))
                        complain(type.getSimpleName() + "." + component.getName() + " is not @Nullable");
        }

        @Override
        public Void visitMethod(MethodTree method, Void none) {
            if (!ofNull || !isSeen(method.getModifiers().getFlags())) return null;
            String result = method.getModifiers().toString() + method.getReturnType();
            if (returnsNull(method) && !result.contains("@Nullable"))
                complain(method.getName() + " does not return @Nullable");
            else if (NULL.matcher(comment()).find() && !(result + method.getParameters()).contains("@Nullable"))
                complain(method.getName() + " is not @Nullable");
            return null;
        }

        @Override
        public Void visitVariable(VariableTree field, Void none) {
            boolean isWrong = ofNull
                    && isSeen(field.getModifiers().getFlags())
                    && NULL.matcher(comment()).find()
                    && !field.toString().contains("@Nullable");
            if (isWrong) complain(field.getName() + " is not @Nullable");
            return null;
        }

        /** A member of an interface need not say that it is public. */
        private boolean isSeen(Set<Modifier> flags) {
            TreePath around = getCurrentPath().getParentPath();
            return flags.contains(Modifier.PUBLIC)
                    || flags.contains(Modifier.PROTECTED)
                    || around.getLeaf().getKind() == Tree.Kind.INTERFACE && !flags.contains(Modifier.PRIVATE);
        }

        private String comment() {
            String comment = comments.getDocComment(getCurrentPath());
            return comment == null ? "" : comment;
        }

        private void complain(String what) {
            complaints.add(file + ": " + what);
        }

        private static boolean returnsNull(MethodTree method) {
            boolean[] found = {false};
            new TreeScanner<Void, Void>() {
                @Override
                public Void visitReturn(ReturnTree tree, Void none) {
                    found[0] |= tree.getExpression() != null
                            && tree.getExpression().toString().equals("null");
                    return null;
                }

                @Override
                public Void visitClass(ClassTree inner, Void none) {
                    return null;
                }

                @Override
                public Void visitLambdaExpression(LambdaExpressionTree inner, Void none) {
                    return null;
                }
            }.scan(method.getBody(), null);
            return found[0];
        }
    }
}
