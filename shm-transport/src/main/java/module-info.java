/**
 * {@code shm:} queues between processes over a growable shared segment. Nothing to import: the
 * provider is found by its scheme.
 */
@SuppressWarnings({
    "requires-automatic", // Chronicle and JNA have only an Automatic-Module-Name
    "module" // the transport that lies in files is not needed to compile this one
})
module dev.belfry.shm {
    requires dev.belfry.api;
    requires org.slf4j;
    requires chronicle.bytes; // a body as Bytes, in layout
    requires chronicle.core; // off-heap access, in memory
    requires com.sun.jna; // system calls, in posix
    requires java.logging; // JNA needs it on the module path and does not say so
    requires jdk.jfr; // events
    requires jdk.unsupported; // Chronicle Core needs it on the module path and does not say so

    exports dev.belfry.shm to
            dev.belfry.file;
    exports dev.belfry.shm.journal to
            dev.belfry.file;
    exports dev.belfry.shm.posix to
            dev.belfry.file;

    provides dev.belfry.spi.MessageQueueProvider with
            dev.belfry.shm.ShmProvider;
}
