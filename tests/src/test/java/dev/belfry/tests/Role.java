package dev.belfry.tests;

/** What a child JVM does; it needs a constructor without arguments. */
@FunctionalInterface
interface Role {
    void play(Line line, String... args) throws Exception;
}
