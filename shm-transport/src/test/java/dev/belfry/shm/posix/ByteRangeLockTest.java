package dev.belfry.shm.posix;

import static dev.belfry.shm.posix.Kernel.C;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.shm.posix.ByteRangeLock.Holder;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.WaitsForOthers;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@WaitsForOthers
class ByteRangeLockTest {
    private static final long AT = (1L << 62) + 7;

    private final String name = Kernel.freshName();
    private SharedMemory mapped;
    private SharedMemory token;
    private SharedMemory prober;

    /** As the package above has it: three descriptions of one object. */
    @BeforeEach
    void open() {
        mapped = Kernel.unnamed(4096);
        mapped.link(name);
        token = mapped.reopen();
        prober = mapped.reopen();
    }

    @AfterEach
    void close() {
        token.close();
        prober.close();
        mapped.close();
        SharedMemory.unlink(C, name);
        assertThat(Kernel.names()).isEmpty();
    }

    @Test
    void shouldExcludeAnotherDescriptionInTheSameProcess() {
        ByteRangeLock lock = new ByteRangeLock(token);
        ByteRangeLock other = new ByteRangeLock(mapped);
        assertThat(lock.tryLock(AT)).isTrue();
        assertThat(other.tryLock(AT)).isFalse();
        assertThat(other.tryLock(AT + 1)).isTrue();
        assertThat(new ByteRangeLock(prober).probe(AT)).isEqualTo(Holder.SOMEBODY);
        assertThat(new ByteRangeLock(prober).probe(AT - 1)).isEqualTo(Holder.NOBODY);
        lock.unlock(AT);
        assertThat(other.tryLock(AT)).isTrue();
    }

    @Test
    void shouldLookFreeThroughItsOwnDescription() {
        ByteRangeLock lock = new ByteRangeLock(token);
        lock.tryLock(AT);
        assertThat(lock.probe(AT))
                .as("why the probe has a description of its own")
                .isEqualTo(Holder.NOBODY);
        assertThat(new ByteRangeLock(prober).probe(AT)).isEqualTo(Holder.SOMEBODY);
    }

    @Test
    void shouldGoWhenItsDescriptionIsClosed() {
        new ByteRangeLock(token).tryLock(AT);
        token.close();
        assertThat(new ByteRangeLock(prober).probe(AT)).isEqualTo(Holder.NOBODY);
    }

    @Test
    void shouldSurviveThatTheProcessOpensAndClosesTheFileElsewhere() {
        new ByteRangeLock(token).tryLock(AT);
        SharedMemory.open(C, name).close(); // a classic fcntl lock would vanish here
        assertThat(new ByteRangeLock(prober).probe(AT)).isEqualTo(Holder.SOMEBODY);
    }

    @Test
    void shouldOutliveItsDescriptorInAMapUnlessUnlocked() {
        ByteRangeLock lock = new ByteRangeLock(token);
        lock.tryLock(AT);
        Mapping leaked = token.map(0, 4096, true);
        token.close();
        assertThat(new ByteRangeLock(prober).probe(AT))
                .as("why the token is never mapped")
                .isEqualTo(Holder.SOMEBODY);
        leaked.coverWithZeroPages();
        assertThat(new ByteRangeLock(prober).probe(AT)).as("unmapped at last").isEqualTo(Holder.NOBODY);

        token = mapped.reopen();
        ByteRangeLock again = new ByteRangeLock(token);
        again.tryLock(AT);
        Mapping second = token.map(0, 4096, true);
        again.unlock(AT);
        token.close();
        assertThat(new ByteRangeLock(prober).probe(AT))
                .as("why close unlocks first")
                .isEqualTo(Holder.NOBODY);
        second.coverWithZeroPages();
    }

    @Test
    void shouldNotCount() {
        ByteRangeLock lock = new ByteRangeLock(token);
        assertThat(lock.tryLock(AT)).isTrue();
        assertThat(lock.tryLock(AT)).isTrue();
        lock.unlock(AT);
        assertThat(new ByteRangeLock(prober).probe(AT)).isEqualTo(Holder.NOBODY);
        lock.unlock(AT);
    }

