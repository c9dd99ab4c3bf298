package dev.belfry.shm.publish;

import dev.belfry.api.WritableBody;
import dev.belfry.shm.layout.Body;
import dev.belfry.shm.layout.BodyForm;
import dev.belfry.shm.layout.SharedBytes;
import java.nio.ByteBuffer;

/** The bytes of a message that its publisher fills in place, until it is committed or given up. */
abstract class ClaimedBody extends Body implements WritableBody {
    private final BodyForm form = new BodyForm(this);

    ClaimedBody() {
        super(false);
    }

    /** Its message is here, in these bytes. Under the publish lock. It ends before that is free. */
    final void at(SharedBytes in, long index, int length) {
        over(in);
        at(in.checked(index, length), length);
    }

    /** Why it may not be filled; null if it may. Asked only if an index was refused. */
    abstract RuntimeException over();

    @Override
    protected final RuntimeException refused(IndexOutOfBoundsException outside) {
        RuntimeException over = over();
        return over == null ? outside : over;
    }

    @Override
    public final ByteBuffer buffer() {
        RuntimeException over = over();
        if (over != null) throw over;
        return super.buffer();
    }

    @Override
    public final <T> T as(Class<T> type) {
        RuntimeException over = over();
        if (over != null) throw over;
        return form.as(type);
    }
}
