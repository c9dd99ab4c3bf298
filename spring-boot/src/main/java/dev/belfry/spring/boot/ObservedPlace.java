package dev.belfry.spring.boot;

import java.net.URI;

/** A queue, and the name that the application calls it. */
record ObservedPlace(String name, URI uri) {}
