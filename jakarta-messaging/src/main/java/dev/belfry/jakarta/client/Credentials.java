package dev.belfry.jakarta.client;

import dev.belfry.jakarta.text.Codes;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Properties;

/** Names and passwords given to createConnection: any, unless the factory has some [6.1.2]. */
public final class Credentials {
    private Credentials() {}

    public static void check(Settings settings, String user, String password) throws JMSException {
        if (settings.user() == null && settings.users() == null) return;
        if (settings.user() != null && settings.user().equals(user) && isAlike(settings.password(), password)) return;
        if (settings.users() != null && user != null) {
            String known = users(settings).getProperty(user);
            if (known != null && isAlike(known, password)) return;
        }
        throw new JMSSecurityException(
                "User name and password are not those that the factory of '" + settings.uri()
                        + "' knows; it knows " + (settings.users() == null ? "one user" : "those of its file")
                        + ". "
                        + (settings.user() == null
                                ? "Give these, or set user and password."
                                : "Give these, or call createConnection()."),
                Codes.CREDENTIALS);
    }

    private static boolean isAlike(String one, String other) {
        if (one == null || other == null) return one == other;
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    private static Properties users(Settings settings) throws JMSException {
        Properties users = new Properties();
        try (Reader in = Files.newBufferedReader(Path.of(settings.users()))) {
            users.load(in);
        } catch (IOException | IllegalArgumentException e) {
            JMSSecurityException failure = new JMSSecurityException(
                    "File of users '" + settings.users() + "' cannot be read ("
                            + e.getClass().getSimpleName() + "); nobody is known without it. Check its path and mode.",
                    Codes.CREDENTIALS);
            failure.initCause(e);
            throw failure;
        }
        return users;
    }
}
