package dev.belfry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker that wants TLS and a password. Whatever a program that uses it prints, with the engine's
 * own log at its most talkative but one, has no secret in it.
 */
@WaitsForOthers
@Timeout(120)
@Tag("F83")
@Slow
class SecurityTest {
    private static final String ALICE = "Xq7-secret-of-alice";
    private static final String BOB = "Bt3-secret-of-bob";
    private static final String GUESS = "Wq9-guess-of-mallory";
    private static final String STORE = "Kz5-secret-of-the-store";
    private static final List<String> SECRETS = List.of(ALICE, BOB, GUESS, STORE);
    private static final String SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule";

    @TempDir
    private static Path directory;

    private static Path trusted;
    private static Broker broker;
    private static ChildJvm program;
    private static int securePort;
    private static int number;

    private final String queue = "kafka:safe-" + ++number;

    @BeforeAll
    static void start() throws Exception {
        Path keys = keys();
        trusted = trusting(keys);
        securePort = Broker.freePort();
        broker = Broker.made(
                "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL",
                "inter.broker.listener.name=PLAINTEXT",
                "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256",
                "listener.name.sasl_ssl.plain.sasl.jaas.config=" + plain("user_bob", BOB),
                "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=" + SCRAM + " required;",
                "ssl.keystore.type=PKCS12",
                "ssl.keystore.location=" + keys,
                "ssl.keystore.password=" + STORE,
                "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users=User:ANONYMOUS;User:alice");
        broker.set(
                "listeners=PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d,SASL_SSL://127.0.0.1:%d"
                        .formatted(broker.port(), broker.controller(), securePort),
                "advertised.listeners=PLAINTEXT://127.0.0.1:%d,SASL_SSL://127.0.0.1:%d"
                        .formatted(broker.port(), securePort));
        broker.start();
        setPasswordOfAlice(ALICE);
        program = JavaCommand.of(SecretsMain.class)
                .flags(JavaCommand.QUICK)
                .flags(List.of("-Dorg.slf4j.simpleLogger.log.org.apache.kafka=debug"))
                .start();
    }

    @AfterAll
    static void shouldHaveShownNoSecret() {
        if (broker != null) broker.close();
        if (program == null) return;
        program.endInput("");
        program.awaitEnd();
        String all = program.output() + program.errors();
        program.close();
        assertThat(all).contains("DEBUG org.apache.kafka");
        for (String secret : SECRETS) assertThat(all).doesNotContain(secret);
    }

