package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.OwnMount;
import dev.belfry.testing.RemoteMain;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An ext4 that is really full. Where this user may not mount one it is skipped. */
@WaitsForOthers
@Slow
@OneJdk
@Timeout(300)
class SmallDiskTest {
    private static final String TEXT = "x".repeat(4000);
    private static final int MORE_THAN_FITS = 4000;

    private final Small small = new Small("&maxCapacity=32m&sync=os");

    @TempDir
    Path temporary;

    @BeforeEach
    void create() throws Exception {
        Files.createDirectories(small.directory);
    }

    @AfterEach
    void remove() throws Exception {
        small.close();
    }

    @Test
    void shouldGoOnWhenThereIsRoomAgain() {
        try (OwnMount disk = OwnMount.ofExt4(temporary.resolve("image"), 16, small.directory);
                ChildJvm jvm = JavaCommand.of(RemoteMain.class)
                        .through(disk.launcher())
                        .start()) {
            jvm.expect("ok");
            jvm.ask("open " + small.uri().replace("anyFileSystem=true&", ""), "ok");
            jvm.ask("subscribe name=reader start=OLDEST", "ok");
            jvm.ask("publisher timeout=500", "ok");
            assertThat(jvm.ask("publish " + TEXT + " " + MORE_THAN_FITS, "error"))
                    .contains("QueueFullException", small.name + "' cannot grow: room for two segments of 1 MiB");
            int read = 0;
            for (String got; !(got = jvm.ask("receive 100 1000", "ok")).isEmpty(); ) read += got.split("\t").length;
            assertThat(read).isBetween(1500, MORE_THAN_FITS - 1);
            jvm.ask("publisher timeout=60000", "ok"); // it lets go what all have acknowledged, and waits for its files
            assertThat(jvm.ask("publish " + TEXT + " 500", "ok")).isEqualTo(Integer.toString(read + 500));
            assertThat(disk.root().resolve("log.0000000000000000")).doesNotExist();
            jvm.ask("close", "ok");
            jvm.ask("delete " + small.uri().replaceAll("\\?.*", ""), "ok");
        }
    }
}
