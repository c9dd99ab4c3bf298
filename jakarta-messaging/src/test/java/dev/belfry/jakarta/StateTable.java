package dev.belfry.jakarta;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What each method of {@code jakarta.jms} does in each state: {@code states.txt}, which says how it is read. */
public final class StateTable {
    private static final String NAME = "states.txt";

    /** By interface; in the order of the table. */
    private final Map<String, List<String>> states = new LinkedHashMap<>();
    /** By interface, and by the method with the types of its parameters. */
    private final Map<String, Map<String, String[]>> lines = new LinkedHashMap<>();

    private final Map<String, String> shortNames = new LinkedHashMap<>();

    private StateTable(List<String> text) {
        String type = null;
        for (String line : text) {
            if (line.isBlank() || line.startsWith("#")) continue;
            String[] words = line.trim().split("\\s+");
            if (words[0].equals("=")) shortNames.put(words[2], words[1]);
            else if (words[0].startsWith("[")) {
                type = words[0].substring(1, words[0].length() - 1);
                states.put(type, Arrays.asList(words).subList(1, words.length));
                lines.put(type, new LinkedHashMap<>());
            } else add(type, words);
        }
    }

    private void add(String type, String[] words) {
        if (words.length != states.get(type).size() + 1)
            throw new AssertionError(type + "." + words[0] + " has " + (words.length - 1) + " cells; its states are "
                    + states.get(type) + ". Give it one for each.");
        if (lines.get(type).put(words[0], words) != null)
            throw new AssertionError(type + "." + words[0] + " has two lines. Take one out.");
    }

    public static StateTable read() {
        try (InputStream in = StateTable.class.getResourceAsStream(NAME);
                var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return new StateTable(reader.lines().toList());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    public Set<String> types() {
        return states.keySet();
    }

    public List<String> states(Class<?> type) {
        return states.get(type.getSimpleName());
    }

    /** What the cell says; a mark that the specification leaves it open is not part of that. "-": no such case. */
    public String expected(Class<?> type, Method method, String state) {
        String[] line = line(type, method);
        if (line == null) line = line(method.getDeclaringClass(), method);
        if (line == null)
            throw new AssertionError(
                    method + " has no line in " + NAME + ". Give it one, below [" + type.getSimpleName() + "].");
        return line[1 + states(type).indexOf(state)].replace("?", "");
    }

    /** A line of an inherited method says what is different here. */
    private String[] line(Class<?> type, Method method) {
        return lines.get(type.getSimpleName()).get(signature(method));
    }

    /** What happened, as a cell says it. */
    public String word(Throwable thrown) {
        String name = thrown.getClass().getSimpleName();
        return shortNames.getOrDefault(name, name);
    }

    public static String signature(Method method) {
        return method.getName()
                + Stream.of(method.getParameterTypes())
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(",", "(", ")"));
    }

    public static List<Method> methods(Class<?> type) {
        return Stream.of(type.getDeclaredMethods())
                .filter(m -> !m.isSynthetic() && !Modifier.isStatic(m.getModifiers()))
                .sorted((a, b) -> signature(a).compareTo(signature(b)))
                .toList();
    }

    /** Methods of the interface that have no line, and lines that have no method. */
    public Set<String> differences(Class<?> type) {
        Set<String> all =
                methods(type).stream().map(StateTable::signature).collect(Collectors.toCollection(TreeSet::new));
        Set<String> here = lines.getOrDefault(type.getSimpleName(), Map.of()).keySet();
        Set<String> differences = new TreeSet<>();
        for (String one : all) if (!here.contains(one)) differences.add("no line: " + one);
        for (Method inherited : type.getMethods()) all.add(signature(inherited));
        for (String one : here) if (!all.contains(one)) differences.add("no method: " + one);
        return differences;
    }

    /** As the table: for a message that says which cells are wrong. */
    public static String cell(Class<?> type, Method method, String state, String expected, String was) {
        return type.getSimpleName() + "." + signature(method) + " " + state + ": expected " + expected + ", was " + was;
    }
}
