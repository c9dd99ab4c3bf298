package dev.belfry.cli.text;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Help.Ansi;

/** Columns as wide as their widest cell; those with numbers to the right. A cell may carry picocli's colour markup. */
public final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    private boolean numbersToTheRight = true;

    /** For names and values: all to the left. */
    public Table leftAligned() {
        numbersToTheRight = false;
        return this;
    }

    public Table row(String... cells) {
        rows.add(List.of(cells));
        return this;
    }

    /** With colours or without, as {@code ansi} finds out. */
    public List<String> lines(Ansi ansi, String indent) {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        int[] width = new int[columns];
        boolean[] right = new boolean[columns];
        for (List<String> row : rows)
            for (int c = 0; c < row.size(); c++) {
                width[c] = Math.max(width[c], plain(row.get(c)).length());
                right[c] |= numbersToTheRight && plain(row.get(c)).matches("[0-9][0-9.,]*[ %a-zA-Z/]*");
            }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(indent);
            for (int c = 0; c < row.size(); c++) {
                String gap = " ".repeat(width[c] - plain(row.get(c)).length());
                line.append(right[c] ? gap : "")
                        .append(ansi.string(row.get(c)))
                        .append(right[c] ? "" : gap)
                        .append("  ");
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    private static String plain(String cell) {
        return Ansi.OFF.string(cell);
    }
}