    @Test
    void shouldMergeWithItsNeighbourIntoOneLockThatLooksForeign() {
        ByteRangeLock lock = new ByteRangeLock(token);
        ByteRangeLock probe = new ByteRangeLock(prober);
        lock.tryLock(AT);
        lock.tryLock(AT + 1);
        assertThat(probe.probe(AT)).as("why neighbours keep a gap").isEqualTo(Holder.FOREIGN);
        lock.unlock(AT + 1);
        assertThat(probe.probe(AT)).isEqualTo(Holder.SOMEBODY);
        lock.tryLock(AT + 2);
        assertThat(probe.probe(AT)).isEqualTo(Holder.SOMEBODY);
        assertThat(probe.probe(AT + 2)).isEqualTo(Holder.SOMEBODY);
    }

    @Test
    void shouldTellAWholeFileLockFromOneByte() throws Exception {
        try (FileChannel channel =
                        FileChannel.open(Kernel.file(name), StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileLock whole = channel.lock()) {
            assertThat(whole.isValid()).isTrue();
            assertThat(new ByteRangeLock(prober).probe(AT)).isEqualTo(Holder.FOREIGN);
            assertThat(new ByteRangeLock(token).tryLock(AT)).isFalse();
        }
        assertThat(new ByteRangeLock(prober).probe(AT)).isEqualTo(Holder.NOBODY);
    }

    @Test
    void shouldBeSeenFromAnotherProcessAndFreedByItsDeath() throws Exception {
        ByteRangeLock mine = new ByteRangeLock(token);
        ByteRangeLock probe = new ByteRangeLock(prober);
        mine.tryLock(AT);
        try (ChildJvm child =
                Isolated.command(Holds.class, name, "" + AT, "" + (AT + 2)).start()) {
            assertThat(child.line()).isEqualTo("SOMEBODY false");
            assertThat(child.line()).isEqualTo("NOBODY true");
            assertThat(probe.probe(AT + 2)).isEqualTo(Holder.SOMEBODY);
            assertThat(mine.tryLock(AT + 2)).isFalse();
            child.kill();
            assertThat(probe.probe(AT + 2)).isEqualTo(Holder.NOBODY);
        }
    }

    /** Probes and tries each byte, then lives until killed. */
    static final class Holds {
        public static void main(String[] args) throws Exception {
            SharedMemory token = SharedMemory.open(C, args[0]);
            SharedMemory prober = token.reopen();
            for (int i = 1; i < args.length; i++) {
                long at = Long.parseLong(args[i]);
                System.out.println(new ByteRangeLock(prober).probe(at) + " " + new ByteRangeLock(token).tryLock(at));
            }
            System.in.read();
        }
    }

    @Test
    void shouldRefuseToAskThroughAClosedDescriptionButUnlockQuietly() {
        ByteRangeLock lock = new ByteRangeLock(token);
        lock.tryLock(AT);
        token.close();
        lock.unlock(AT);
        assertThatThrownBy(() -> lock.tryLock(AT)).isInstanceOf(PosixException.class);
        assertThatThrownBy(() -> lock.probe(AT)).isInstanceOf(PosixException.class);
    }

    @Test
    void shouldNameTheByteWhenTheKernelRefuses() {
        assertThatThrownBy(() -> new ByteRangeLock(token).tryLock(-1))
                .hasMessage("fcntl(" + name + ", F_OFD_SETLK, F_WRLCK, byte -1) failed: EINVAL (22) Invalid argument");
    }

    @Test
    void shouldReachAllBytesButTheVeryLast() {
        assertThat(new ByteRangeLock(token).tryLock(Long.MAX_VALUE - 1)).isTrue();
        assertThat(new ByteRangeLock(prober).probe(Long.MAX_VALUE - 1)).isEqualTo(Holder.SOMEBODY);
        new ByteRangeLock(token).unlock(Long.MAX_VALUE - 1);
        assertThat(new ByteRangeLock(token).tryLock(Long.MAX_VALUE)).isTrue();
        assertThat(new ByteRangeLock(prober).probe(Long.MAX_VALUE))
                .as("\"to the end\"")
                .isEqualTo(Holder.FOREIGN);
    }
}
