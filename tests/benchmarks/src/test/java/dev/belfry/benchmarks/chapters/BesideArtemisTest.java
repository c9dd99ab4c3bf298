package dev.belfry.benchmarks.chapters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.benchmarks.ArtemisBroker;
import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongFunction;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same programs over Belfry and over a broker, Artemis, note the same; or the difference stands in a table. */
@WaitsForOthers
@OneJdk
@Slow
class BesideArtemisTest {
    /** All calls wait for the broker, and a consumer takes nothing ahead. */
    private static final String SETTINGS =
            "?blockOnNonDurableSend=true&blockOnAcknowledge=true&consumerWindowSize=0&callTimeout=30000";

    private static final int PROGRAMS = 30;

    private static final String DOMAIN = "mem:beside-artemis";

    @TempDir
    static Path directory;

    private static ChildJvm broker;
    private static ActiveMQConnectionFactory theirs;
    private static ConnectionFactory ours;
    private static Connection around;
    private static int programs;

    @BeforeAll
    static void start() throws Exception {
        broker = JavaCommand.of(ArtemisBroker.class, directory.resolve("port").toString())
                .flags(List.of("-Xmx256m", "-XX:+UseSerialGC"))
                .start();
        theirs = new ActiveMQConnectionFactory("tcp://127.0.0.1:" + broker.expect("ready") + SETTINGS);
        ours = new BelfryConnectionFactory(DOMAIN + "?linger=0s");
        around = ours.createConnection();
    }

    @AfterAll
    static void stop() throws Exception {
        if (around != null) around.close();
        MessageQueues.delete(DOMAIN);
        if (theirs != null) theirs.close();
        if (broker == null) return;
        broker.endInput("");
        broker.awaitEnd();
        broker.close();
    }

    /** Each difference is in the table, and each of the table is there. */
    @Test
    void shouldNoteTheSame() throws Exception {
        Differences differences = Differences.read();
        List<String> wrong = new ArrayList<>();
        for (Map.Entry<String, World.Steps> program : Chapters.programs().entrySet())
            wrong.addAll(compare(program.getKey(), program.getValue(), differences));
        assertThat(wrong).as("notes").isEmpty();
        assertThat(differences.unmet()).as("differences that are none").isEmpty();
    }

    @Seeded(1)
    void shouldNoteTheSameOfRandomDeliveries(long seed) throws Exception {
        search("random deliveries", seed, RandomDeliveries::new);
    }

    @Seeded(1)
    void shouldNoteTheSameOfRandomMessages(long seed) throws Exception {
        search("random messages", seed, RandomMessages::new);
    }

    /** As many programs as {@code -Dbelfry.programs=1000} says. */
    private static void search(String name, long seed, LongFunction<World.Steps> program) throws Exception {
        Differences differences = Differences.read();
        Random seeds = new Random(seed);
        for (int i = Integer.getInteger("belfry.programs", PROGRAMS); i > 0; i--) {
            long one = seeds.nextLong();
            assertThat(compare(name, one, program, differences))
                    .as("notes of %s %d", name, one)
                    .isEmpty();
        }
    }

    private static List<String> compare(
            String name, long seed, LongFunction<World.Steps> program, Differences differences) throws Exception {
        String own = "-" + programs++;
        List<String> our = World.notes(ours, own, program.apply(seed));
        List<String> their = World.notes(theirs, own, program.apply(seed));
        return compare(name, our, their, differences);
    }

    private static List<String> compare(String name, World.Steps steps, Differences differences) throws Exception {
        String own = "-" + programs++;
        List<String> our = World.notes(ours, own, steps);
        List<String> their = World.notes(theirs, own, steps);
        return compare(name, our, their, differences);
    }

    private static List<String> compare(String name, List<String> our, List<String> their, Differences differences) {
        List<String> wrong = new ArrayList<>();
        if (our.size() != their.size()) wrong.add(name + ": " + our + " are not as many as " + their);
        for (int i = 0; i < Math.min(our.size(), their.size()); i++)
            if (!our.get(i).equals(their.get(i)) && !differences.allow(name, our.get(i), their.get(i)))
                wrong.add(name + " | " + our.get(i) + " | " + their.get(i));
        return wrong;
    }
}
