/* bias.pml - the biased publish lock: a favoured process goes in and out by plain stores until somebody asks; x86-TSO buffers.
   Words: lk (the futex lock's, taken over from the dead; its own sleeping and stealing: lock.pml), BIAS (0 | handle+1, incarnation [| ASKED]),
   INS(handle), written by its favoured thread and by Handles.open; INC, the incarnation of handle 0.
   cpu 0, 1: processes with handles 0, 1, which may be killed at any statement; cpu 2: a third one, which is not: with handle 2 (THREE), or with
   handle 0 once its owner is dead (REUSE); cpu 3: a second thread of process 0, never favoured (THREAD).  cpu 0 starts favoured (FAV0 0: not).
   Each publishes R0..R3 times; a favoured one may come in and commit nothing (a claim that is given up), or give its bias back (forgoBias).
   LOST: cpu 0 may end with its claim open; cpu 3 is then the watch of its process, which goes out in its place and has a buffer of its own.
   An asker may give up at any look, and leaves ASKED.  It sleeps without slice: a lost wake-up is an invalid end state; death alone wakes by itself.
   Claims: never two inside; nobody enters over a dead one's half-done publish (HALF) before repair; no lost wake-up.
   SUB  a subscriber that arms `asleep`, fences, looks at lk and BIAS at once: both 0 - no membarrier; looks at the log (H), sleeps.  A favoured
        publisher looks at `asleep` without a fence.  Groups and semaphores: sleep.pml.  Slices only once somebody has died.
   BUG_NOMB      the asker does not call membarrier           BUG_ZERO     it clears the bias at once instead of marking it
   BUG_LOOKFIRST bias looked at before inside = 1             BUG_OUTFIRST  on the way out, before inside = 0
   BUG_NOWAKE    who goes out does not wake                   BUG_LATEGRANT bias given behind the release of the word
   BUG_NOINC     inside = 0: no repair, whatever incarnation  BUG_OPENFIRST Handles.open clears inside before it raises the incarnation
   BUG_NOTHALF   inside = 1 of a dead one is not repaired     BUG_ONCE     an asker that finds ASKED neither fences nor waits
   BUG_WORDONLY  (SUB) the bias does not count for who goes to sleep; no matter (and not here): word and bias by two loads, in either order   */
#ifndef FAV0
#define FAV0 1
#endif
#ifndef R0
#define R0 2
#endif
#ifndef R1
#define R1 1
#endif
#ifndef R2
#define R2 1
#endif
#ifndef R3
#define R3 1
#endif
#ifndef KILL
#define KILL 3          /* who may be killed: bit mask */
#endif
#define BIAS 0
#define HALF 1          /* a publish is half done */
#define H 1             /* SUB: messages, of one store each */
#define INC 2
#define INS(s) (3+(s))
#define ASKED 8
#define ME (s+1+4*k)
#define SLOT(w) (((w) & 3) - 1)                    /* -1: nobody */
#define CPU(w) (((w) & 7) == 5 -> 2 : SLOT(w))     /* the favoured one */
byte mem[6];
chan sb[4] = [5] of { byte, byte };
byte lk; bool held[3] = true; bool die[4]; bool fin[4]; byte wt[4]; byte cs;
bool asleep, lost; byte sem;
#define STORE(i,a,v) sb[i]!a,v
#define DR(i) empty(sb[i])
#define ISDEAD(w) (!held[SLOT(w)] || SLOT(w) == 0 && mem[INC] != (((w) >> 2) & 1))
#define IN(i) assert(cs == 0); cs = 1 << i
#define OUT(i) cs = cs & (15 - (1 << i))
proctype Flush(byte i) { byte a; byte v;
end: do :: atomic { sb[i]?a,v -> mem[a] = v; a=0; v=0 } od }
proctype Reaper(byte p) {                                               /* the byte falls */
end: atomic { die[p] && DR(p) && (p != 0 || DR(3)) -> held[p] = false; cs = cs & (p == 0 -> 6 : 13) } }
proctype Killer(byte p) { if :: atomic { die[p] = true; if :: p == 0 -> die[3] = true :: else fi } :: skip fi }

