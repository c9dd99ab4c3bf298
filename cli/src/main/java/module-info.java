/** The command {@code belfry}. */
module dev.belfry.cli {
    requires dev.belfry.api;
    requires info.picocli;

    opens dev.belfry.cli to
            info.picocli;

    uses dev.belfry.spi.MessageQueueProvider;
}
