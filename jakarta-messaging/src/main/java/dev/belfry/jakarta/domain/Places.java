package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Channel;
import dev.belfry.jakarta.fold.Delivery;
import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.fold.Page;
import dev.belfry.jakarta.fold.Pages;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.Subscription;
import dev.belfry.jakarta.fold.View;
import dev.belfry.jakarta.message.FlatMessage;
import dev.belfry.jakarta.overflow.Binding;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Overflow;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.QueueUri;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Folds the domain as a member would, and is none: it takes, keeps and announces nothing. */
public final class Places implements DomainTools.Watch {
    private static final List<String> KINDS = List.of("queue", "topic", "temporary queue", "temporary topic");

    private final String domain;
    private final Log log;
    private final LogReader reader;
    private Folded folded; // null after an Error, which leaves half of something
    private final FlatMessage flat;

    public Places(String domain, Log log) {
        this.domain = domain;
        this.log = log;
        reader = log.reader();
        folded = folded();
        flat = new FlatMessage(log.id().toString().substring(0, 8));
    }

    private Folded folded() {
        return new Folded(domain, reader, log.mark(Domain.MARK), new Skipped(domain));
    }

    /** The same of a member's domain. The member folds no more for it. */
    public static DomainTools.Contents contents(Domain domain, long mostRecords) {
        return contents(domain.name, domain.log, mostRecords, domain.refusal());
    }

    /** As they are now; null: for that more than so many records had to be read. */
    public static DomainTools.Contents contents(String domain, Log log, long mostRecords) {
        return contents(domain, log, mostRecords, "");
    }

    private static DomainTools.Contents contents(String domain, Log log, long mostRecords, String refusal) {
        if (isLong(log, mostRecords)) return null;
        try (Places places = new Places(domain, log)) {
            return places.contents(refusal);
        }
    }

    @Override
    public DomainTools.Contents contents() {
        return contents("");
    }

    /** Tells with {@code refusal} why this process sends nothing to the disk; empty: that is not known. */
    private DomainTools.Contents contents(String refusal) {
        List<DomainTools.Place> all = all();
        OnDisk onDisk = new OnDisk(domain, log, folded.state(), refusal);
        Troubles troubles = new Troubles(log, folded, flat, onDisk);
        Fullness fullness = troubles.fullness(all);
        long consumers = all.stream()
                .flatMap(one -> one.consumers().keySet().stream())
                .distinct()
                .filter(log::isAlive)
                .count();
        return new DomainTools.Contents(
                all,
                consumers,
                troubles.deadLetters(),
                folded.state().bytes(),
                Fullness.mostBytes(log),
                fullness.inSeconds(),
                troubles.of(all, fullness),
                troubles.holds(),
                onDisk.overflow());
    }

    /** By their names. */
    private List<DomainTools.Place> all() {
        fold();
        long now = System.currentTimeMillis();
        List<DomainTools.Place> all = new ArrayList<>();
        State state = folded.state();
        for (Channel channel : state.channels())
            for (View view : channel.views()) {
                DomainTools.Place place = place(state, view, now);
                if (place.messages() > 0 || !place.consumers().isEmpty() || place.durable()) all.add(place);
            }
        Comparator<String> names = Comparator.nullsLast(Comparator.naturalOrder());
        all.sort(Comparator.comparing(DomainTools.Place::destination, names)
                .thenComparing(DomainTools.Place::kind)
                .thenComparing(DomainTools.Place::clientId, names)
                .thenComparing(DomainTools.Place::subscription, names));
        return all;
    }

    private void fold() {
        try {
            if (folded == null) folded = folded();
            folded.toTheEnd();
        } catch (Error e) {
            folded = null;
            throw e;
        }
    }

