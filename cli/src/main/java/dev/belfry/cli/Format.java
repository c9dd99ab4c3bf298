package dev.belfry.cli;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageView;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/** How a message is printed. */
enum Format {
    /** Position, properties, text; a control character is shown as ?, so that no message steers the terminal. */
    TEXT {
        @Override
        String line(MessageView message) {
            return head(message) + message.text().replaceAll("[\\p{IsControl}&&[^\t]]", "?");
        }
    },
    /** The text alone, one a line, as it is. */
    RAW {
        @Override
        String line(MessageView message) {
            return message.text();
        }
    },
    /** Position, properties, sixteen bytes a line. */
    HEX {
        @Override
        String line(MessageView message) {
            byte[] bytes = message.bytes();
            StringBuilder lines = new StringBuilder(head(message) + bytes.length + " bytes");
            for (int at = 0; at < bytes.length; at += 16) {
                StringBuilder hex = new StringBuilder();
                StringBuilder text = new StringBuilder();
                for (int i = at; i < Math.min(at + 16, bytes.length); i++) {
                    hex.append(String.format("%02x ", bytes[i]));
                    text.append(bytes[i] >= ' ' && bytes[i] < 127 ? (char) bytes[i] : '.');
                }
                lines.append(String.format("%n  %08x  %-48s %s", at, hex, text));
            }
            return lines.toString();
        }
    },
    /** An object a line; {@code body} is a string if it is UTF-8, else {@code bodyBase64}. */
    JSON {
        @Override
        String line(MessageView message) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("position", message.position());
            if (message.timestampMillis() != 0)
                json.put(
                        "timestamp",
                        Instant.ofEpochMilli(message.timestampMillis()).toString());
            json.put("properties", properties(message.properties()));
            byte[] bytes = message.bytes();
            try {
                json.put(
                        "body",
                        StandardCharsets.UTF_8
                                .newDecoder()
                                .decode(ByteBuffer.wrap(bytes))
                                .toString());
            } catch (CharacterCodingException binary) {
                json.put("bodyBase64", Base64.getEncoder().encodeToString(bytes));
            }
            return Json.of(json);
        }
    };

    abstract String line(MessageView message);

    private static String head(MessageView message) {
        String head = Long.toString(message.position());
        if (message.timestampMillis() != 0) head += " " + Instant.ofEpochMilli(message.timestampMillis());
        if (!message.properties().names().isEmpty())
            head += " " + Show.clean(properties(message.properties()).toString());
        return head + " ";
    }

    private static Map<String, Object> properties(MessageProperties properties) {
        Map<String, Object> all = new LinkedHashMap<>();
        for (String name : new TreeSet<>(properties.names())) all.put(name, properties.get(name));
        return all;
    }
}
