/*
 * What Linux itself offers for a round trip between two processes, without a JVM: peers KIND. It says "ready CHILD", the other process, which is a fork (0: there
 * is none); then for each line "exchange MILLIS" on its input "done" and "got COUNT NANOS P50 P90 P99 P99.9 MAX" (nanoseconds). Messages have 32 bytes,
 * those of "log BYTES" have so many. Also: "ring BYTES", a spinning ring for one writer and one reader, and "memcpy BYTES": what no messaging can beat.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#define pause_briefly() __builtin_ia32_pause()
#else
#define pause_briefly() __asm__ volatile("" ::: "memory")
#endif

#define MESSAGE 32
#define LONGEST 4096
#define MOST 20000000

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* What both processes share. */
static struct shared {
    _Alignas(128) _Atomic uint32_t word[2];     /* a turn each: futex and spinning */
    _Alignas(128) _Atomic uint64_t flag;        /* a turn for both: the polled flag */
    _Alignas(128) pthread_mutex_t mutex;
    pthread_cond_t condition;
    int turn;
    char body[2][MESSAGE];
} *shared;

static sem_t *sems[2];
static int in[2], out[2]; /* of either side */
static mqd_t mqs[2];
static int msq;
static char me[64];

/* side 0 asks, side 1 answers; hand over, or wait to be handed over to */
static void (*give)(int side, const char *body);
static void (*take)(int side, char *body);

static void give_sem(int side, const char *body) {
    memcpy(shared->body[side], body, MESSAGE);
    if (sem_post(sems[side])) die("sem_post");
}
static void take_sem(int side, char *body) {
    while (sem_wait(sems[1 - side]))
        if (errno != EINTR) die("sem_wait");
    memcpy(body, shared->body[1 - side], MESSAGE);
}

static void give_futex(int side, const char *body) {
    memcpy(shared->body[side], body, MESSAGE);
    atomic_fetch_add(&shared->word[side], 1);
    syscall(SYS_futex, &shared->word[side], FUTEX_WAKE, 1, NULL, NULL, 0);
}
static uint32_t seen[2];
static void take_futex(int side, char *body) {
    while (atomic_load(&shared->word[1 - side]) == seen[side])
        syscall(SYS_futex, &shared->word[1 - side], FUTEX_WAIT, seen[side], NULL, NULL, 0);
    seen[side]++;
    memcpy(body, shared->body[1 - side], MESSAGE);
}

static void give_spin(int side, const char *body) {
    memcpy(shared->body[side], body, MESSAGE);
    atomic_store_explicit(&shared->word[side], atomic_load_explicit(&shared->word[side], memory_order_relaxed) + 1, memory_order_release);
}
static void take_spin(int side, char *body) {
    while (atomic_load_explicit(&shared->word[1 - side], memory_order_acquire) == seen[side]) pause_briefly();
    seen[side]++;
    memcpy(body, shared->body[1 - side], MESSAGE);
}

/* As Belfry's log: a word in front of each record, whose store commits it, and the word after it is emptied before. Two rings of 512 KiB. */
#define LOG (1 << 19)
static char *logs[2];
static long size;
static uint64_t given, gotten;
static _Atomic uint64_t *word_of(int side, uint64_t number) {
    return (_Atomic uint64_t *)(logs[side] + number % (LOG / (size + 8)) * (size + 8));
}
static void give_log(int side, const char *body) {
    _Atomic uint64_t *word = word_of(side, given);
    memcpy((char *)(word + 1), body, size);
    atomic_store_explicit(word_of(side, given + 1), 0, memory_order_relaxed);
    atomic_store_explicit(word, ++given, memory_order_release);
}
static void take_log(int side, char *body) {
    _Atomic uint64_t *word = word_of(1 - side, gotten++);
    while (atomic_load_explicit(word, memory_order_acquire) != gotten) pause_briefly();
    memcpy(body, (char *)(word + 1), size);
}

static void give_cond(int side, const char *body) {
    pthread_mutex_lock(&shared->mutex);
    memcpy(shared->body[side], body, MESSAGE);
    shared->turn = 1 - side;
    pthread_cond_broadcast(&shared->condition);
    pthread_mutex_unlock(&shared->mutex);
}
static void take_cond(int side, char *body) {
    pthread_mutex_lock(&shared->mutex);
    while (shared->turn != side) pthread_cond_wait(&shared->condition, &shared->mutex);
    memcpy(body, shared->body[1 - side], MESSAGE);
    pthread_mutex_unlock(&shared->mutex);
}

/* A flag in a System V segment, polled with a pause between two looks, as the old books have it. */
static void give_flag(int side, const char *body) {
    memcpy(shared->body[side], body, MESSAGE);
    atomic_store_explicit(&shared->flag, 2 - side, memory_order_release); /* 1: side 1's turn... 2: side 0's */
}
static void take_flag(int side, char *body) {
    uint64_t mine = side == 0 ? 1 : 2;
    while (atomic_load_explicit(&shared->flag, memory_order_acquire) != mine) {
        struct timespec pause = {0, 1000};
        nanosleep(&pause, NULL);
    }
    memcpy(body, shared->body[1 - side], MESSAGE);
}