    private DomainTools.Place place(State state, View view, long now) {
        long id = view.channel.destination;
        Subscription one = view instanceof Subscription of ? of : null;
        Collection<Long> attached = one == null ? state.registry.attached(id) : one.attached();
        Map<Long, Long> consumers = new TreeMap<>();
        for (long member : attached) consumers.put(member, 0L);
        if (state.registry.owner(id) != 0) consumers.putIfAbsent(state.registry.owner(id), 0L);
        long[] messages = {0};
        long[] expired = {0};
        Message[] oldest = {null};
        view.forEach(m -> {
            messages[0]++;
            if (m.expiry() != 0 && m.expiry() <= now) expired[0]++;
            Delivery delivery = view.of(m);
            if (!delivery.isAvailable()) consumers.merge(delivery.holder(), 1L, Long::sum);
            if (oldest[0] == null || m.mid() < oldest[0].mid()) oldest[0] = m;
            return true;
        });
        Pages.Sum paged = state.pages.sum(view.id());
        return new DomainTools.Place(
                state.registry.name(id),
                KINDS.get(DestinationId.kind(id)),
                one == null ? null : one.name(),
                one == null ? null : one.clientId(),
                one != null && one.isDurable(),
                one != null && one.isShared(),
                one == null ? null : one.selector,
                messages[0] + paged.messages(),
                expired[0] + expired(state.pages.of(view.id()), now),
                oldest[0] == null ? 0 : sent(oldest[0]),
                consumers,
                paged.messages(),
                paged.bytes());
    }

    /** Counts the messages of pages of which each message has expired. */
    private static long expired(Collection<Page> pages, long now) {
        return pages.stream()
                .filter(page -> page.lot().expiry() != 0 && page.lot().expiry() <= now)
                .mapToLong(Page::left)
                .sum();
    }

    private long sent(Message m) {
        byte[] bytes = folded.read(m);
        return bytes != null && flat.wrap(bytes, 0, bytes.length, m.author()) ? flat.timestamp() : 0;
    }

    /** The visitor of {@link #browse}. */
    public interface Each {
        /** {@code flat}: only until this returns. {@code holder}: 0 if nobody holds it. False: no more. */
        boolean isToGoOn(FlatMessage flat, int deliveries, long holder);
    }

    /** In the order of delivery. Damaged ones are left out. */
    public void browse(DomainTools.Source source, Selector selector, Each each) {
        State state = folded.state();
        View view = source.isSubscription()
                ? state.registry.find(source.clientId(), source.name(), true)
                : state.view(Domain.queueId(source.name()));
        if (view == null) return;
        view.forEach(m -> {
            byte[] bytes = folded.read(m);
            boolean whole = bytes != null && flat.wrap(bytes, 0, bytes.length, m.author());
            return !whole
                    || !selector.matches(flat)
                    || each.isToGoOn(flat, view.of(m).count(), view.of(m).holder());
        });
    }

    private static boolean isLong(Log log, long mostRecords) {
        return log.newest() - log.mark(Domain.MARK).at().position() >= mostRecords;
    }

    /** Does what {@link DomainTools#paged} says. */
    public static DomainTools.Paged paged(String domain, Log log, long mostRecords) {
        if (isLong(log, mostRecords)) return null;
        try (Places places = new Places(domain, log)) {
            return places.paged();
        }
    }

    private DomainTools.Paged paged() {
        fold();
        State state = folded.state();
        Overflow told = state.registry.overflow();
        if (told.equals(Overflow.NONE)) return null;
        long now = System.currentTimeMillis();
        Map<Long, Long> messages = new TreeMap<>();
        long last = 0;
        for (Page page : state.pages.all()) {
            last = Math.max(last, page.firstChunk());
            long expiry = page.lot().expiry();
            if (expiry == 0 || expiry > now) messages.merge(page.lot().queue(), (long) page.left(), Long::sum);
        }
        List<DomainTools.Unread> queues = new ArrayList<>();
        messages.forEach((queue, n) -> queues.add(new DomainTools.Unread(state.registry.name(queue), n)));
        long none = Long.MAX_VALUE;
        long needed = state.pages.firstChunk(told.binding(), none);
        return new DomainTools.Paged(companion(told), needed == none ? 0 : needed, last, queues);
    }

    private String companion(Overflow told) {
        try {
            String directory =
                    Binding.of(QueueUri.parse(domain), told).directory().toString();
            return new QueueUri("file", directory, Map.of()).toString();
        } catch (IllegalArgumentException ofALaterRelease) {
            return told.uri();
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
