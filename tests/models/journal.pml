/* journal.pml - who brings the log into its file: publishers of two processes (a third with THREE) that lead under the journal lock or
   beside its owner, over a ring of R whose gate follows durable; power may fail at any moment. Process 0 may die, or its queue be closed
   under it (CLOSED): its memory reads as zero then and takes no store, but what it calls of the file system still happens; in both cases
   its lock counts as a dead owner's. Offset o holds record o+1. cache: written last; disk: synced. Words are atomic: durable and its
   position are raised by compare-and-set, and the other models have the store buffers. A sleeper's slice ends only while the lock is
   held, or after a death, and the
   sleeper then leads: else a lost wake-up is a deadlock.
   Claim: what was returned is on the disk, and nothing else is ever written over it; durable is never below the gate nor goes back;
   nobody waits for ever, and a leader leaves no position behind.
   BUG_NOCHECK  a copy is not checked        BUG_EARLY   durable before the sync      BUG_STORE  durable is stored, not raised
   BUG_NOSYNC   nothing is synced            BUG_GATE    the gate passes durable      BUG_NOWAKE no wake after the lock
   BUG_NOTAKE   no take-over, no lead beside BUG_NOFULL  no lead where there is no room
   BUG_NOPOS    a leader does not store the position that it finds                                                               */
#ifndef K
#define K 4
#endif
#ifndef N0
#define N0 2
#endif
#ifndef R
#define R 2
#endif
byte ring[R], cache[K], disk[K], tail, gate, durable, pos, lock, word, returned;
byte asleep; bool gone0, covered0, can0;
#define COVERED (i == 0 && covered0)
#define DEADLOCKED (lock == 1 && gone0 && i != 0)
inline raise(w, v) {
#ifdef BUG_STORE
  atomic { if :: !COVERED -> w = v :: else fi }
#else
  atomic { if :: !COVERED && w < v -> w = v :: else fi }
#endif
}
inline wake() {
#ifdef BUG_NOWAKE
  skip
#else
  atomic { if :: word & 1 && !COVERED -> word++; asleep = 0 :: else fi }
#endif
}
inline copyAll() {                                                                /* Leader.copyAll; a piece is one record */
  do :: from = durable;
#ifndef BUG_NOPOS
        raise(pos, from);
#endif
        if :: gate > from && !COVERED -> assert(durable > from || COVERED) :: else -> break fi
  od;
  to = tail; at = from; ok = !COVERED;
  do
  :: ok && at < to -> c = (COVERED -> 0 : ring[at % R]);
#ifndef BUG_NOCHECK
     ok = gate <= at && !COVERED;
     if :: ok -> assert(c == at + 1) :: else fi;
#endif
     if :: ok -> atomic { assert(at >= returned || c == at + 1); cache[at] = c; at++ } :: else fi
  :: else -> break
  od;
  if :: ok && to > from ->
#ifdef BUG_EARLY
     raise(durable, to); raise(pos, to);
#endif
#ifndef BUG_NOSYNC
     atomic { at = from; do :: at < to -> disk[at] = cache[at]; at++ :: else -> break od };
#endif
     raise(durable, to);
     assert(COVERED || durable >= gate);
     raise(pos, to)
  :: else fi;
  atomic { assert(COVERED || pos >= from); from = 0; to = 0; at = 0; c = 0; ok = false }
}
inline goOut() { if :: have -> atomic { if :: !COVERED && lock == i+1 -> lock = 0 :: else fi; have = false } :: else fi; wake() }
inline step() {                                                                   /* Leader.step */
  was = durable;
  if
  :: atomic { lock == 0 -> lock = i+1; have = true } copyAll(); goOut()
  :: lock != 0 ->
     atomic { if :: !(word & 1) -> word++ :: else fi; seen = word };
     if :: durable != was || lock == 0 -> skip
        :: else ->
           if :: atomic { word != seen -> skip }
              :: atomic { word == seen -> asleep = asleep | (1 << i) };
                 if :: (asleep & (1 << i)) == 0 -> skip
#ifndef BUG_NOTAKE
                    :: atomic { lock != 0 || gone0 -> asleep = asleep & ~(1 << i) };        /* the slice is over */
                       if :: durable != was || lock == 0 -> skip
                          :: atomic { DEADLOCKED -> lock = i+1; have = true } copyAll(); goOut()
                          :: lock != 0 && !DEADLOCKED && durable == was -> copyAll(); goOut()          /* beside */
                       fi
#endif
                 fi
           fi
     fi
  fi;
  was = 0; seen = 0
}
proctype Pub(byte i; byte n) { byte mine, from, to, at, c, was, seen; bool ok, have;
 { do
   :: n == 0 -> break
   :: n > 0 ->
      do                                                                          /* commit, under the publish lock */
      :: atomic { !COVERED && tail - gate < R -> ring[tail % R] = tail + 1; tail++; mine = tail } break
      :: COVERED -> goto closed
      :: atomic { !COVERED && tail - gate == R && durable > gate -> gate = durable }
#ifdef BUG_GATE
      :: atomic { !COVERED && tail - gate == R && durable == gate -> gate++ }
#endif
      :: !COVERED && tail - gate == R && durable <= gate ->
#ifdef BUG_NOFULL
         durable > gate
#else
         step()
#endif
      od;
      do :: pos >= mine && !COVERED -> break
         :: COVERED -> goto closed
         :: pos < mine && !COVERED -> step()
      od;
      atomic { if :: returned < mine -> returned = mine :: else fi; at = 0;
               do :: at < mine -> assert(disk[at] == at + 1 && cache[at] == at + 1); at++ :: else -> break od; at = 0 };
      n--; mine = 0
   od;
closed: skip
 } unless { atomic { i == 0 && can0 -> can0 = false; gone0 = true } }
}
proctype Fate() {
#ifdef CLOSED
  atomic { covered0 = true; gone0 = true }
#else
  can0 = true
#endif
}
init { atomic { run Pub(0, N0); run Pub(1, K - N0);
#ifdef MORTAL
  run Fate()
#endif
} }
