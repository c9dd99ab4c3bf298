package dev.belfry.shm.sync;

import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Membarrier;

/**
 * Who changes something and then looks for sleepers, against who announces that it sleeps and then
 * looks for the change: each stores before it loads what the other stores, and one of them must see
 * the other. That takes a fence between the two on both sides; but the one who is about to sleep
 * has time, so it asks the kernel for the fences of both.
 *
 * <pre>
 *   changer                                     sleeper
 *     change                                      arm the flag
 *     compiler fence                              membarrier: a full fence here, and in every running
 *                                                 thread of a registered process
 *     look at the flag                            look at the change; nothing: sleep
 * </pre>
 *
 * The fence that a changer's thread passes lies before its look or behind it. Before: the look
 * finds the flag, which was armed earlier. Behind: behind the change as well, which is therefore
 * visible when the call returns and the sleeper looks. That holds if change and look stay in this
 * order in the compiled code; see {@link SharedBytes#compilerFence}.
 *
 * <p>Where it cannot be: a changer whose process is not registered fences itself. A sleeper that
 * cannot call membarrier raises the word beside the flag, for good; whoever finds it raised fences
 * and looks again. The first such sleeper of a queue may sleep a slice too long once: a changer
 * that has looked already did not know.
 */
public final class Handshake {
    /** Elsewhere a fence costs less, and nobody has tested. */
    private static final boolean MAY_GO_WITHOUT = SharedBytes.TOTAL_STORE_ORDER && SharedBytes.KNOWN_COMPILERS;

    private static final int BESIDE = 4;

    private final SharedBytes words;
    private final Membarrier membarrier;
    private final int flag;
    private final SharedBytes.Raw raw;
    private final long flagAddress;
    private boolean unfenced; // for good, once it is true

    /** {@code flag}: the index of an int; the int behind it is the word beside. */
    Handshake(SharedBytes words, int flag, Membarrier membarrier) {
        this.words = words;
        this.flag = flag;
        this.raw = words.raw();
        this.flagAddress = words.address(flag, Long.BYTES);
        this.membarrier = membarrier;
    }

    /** The changer's, behind the change: the flag. */
    public int look() {
        if (mayGoWithout()) SharedBytes.compilerFence();
        else words.fullFence();
        return lookFenced();
    }

    private boolean mayGoWithout() {
        return unfenced || (unfenced = mayGoWithoutFence(membarrier));
    }

    /** Does a compiler fence do, against who calls {@link Membarrier#everywhere}? For good, once it does. */
    static boolean mayGoWithoutFence(Membarrier membarrier) {
        return MAY_GO_WITHOUT && membarrier.isRegistered();
    }

    /** As {@link #look}, by one who has a full fence behind its change already. */
    public int lookFenced() {
        long both = raw.getLongAcquire(flagAddress); // one load: nobody pays for the word beside
        if (both == 0) return 0;
        if (both >>> 32 == 0) return (int) both;
        words.fullFence();
        return words.getIntAcquire(flag);
    }

    /** The sleeper's, behind the arming. */
    void armed() {
        if (membarrier.everywhere()) return;
        if (words.getIntAcquire(flag + BESIDE) == 0) words.putIntRelease(flag + BESIDE, 1);
        words.fullFence();
    }
}
