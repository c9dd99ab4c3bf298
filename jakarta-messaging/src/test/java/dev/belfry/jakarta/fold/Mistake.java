package dev.belfry.jakarta.fold;

import dev.belfry.testing.Patched;

/**
 * Mistakes that are easily made in the fold and in restating, each as the change of the source that
 * makes it. Those of a member are in {@code MemberTwinsTest}.
 */
enum Mistake {
    HOLD_WITHOUT_CHECKPOINT(
            "State", "long atMost = checkpoint == NONE ? first : checkpoint;", "long atMost = position + 1;"),
    HOLD_WITHOUT_STAGED("Staged", "if (waiting) return true;", "if (waiting) return false;"),
    HOLD_WITHOUT_APPLIED(13, "Staged", "return settled < parts.size();", "return false;"),
    LEAVE_FORGETS_HOLDS(
            "Rules",
            "view.set(m, now.givenBack(true, 0));",
            "continueSilently();",
            "Rules",
            "private Message stated(",
            "private static void continueSilently() {} private Message stated("),
    LEAVE_COUNTS_NOTHING("Rules", "now.givenBack(true, 0)", "now.givenBack(false, 0)"),
    LEAVE_FORGETS_STAGED("Rules", "if (part.key.owner() == member) end(part);", "{}"),
    LEAVE_FORGETS_SUBSCRIPTIONS("RegistryRules", "detach(view.id(), member);", "{}"),
    LEAVE_FORGETS_TEMPORARIES(
            "RegistryRules", "for (long destination : registry.temporariesOf(member)) endTemporary(destination);", ""),
    LEAVE_FORGETS_QUEUES(5, "Registry", "for (long queue : List.copyOf(queues.keySet())) detach(queue, member);", ""),
    LEAVE_FORGETS_CLIENTS("Registry", "clients.values().removeIf(client -> client.member == member);", ""),
    REMEMBERS_THOSE_THAT_LEFT(
            "Rules",
            "private int index;",
            "private int index; private final List<Long> left = new java.util.ArrayList<>();",
            "Rules",
            "giveUp(op.field(Op.ID));",
            "left.add(op.field(Op.ID)); giveUp(op.field(Op.ID));",
            "Rules",
            "index = 0;",
            "index = 0; if (left.contains(author)) return;"),
    TAKE_OF_A_TAKEN(
            "Rules", "if (!now.isAvailable()) continue;", "if (kind == Op.DROP && !now.isAvailable()) continue;"),
    DROP_OF_A_TAKEN(
            "Rules", "if (!now.isAvailable()) continue;", "if (kind == Op.TAKE && !now.isAvailable()) continue;"),
    ACK_BY_ANYBODY("Rules", "(owner || now.holder() == author)", "(owner || !now.isAvailable())"),
    ACK_UP_TO_BY_ANYBODY(
            "Rules", "if (owner) ((Subscription) view)", "if (view instanceof Subscription) ((Subscription) view)"),
    RETURN_BY_ANYBODY("Rules", "} else if (now.holder() == author) {", "} else if (!now.isAvailable()) {"),
    RETURN_FORGETS_THE_TIME(6, "Delivery", "counted ? counted() : count, from", "counted ? counted() : count, 0"),
    LATER_SUBSCRIBER("Subscription", "return id < mid && cursor < mid;", "return cursor < mid;"),
    CURSOR_NOT_ASKED(71, "Subscription", "return id < mid && cursor < mid;", "return id < mid;"),
    STAGED_COUNTED_FROM_WHAT_IS_LEFT(
            12,
            "Rules",
            "for (Staged part : parts) { int at = part.key.first();",
            "int at = 0; for (Staged part : parts) {"),
    STAGED_OLDEST_FIRST("Rules", "parts.sort(NEWEST_FIRST);", ""),
    SUBSCRIBE_AFTER_APPLY("RecordCheck", "case Op.SUBSCRIBE -> { expectNoApply();", "case Op.SUBSCRIBE -> {"),
    DEFINE_AFTER_APPLY("RecordCheck", "if (DestinationId.isTemporary(destination)) expectNoApply();", ""),
    STAGED_PART_KEPT_TWICE(3, "Rules", "if (old != null) old.end();", ""),
    UNSUBSCRIBE_ASKS_FOR_MESSAGES(
            30, "RegistryRules", "if (view == null || !view.members.isEmpty()) return Outcome.REFUSED;", """
            boolean[] held = {false};
            if (view != null) view.forEach(m -> held[0] = !view.of(m).isAvailable());
            if (view == null || held[0] || !view.members.isEmpty()) return Outcome.REFUSED;"""),
    PUT_TO_A_DELETED(8, "Rules", "boolean may = registry.mayHold(destination, mid);", "boolean may = true;"),
    PUT_TO_A_DELETED_AND_DEFINED_AGAIN(
            372,
            "Rules",
            "boolean may = registry.mayHold(destination, mid);",
            "boolean may = registry.mayHold(destination, Long.MAX_VALUE);"),
    MESSAGE_TO_A_DELETED("Rules", "return registry.mayHold(destination, m.mid) &&", "return "),
    MESSAGE_BEFORE_ITS_DESTINATION(
            "Rules", "registry.mayHold(destination, m.mid)", "registry.mayHold(destination, Long.MAX_VALUE)"),
    CHECKPOINT_WITHOUT_QUEUES(
            "RegistryImage",
            "r.queues.forEach((id, members) -> queues.add(new Checkpoint.Queue(id, List.copyOf(members))));",
            ""),
    CHECKPOINT_WITHOUT_CLIENTS(
            "RegistryImage",
            "r.clients.forEach((id, c) -> clients.add(new Checkpoint.Client(id, c.member(), c.connection())));",
            ""),
    CHECKPOINT_WITHOUT_DEFINITION_IDS(
            "RegistryImage",
            "t.owner(), t.definition(), t.connection(), t.name())));\n        List<Checkpoint.Queue>",
            "t.owner(), 0, t.connection(), t.name())));\n        List<Checkpoint.Queue>"),
    CHECKPOINT_WITHOUT_NO_LOCAL("RegistryImage", "v.flags,", "v.flags & 3,"),
    CURSOR_OF_ANOTHER_POSITION("Subscription", "return channel.lowest(this, done(), none) - 1;", "return none - 1;"),
    BOOTSTRAP_FOLDS_THE_REGISTRY_TWICE(7, "Rules", "position > state.loaded", "true"),
    PUT_WITHOUT_HOLDERS(
            "Restating",
            "if (now != null && !now.equals(Delivery.AVAILABLE))",
            "if (now != null && now.isAvailable() && !now.equals(Delivery.AVAILABLE))"),
    PUT_WITHOUT_COUNTS(
            4,
            "Restating",
            "if (now != null && !now.equals(Delivery.AVAILABLE))",
            "if (now != null && !now.isAvailable())"),
    PUT_WITHOUT_GAPS(32, "Restating", "if (view.wants(m.mid) && view.of(m) == null)", "if (false)"),
    PUT_BY_ANOTHER_AUTHOR("Restating", "out.run(first.author,", "out.run(7,"),
    PUT_COPIES_THE_FIRST_OF_A_RUN(
            "Restating",
            "for (Message m : live.subList(from, end)) copy(m, source, out);",
            "for (Message m : live.subList(from, end)) copy(first, source, out);"),
    PUT_KEEPS_AN_OLD_STATEMENT(
            "Message", "statement = position;", "statement = statement == 0 ? position : statement;"),
    PAGE_HAS_ONLY_WHAT_IS_KNOWN(
            1001, "Rules", "Paged told = Paged.read(op.fields(Op.ID), op.a(), op.b(), this::leavesMemory);", """
            int known = state.size();
            Paged told = Paged.read(op.fields(Op.ID), op.a(), op.b(), this::leavesMemory);
            if (op.a() == 0 && state.size() == known) return;"""),
    PAGE_LEAVES_ITS_MESSAGES_IN_MEMORY(1001, "Rules", "if (m != null) m.channel.remove(m); }", "}"),
    PAGE_HOLDS_NO_MARK(1001, "Rules", "state.statements.add(page, position);", ""),
    PAGE_BELOW_THE_FLOOR_IS_PASSED_OVER(
            1001,
            "Rules",
            "state.pages.put(page);",
            "if (page.firstChunk() < registry.overflow().floor()) return; state.pages.put(page);"),
    PAGE_OF_ANOTHER_COMPANION_IS_PASSED_OVER(
            1001,
            "Rules",
            "state.pages.put(page);",
            "if (!page.binding().equals(registry.overflow().binding())) return; state.pages.put(page);"),
    PAGE_BEFORE_THE_CHECKPOINT_IS_PASSED_OVER(
            1001, "Rules", "case Op.PAGE -> page(op);", "case Op.PAGE -> { if (position > state.loaded) page(op); }"),
    PAGE_KEPT_TWICE(1001, "Pages", "else end(old);", ""),
    PAGE_TOLD_AGAIN_FROM_ITS_BEGINNING(
            1001,
            "Restating",
            "page.at()) .with(page.rest()));",
            "page.at()).with(new dev.belfry.jakarta.wire.Rest(" + "0, page.rest().mid())));"),
    PAGE_TOLD_AGAIN_WITH_ITS_OLD_REST(1001, "Restating", "page.at()) .with(page.rest()));", "page.at()));"),
    PAGE_IS_LEFT_BACKWARDS(
            1001,
            "Pages",
            "if (page == null || rest.index() <= page.rest.index()) return;",
            "if (page == null) return;"),
    PAGE_WITHOUT_REST_LIVES(
            1001, "Pages", "rest.index() >= page.lot().messages()", "rest.index() > page.lot().messages()"),
    PAGE_KEEPS_ITS_PLACE_IN_LINE(1001, "Pages", "unline(page); page.rest = rest; line(page);", "page.rest = rest;"),
    PURGE_FORGETS_PAGES(1001, "Rules", "state.pages.purge(op.field(Op.ID));", ""),
    CHECKPOINT_WITHOUT_COMPANION(1001, "RegistryImage", "r.overflow = from.overflow();", ""),
    FLOOR_FALLS(1001, "Overflow", "&& to > floor", ""),
    FLOOR_OF_ANY_COMPANION(1001, "Overflow", "of.equals(binding) &&", ""),
    FLOOR_OUTLIVES_ITS_COMPANION(1001, "RegistryRules", "registry.overflow = Overflow.named(op.fields(Op.ID));", """
            {
                Overflow next = Overflow.named(op.fields(Op.ID));
                if (next.uri() != null) next = next.raised(next.binding(), registry.overflow.floor());
                registry.overflow = next;
            }"""),
    LENGTH_OF_AN_OPERATION_BELIEVED("RecordCheck", "|| length > end - at", ""),
    LENGTH_OF_A_TEXT_BELIEVED(
            "Cursor", "if (length > limit - at) throw new Malformed(\"field ends beyond its operation\");", "");

    private final int seed;
    private final String[] changes;

    /** Class, snippet, replacement; and again. */
    Mistake(String... words) {
        this(1, words);
    }

    /** It is rare: the first seed that showed it. */
    Mistake(int seed, String... words) {
        this.seed = seed;
        this.changes = words;
    }

    /** Whether only hostile records show it. */
    boolean isHostile() {
        return compareTo(LENGTH_OF_AN_OPERATION_BELIEVED) >= 0;
    }

    /** Where a search begins. */
    int seed() {
        return seed;
    }

    Patched putInto(Patched product) {
        for (int i = 0; i < changes.length; i += 3) product.and(changes[i], changes[i + 1], changes[i + 2]);
        return product;
    }
}