    /** A key and its certificate, for the address of the broker. */
    private static Path keys() {
        Path keys = directory.resolve("broker.p12");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "broker",
                "-keyalg",
                "EC",
                "-dname",
                "CN=broker",
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                keys.toString(),
                "-storepass",
                STORE);
        try (ChildJvm keytool = ChildJvm.startMerged("keytool", command)) {
            assertThat(keytool.awaitExit()).as(keytool::output).isZero();
        }
        return keys;
    }

    private static Path trusting(Path keys) throws IOException, GeneralSecurityException {
        KeyStore all = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            all.load(in, STORE.toCharArray());
        }
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        trust.setCertificateEntry("broker", all.getCertificate("broker"));
        Path file = directory.resolve("trusted.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            trust.store(out, STORE.toCharArray());
        }
        return file;
    }

    private static String scram(String user, String password) {
        return SCRAM + " required username=\"" + user + "\" password=\"" + password + "\";";
    }

    private static String plain(String name, String value) {
        return "org.apache.kafka.common.security.plain.PlainLoginModule required " + name + "=\"" + value + "\";";
    }

    private static void setPasswordOfAlice(String password) throws InterruptedException, ExecutionException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            ScramCredentialInfo how = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096);
            admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion("alice", how, password)))
                    .all()
                    .get();
        }
    }

    private String uri(String mechanism, String jaas) {
        return "open " + queue + "?bootstrap=127.0.0.1:" + securePort + "&kafka.security.protocol=SASL_SSL"
                + "&kafka.sasl.mechanism=" + mechanism + "&kafka.sasl.jaas.config=" + encoded(jaas);
    }

    private static String trust() {
        return "&kafka.ssl.truststore.type=PKCS12&kafka.ssl.truststore.location=" + encoded(trusted.toString())
                + "&kafka.ssl.truststore.password=" + STORE;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private void worksWholly() {
        for (String command : List.of("publish", "receive", "audit", "send", "flush", "show", "close"))
            assertThat(program.ask(command)).as(command).isEqualTo("ok");
        assertThat(program.output() + program.errors()).as("the MBeans").contains("kafka.producer:");
    }

    @Test
    void shouldWorkOverTlsWithAPasswordInTheUri() {
        assertThat(program.ask(uri("SCRAM-SHA-256", scram("alice", ALICE)) + trust()))
                .isEqualTo("ok");
        worksWholly();
    }

    @Test
    void shouldWorkOverTlsWithAPasswordInTheFile() throws IOException {
        assertThat(program.ask("open " + queue + "?properties=" + encoded(file().toString())))
                .isEqualTo("ok");
        worksWholly();
    }

    private static Path file() throws IOException {
        return Files.writeString(directory.resolve("client.properties"), """
                bootstrap.servers=127.0.0.1:%d
                security.protocol=SASL_SSL
                sasl.mechanism=SCRAM-SHA-256
                sasl.jaas.config=%s
                ssl.truststore.type=PKCS12
                ssl.truststore.location=%s
                ssl.truststore.password=%s
                """.formatted(
                        securePort, scram("alice", ALICE), trusted, STORE));
    }

    @Test
    void shouldSayWhatIsRefusedWithoutSecrets() {
        assertThat(program.ask(uri("SCRAM-SHA-256", scram("alice", GUESS)) + trust()))
                .isEqualTo("error BELFRY-108 QueueAccessDeniedException: '" + queue + "': 127.0.0.1:" + securePort
                        + " refuses this client: Authentication failed during authentication due to invalid"
                        + " credentials with SASL mechanism SCRAM-SHA-256."
                        + " Give it the right, or other settings (kafka.*).");
        assertThat(program.ask(uri("PLAIN", plain("username", "alice").replace(";", " password=\"" + GUESS + "\";"))
                        + trust()))
                .startsWith("error BELFRY-108 QueueAccessDeniedException: '" + queue + "': 127.0.0.1:" + securePort
                        + " refuses this client: Authentication failed: Invalid username or password.");
        assertThat(program.ask(
                        uri("PLAIN", plain("username", "bob").replace(";", " password=\"" + BOB + "\";")) + trust()))
                .startsWith("error BELFRY-108 QueueAccessDeniedException: '" + queue + "'");
        assertThat(program.ask(uri("SCRAM-SHA-256", scram("alice", ALICE))))
                .startsWith("error BELFRY-108 QueueAccessDeniedException: '" + queue + "': no TLS connection to"
                        + " 127.0.0.1:" + securePort + ": ") // then the JDK's own words
                .contains("PKIX path building failed: ")
                .endsWith(". Check kafka.ssl.truststore.*, kafka.ssl.keystore.* and the host names in bootstrap.");
        assertThat(program.ask(uri("SCRAM-SHA-256", scram("alice", ALICE)) + trust().replace(STORE, GUESS)))
                .startsWith("error - IllegalArgumentException: Kafka refuses the client's settings");
        assertThat(program.ask("open " + queue + "?bootstrap=127.0.0.1:" + securePort
                        + "&kafka.default.api.timeout.ms=1000&kafka.request.timeout.ms=500"))
                .startsWith("error BELFRY-114 ConnectionLostException: '" + queue + "': no answer from ")
                .contains(" within 1 s (") // then the client's own reason
                .endsWith(" that bootstrap names it, and that kafka.security.protocol is what it wants.");
        String impatient = "&kafka.default.api.timeout.ms=3000&kafka.request.timeout.ms=1500";
        assertThat(program.ask(uri("SCRAM-SHA-512", scram("alice", ALICE)) + trust() + impatient))
                .contains("mechanism", "SCRAM-SHA-512", "SCRAM-SHA-256");
        assertThat(program.ask("open " + queue + "?bootstrap=" + broker.bootstrap()
                        + "&kafka.security.protocol=SASL_PLAINTEXT&kafka.sasl.mechanism=PLAIN&kafka.sasl.jaas.config="
                        + encoded(plain("username", "bob").replace(";", " password=\"" + BOB + "\";"))
                        + impatient))
                .containsAnyOf(" within 3 s (", " refuses this client: ");
    }

    /** The first that the brokers ask for is the right to write: so what is under way is refused. */
    @Test
    void shouldSayThatItMayReadAndNotPublish() throws Exception {
        MessageQueues.open(queue + "?bootstrap=" + broker.bootstrap()).close();
        mayRead("belfry." + queue.substring("kafka:".length()), "User:bob");
        String bob = uri("PLAIN", plain("username", "bob").replace(";", " password=\"" + BOB + "\";")) + trust();
        Patience.until("its right is known", () -> program.ask(bob).equals("ok"));
        for (String command : List.of("publish", "send", "flush"))
            assertThat(program.ask(command))
                    .as(command)
                    .startsWith("error BELFRY-108 QueueAccessDeniedException: '" + queue + "': ")
                    .contains("127.0.0.1:" + securePort + " refuses this client: ");
        program.ask("close");
    }

    private static void mayRead(String topic, String who) throws InterruptedException, ExecutionException {
        ResourcePattern pattern = new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            for (AclOperation one : List.of(AclOperation.READ, AclOperation.DESCRIBE_CONFIGS))
                admin.createAcls(List.of(new AclBinding(
                                pattern, new AccessControlEntry(who, "*", one, AclPermissionType.ALLOW))))
                        .all()
                        .get();
        }
    }

    /** The administrator changes it while the queue is open: each further connection is refused. */
    @Test
    void shouldSayThatThePasswordIsWrongByNow() throws Exception {
        assertThat(program.ask(uri("SCRAM-SHA-256", scram("alice", ALICE)) + trust()))
                .isEqualTo("ok");
        String refused = "error BELFRY-108 QueueAccessDeniedException: ";
        setPasswordOfAlice(ALICE + " and more");
        try { // the broker answers before it knows the new one everywhere
            Patience.until("it is refused", () -> program.ask("publish").startsWith(refused));
            for (String command : List.of("publish", "receive", "audit", "send"))
                assertThat(program.ask(command)).as(command).startsWith(refused);
        } finally {
            setPasswordOfAlice(ALICE);
        }
        Patience.until(
                "the same queue can be used again", () -> program.ask("publish").equals("ok"));
        program.ask("close");
    }
}
