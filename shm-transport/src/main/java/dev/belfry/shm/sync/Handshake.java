package dev.belfry.shm.sync;

import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.memory.RawWords;
import dev.belfry.shm.posix.Membarrier;

/**
 * Between a changer, which changes something and then checks for sleepers, and a sleeper, which
 * announces itself and then checks for the change. Each stores before it loads what the other
 * stores, and one of them must see the other. That takes a fence between store and load on both
 * sides. The sleeper has time, so it asks the kernel for the fences of both.
 *
 * <pre>
 *   changer                                     sleeper
 *     change                                      arm the flag
 *     compiler fence                              membarrier: a full fence here, and in every running
 *                                                 thread of a registered process
 *     check the flag                              check for the change; none: sleep
 * </pre>
 *
 * The fence that a changer's thread passes lies before its check of the flag or after it. Before:
 * the check finds the flag, which was armed earlier. After: it lies after the change as well, which
 * is therefore visible when the call returns and the sleeper checks. This holds if change and check
 * stay in this order in the compiled code; see {@link SharedBytes#compilerFence}.
 *
 * <p>Without membarrier: a changer whose process is not registered fences by itself. A sleeper that
 * cannot call membarrier raises the word beside the flag, for good; a changer that finds it raised
 * fences and checks again. The first such sleeper of a queue may once sleep a slice too long: a
 * changer may have checked just before the word was raised.
 */
public final class Handshake {
    /** Elsewhere a fence costs less, and this is not tested there. */
    private static final boolean MAY_GO_WITHOUT = SharedBytes.TOTAL_STORE_ORDER && SharedBytes.KNOWN_COMPILERS;

    private static final int BESIDE = 4;

    private final SharedBytes words;
    private final Membarrier membarrier;
    private final int flag;
    private final RawWords raw;
    private final long flagAddress;
    private boolean unfenced; // for good, once it is true

    /** {@code flag}: the index of an int; the int after it is the word beside. */
    Handshake(SharedBytes words, int flag, Membarrier membarrier) {
        this.words = words;
        this.flag = flag;
        this.raw = words.raw();
        this.flagAddress = words.address(flag, Long.BYTES);
        this.membarrier = membarrier;
    }

    /** The changer's, after the change: the flag. */
    public int look() {
        if (mayGoWithout()) SharedBytes.compilerFence();
        else words.fullFence();
        return lookFenced();
    }

    private boolean mayGoWithout() {
        return unfenced || (unfenced = mayGoWithoutFence(membarrier));
    }

    /** Is a compiler fence enough, as the other side calls {@link Membarrier#everywhere}? For good, once it is. */
    static boolean mayGoWithoutFence(Membarrier membarrier) {
        return MAY_GO_WITHOUT && membarrier.isRegistered();
    }

    /** As {@link #look}, for a changer that has passed a full fence after its change already. */
    public int lookFenced() {
        long both = raw.getLongAcquire(flagAddress); // one load, so that the word beside costs nothing
        if (both == 0) return 0;
        if (both >>> 32 == 0) return (int) both;
        words.fullFence();
        return words.getIntAcquire(flag);
    }

    /** The sleeper's, after the arming. */
    void armed() {
        if (!requestFences()) armedAlone();
    }

    /** Asks for the fences of all processes, so it holds for every queue; false: {@link #armedAlone} instead. */
    boolean requestFences() {
        return membarrier.everywhere();
    }

    void armedAlone() {
        if (words.getIntAcquire(flag + BESIDE) == 0) words.putIntRelease(flag + BESIDE, 1);
        words.fullFence();
    }
}
