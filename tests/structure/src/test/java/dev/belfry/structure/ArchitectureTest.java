package dev.belfry.structure;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.TryCatchBlock;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which package may know which: a queue stands on its wings publish, receive and log, these and inspect
 * on segment; only the provider knows a queue and inspect. Segment joins ring and sync, layout knows no
 * kernel, posix knows no queue, memory lies below both, nothing points back up.
 */
@AnalyzeClasses(
        packages = {
            "dev.belfry.api",
            "dev.belfry.spi",
            "dev.belfry.judgement",
            "dev.belfry.shm",
            "dev.belfry.mem",
            "dev.belfry.file",
            "dev.belfry.bridge",
            "dev.belfry.testing"
        },
        importOptions = ImportOption.DoNotIncludeTests.class)
@ArchTag("Slow")
class ArchitectureTest {
    private static final String API = "dev.belfry.api";
    private static final String SPI = "dev.belfry.spi";
    private static final String JUDGEMENT = "dev.belfry.judgement";
    private static final String SHM = "dev.belfry.shm";
    private static final String PUBLISH = SHM + ".publish";
    private static final String RECEIVE = SHM + ".receive";
    private static final String LOG = SHM + ".log";
    private static final String INSPECT = SHM + ".inspect";
    private static final String SEGMENT = SHM + ".segment";
    private static final String JOURNAL = SHM + ".journal";
    private static final String RING = SHM + ".ring";
    private static final String SYNC = SHM + ".sync";
    private static final String LAYOUT = SHM + ".layout";
    private static final String POSIX = SHM + ".posix";
    private static final String MEMORY = SHM + ".memory";
    private static final String MEM = "dev.belfry.mem";
    private static final String FILE = "dev.belfry.file";
    private static final String BRIDGE = "dev.belfry.bridge";
    private static final String JAVA = "java..";
    private static final String SLF4J = "org.slf4j..";
    private static final String CHRONICLE = "net.openhft..";
    private static final String JFR = "jdk.jfr..";
    private static final String JSPECIFY = "org.jspecify.annotations";
    private static final String JNA = "com.sun.jna..";
    private static final Set<String> ALL_BUT_CHECKED = Set.of(RuntimeException.class.getName(), Error.class.getName());

    private static final DescribedPredicate<JavaClass> API_ENUM = new DescribedPredicate<>("an enum of the api") {
        @Override
        public boolean test(JavaClass type) {
            JavaClass element = type.getBaseComponentType();
            return element.getPackageName().equals(API) && element.isEnum();
        }
    };

    @ArchTest
    static final ArchRule apiDependsOnLittle = classes()
            .that()
            .resideInAnyPackage(API, SPI, JUDGEMENT)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(API, SPI, JUDGEMENT, JAVA, SLF4J, JFR, JSPECIFY);

    /**
     * Kotlin, Scala and lambdas throw checked exceptions undeclared: code that is to survive each failure catches
     * these, too.
     */
    @ArchTest
    static final ArchRule catchesWhatIsThrownUndeclared = codeUnits()
            .should(new ArchCondition<>("catch Throwable, where it catches RuntimeException and Error") {
                @Override
                public void check(JavaCodeUnit unit, ConditionEvents events) {
                    for (TryCatchBlock block : unit.getTryCatchBlocks()) {
                        Set<String> caught = block.getCaughtThrowables().stream()
                                .map(JavaClass::getName)
                                .collect(Collectors.toSet());
                        boolean misses =
                                caught.containsAll(ALL_BUT_CHECKED) && !caught.contains(Throwable.class.getName());
                        if (misses)
                            events.add(SimpleConditionEvent.violated(block, block.getSourceCodeLocation() + " misses"));
                    }
                }
            });

    /** A transport tells figures, and does not judge them. */
    @ArchTest
    static final ArchRule spiJudgesNothing = noClasses()
            .that()
            .resideInAPackage(SPI)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(JUDGEMENT);

    /** Suites use the toolbox, which uses none of them. */
    @ArchTest
    static final ArchRule theToolboxKnowsNoSuite = noClasses()
            .that()
            .resideInAPackage("dev.belfry.testing")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.belfry.conformance");

