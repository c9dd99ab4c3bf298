package dev.belfry.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.testing.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commit that tests/compat/released names is a part of the history, and is the one that it is said to be. */
@Timeout(60)
class ReleasedTest {
    private static final String NONE = "0123456789012345678901234567890123456789";

    @TempDir
    Path directory;

    @Test
    void shouldNameACommitFromWhichThisOneComes() throws IOException {
        Released.requireCommit();
    }

    /** Once the changes have begun the next version: in the commit that is named they have the release on top. */
    @Test
    void shouldNameTheReleaseWhenTheNextVersionHasBegun() throws IOException {
        Path root = Checkout.root();
        Released.requireCommit();
        String now = heading(Files.readString(root.resolve("docs/CHANGELOG.md")));
        String then = heading(show(root, Released.commit(), "docs/CHANGELOG.md"));
        if (isRelease(then))
            assertThat(show(root, Released.commit(), "pom.xml")).contains("\n  <version>0.1.0<");
        else
            assertThat(now)
                    .as("tests/compat/released names a commit whose changes begin '%s'", then)
                    .startsWith("## 0.1.0 ");
    }

    /** No tag says it yet. */
    @Test
    void shouldTellANewcomerToCheckTheSameCommitOut() throws IOException {
        String readme = Files.readString(Checkout.root().resolve("README.md"));
        assertThat(Pattern.compile("git checkout (\\w+)")
                        .matcher(readme)
                        .results()
                        .map(told -> told.group(1)))
                .containsExactly(Released.commit().substring(0, 12));
    }

    private static boolean isRelease(String heading) {
        return heading.matches("## 0\\.1\\.0 \\(\\d{4}-\\d\\d-\\d\\d\\)");
    }

    private static String heading(String changes) {
        return changes.replaceFirst("(?s)^.*?(## [^\n]*).*", "$1");
    }

    private static String show(Path root, String commit, String file) throws IOException {
        Released.Said said = Released.git(root, "show", commit + ":" + file);
        assertThat(said.isDone()).as(said.text()).isTrue();
        return said.text();
    }

    /** As one that has several commits of before in one. */
    @Test
    void shouldSayWhatToNameWhenItsCommitIsInNoHistory() throws IOException {
        Path clone = cloneOfTwoCommits();
        String left = done(clone, "commit-tree", "-m", "left", "HEAD^{tree}");
        for (String commit : List.of(left, NONE))
            assertThatThrownBy(() -> Released.whyLacking(clone, commit))
                    .isInstanceOf(AssertionError.class)
                    .hasMessage(
                            "tests/compat/released names commit " + commit + ", which is not in the history of HEAD."
                                    + " If several commits came in as one, name that one: its sources are those of 0.1.0");
        assertThat(Released.whyLacking(clone, done(clone, "rev-parse", "HEAD~1")))
                .isEmpty();
    }

    @Test
    void shouldSayWhyItIsSkippedWhenTheCloneIsShallow() throws IOException {
        Path clone = cloneOfTwoCommits();
        String first = done(clone, "rev-parse", "HEAD~1");
        Path shallow = directory.resolve("shallow");
        done(directory, "clone", "-q", "--depth", "1", clone.toUri().toString(), shallow.toString());
        assertThat(Released.whyLacking(shallow, first))
                .contains("needs commit " + first + ", and this clone is shallow: git fetch --unshallow");
        assertThat(Released.whyLacking(shallow, done(shallow, "rev-parse", "HEAD")))
                .isEmpty();
    }

    @Test
    void shouldSayWhyItIsSkippedWhenThereIsNoClone() throws IOException {
        assertThat(Released.whyLacking(directory, NONE))
                .contains("needs a clone and git, to build the jars of commit " + NONE);
    }

    private Path cloneOfTwoCommits() throws IOException {
        Path clone = Files.createDirectory(directory.resolve("clone"));
        done(clone, "init", "-q");
        for (String name : List.of("first", "second")) done(clone, "commit", "-q", "--allow-empty", "-m", name);
        return clone;
    }

    /** As a user of its own: a machine may have none. */
    private static String done(Path clone, String... words) throws IOException {
        String[] all = new String[words.length + 4];
        System.arraycopy(new String[] {"-c", "user.name=test", "-c", "user.email=test@test"}, 0, all, 0, 4);
        System.arraycopy(words, 0, all, 4, words.length);
        Released.Said said = Released.git(clone, all);
        assertThat(said.isDone()).as("%s: %s", List.of(words), said.text()).isTrue();
        return said.text();
    }
}
