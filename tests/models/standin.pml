/* standin.pml - a helper that sleeps in the kernel in the place of a virtual thread, which parks. No slices: a lost wake-up is a deadlock
   ("invalid end state"). All words are changed by atomics, so there are no store buffers.
   without LOCK   a semaphore: K messages, each posts if the sleeper has announced itself. Each call of the subscriber is by a virtual thread,
                  which may give up (time limit, interrupt), or by a platform thread, which sleeps by itself
   LOCK           a lock word: V, a virtual thread that may give up, and P, a platform thread of the same process, want it, as does X of
                  another process, which never sleeps. FUTEX_WAKE wakes one of those in the kernel, whichever
   BUG_SWALLOW    a wake that finds no virtual thread is not handed on           BUG_LEFT  (LOCK) nor one that V had when it gave up
   BUG_END        the helper checks for virtual threads, then ends: not in one step                                                       */
#ifndef K
#define K 3
#endif
#ifndef GIVE
#define GIVE 2
#endif
#define W 4
bool parked, released, helper;   /* StandIn: V's name is there; its helper has released it; there is one */
byte seen, given;
#ifdef LOCK
byte lck = 2;                    /* 0 free, 1 V or P, 2 X; + W */
bit inKernel[2];                 /* in FUTEX_WAIT: 0 the helper, 1 P */
inline wake1() { if :: inKernel[0] -> inKernel[0] = 0 :: inKernel[1] -> inKernel[1] = 0 :: !inKernel[0] && !inKernel[1] fi }
#else
byte msgs, sem; bool bit1;
#endif

proctype Helper() { byte s; bool got;
   do
   :: atomic { parked -> s = seen }                               /* first */
#ifdef LOCK
      atomic { if :: lck == s -> inKernel[0] = 1 :: else fi }
end_k: !inKernel[0];
#else
end_k: atomic { sem > 0 -> sem-- }
#endif
      atomic { got = parked; if :: got -> parked = false; released = true :: else fi }    /* release */
#ifndef BUG_SWALLOW
      if :: got :: else ->
#ifdef LOCK
           atomic { wake1() }
#else
           sem++
#endif
      fi;
#endif
      s = 0
#ifdef BUG_END
   :: !parked -> helper = false; break
#else
   :: atomic { !parked -> helper = false } break
#endif
   od }

inline await(value, woken) {                                      /* StandIn.await */
   atomic { parked = true; released = false; seen = value; if :: helper :: else -> helper = true; run Helper() fi }
   if :: released :: atomic { given < GIVE -> given++ } fi;       /* parks; or its time is over, or an interrupt comes */
   atomic { woken = released; parked = false; released = false } }

#ifdef LOCK
proctype V() { byte w, s; bool woken;
 call: w = 0; woken = false;
   do
   :: atomic { lck == 0 -> lck = 1 + w }
      atomic { w = lck; lck = 0 }                                  /* release */
      if :: w & W -> atomic { wake1() } :: else fi; break
   :: atomic { lck != 0 -> lck = lck | W; s = lck }
      w = W;
      await(s, woken);
      if :: skip
         :: atomic { given < GIVE -> given++ }                     /* it gives up */
#ifndef BUG_LEFT
            if :: woken -> atomic { wake1() } :: else fi;
#endif
            if :: goto call :: break fi
      fi
   od }
proctype P() { byte w, s;
   do
   :: atomic { lck == 0 -> lck = 1 + w }
      atomic { w = lck; lck = 0 }
      if :: w & W -> atomic { wake1() } :: else fi; break
   :: atomic { lck != 0 -> lck = lck | W; s = lck }
      w = W;
      atomic { if :: lck == s -> inKernel[1] = 1 :: else fi }
      !inKernel[1]
   od }
proctype X() { byte n, w;
   do
   :: atomic { w = lck; lck = 0 }
      if :: w & W -> atomic { wake1() } :: else fi;
      n++;
      if :: n == K -> break :: atomic { n < K && lck == 0 -> lck = 2 } fi
   od }
init { atomic { run V(); run P(); run X() } }
#else
proctype Sub() { byte read; bool woken;
   do
   :: read == K -> break
   :: read < K && msgs > read -> read++
   :: read < K && msgs == read ->
      atomic { sem = 0 }                                           /* what posts are owed */
      do
      :: bit1 = true;                                              /* announces, with its fence */
         if :: msgs > read -> break
            :: else ->
               if :: await(0, woken)
                     if :: woken :: !woken -> break fi             /* the end of the call */
                  :: atomic { sem > 0 -> sem-- }                    /* by itself: nothing but a post ends it */
               fi
         fi
      od;
      bit1 = false                                                 /* withdraws */
   od }
proctype Pub() { byte n; bool b;
   do :: n == K -> break
      :: n < K -> msgs++; atomic { b = bit1; bit1 = false } if :: b -> sem++ :: else fi; n++ od }
init { atomic { run Sub(); run Pub() } }
#endif