    @ArchTest
    static final ArchRule aQueueStandsOnTheWings = classes()
            .that()
            .resideInAPackage(SHM)
            .and()
            .doNotHaveSimpleName("ShmProvider")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    SHM, PUBLISH, RECEIVE, LOG, JOURNAL, SEGMENT, RING, SYNC, LAYOUT, POSIX, API, SPI, JAVA, SLF4J);

    @ArchTest
    static final ArchRule theProviderIsTheDoor = classes()
            .that()
            .haveFullyQualifiedName("dev.belfry.shm.ShmProvider")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(SHM, PUBLISH, INSPECT, SEGMENT, LAYOUT, POSIX, MEMORY, API, SPI, JAVA, SLF4J);

    @ArchTest
    static final ArchRule publishStandsOnTheSegment = classes()
            .that()
            .resideInAPackage(PUBLISH)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(PUBLISH, JOURNAL, SEGMENT, RING, SYNC, LAYOUT, POSIX, API, SPI, JAVA, SLF4J);

    @ArchTest
    static final ArchRule receiveStandsOnTheSegment = classes()
            .that()
            .resideInAPackage(RECEIVE)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(RECEIVE, SEGMENT, RING, SYNC, LAYOUT, POSIX, MEMORY, API, SPI, JAVA, SLF4J);

    @ArchTest
    static final ArchRule aLogWaitsAsSubscribersDo = classes()
            .that()
            .resideInAPackage(LOG)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(LOG, RECEIVE, SEGMENT, RING, LAYOUT, POSIX, API, SPI, JAVA);

    @ArchTest
    static final ArchRule journalStandsOnTheSegment = classes()
            .that()
            .resideInAPackage(JOURNAL)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(JOURNAL, SEGMENT, RING, SYNC, LAYOUT, POSIX, API, SPI, JAVA, SLF4J);

    @ArchTest
    static final ArchRule inspectStandsOnTheSegment = classes()
            .that()
            .resideInAPackage(INSPECT)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    INSPECT, JOURNAL, SEGMENT, RING, SYNC, LAYOUT, POSIX, MEMORY, API, SPI, JUDGEMENT, JAVA, SLF4J);

    @ArchTest
    static final ArchRule segmentKnowsNoMessages = classes()
            .that()
            .resideInAPackage(SEGMENT)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(SEGMENT, RING, SYNC, LAYOUT, POSIX, API, SPI, JAVA, SLF4J, JFR);

    @ArchTest
    static final ArchRule theFlightRecorderInThreeClasses = noClasses()
            .that()
            .haveNameNotMatching("dev\\.belfry\\.(judgement|shm\\.segment|bridge)\\.Events(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(JFR);

    @ArchTest
    static final ArchRule ringKnowsTheLayout = classes()
            .that()
            .resideInAPackage(RING)
            .should()
            .onlyDependOnClassesThat(
                    resideInAnyPackage(RING, LAYOUT, MEMORY, JAVA).or(API_ENUM));

    @ArchTest
    static final ArchRule ringDoesNotWaitOrReadClocks = noClasses()
            .that()
            .resideInAPackage(RING)
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.lang.Thread")
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("java.util.concurrent.locks");

    @ArchTest
    static final ArchRule syncKnowsLayoutAndKernel = classes()
            .that()
            .resideInAPackage(SYNC)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(SYNC, LAYOUT, POSIX, MEMORY, JAVA);

    @ArchTest
    static final ArchRule layoutKnowsNoKernel = classes()
            .that()
            .resideInAPackage(LAYOUT)
            .should()
            .onlyDependOnClassesThat(
                    resideInAnyPackage(LAYOUT, MEMORY, JAVA, CHRONICLE).or(API_ENUM));

    @ArchTest
    static final ArchRule posixKnowsNoQueue = classes()
            .that()
            .resideInAPackage(POSIX)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(POSIX, MEMORY, JAVA, JNA);

    @ArchTest
    static final ArchRule memoryKnowsNothing = classes()
            .that()
            .resideInAPackage(MEMORY)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(MEMORY, JAVA, CHRONICLE, JNA);

    @ArchTest
    static final ArchRule filesKnowTheLivePartAlone = classes()
            .that()
            .resideInAPackage(FILE)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(FILE, SHM, SHM + ".journal", POSIX, API, SPI, JAVA, SLF4J);

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("dev.belfry.shm.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule chronicleInOnePlace = noClasses()
            .that()
            .haveNameNotMatching(
                    "dev\\.belfry\\.(chronicle\\..*|shm\\.(memory\\.(ChronicleMemory|Bodies|BufferFields)|layout\\.BodyStore))")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(CHRONICLE);

    @ArchTest
    static final ArchRule jnaInTwoPlaces = noClasses()
            .that()
            .resideOutsideOfPackage(POSIX)
            .and()
            .haveNameNotMatching("dev\\.belfry\\.shm\\.memory\\.ChronicleMemory")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(JNA);

    @ArchTest
    static final ArchRule twoPublicClasses = classes()
            .that()
            .resideInAPackage(SHM)
            .and()
            .areTopLevelClasses()
            .and()
            .doNotHaveSimpleName("ShmProvider")
            .and()
            .doNotHaveSimpleName("LivePart")
            .should()
            .notHaveModifier(JavaModifier.PUBLIC);

    @ArchTest
    static final ArchRule memIsPlainJava = classes()
            .that()
            .resideInAPackage(MEM)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(MEM, API, SPI, JAVA, SLF4J);

    @ArchTest
    static final ArchRule aBridgeKnowsNoTransport = classes()
            .that()
            .resideInAPackage(BRIDGE)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(BRIDGE, API, SPI, JAVA, SLF4J, JFR, JSPECIFY);

    @ArchTest
    static final ArchRule noUnsafe =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("sun..", "jdk.internal..");
}
