package dev.belfry.jakarta.domain;

import dev.belfry.conformance.OneJdk;
import dev.belfry.conformance.Slow;

/** Members of one domain on the heap. */
@Slow
@OneJdk
class MembersOverMemTest extends MembersSuite {
    @Override
    String scheme() {
        return "mem";
    }
}
