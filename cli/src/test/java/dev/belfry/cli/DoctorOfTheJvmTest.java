package dev.belfry.cli;

import static dev.belfry.cli.DoctorTest.finding;
import static dev.belfry.cli.DoctorTest.problems;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.JavaCommand;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the doctor says of the JVM and its limits, in which JDKs differ; all else is {@link DoctorTest}. */
@Timeout(180)
@Tag("Waits")
class DoctorOfTheJvmTest {
    @Test
    void shouldFindNothingWhereNothingIsWrong() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.actor("stream", "shm:q");
            Result doctor = sandbox.belfry("doctor", "--json");
            assertThat(problems(doctor)).isEmpty();
            assertThat(doctor.code()).isZero();
            for (String check : List.of("kernel", "mount", "shm-size", "limits", "container", "jdk", "queue"))
                finding(doctor, check);
            assertThat(sandbox.belfry("doctor", "q").out()).contains("ok      shm:q: nothing wrong [queue]");
        }
    }

    @Test
    void shouldTakeAnyLimit() {
        try (Sandbox sandbox = new Sandbox()) {
            JavaCommand command = Sandbox.java(Belfry.class, "doctor", "--json")
                    .through(List.of("prlimit", "--as=18446744073709551614"));
            Result doctor = Sandbox.finish(sandbox.start(command), "");
            assertThat(doctor.code()).as(doctor.toString()).isZero();
            assertThat(finding(doctor, "limits")).containsEntry("level", "ok");
        }
    }
}
