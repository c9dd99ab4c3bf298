/* heard.pml - who is told of a failed sync, where files are synced now and then: a leader writes N records of one file, two flushers
   sync what counts as written and raise durable. The kernel keeps what it could not write as clean, and tells each descriptor once; one
   that is opened later only if none was told. A flusher that is told says so to all (failed), or dies before that (a new process goes
   on, with a new descriptor), or its thread meets an error (the descriptor stays). Record o lies at offset o; the file begins at 0.
   Claim: all below durable is on the disk.
   BUG_DEAF   nothing is written again          BUG_WORD   a descriptor hears from written on, not from the tail on
   BUG_DOUBT  an error in a thread is forgotten  BUG_EARLY  tail and written are read before the file is opened                  */
#ifndef N
#define N 2
#endif
#ifndef ERRORS
#define ERRORS 1
#endif
bool dirty[N], disk[N], cached[N]; byte tail, written, durable, errors; bool seen, failed;
inline raise(word, v) { atomic { if :: word < v -> word = v :: else fi } }
inline writeBack() {                                              /* all that is dirty, or nothing and an error */
  j = 0; lost = false;
  do :: j < N -> if :: dirty[j] -> lost = true :: else fi; j++ :: else -> break od;
  if :: lost && errors < ERRORS -> errors++; seen = false :: lost -> lost = false :: !lost fi;
  j = 0;
  do :: j < N -> if :: dirty[j] && !lost -> disk[j] = true :: else fi; dirty[j] = false; j++ :: else -> break od;
  j = 0; lost = false
}
proctype Publisher() { do :: tail < N -> tail++ :: tail == N -> break od }
proctype Kernel() { byte j; bool lost; do :: atomic { writeBack() } :: break od }
proctype Leader() { byte at, to;
  do :: written < N && !failed -> at = written; to = tail;
        do :: at < to -> atomic { dirty[at] = true; cached[at] = true; at++ } :: else -> break od;
        raise(written, to); at = 0; to = 0
     :: written == N || failed -> break
  od
}
proctype Flusher() { byte told, hears, w, d, j, doubt; bool isOpen, lost, isInDoubt, eio;
  do
  :: durable < N && !failed && written > durable ->
     w = written; d = durable;
     if :: isOpen || w <= d -> skip
        :: !isOpen && w > d ->
#ifdef BUG_EARLY
           if :: written == 0 -> hears = 0 :: else -> hears = tail fi;
#endif
           atomic { isOpen = true; told = (errors > 0 && !seen -> errors - 1 : errors) };
#ifndef BUG_EARLY
           if
           :: written == 0 -> hears = 0
#ifdef BUG_WORD
           :: else -> hears = written
#else
           :: else -> hears = tail
#endif
           fi
#endif
     fi;
#ifndef BUG_DOUBT
     if :: isInDoubt -> doubt = tail :: else fi;
#endif
#ifndef BUG_DEAF
     if :: d < hears || d < doubt ->
           do :: d < w -> atomic { assert(cached[d]); dirty[d] = true; d++ } :: else -> break od
        :: else fi;
#endif
     atomic { writeBack(); eio = told != errors; told = errors; seen = seen || eio };
     if :: !eio -> isInDoubt = false; raise(durable, w);
           atomic { j = 0; do :: j < durable -> assert(disk[j]); j++ :: else -> break od; j = 0 }
        :: eio -> failed = true
        :: eio -> atomic { isOpen = false; hears = 0; doubt = 0; isInDoubt = false }                  /* dies */
        :: eio -> isInDoubt = true
     fi;
     atomic { eio = false; w = 0; d = 0 }
  :: durable == N || failed -> break
  od
}
init { atomic { run Publisher(); run Leader(); run Flusher(); run Flusher();
#ifdef ALONE
  run Kernel()                                                    /* it also writes back by itself */
#endif
#ifdef BESIDE
  run Leader()
#endif
} }
