/** Typed messages by Chronicle Bytes. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"
}) // Chronicle has only an Automatic-Module-Name
module dev.belfry.chronicle {
    requires transitive dev.belfry.api;
    requires transitive chronicle.bytes;
    requires chronicle.core;
    requires jdk.unsupported; // Chronicle Core needs it on the module path and does not say so

    exports dev.belfry.chronicle;
}
