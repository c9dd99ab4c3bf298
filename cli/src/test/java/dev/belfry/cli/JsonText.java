package dev.belfry.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A strict reader of JSON, so that what the command writes is read by something that does not share its mistakes. */
final class JsonText {
    private final String text;
    private int at;

    private JsonText(String text) {
        this.text = text;
    }

    static Object parse(String text) {
        JsonText json = new JsonText(text);
        Object value = json.value();
        json.space();
        if (json.at != text.length()) throw json.wrong("the end");
        return value;
    }

    private AssertionError wrong(String expected) {
        return new AssertionError("expected " + expected + " at " + at + " of: " + text);
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
    }

    private boolean take(String token) {
        space();
        if (!text.startsWith(token, at)) return false;
        at += token.length();
        return true;
    }

    private void require(String token) {
        if (!take(token)) throw wrong("'" + token + "'");
    }

    private Object value() {
        if (take("{")) return object();
        if (take("[")) return array();
        if (take("\"")) return string();
        if (take("true")) return true;
        if (take("false")) return false;
        if (take("null")) return null;
        return number();
    }

    private Map<String, Object> object() {
        Map<String, Object> object = new LinkedHashMap<>();
        if (take("}")) return object;
        do {
            require("\"");
            String name = string();
            require(":");
            if (object.put(name, value()) != null) throw wrong("another name than '" + name + "'");
        } while (take(","));
        require("}");
        return object;
    }

    private List<Object> array() {
        List<Object> array = new ArrayList<>();
        if (take("]")) return array;
        do array.add(value());
        while (take(","));
        require("]");
        return array;
    }

    private String string() {
        StringBuilder string = new StringBuilder();
        for (char c; (c = text.charAt(at++)) != '"'; ) {
            if (c < ' ') throw wrong("no control character");
            if (c == '\\') string.append(escaped());
            else string.append(c);
        }
        return string.toString();
    }

    private char escaped() {
        char c = text.charAt(at++);
        switch (c) {
            case 'n':
                return '\n';
            case 't':
                return '\t';
            case 'u':
                at += 4;
                return (char) Integer.parseInt(text.substring(at - 4, at), 16);
            case '"', '\\', '/':
                return c;
            default:
                throw wrong("an escape");
        }
    }

    /** Whole ones are Long. */
    private Number number() {
        int from = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) at++;
        String number = text.substring(from, at);
        if (!number.matches("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?")) throw wrong("a value");
        return number.matches("-?\\d+") ? (Number) Long.parseLong(number) : (Number) Double.parseDouble(number);
    }
}
