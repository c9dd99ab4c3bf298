package dev.belfry.jakarta.client;

import dev.belfry.testing.Slow;

/** The same in a domain that lies in files. */
@Slow
class FullDomainOverDiskTest extends FullDomainTest {
    @Override
    String scheme() {
        return "disk";
    }
}