static void give_bytes(int side, const char *body) {
    if (write(out[side], body, MESSAGE) != MESSAGE) die("write");
}
static void take_bytes(int side, char *body) {
    if (read(in[side], body, MESSAGE) != MESSAGE) exit(0); /* the other end is gone */
}

static void give_mq(int side, const char *body) {
    if (mq_send(mqs[side], body, MESSAGE, 0)) die("mq_send");
}
static void take_mq(int side, char *body) {
    if (mq_receive(mqs[1 - side], body, MESSAGE, NULL) < 0) die("mq_receive");
}

struct letter {
    long type;
    char body[MESSAGE];
};
static void give_msg(int side, const char *body) {
    struct letter l = {.type = side + 1};
    memcpy(l.body, body, MESSAGE);
    if (msgsnd(msq, &l, MESSAGE, 0)) die("msgsnd");
}
static void take_msg(int side, char *body) {
    struct letter l;
    if (msgrcv(msq, &l, MESSAGE, 2 - side, 0) < 0) die("msgrcv");
    memcpy(body, l.body, MESSAGE);
}

static void prepare(const char *kind) {
    snprintf(me, sizeof me, "/belfry-peers-%d", getpid());
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) die("mmap");
    if (!strcmp(kind, "semaphores")) {
        for (int i = 0; i < 2; i++) {
            char name[80];
            snprintf(name, sizeof name, "%s-%d", me, i);
            sems[i] = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
            if (sems[i] == SEM_FAILED) die("sem_open");
            sem_unlink(name);
        }
        give = give_sem, take = take_sem;
    } else if (!strcmp(kind, "futex")) {
        give = give_futex, take = take_futex;
    } else if (!strcmp(kind, "spin")) {
        give = give_spin, take = take_spin;
    } else if (!strcmp(kind, "log")) {
        if (size < 8 || size > LONGEST || size % 8) die("length");
        for (int i = 0; i < 2; i++) {
            logs[i] = mmap(NULL, LOG, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
            if (logs[i] == MAP_FAILED) die("mmap");
        }
        give = give_log, take = take_log;
    } else if (!strcmp(kind, "condition")) {
        pthread_mutexattr_t m;
        pthread_mutexattr_init(&m);
        pthread_mutexattr_setpshared(&m, PTHREAD_PROCESS_SHARED);
        pthread_mutex_init(&shared->mutex, &m);
        pthread_condattr_t c;
        pthread_condattr_init(&c);
        pthread_condattr_setpshared(&c, PTHREAD_PROCESS_SHARED);
        pthread_cond_init(&shared->condition, &c);
        give = give_cond, take = take_cond;
    } else if (!strcmp(kind, "sysv-flag")) {
        int id = shmget(IPC_PRIVATE, sizeof *shared, IPC_CREAT | 0600);
        if (id < 0) die("shmget");
        shared = shmat(id, NULL, 0);
        shmctl(id, IPC_RMID, NULL);
        memset(shared, 0, sizeof *shared);
        give = give_flag, take = take_flag;
    } else if (!strcmp(kind, "sysv-queue")) {
        if ((msq = msgget(IPC_PRIVATE, IPC_CREAT | 0600)) < 0) die("msgget");
        give = give_msg, take = take_msg;
    } else if (!strcmp(kind, "posix-queue")) {
        for (int i = 0; i < 2; i++) {
            char name[80];
            snprintf(name, sizeof name, "%s-%d", me, i);
            struct mq_attr a = {.mq_maxmsg = 8, .mq_msgsize = MESSAGE};
            if ((mqs[i] = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &a)) < 0) die("mq_open");
            mq_unlink(name);
        }
        give = give_mq, take = take_mq;
    } else if (!strcmp(kind, "pipe") || !strcmp(kind, "fifo")) {
        int way[2][2];
        for (int i = 0; i < 2; i++) {
            if (kind[0] == 'p') {
                if (pipe(way[i])) die("pipe");
            } else {
                char name[80];
                snprintf(name, sizeof name, "/tmp%s-%d", me, i);
                if (mkfifo(name, 0600)) die("mkfifo");
                way[i][0] = open(name, O_RDONLY | O_NONBLOCK);
                way[i][1] = open(name, O_WRONLY);
                if (way[i][0] < 0 || way[i][1] < 0) die(name);
                fcntl(way[i][0], F_SETFL, 0);
                unlink(name);
            }
        }
        out[0] = way[0][1], in[1] = way[0][0], out[1] = way[1][1], in[0] = way[1][0];
        give = give_bytes, take = take_bytes;
    } else if (!strcmp(kind, "unix-socket")) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) die("socketpair");
        in[0] = out[0] = pair[0], in[1] = out[1] = pair[1];
        give = give_bytes, take = take_bytes;
    } else {
        fprintf(stderr, "peers: no kind '%s'\n", kind);
        exit(2);
    }
}

static int64_t *taken;

