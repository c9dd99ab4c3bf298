/*
 * What it costs to post a named semaphore on which another process sleeps. For each line "one MILLIS" on its input a line
 * "got P50 P99 COUNT", nanoseconds. It waits for the sleeper as Asleep.java does.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 10000000
#define MOMENT 20000

static void pause_cpu(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int sleeps(int stat) {
    char line[65] = {0};
    if (pread(stat, line, 64, 0) <= 0) die("stat");
    char *end = strchr(line, ')');
    return end && end[2] == 'S';
}

static void await_sleeper(int stat) {
    do {
        while (!sleeps(stat)) pause_cpu();
        for (int64_t begin = now(); now() - begin < MOMENT;) pause_cpu();
    } while (!sleeps(stat));
}

static int compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

int main(void) {
    char name[64];
    snprintf(name, sizeof name, "/bench-sem-post-%d", getpid());
    sem_t *sem = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
    if (sem == SEM_FAILED) die("sem_open");
    sem_unlink(name);
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(0);
        for (;;) sem_wait(sem);
    }
    snprintf(name, sizeof name, "/proc/%d/stat", child);
    int stat = open(name, O_RDONLY);
    if (stat < 0) die(name);
    int64_t *taken = malloc(MOST * sizeof *taken);
    if (!taken) die("malloc");
    printf("ready\n");
    fflush(stdout);
    char line[100];
    long millis;
    while (fgets(line, sizeof line, stdin) && sscanf(line, "one %ld", &millis) == 1) {
        long count = 0;
        int64_t after = 0;
        for (int64_t end = now() + millis * 1000000LL; after < end && count < MOST; count++) {
            await_sleeper(stat);
            int64_t before = now();
            if (sem_post(sem)) die("sem_post");
            after = now();
            taken[count] = after - before;
        }
        qsort(taken, count, sizeof *taken, compare);
        printf("got %lld %lld %ld\n", (long long)taken[count / 2], (long long)taken[count * 99 / 100], count);
        fflush(stdout);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return 0;
}
