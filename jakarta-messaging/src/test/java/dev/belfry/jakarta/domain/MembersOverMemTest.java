package dev.belfry.jakarta.domain;

import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;

/** Members of one domain on the heap. */
@Slow
@OneJdk
class MembersOverMemTest extends MembersSuite {
    @Override
    String scheme() {
        return "mem";
    }
}
