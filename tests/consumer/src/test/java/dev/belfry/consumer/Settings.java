package dev.belfry.consumer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Maven's settings, in a file of a test. */
final class Settings {
    private Settings() {}

    static Path with(Path folder, String elements) throws IOException {
        Files.createDirectories(folder);
        return Files.writeString(folder.resolve("settings.xml"), "<settings>" + elements + "</settings>");
    }

    /** These repositories, in this order, are asked before the public one: a run fetches nothing twice. */
    static Path finding(Path folder, Path... repositories) throws IOException {
        StringBuilder plain = new StringBuilder();
        StringBuilder plugins = new StringBuilder();
        for (int i = 0; i < repositories.length; i++) {
            String one = "<id>near-" + i + "</id><url>" + repositories[i].toUri() + "</url>";
            plain.append("<repository>").append(one).append("</repository>");
            plugins.append("<pluginRepository>").append(one).append("</pluginRepository>");
        }
        return with(
                folder,
                "<profiles><profile><id>near</id><repositories>" + plain + "</repositories><pluginRepositories>"
                        + plugins
                        + "</pluginRepositories></profile></profiles>"
                        + "<activeProfiles><activeProfile>near</activeProfile></activeProfiles>");
    }
}
