package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.QueueNotFoundException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is in the way of an opening is named, nothing is changed, and nothing is left behind. */
@Timeout(60)
class BadDirectoriesTest {
    private interface Damage {
        void in(Path directory) throws Exception;
    }

    enum Bad {
        NO_DIRECTORY(
                d -> {
                    clear(d);
                    Files.delete(d);
                    Files.writeString(d, "Dear");
                },
                MessageQueueException.class,
                "ENOTDIR",
                "It must be a directory, or nothing yet"),
        A_LINK_TO_NOTHING(
                d -> {
                    clear(d);
                    Files.delete(d);
                    Files.createSymbolicLink(d, Path.of("/nothing/there"));
                },
                IncompatibleQueueException.class,
                "is a symbolic link to a directory that is not there",
                "or remove the link"),
        FILES_OF_OTHERS(
                d -> {
                    clear(d);
                    Files.writeString(d.resolve("letter"), "Dear");
                },
                IncompatibleQueueException.class,
                "holds files of another program, such as 'letter'"),
        AN_EMPTY_QUEUE(cut("queue", 0), QueueCorruptedException.class, "queue (0 bytes) is not what"),
        A_TORN_QUEUE(cut("queue", 70), QueueCorruptedException.class, "queue (70 bytes) is not what"),
        A_NEWER_QUEUE(BadDirectoriesTest::newer, IncompatibleVersionException.class, "has version 3", "Upgrade"),
        A_QUEUE_THAT_IS_A_LINK(link("queue"), MessageQueueException.class, "ELOOP", "no symbolic link"),
        NO_QUEUE(
                remove("queue"),
                QueueCorruptedException.class,
                "queue is missing, but there are other files of a queue",
                "Its log is as it was"),
        AN_EMPTY_LIFE(cut("life", 0), QueueCorruptedException.class, "life (0 bytes) holds nothing that is whole"),
        A_TORN_LIFE(cut("life", 60), QueueCorruptedException.class, "life (60 bytes) holds nothing"),
        NO_LIFE(remove("life"), QueueCorruptedException.class, "life is missing, but there are files of a log"),
        A_LIFE_THAT_IS_A_LINK(link("life"), MessageQueueException.class, "ELOOP", "no symbolic link"),
        AN_EMPTY_PLACES(cut("places", 0), QueueCorruptedException.class, "places (0 bytes) holds nothing"),
        A_TORN_PLACES(cut("places", 60), QueueCorruptedException.class, "places (60 bytes) holds nothing"),
        NO_PLACES(remove("places"), QueueCorruptedException.class, "places is missing"),
        A_SHORT_SEGMENT(
                cut("log.0000000000000000", 4096),
                QueueCorruptedException.class,
                "has 4096 bytes, a segment has 1048576",
                "Its log is as it was"),
        FILES_OF_ANOTHER_QUEUE(
                d -> {
                    try (Small other = new Small("")) {
                        other.fill(1);
                        for (String each : List.of("life", "places"))
                            Files.copy(
                                    other.directory.resolve(each),
                                    d.resolve(each),
                                    StandardCopyOption.REPLACE_EXISTING);
                    }
                },
                QueueCorruptedException.class,
                "life belongs to another directory");

        final Damage damage;
        final Class<? extends Exception> type;
        final String[] words;

        Bad(Damage damage, Class<? extends Exception> type, String... words) {
            this.damage = damage;
            this.type = type;
            this.words = words;
        }
    }

    private static Damage cut(String name, int length) {
        return d -> Files.write(d.resolve(name), Arrays.copyOf(Files.readAllBytes(d.resolve(name)), length));
    }

    private static Damage remove(String name) {
        return d -> Files.delete(d.resolve(name));
    }

    /** What it leads to is right. */
    private static Damage link(String name) {
        return d -> {
            Path kept = d.resolve("next.kept");
            Files.move(d.resolve(name), kept);
            Files.createSymbolicLink(d.resolve(name), kept);
        };
    }

    private static void newer(Path directory) throws Exception {
        Path file = directory.resolve("queue");
        ByteBuffer queue = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int length = queue.putInt(8, 3).getInt(12);
        CRC32C sum = new CRC32C();
        sum.update(queue.array(), 0, length - 4);
        queue.putInt(length - 4, (int) sum.getValue());
        Files.write(file, queue.array());
    }

    private static void clear(Path directory) throws Exception {
        for (String each : Small.names(directory)) Files.delete(directory.resolve(each));
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeNamed(Bad bad) throws Exception {
        try (Small queue = new Small("")) {
            queue.fill(20);
            String livePart = "belfry..file." + queue.livePart();
            bad.damage.in(queue.directory);
            List<String> before = Files.isDirectory(queue.directory) ? queue.names() : List.of();
            for (int i = 0; i < 2; i++) // the same again
            assertThatThrownBy(() -> queue.open().close())
                        .isInstanceOf(bad.type)
                        .satisfies(e ->
                                assertThat(e.getMessage()).contains(queue.name).contains(bad.words));
            if (Files.isDirectory(queue.directory))
                assertThat(queue.names()).containsAll(without(before, "next.")).hasSize(before.size());
            assertThat(Path.of("/dev/shm", livePart)).doesNotExist();
        }
    }

    private static List<String> without(List<String> names, String prefix) {
        return names.stream().filter(each -> !each.startsWith(prefix)).toList();
    }

    /** Of a path that has as many characters as the kernel takes, and of one with a link in it. */
    @Test
    void shouldOpenLongPathsAndThroughLinks(@TempDir Path temporary) throws Exception {
        Path parent = temporary;
        while (parent.toString().length() < 3700) parent = Files.createDirectory(parent.resolve("d".repeat(200)));
        Path longest = parent.resolve("d".repeat(3999 - parent.toString().length()));
        Files.createSymbolicLink(temporary.resolve("link"), Files.createDirectory(temporary.resolve("real")));
        for (Path path : List.of(longest, temporary.resolve("link"), temporary.resolve("link/queue"))) {
            String uri = "file:" + path + "?anyFileSystem=true&sync=os";
            try (MessageQueue queue = MessageQueues.open(uri)) {
                queue.createPublisher().publish("hello");
            }
            assertThat(MessageQueues.delete(uri)).isTrue();
        }
        assertThatThrownBy(() -> MessageQueues.open("file:" + temporary + "/none/queue?anyFileSystem=true"))
                .isInstanceOf(QueueNotFoundException.class);
    }
}
