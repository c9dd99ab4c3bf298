package dev.belfry.benchmarks;

import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;

/** The media driver, in a process of its own: {@code AeronDriver DIRECTORY}, until its input ends. */
final class AeronDriver {
    private AeronDriver() {}

    /** One thread, with its own default way to idle. */
    public static void main(String[] arguments) throws Exception {
        MediaDriver.Context context = new MediaDriver.Context()
                .aeronDirectoryName(arguments[0])
                .threadingMode(ThreadingMode.SHARED)
                .ipcTermBufferLength(1 << 20)
                .termBufferSparseFile(false)
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true);
        try (MediaDriver driver = MediaDriver.launch(context)) {
            System.out.println("ready " + driver.aeronDirectoryName());
            while (System.in.read() >= 0) {}
        }
    }
}
