package dev.belfry.cli.text;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** JSON of maps, collections, records, numbers, booleans and everything else as a string. */
public final class Json {
    /** The format of all answers. Within one number keys are added, and none changes its name, type or unit. */
    private static final int FORMAT = 1;

    private Json() {}

    /** One answer of a command or of {@code serve}, with the number of its format. */
    public static String of(Map<String, ?> answer) {
        Map<String, Object> all = object("format", FORMAT);
        all.putAll(answer);
        StringBuilder json = new StringBuilder();
        object(all, json);
        return json.toString();
    }

    /** Keys and values in turn, in this order. */
    public static Map<String, Object> object(Object... keysAndValues) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) object.put((String) keysAndValues[i], keysAndValues[i + 1]);
        return object;
    }

    /** One key with a list. */
    public static Map<String, Object> list(String key, Stream<?> all) {
        return object(key, all.toList());
    }

    /** A record's components. */
    public static Map<String, Object> object(Record from) {
        Map<String, Object> object = new LinkedHashMap<>();
        try {
            for (RecordComponent component : from.getClass().getRecordComponents())
                object.put(component.getName(), component.getAccessor().invoke(from));
        } catch (ReflectiveOperationException notPublic) {
            throw new IllegalStateException(notPublic);
        }
        return object;
    }

    private static void write(Object value, StringBuilder json) {
        if (value == null || value instanceof Boolean || value instanceof Number) json.append(number(value));
        else if (value instanceof Map<?, ?> map) object(map, json);
        else if (value instanceof Collection<?> collection) array(collection, json);
        else if (value instanceof Record known) object(object(known), json);
        else string(value.toString(), json);
    }

    /** JSON has no infinity. */
    private static Object number(Object value) {
        boolean fraction = value instanceof Double || value instanceof Float;
        return fraction && !Double.isFinite(((Number) value).doubleValue()) ? null : value;
    }

    private static void object(Map<?, ?> map, StringBuilder json) {
        json.append('{');
        String comma = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            json.append(comma);
            string(entry.getKey().toString(), json);
            json.append(':');
            write(entry.getValue(), json);
            comma = ",";
        }
        json.append('}');
    }

    private static void array(Collection<?> values, StringBuilder json) {
        json.append('[');
        List<Object> all = new ArrayList<>(values);
        for (int i = 0; i < all.size(); i++) {
            if (i > 0) json.append(',');
            write(all.get(i), json);
        }
        json.append(']');
    }

    private static void string(String text, StringBuilder json) {
        json.append('"');
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') json.append('\\').append(c);
            else if (c == '\n') json.append("\\n");
            else if (c == '\t') json.append("\\t");
            else if (c < ' ' || c >= 0x7f && c < 0xa0 || Character.isSurrogate(c))
                json.append(String.format("\\u%04x", (int) c));
            else json.append(c);
        }
        json.append('"');
    }
}
