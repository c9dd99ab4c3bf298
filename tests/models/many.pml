/* many.pml - one thread that sleeps for its subscribers of two queues, on one semaphore: that of one of them, the head. Each slot
   has words that name the semaphore that is meant; a publisher that takes the slot's bit posts that one, or the slot's own if there are none.
   SleepersOfMany, ShmSharedSleep, MeantSemaphores. No slices here: a lost wake-up is a deadlock ("invalid end state").
   Left out: fences and membarrier, which are those of each queue by itself (sleep.pml); two JDKs, which differ in nothing but how they
   reach memory and the C library; growth, which adds a ring and moves none of these words: they lie in the header and in slots.
   REMOVE says what a delete would need that takes the semaphores with it. Ours does not: it leaves those of living members, and
   what a stranger's rm costs ends with a slice.
   Always there: member 1 may be closed by another thread, and its slot becomes another process's, which sleeps on a semaphore of its own.
   KILL          the thread's process dies anywhere, and the slot of member 1 becomes another's
   REMOVE        the head's queue is removed: who has not opened its semaphore does not find the name any more; here, nobody has
   BUG_NORECHECK no look at the logs after all are announced        BUG_STALEWORDS the slot's next owner does not clear the words
   BUG_BITFIRST  (no word is right yet) the bit before the words, and no look afterwards finds what was posted elsewhere
   BUG_HEADSTAYS the head is closed, and the others' words still name it    BUG_POSTFIRST who closes posts, then says so
   BUG_NOBELL    (REMOVE) who removes the queue does not post        BUG_NAMEFIRST  (REMOVE) the name is looked for before old posts are drained */
#ifndef K
#define K 2
#endif
byte H[2]; bit flag[2]; bit grp[2];      /* the newest message, the flag, the slot's bit: of each queue */
byte wa[2]; byte wb[2];                  /* the slot's words, stored one after the other: 0 none, s+1 semaphore s */
byte cur[2]; byte sem[3]; bit gone[3];   /* the slot's own semaphore; posts; its name is gone */
byte head; bit closing; bit freed; bit canDie;

proctype Pub(byte q) { byte n, t; bit b;
   do
   :: n < K ->
        if :: q == 0 && n == K-1 -> !closing || freed :: else fi;   /* no message helps who waits for the close */
        atomic { n++; H[q] = n }
        atomic { b = flag[q]; flag[q] = 0 }
        if :: b -> atomic { b = grp[q]; grp[q] = 0 } :: else fi;
        if :: b -> t = wa[q];
                   atomic { if :: t != 0 && wb[q] == t -> t-- :: else -> t = cur[q] fi }
                   atomic { if :: t == cur[q] || !gone[t] -> sem[t] = 1 :: else fi; b = 0; t = 0 }
           :: else fi
   :: else -> break
   od }

inline announce(i) {
   if :: wa[i] != head + 1 || wb[i] != head + 1 ->
#ifdef BUG_BITFIRST
           atomic { grp[i] = 1; flag[i] = 1 } look();
           if :: !found -> wa[i] = head + 1; wb[i] = head + 1 :: else fi
#else
           atomic { grp[i] = 0; wa[i] = head + 1 } wb[i] = head + 1; atomic { grp[i] = 1; flag[i] = 1 }
#endif
      :: else -> atomic { grp[i] = 1; flag[i] = 1 }
   fi }
inline look() { found = c0 < H[0] || (in1 && c1 < H[1]) || (closing && in1) }

proctype Set() { byte c0, c1; bit in1, found; in1 = 1;
 { do
   :: closing && in1 ->
        in1 = 0;
#ifndef BUG_HEADSTAYS
        head = 0;
#endif
        atomic { grp[1] = 0; gone[1] = 1; freed = 1 }
   :: c0 < H[0] -> c0 = H[0]
   :: in1 && c1 < H[1] -> c1 = H[1]
   :: c0 == K && (!in1 || c1 == K) -> break
   :: else ->
#ifdef BUG_NAMEFIRST
        if :: gone[head] && in1 -> head = 1 :: else fi;
        sem[head] = 0;
#else
        sem[head] = 0;
        if :: gone[head] && in1 -> head = 1; sem[head] = 0 :: else fi;
#endif
        announce(0);
        if :: in1 -> announce(1) :: else fi;
#ifdef BUG_NORECHECK
        found = 0;
#elif !defined(BUG_BITFIRST)
        look();
#endif
        if :: found :: else -> atomic { sem[head] > 0 -> sem[head] = 0 } fi;
        found = 0
   od
 } unless { atomic { canDie -> canDie = 0; freed = 1 } } }

proctype Other() { byte c;                /* the next owner of the slot in queue 1 */
   end: freed == 1;
   atomic { cur[1] = 2; grp[1] = 0; c = H[1] }   /* under the admin lock; the words when it sleeps first */
#ifndef BUG_STALEWORDS
   wa[1] = 0; wb[1] = 0;
#endif
   do
   :: c < H[1] -> c = H[1]
   :: c == K -> break
   :: else -> atomic { sem[2] = 0; grp[1] = 1; flag[1] = 1 }
              if :: c < H[1] :: else -> atomic { sem[2] > 0 -> sem[2] = 0 } fi
   od }

proctype Closer() { byte h;
   if :: skip
      ::
#ifdef BUG_POSTFIRST
         h = head; sem[h] = 1; closing = 1
#else
         closing = 1; h = head; sem[h] = 1
#endif
   fi }

proctype Remover() {
   gone[0] = 1;
#ifndef BUG_NOBELL
   sem[0] = 1
#endif
   }

proctype Killer() { if :: canDie = 1 :: skip fi }

init { atomic { cur[1] = 1;
   if :: head = 0 :: head = 1 fi;
   run Pub(0); run Pub(1); run Set(); run Other(); run Closer();
#ifdef REMOVE
   run Remover();
#endif
#ifdef KILL
   run Killer();
#endif
   } }
