package dev.belfry.jakarta.fold;

import java.util.Arrays;
import java.util.function.LongFunction;

/**
 * The messages that each member has taken, so that nobody asks all messages when one leaves. A
 * message that it holds no longer stays here until it is in the way.
 */
final class Holders {
    static final int FEW = 64;

    private final LongFunction<View> views;
    private final MessageMap messages;
    final LongMap<Holder> all = new LongMap<>();

    Holders(LongFunction<View> views, MessageMap messages) {
        this.views = views;
        this.messages = messages;
    }

    /** The messages taken from one view, in no order, perhaps twice. */
    private static final class Taken {
        private long[] mids = new long[4];
        private int size;

        void add(long mid) {
            if (size == mids.length) mids = Arrays.copyOf(mids, 2 * size);
            mids[size++] = mid;
        }
    }

    final class Holder {
        private final long member;
        private LongMap<Taken> taken = new LongMap<>();
        int size; // how many are remembered
        private int most = FEW;

        Holder(long member) {
            this.member = member;
        }

        void add(long view, long mid) {
            if (size >= most) tidy();
            Taken mids = taken.get(view);
            if (mids == null) taken.put(view, mids = new Taken());
            mids.add(mid);
            size++;
        }

        private void tidy() {
            LongMap<Taken> before = taken;
            taken = new LongMap<>();
            size = 0;
            most = Integer.MAX_VALUE;
            for (long view : before.sortedKeys()) {
                Taken one = before.get(view);
                Arrays.sort(one.mids, 0, one.size);
                for (int i = 0; i < one.size; i++)
                    if ((i == 0 || one.mids[i] != one.mids[i - 1]) && holds(view, one.mids[i])) add(view, one.mids[i]);
            }
            most = 2 * size + FEW;
        }

        private boolean holds(long id, long mid) {
            View view = views.apply(id);
            Message m = messages.get(mid);
            Delivery now = view == null || m == null || m.channel != view.channel ? null : view.of(m);
            return now != null && now.holder() == member;
        }
    }

    interface OfView {
        void of(View view, Message held);
    }

    void add(long member, long view, long mid) {
        Holder holder = all.get(member);
        if (holder == null) all.put(member, holder = new Holder(member));
        holder.add(view, mid);
    }

    /** Forgets a member that leaves, and shows each message that it holds. */
    void leave(long member, OfView each) {
        Holder holder = all.remove(member);
        if (holder == null) return;
        for (long view : holder.taken.sortedKeys()) {
            Taken taken = holder.taken.get(view);
            for (int i = 0; i < taken.size; i++)
                if (holder.holds(view, taken.mids[i])) each.of(views.apply(view), messages.get(taken.mids[i]));
        }
    }
}
