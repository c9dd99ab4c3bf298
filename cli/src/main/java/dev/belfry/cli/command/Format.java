package dev.belfry.cli.command;

import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageView;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Readable;
import dev.belfry.cli.text.Text;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/** How a message is printed. */
public enum Format {
    /** Position, properties, text. */
    TEXT {
        private final Readable as = Readable.ofStdout();

        @Override
        String line(MessageView message) {
            return head(message, as) + as.body(message.text());
        }
    },
    /** The bytes, and a line feed after each message: the counterpart of {@code pub}'s lines. */
    LINES {
        @Override
        void write(Message message, OutputStream out) throws IOException {
            out.write(message.bytes());
            out.write('\n');
        }
    },
    /** The bytes and nothing else. */
    RAW {
        @Override
        void write(Message message, OutputStream out) throws IOException {
            out.write(message.bytes());
        }
    },
    /** The length before each message, 4 bytes, big-endian; then its bytes. */
    FRAMED {
        @Override
        void write(Message message, OutputStream out) throws IOException {
            byte[] bytes = message.bytes();
            out.write(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
            out.write(bytes);
        }
    },
    /** Position, properties, sixteen bytes a line. */
    HEX {
        @Override
        String line(MessageView message) {
            byte[] bytes = message.bytes();
            StringBuilder lines = new StringBuilder(head(message, Readable.PLAIN) + bytes.length + " bytes");
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
            if (message.timestampMillis() != 0) json.put("timestamp", Instant.ofEpochMilli(message.timestampMillis()));
            json.put("properties", properties(message.properties()));
            byte[] bytes = message.bytes();
            try {
                json.put("body", StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)));
            } catch (CharacterCodingException binary) {
                json.put("bodyBase64", Base64.getEncoder().encodeToString(bytes));
            }
            return Json.of(json);
        }
    };

    void write(Message message, OutputStream out) throws IOException {
        out.write((line(message) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** For the formats that are text. */
    String line(MessageView message) {
        throw new AssertionError(this);
    }

    private static String head(MessageView message, Readable as) {
        String head = Long.toString(message.position());
        if (message.timestampMillis() != 0) head += " " + Instant.ofEpochMilli(message.timestampMillis());
        head = as.dim(head);
        if (!message.properties().names().isEmpty())
            head += " " + Text.clean(properties(message.properties()).toString());
        return head + " ";
    }

    private static Map<String, Object> properties(MessageProperties properties) {
        Map<String, Object> all = new LinkedHashMap<>();
        for (String name : new TreeSet<>(properties.names())) all.put(name, properties.get(name));
        return all;
    }
}
