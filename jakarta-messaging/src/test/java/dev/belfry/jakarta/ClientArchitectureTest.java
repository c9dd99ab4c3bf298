package dev.belfry.jakarta;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The interfaces know no records; a member knows no interfaces; nobody below knows a member; no transport is named. */
@AnalyzeClasses(packages = "dev.belfry.jakarta", importOptions = ImportOption.DoNotIncludeTests.class)
@ArchTag("Slow")
class ClientArchitectureTest {
    private static final String CLIENT = "dev.belfry.jakarta.client";
    private static final String DOMAIN = "dev.belfry.jakarta.domain";
    private static final String JNDI = "dev.belfry.jakarta.jndi";
    private static final String[] BELOW = {
        "dev.belfry.jakarta.fold",
        "dev.belfry.jakarta.wire",
        "dev.belfry.jakarta.message",
        "dev.belfry.jakarta.selector"
    };

    @ArchTest
    static final ArchRule theModuleDependsOnLittle = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.belfry.jakarta..",
                    "dev.belfry.api",
                    "dev.belfry.judgement",
                    "dev.belfry.spi",
                    "jakarta.jms",
                    "org.slf4j",
                    "java.io",
                    "java.lang..",
                    "java.net",
                    "java.nio..",
                    "java.security",
                    "java.time",
                    "java.util..",
                    "javax.naming..");

    @ArchTest
    static final ArchRule clientKnowsNoRecords = noClasses()
            .that()
            .resideInAPackage(CLIENT)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(BELOW[0], BELOW[1]);

    @ArchTest
    static final ArchRule aMemberKnowsNoInterfaces = noClasses()
            .that()
            .resideInAPackage(DOMAIN)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CLIENT, "jakarta.jms");

    /** It is named by a directory's user, or as text in a reference. */
    @ArchTest
    static final ArchRule nobodyKnowsTheDirectory = noClasses()
            .that()
            .resideOutsideOfPackage(JNDI)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(JNDI);

    @ArchTest
    static final ArchRule nothingPointsUp = noClasses()
            .that()
            .resideInAnyPackage(BELOW)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CLIENT, DOMAIN, "dev.belfry.jakarta");

    @ArchTest
    static final ArchRule noTransportIsKnown =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("dev.belfry.shm..", "dev.belfry.mem..");
}
