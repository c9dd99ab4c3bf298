package dev.belfry.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belfry.spi.QueueUri;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(20)
class ConfigMergeTest {
    private final Map<String, String> properties = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>();

    private QueueConfig merge(String uri, QueueConfig config) {
        return ConfigMerge.merge(uri, QueueUri.parse(uri), config, Set.of("slots"), properties::get, environment::get);
    }

    private QueueConfig merge(String uri) {
        return merge(uri, QueueConfig.defaults());
    }

    @Test
    void shouldLeaveOpenWhatNobodyGives() {
        QueueConfig merged = merge("shm:prices");
        assertThat(merged.create()).isNull();
        assertThat(merged.capacity()).isZero();
        assertThat(merged.maxCapacity()).isZero();
        assertThat(merged.mode()).isNull();
        assertThat(merged.group()).isNull();
        assertThat(merged.allowGating()).isNull();
        assertThat(merged.maxGateTime()).isNull();
        assertThat(merged.deleteOnLastClose()).isNull();
        assertThat(merged.attributes()).isEmpty();
    }

    @Test
    void shouldTakeEachNameFromTheUri() {
        QueueConfig merged = merge("shm:prices?create=open_Existing&capacity=4k&maxCapacity=64M&mode=rw-rw----"
                + "&group=a%20b&allowGating=FALSE&maxGateTime=5min&deleteOnLastClose=true&slots=9");
        assertThat(merged.create()).isEqualTo(Create.OPEN_EXISTING);
        assertThat(merged.capacity()).isEqualTo(4096);
        assertThat(merged.maxCapacity()).isEqualTo(64 << 20);
        assertThat(merged.mode()).isEqualTo("rw-rw----");
        assertThat(merged.group()).isEqualTo("a b");
        assertThat(merged.allowGating()).isFalse();
        assertThat(merged.maxGateTime()).isEqualTo(Duration.ofMinutes(5));
        assertThat(merged.deleteOnLastClose()).isTrue();
        assertThat(merged.attributes()).containsExactly(Map.entry("slots", "9"));
    }

    @Test
    void shouldPreferConfigOverUriOverPropertyOverEnvironment() {
        environment.put("BELFRY_MAX_CAPACITY", "8m");
        assertThat(merge("shm:prices").maxCapacity()).isEqualTo(8 << 20);
        properties.put("belfry.maxCapacity", "16m");
        assertThat(merge("shm:prices").maxCapacity()).isEqualTo(16 << 20);
        String uri = "shm:prices?maxCapacity=32m";
        assertThat(merge(uri).maxCapacity()).isEqualTo(32 << 20);
        QueueConfig config = QueueConfig.builder()
                .maxCapacity(128 << 20)
                .attribute("slots", 5)
                .build();
        properties.put("belfry.slots", "4");
        assertThat(merge(uri, config).maxCapacity()).isEqualTo(128 << 20);
        assertThat(merge(uri).attributes()).containsEntry("slots", "4");
        assertThat(merge(uri, config).attributes()).containsEntry("slots", 5);
    }

    @Test
    void shouldCheckWhatComesTogetherFromDifferentSources() {
        properties.put("belfry.maxCapacity", "1m");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> merge("shm:prices?capacity=4m"))
                .withMessage("maxCapacity (1 MiB) is smaller than capacity (4 MiB)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "capacity=4q      | capacity: '4q' is not a size such as 65536, 4k, 64m or 1g, in 'shm:prices?capacity=4q'",
                "capacity=0       | capacity: a size must be > 0, was 0, in 'shm:prices?capacity=0'",
                "maxGateTime=5    | maxGateTime: '5' is not a duration such as 250ms, 30s or 5min, in 'shm:prices?maxGateTime=5'",
                "allowGating=yes  | allowGating: 'yes' is not true or false, in 'shm:prices?allowGating=yes'",
                "create=new       | create: 'new' is not one of [CREATE_OR_OPEN, CREATE_NEW, OPEN_EXISTING], in 'shm:prices?create=new'",
                "mode=rwx         | mode 'rwx' is not of the form rw-rw---- or 0660",
                "capacity=2g      | capacity (2 GiB) is larger than 1 GiB",
            })
    void shouldSayWhatIsWrongWithAValue(String parameter, String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> merge("shm:prices?" + parameter))
                .withMessage(text);
    }

    @Test
    void shouldNameTheSourceOfABadValue() {
        properties.put("belfry.capacity", "x");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> merge("shm:prices"))
                .withMessageEndingWith("in system property belfry.capacity");
        properties.clear();
        environment.put("BELFRY_CAPACITY", "x");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> merge("shm:prices"))
                .withMessageEndingWith("in environment variable BELFRY_CAPACITY");
    }

    @ParameterizedTest
    @CsvSource({"create,BELFRY_CREATE", "deleteOnLastClose,BELFRY_DELETE_ON_LAST_CLOSE", "slots,BELFRY_SLOTS"})
    void shouldNameVariablesAsShellsDo(String name, String variable) {
        assertThat(ConfigMerge.variable(name)).isEqualTo(variable);
    }
}
