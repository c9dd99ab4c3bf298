package dev.belfry.jakarta;

import dev.belfry.testing.ByTurns;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Mistakes that are easily made in messages, selectors and the records of pages: the test that is named notices each.
 * Without them the same tests pass.
 */
@Slow
@OneJdk
@ByTurns
class TwinsTest {
    private static final String VALUES = "Values";
    private static final String STREAM = "BelfryStreamMessage";
    private static final String EXPRESSION = "Expression";
    private static final String LIKE = "Like";
    private static final String CELLS = "message.ConversionTest#shouldConvertAsTheTablesSay";
    private static final String MATCH = "selector.SelectorTest#shouldMatch";
    private static final String NO_MATCH = "selector.SelectorTest#shouldNotMatch";
    private static final String PAGE_FIELDS = "wire.PageRecordTest#shouldLimitEachFieldOfAPage";
    private static final String PAGE_CHUNKS = "wire.PageRecordTest#shouldLimitTheChunksOfAPage";
    private static final String PAGE_OTHERS = "wire.PageRecordTest#shouldLimitTheOtherKinds";
    private static final String PAGE_COMPANION = "wire.PageRecordTest#shouldTellOfACompanionInACheckpointByItsBit";

    static Stream<Twin> mistakes() {
        return Stream.of(
                new Twin(
                        "a long is read as an int",
                        VALUES,
                        "value instanceof Byte || value instanceof Short || value instanceof Integer)",
                        "value instanceof Number)",
                        CELLS),
                new Twin(
                        "bytes are read as a String",
                        VALUES,
                        "if (value instanceof byte[]) throw Problems.conversion(of.get(), value, \"String\");",
                        "",
                        CELLS),
                new Twin(
                        "a double is read as a float",
                        VALUES,
                        "if (value instanceof Float f) return f;",
                        "if (value instanceof Number n) return n.floatValue();",
                        CELLS),
                new Twin(
                        "null is zero",
                        VALUES,
                        "return valueOf.apply((String) value);",
                        "return valueOf.apply(value == null ? \"0\" : (String) value);",
                        "message.ConversionTest#shouldReadNullAsValueOfNull"),
                new Twin(
                        "the JDK's exception quotes the value",
                        VALUES,
                        "throw Problems.number(of.get(), wanted);",
                        "throw e;",
                        "message.ConversionTest#shouldNotSayTheValue"),
                new Twin(
                        "a failed conversion moves on",
                        STREAM,
                        "T read = conversion.convert(value,",
                        "int here = next++; T read = conversion.convert(value,",
                        CELLS),
                new Twin(
                        "a part that fits exactly is the end",
                        STREAM,
                        "boolean more = !atEnd && count == value.length;",
                        "boolean more = !atEnd && from + count < bytes.length;",
                        "message.BodiesTest#shouldEndAByteArrayThatFitsExactlyByMinusOne"),
                new Twin(
                        "a started field is passed over",
                        STREAM,
                        "if (begun != NOT_BEGUN) throw Problems.bytesUnfinished();",
                        "",
                        "message.BodiesTest#shouldReadAByteArrayInParts"),
                new Twin(
                        "an array is not copied in",
                        STREAM,
                        "items.add(Values.copy(value));",
                        "items.add(value);",
                        "message.BodiesTest#shouldCopyInAndOut"),
                new Twin(
                        "a cleared body stays read-only",
                        "BelfryMessage",
                        "bodyReadOnly = false;",
                        "",
                        "message.StatesTest#shouldAllowOrRefuseByState"),
                new Twin(
                        "properties stay writeable",
                        "BelfryMessage",
                        "propertiesReadOnly = true;",
                        "",
                        "message.StatesTest#shouldAllowOrRefuseByState"),
                new Twin(
                        "a question resets",
                        "BelfryBytesMessage",
                        "return !written || isBodyA(type, null);",
                        "return !written || isBodyA(type, body());",
                        "message.BodiesTest#shouldResetBytesByGetBody"),
                new Twin(
                        "words are reserved in capitals only",
                        "Names",
                        "RESERVED.contains(name.toUpperCase(Locale.ROOT))",
                        "RESERVED.contains(name)",
                        "message.NamesTest#shouldRefuseOthers"),
                new Twin(
                        "no body is an empty one",
                        "MessageCodec",
                        "(message.hasBody() ? 0 : MessageLayout.NO_BODY)",
                        "0",
                        "message.BodiesTest#shouldGiveNullOfAnyClassIfThereIsNoBody"),
                new Twin(
                        "a negative length is believed",
                        "Input",
                        "count < 0 || count > to - at",
                        "count > to - at",
                        "message.CodecTest#shouldSurviveDamage"),
                new Twin(
                        "an unpaired surrogate is a question mark",
                        "Text",
                        "&& hasUnpaired(text) ?",
                        "&& false ?",
                        "message.CodecTest#shouldKeepEachString"),
                new Twin(
                        "what no pattern names is trusted",
                        "TrustedClasses",
                        "element.isPrimitive() ? Status.ALLOWED : Status.REJECTED",
                        "Status.ALLOWED",
                        "message.TrustedClassesTest#shouldRefuseAllOthers"),
                new Twin(
                        "NOT unknown is true",
                        EXPRESSION,
                        "return a == UNKNOWN ? UNKNOWN : TRUE - a;",
                        "return a == TRUE ? FALSE : TRUE;",
                        NO_MATCH),
                new Twin(
                        "FALSE AND unknown is unknown",
                        EXPRESSION,
                        "return a == FALSE || b == FALSE ? FALSE : Math.max(a, b);",
                        "return a == UNKNOWN || b == UNKNOWN ? UNKNOWN : Math.min(a, b);",
                        MATCH),
                new Twin(
                        "unlike types differ",
                        EXPRESSION,
                        "if (!comparable || kinds[a] == NO_NUMBER) return FALSE;",
                        "if (!comparable || kinds[a] == NO_NUMBER) return what == Step.Do.NOT_EQUAL ? TRUE : FALSE;",
                        NO_MATCH),
                new Twin(
                        "an int does not overflow", EXPRESSION, "kind == INT ? (int) result : result", "result", MATCH),
                new Twin(
                        "a float is compared as a double",
                        EXPRESSION,
                        "asFloat(a) == asFloat(b)",
                        "asDouble(a) == asDouble(b)",
                        MATCH),
                new Twin(
                        "NULL is in no list",
                        EXPRESSION,
                        "private int in(int at, byte[][] list) { if (kinds[at] != STRING) return UNKNOWN;",
                        "private int in(int at, byte[][] list) { if (kinds[at] != STRING) return FALSE;",
                        NO_MATCH),
                new Twin(
                        "OR ends with what is false",
                        "Parser",
                        "logic(OR, Step.Do.SKIP_IF_TRUE,",
                        "logic(OR, Step.Do.SKIP_IF_FALSE,",
                        MATCH),
                new Twin("_ is a byte", LIKE, "at = afterCharacter(text, at, to); next++;", "at++; next++;", MATCH),
                new Twin(
                        "ESCAPE is forgotten",
                        LIKE,
                        "boolean escaped = c == escape;",
                        "boolean escaped = false;",
                        MATCH),
                new Twin(
                        "the last % is not tried again",
                        LIKE,
                        "} else if (afterMany >= 0) {",
                        "} else if (afterMany >= 0 && triedAt < 0) {",
                        "selector.SelectorTest#shouldMatchPatterns"),
                new Twin("a page of a topic", "Lot", "!DestinationId.isQueue(lot.queue) ||", "", PAGE_FIELDS),
                new Twin(
                        "a page of any priority",
                        "Lot",
                        "if (priority > MessageLayout.TOP_PRIORITY) throw",
                        "if (priority > 255) throw",
                        PAGE_FIELDS),
                new Twin(
                        "a page of too many messages",
                        "Lot",
                        "if (lot.messages > Op.MOST) throw",
                        "if (false) throw",
                        PAGE_FIELDS),
                new Twin(
                        "a page of newer messages",
                        "RecordCheck",
                        "a, priority, this::expectOlder)",
                        "a, priority, mid -> {})",
                        PAGE_FIELDS),
                new Twin(
                        "a page without companion",
                        "Paged",
                        "if (binding.equals(Overflow.NONE.binding())) throw new Malformed(\"binding\");",
                        "",
                        PAGE_FIELDS),
                new Twin("a chunk twice", "Paged", "at <= position ||", "at < position ||", PAGE_CHUNKS),
                new Twin("a chunk without messages", "Paged", "index <= first ||", "index < first ||", PAGE_CHUNKS),
                new Twin("a chunk beyond the last message", "Paged", "|| index >= messages)", ")", PAGE_CHUNKS),
                new Twin("no chunk", "Paged", "n < 1 ||", "", PAGE_CHUNKS),
                new Twin(
                        "a chunk of what is next is not there",
                        "Paged",
                        "|| rest.index() < chunks.get(0).first()",
                        "",
                        PAGE_CHUNKS),
                new Twin(
                        "nothing is left, and it lives", "Paged", "rest.index() >= lot.messages() ||", "", PAGE_CHUNKS),
                new Twin(
                        "nothing left a page",
                        "RecordCheck",
                        "if (rest.index() == 0) throw new Malformed(\"index 0\");",
                        "",
                        PAGE_OTHERS),
                new Twin(
                        "a floor below the first message",
                        "RecordCheck",
                        "if (in.varint() < 1) throw new Malformed(\"floor\");",
                        "in.varint();",
                        PAGE_OTHERS),
                new Twin(
                        "a companion without URI",
                        "Overflow",
                        "if (binding.equals(NONE.binding) != (uri == null)) throw new Malformed(\"binding and URI\");",
                        "",
                        PAGE_OTHERS),
                new Twin(
                        "a URI without end",
                        "Overflow",
                        "if (uri != null && Text.bytes(uri).length > MOST) throw",
                        "if (false) throw",
                        PAGE_OTHERS),
                new Twin(
                        "a companion that members of level 1 do not see",
                        "RecordWriter",
                        "open(Op.CHECKPOINT, registry.a(), 0);",
                        "open(Op.CHECKPOINT, 0, 0);",
                        PAGE_COMPANION),
                new Twin(
                        "a draft that hides its companion",
                        "CheckpointDraft",
                        "Op.CHECKPOINT, registry.a(), 0)",
                        "Op.CHECKPOINT, 0, 0)",
                        PAGE_COMPANION));
    }

    static Stream<String> tests() {
        return mistakes().map(Twin::test).distinct();
    }

    /** In a class loader of its own, too. */
    @ParameterizedTest
    @MethodSource("tests")
    void shouldPassWithoutTheMistake(String test, @TempDir Path directory) throws Throwable {
        Twin.run(test, new Patched(directory));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void shouldBeNoticed(Twin twin, @TempDir Path directory) {
        twin.mustBeNoticed(directory);
    }
}
