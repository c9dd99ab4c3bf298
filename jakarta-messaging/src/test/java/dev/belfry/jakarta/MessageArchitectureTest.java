package dev.belfry.jakarta;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.belfry.jakarta.message.MessageFields;
import dev.belfry.jakarta.wire.MessageLayout;
import dev.belfry.jakarta.wire.Op;
import jakarta.jms.InvalidSelectorException;

/**
 * A message knows no log and no session, but the layout of its bytes; a selector knows of messages
 * what it reads of them, and of Jakarta Messaging its exception.
 */
@AnalyzeClasses(
        packages = {"dev.belfry.jakarta.message", "dev.belfry.jakarta.selector"},
        importOptions = ImportOption.DoNotIncludeTests.class)
@ArchTag("Slow")
class MessageArchitectureTest {
    private static final String MESSAGE = "dev.belfry.jakarta.message";
    private static final String TEXT = "dev.belfry.jakarta.text";
    private static final String SELECTOR = "dev.belfry.jakarta.selector";

    @ArchTest
    static final ArchRule messageKnowsTheInterfacesOnly = classes()
            .that()
            .resideInAPackage(MESSAGE)
            .should()
            .onlyDependOnClassesThat(
                    resideInAnyPackage(MESSAGE, TEXT, "jakarta.jms", "java..", "dev.belfry.api", "dev.belfry.spi")
                            .or(type(MessageLayout.class))
                            .or(type(Op.class)));

    @ArchTest
    static final ArchRule selectorKnowsWhatItReads = classes()
            .that()
            .resideInAPackage(SELECTOR)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(SELECTOR, "java..")
                    .or(type(MessageFields.class))
                    .or(type(MessageFields.Header.class))
                    .or(type(InvalidSelectorException.class)));
}