inline publish(i) {                                                     /* LogEnd.append */
#ifdef SUB
   atomic { h++; STORE(i, H, h) }
#else
   STORE(i, HALF, 1); STORE(i, HALF, 0)
#endif
}
inline repair(i) {                                                      /* Handle.repairRing */
#ifdef SUB
   skip
#else
   STORE(i, HALF, 0); DR(i)
#endif
}
inline wake(i) {                                                        /* FUTEX_WAKE, one */
   if :: atomic { DR(i) && wt[0] == s+1 && !die[0] -> wt[0] = 0 } :: atomic { DR(i) && wt[1] == s+1 && !die[1] -> wt[1] = 0 }
      :: atomic { DR(i) && wt[2] == s+1 -> wt[2] = 0 } :: atomic { DR(i) && wt[3] == s+1 && !die[3] -> wt[3] = 0 }
      :: DR(i) && (wt[0] != s+1 || die[0]) && (wt[1] != s+1 || die[1]) && wt[2] != s+1 && (wt[3] != s+1 || die[3]) fi }
inline goOut(i) {                                                       /* PublishLock.goOut */
#ifdef BUG_OUTFIRST
   b = mem[BIAS]; STORE(i, INS(s), 0);
#else
   STORE(i, INS(s), 0); b = mem[BIAS];
#endif
#ifndef BUG_NOWAKE
   if :: b != ME -> wake(i) :: else fi;
#endif
   b = 0 }
inline unlock(i) { atomic { DR(i) -> lk = 0 } }

proctype P(byte i; byte s; bool k; byte rounds; bool biased) { byte b, n, h; bool rep;
 { skip;
#ifdef REUSE
   if :: i == 2 ->
        end: atomic { !held[0] -> held[0] = true }                      /* Handles.open */
#ifdef BUG_OPENFIRST
        STORE(i, INS(0), 0); STORE(i, INC, 1);
#else
        STORE(i, INC, 1); STORE(i, INS(0), 0);
#endif
        DR(i);
        if :: atomic { SLOT(lk) == 0 -> lk = ME } goto heir               /* takeOverFromPredecessor */
           :: SLOT(lk) != 0 && SLOT(mem[BIAS]) == 0 ->
                if :: atomic { lk == 0 && DR(i) -> lk = ME } goto heir :: lk != 0 fi
           :: SLOT(lk) != 0 && SLOT(mem[BIAS]) != 0
        fi;
        goto opened;
        heir: if
        :: SLOT(mem[BIAS]) == 0 -> STORE(i, BIAS, 0); goto mend
        :: mem[BIAS] == 0 -> mend: atomic { IN(i) } repair(i); OUT(i)
        :: SLOT(mem[BIAS]) > 0
        fi;
        unlock(i);
        opened: skip
      :: else fi;
#endif
   do
   :: atomic { n == rounds -> n = 0 } break
   :: atomic { n < rounds -> n++ }
      if
      :: biased ->                                                      /* PublishLock.enter */
#ifdef BUG_LOOKFIRST
           b = mem[BIAS]; STORE(i, INS(s), 1);
           if :: atomic { b == ME -> b = 0; IN(i) }
#else
           STORE(i, INS(s), 1);
           if :: atomic { mem[BIAS] == ME -> IN(i) }
#endif
#ifndef SUB
                assert(nempty(sb[i]) || mem[HALF] == 0);
#endif
#ifdef LOST
                if :: i == 0 -> lost = true; goto ended0 :: skip fi;
#endif
                if :: publish(i) :: skip fi;
                OUT(i); goOut(i); goto look
              :: else -> goOut(i); biased = false
           fi
      :: atomic { biased && lk == 0 && DR(i) -> lk = ME }               /* forgoBias: endOwnBias */
           if :: mem[BIAS] == ME || mem[BIAS] == (ME | ASKED) -> STORE(i, BIAS, 0) :: else fi;
           unlock(i); biased = false; goto next
      :: !biased                                                        /* not favoured */
      fi;
      if :: atomic { lk == 0 && DR(i) -> lk = ME }                      /* FutexLock.acquire */
         :: atomic { lk != 0 && lk != ME && ISDEAD(lk) && DR(i) -> lk = ME; rep = true } fi;
      b = mem[BIAS];
      if
      :: b == 0
      :: b != 0 ->                                                      /* endBias: ask */
#ifdef BUG_ZERO
           STORE(i, BIAS, 0);
#else
           if :: b & ASKED :: else -> STORE(i, BIAS, b | ASKED) fi;
#endif
           DR(i);
#ifdef BUG_ONCE
           if :: b & ASKED -> goto ended :: else fi;
#endif
           b = b & 7;
#ifndef BUG_NOMB
           DR(CPU(b));                                                  /* membarrier */
#ifdef LOST
           if :: SLOT(b) == 0 -> DR(3) :: else fi;
#endif
#endif
           look0: if
           :: mem[INS(SLOT(b))] == 0 ->
#ifndef BUG_NOINC
                if :: SLOT(b) == 0 && mem[INC] != b >> 2 -> rep = true :: else fi
#endif
           :: atomic { mem[INS(SLOT(b))] != 0 -> wt[i] = SLOT(b) + 1 }  /* FUTEX_WAIT: compare and sleep */
                if :: wt[i] == 0 -> goto look0
                   :: atomic { ISDEAD(b) -> wt[i] = 0 }
#ifndef BUG_NOTHALF
                      rep = true
#endif
                fi
           :: mem[INS(SLOT(b))] != 0 && !ISDEAD(b) -> atomic { b = 0; rep = false } unlock(i); goto next   /* TIMED_OUT, CLOSED */
           fi;
           ended: STORE(i, BIAS, 0); b = 0
      fi;
      atomic { IN(i) }
      if :: rep -> repair(i); rep = false :: else fi;
#ifdef SUB
      DR(i); h = mem[H];
#else
      assert(mem[HALF] == 0);
#endif
      publish(i); OUT(i);
      if
#ifdef BUG_LATEGRANT
      :: i != 3 -> unlock(i); STORE(i, BIAS, ME); biased = true
#else
      :: i != 3 -> STORE(i, BIAS, ME); biased = true; unlock(i)         /* releaseAfterPublish */
#endif
      :: unlock(i)
      fi;
      look: skip;
#ifdef SUB
      if :: asleep -> if :: atomic { DR(i) && asleep -> asleep = false; sem++ } :: DR(i) && !asleep fi :: else fi;
#endif
      next: skip
   od;
   ended0: atomic { fin[i] = true; biased = false; h = 0 }
 } unless { die[i] }
}
#ifdef LOST
proctype Watch(byte i; byte s; bool k) { byte b;                        /* Claims.giveUp of a thread that has ended */
 { skip; end: atomic { lost && DR(0) -> OUT(0) } goOut(i) } unless { die[i] } }
