package dev.belfry.jakarta.client;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A domain of a little ring, the processes in it, and the book of what they were promised. */
final class PagedDomain implements AutoCloseable {
    /** The transport, and whether a commit waits for the disk. */
    enum Kind {
        SHM,
        FILE_OS,
        FILE_ALWAYS
    }

    /** Of a queue that is created anywhere. */
    static final String ANYWHERE = "anyFileSystem=true";

    private static final String READY = "ready";
    private static final AtomicInteger NUMBER = new AtomicInteger();

    final Path directory;
    final PagedBook book;
    private final Kind kind;
    private final String name;
    private final List<ChildJvm> children = new ArrayList<>();
    private List<String> launcher = List.of();
    private List<String> flags = JavaCommand.QUICK;
    private Path inFront;
    private int senders;

    PagedDomain(Kind kind, Path directory) throws IOException {
        this.kind = kind;
        this.directory = directory;
        name = kind == Kind.SHM
                ? "shm:Paged" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet()
                : "file:" + directory.resolve("domain");
        book = new PagedBook(directory.resolve("book"));
        Files.createDirectories(directory.resolve("spool"));
    }

    /** For the processes that are started from now on. */
    PagedDomain through(List<String> command) {
        launcher = command;
        return this;
    }

    /** For the processes that are started from now on. */
    PagedDomain flags(List<String> other) {
        flags = other;
        return this;
    }

    /** Classes that come before the product's, for the processes that are started from now on. */
    PagedDomain inFront(Path classes) {
        inFront = classes;
        return this;
    }

    String name() {
        return name;
    }

    /** Without the setting: what it says beside it. */
    String uri() {
        String uri = name + "?maxCapacity=1m&sendTimeout=30s";
        return switch (kind) {
            case SHM -> uri;
            case FILE_OS -> uri + "&" + ANYWHERE;
            case FILE_ALWAYS -> uri + "&" + ANYWHERE + "&sync=always";
        };
    }

    /** Of a member that pages out, too. */
    String paging(String more) {
        String where = kind == Kind.SHM ? "file:" + spool() : "on";
        return uri() + "&overflow=" + where + "%3F" + ANYWHERE + more;
    }

    private Path spool() {
        return directory.resolve("spool");
    }

    /** Its directory with the pages, once it is there. */
    Path pages() {
        if (kind != Kind.SHM) return directory.resolve("domain").resolve("overflow");
        try (Stream<Path> lives = Files.list(spool())) {
            return lives.findFirst().orElse(spool().resolve("none"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean hasPages() {
        return Files.exists(pages().resolve("queue"));
    }

    /** How long the files of pages are. */
    long bytesOnDisk() {
        try (Stream<Path> files = Files.walk(pages())) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ChildJvm start(String uri, String... role) {
        List<String> args = new ArrayList<>(List.of(uri, book.file().toString()));
        args.addAll(List.of(role));
        JavaCommand command = JavaCommand.of(PagingMember.class, args.toArray(String[]::new))
                .flags(flags)
                .flags(JavaCommand.QUIET)
                .through(launcher)
                .title(role[0]);
        if (inFront != null) command.inFront(inFront);
        ChildJvm child = command.start();
        children.add(child);
        child.expect(READY);
        return child;
    }

    /** One that does nothing but page out and in. */
    ChildJvm pager() {
        return start(paging(""), "page");
    }

    ChildJvm sender(String uri, String queue, int messages, int length) {
        return start(uri, "send", queue, queue + "/" + senders++, "" + messages, "" + length);
    }

    /** Sends one message after the other until it gets a line; its refusal ends it. */
    ChildJvm beat(String uri, String queue, int length) {
        return start(uri, "beat", queue, queue + "/" + senders++, "0", "" + length);
    }

    ChildJvm receiver(String uri, String queue) {
        return start(uri, "receive", queue);
    }

    /** Waits until there are so many more lines of that kind, or that holds. */
    void awaitMore(String kind, int n, Predicate<PagedBook> or) {
        int before = book.read().count(kind);
        Patience.until(n + " more of " + kind, () -> book.read().count(kind) >= before + n || or.test(book));
    }

    /** Ends all processes. */
    void endAll() {
        children.forEach(ChildJvm::close);
        children.clear();
    }

    @Override
    public void close() throws IOException {
        endAll();
        MessageQueues.delete(name);
        try (Stream<Path> lives = Files.list(spool())) {
            for (Path life : lives.toList()) MessageQueues.delete("file:" + life + "?" + ANYWHERE);
        }
    }
}