static int compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Index of the value below which so many of 1000 lie. */
static int64_t at(long count, long of1000) {
    long index = (long)((double)count * of1000 / 1000);
    return taken[index < count ? index : count - 1];
}

static void report(long count, int64_t nanos) {
    printf("done\n"); /* what it cost is read now: sorting is not part of it */
    fflush(stdout);
    if (taken == NULL || count == 0) {
        printf("got %ld %lld 0 0 0 0 0\n", count, (long long)nanos);
    } else {
        qsort(taken, count, sizeof *taken, compare);
        printf("got %ld %lld %lld %lld %lld %lld %lld\n", count, (long long)nanos, (long long)at(count, 500), (long long)at(count, 900),
               (long long)at(count, 990), (long long)at(count, 999), (long long)taken[count - 1]);
    }
    fflush(stdout);
}

static void exchange(long millis) {
    static _Alignas(64) char body[LONGEST];
    int64_t begin = now(), end = begin + millis * 1000000LL;
    long count = 0;
    while (count < MOST) {
        int64_t t = now();
        if (t > end) break;
        *(uint64_t *)body = count + 1;
        give(0, body);
        take(0, body);
        if (*(uint64_t *)body != (uint64_t)count + 1) die("another answer");
        taken[count++] = now() - t;
    }
    report(count, now() - begin);
}

/* One writer, one reader, at most 1 MiB of whole records, a word in front of each; nobody sleeps, and nothing is checked for room but the reader's place. */
#define RING (1 << 20)
static struct ring {
    _Alignas(128) _Atomic uint64_t written;
    _Alignas(128) _Atomic uint64_t read;
    _Alignas(128) char bytes[RING];
} *ring;

static uint64_t records(long length) { return RING / (length + 8); }

static void stream(long length, long millis) {
    static uint64_t written, limit, slot;
    uint64_t slots = records(length), need = length + 8;
    int64_t begin = now(), end = begin + millis * 1000000LL;
    long count = 0;
    char *body = malloc(length);
    memset(body, 7, length);
    while (now() < end)
        for (int i = 0; i < 64; i++) {
            while (written >= limit) limit = atomic_load_explicit(&ring->read, memory_order_acquire) + slots;
            char *at = ring->bytes + slot * need;
            memcpy(at + 8, body, length);
            *(uint64_t *)(at + 8) = written++;
            if (++slot == slots) slot = 0;
            atomic_store_explicit(&ring->written, written, memory_order_release);
            count++;
        }
    while (atomic_load_explicit(&ring->read, memory_order_acquire) != written) pause_briefly();
    report(count, now() - begin);
    free(body);
}

static void drain(long length) {
    uint64_t slots = records(length), need = length + 8, slot = 0;
    char *body = malloc(length);
    for (uint64_t read = 0, written = 0;;) {
        while (written == read) {
            written = atomic_load_explicit(&ring->written, memory_order_acquire);
            if (written == read) for (int i = 0; i < 20; i++) pause_briefly();
        }
        for (; read < written; read++) {
            memcpy(body, ring->bytes + slot * need + 8, length);
            if (*(uint64_t *)body != read) die("another message");
            if (++slot == slots) slot = 0;
        }
        atomic_store_explicit(&ring->read, read, memory_order_release);
    }
}

static void copy(long length, long millis) {
    char *from = malloc(RING + length), *to = malloc(RING + length);
    memset(from, 1, RING + length);
    memset(to, 2, RING + length);
    int64_t begin = now(), end = begin + millis * 1000000LL;
    long count = 0;
    while (now() < end)
        for (int i = 0; i < 64; i++, count++) {
            memcpy(to + count * length % RING, from + count * length % RING, length);
            __asm__ volatile("" ::: "memory");
        }
    report(count, now() - begin);
}

int main(int count, char **words) {
    if (count < 2) {
        fprintf(stderr, "usage: peers KIND|log BYTES|ring BYTES|memcpy BYTES\n");
        return 2;
    }
    int streams = !strcmp(words[1], "ring"), copies = !strcmp(words[1], "memcpy");
    long length = count > 2 ? atol(words[2]) : MESSAGE;
    pid_t child = 0;
    if (streams) {
        ring = mmap(NULL, sizeof *ring, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    } else if (!copies) {
        size = length;
        prepare(words[1]);
        taken = malloc(MOST * sizeof *taken);
    }
    if (!copies && (child = fork()) == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(0);
        if (streams) drain(length);
        for (char body[LONGEST];;) {
            take(1, body);
            give(1, body);
        }
    }
    printf("ready %d\n", child);
    fflush(stdout);
    char line[100];
    while (fgets(line, sizeof line, stdin)) {
        long millis;
        if (sscanf(line, "exchange %ld", &millis) != 1) break;
        if (child) kill(child, SIGCONT);
        if (streams) stream(length, millis);
        else if (copies) copy(length, millis);
        else exchange(millis);
        if (child) kill(child, SIGSTOP); /* a spinning one costs nothing while it is another's turn */
    }
    if (child) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    if (msq) msgctl(msq, IPC_RMID, NULL);
    return 0;
}