#endif
#ifdef SUB                                                              /* with cpu 0 and 1 only */
#define DONE(i) (fin[i] || die[i])
#define ALLDONE (DONE(0) && DR(0) && DONE(1) && DR(1))
proctype Sub() { byte c; bool w;
   do
   :: mem[H] > c -> c++
   :: mem[H] == c ->
        if :: atomic { sem > 0 -> sem = 0 } :: sem == 0 fi;
        announce: asleep = true;                                        /* an exchange */
#ifdef BUG_WORDONLY
        w = (lk != 0);
#else
        w = (lk != 0 || mem[BIAS] != 0);                                /* everyPublisherFences: one load */
#endif
        if :: w -> DR(0); DR(1); w = false :: else fi;                  /* membarrier */
        if :: mem[H] > c
           :: mem[H] == c ->
                if :: atomic { sem > 0 -> sem-- }
                   :: (die[0] || die[1]) && mem[H] > c                  /* a slice */
                   :: ALLDONE && mem[H] == c -> break
                fi
        fi
   od }
#endif
init { atomic {
  if :: FAV0 -> mem[BIAS] = 1 :: else fi;
  run Flush(0); run Reaper(0); run P(0, 0, 0, R0, FAV0);
  run Flush(1); run Reaper(1); run P(1, 1, 0, R1, 0);
  if :: KILL & 1 -> run Killer(0) :: else fi;
  if :: KILL & 2 -> run Killer(1) :: else fi;
#ifdef THREE
  run Flush(2); run P(2, 2, 0, R2, 0);
#endif
#ifdef REUSE
  run Flush(2); run P(2, 0, 1, R2, 0);
#endif
#ifdef THREAD
  run Flush(3); run P(3, 0, 0, R3, 0);
#endif
#ifdef LOST
  run Flush(3); run Watch(3, 0, 0);
#endif
#ifdef SUB
  run Sub()
#endif
} }
