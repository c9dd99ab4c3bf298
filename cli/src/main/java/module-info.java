/** The command {@code belfry}. */
@SuppressWarnings("requires-automatic") // JLine's terminal has only an Automatic-Module-Name
module dev.belfry.cli {
    requires dev.belfry.api;
    requires dev.belfry.bridge;
    requires dev.belfry.micrometer; // serve
    requires micrometer.core;
    requires micrometer.registry.prometheus;
    requires jdk.httpserver;
    requires info.picocli;
    requires org.jline.terminal; // the live screen of top

    opens dev.belfry.cli to
            info.picocli;
    opens dev.belfry.cli.command to
            info.picocli;
    opens dev.belfry.cli.frame to
            info.picocli;

    uses dev.belfry.spi.MessageQueueProvider;
}
