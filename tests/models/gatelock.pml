/* gatelock.pml - gate moves and joins under a second futex lock (gate lock); one scan,
   no JOINING that gates. Slots are reclaimed by CAS on the exact state word (incarnation, flags, phase in one word),
   the byte is only probed. x86-TSO store buffers, death at every statement of publisher 0 and of subscriber 2.
   state = incarnation * 4 + phase; every subscriber process is one incarnation (= its cpu); phase 0 FREE 1 JOINING 2 ACTIVE gating 3 demoted
   EVICT         maxGateTime: a blocked publisher may CAS gating -> demoted; readers copy and check gate > cursor afterwards
   BUG_NOJLOCK   joiner does not take the gate lock          BUG_PLAINFREE  reclaim stores FREE instead of CAS (harmless under the gate lock: passes)
   BUG_EARLYUNL  publisher frees the gate lock before it stores gate   BUG_EARLYJ  joiner frees it before its state is stored
   NAMED         slot 0 is a named subscription: kept when its owner dies (ACTIVE), re-attached with one store under the gate lock
   BUG_REATTACH  (NAMED) re-attach passes through JOINING
   BUG_NOCHECK   (EVICT) reader does not look at gate after the copy                                                          */
#ifndef MAXT
#define MAXT 4
#endif
#ifndef NOW0
#define NOW0 0
#endif
#ifndef NOW1
#define NOW1 0
#endif
#ifndef SLOT2
#define SLOT2 0
#endif
#define C 2
#define GATE 0
#define TAIL 1
#define CUR(j) (2+(j))
#define ST(j) (4+(j))
#define RING(o) (6+((o)%C))
#define NM 8
#define NP 4
byte mem[NM];
chan sb[NP] = [4] of { byte, byte };
bool dead[NP], canDie[NP];
byte pl, gl, adm;      /* publish lock, gate lock (atomics), admin byte (kernel) */
#define STORE(i,a,v) sb[i]!a,v
#define DR(i) empty(sb[i])
#ifdef NAMED
#define KEPT (j == 0 && x % 4 >= 2)
#else
#define KEPT false
#endif
#define GONE(c) (dead[c] && empty(sb[c]))
proctype Flush(byte i) { byte a; byte v;
end: do :: atomic { sb[i]?a,v -> mem[a] = v; a=0; v=0 } od }
proctype Reaper(byte i) {
end: atomic { GONE(i) -> if :: adm == i+1 -> adm = 0 :: else fi } }
inline take(l) {
   if :: atomic { l == 0 && DR(i) -> l = i+1 }
      :: atomic { l != 0 && l != i+1 && GONE(l-1) && DR(i) -> l = i+1 }
   fi }
inline drop(l) { atomic { DR(i) -> l = 0 } }

proctype Pub(byte i; bool mortal) { byte t, g, m, j, x;
 { skip; again: skip;
   if :: atomic { pl == 0 && DR(i) -> pl = i+1 }
      :: atomic { pl != 0 && pl != i+1 && GONE(pl-1) && DR(i) -> pl = i+1 }
         atomic { t = mem[TAIL]; if :: mem[RING(t)] == t+1 -> STORE(i, TAIL, t+1) :: else fi; t = 0 }
         DR(i)
   fi;
   atomic { t = mem[TAIL]; g = mem[GATE] }
   if :: t >= MAXT -> drop(pl); goto fin :: else fi;
   if
   :: t + 1 > g + C ->
      take(gl);
      m = t; j = 0;
      do :: j < 2 -> x = mem[ST(j)];
            if :: x % 4 == 2 -> x = mem[CUR(j)]; if :: x < m -> m = x :: else fi :: else fi; j++
         :: else -> break od; atomic { j = 0; x = 0 }
      if
      :: m > g ->
#ifdef BUG_EARLYUNL
           drop(gl); STORE(i, GATE, g+1); DR(i);
#else
           STORE(i, GATE, g+1); DR(i); drop(gl);
#endif
           g++
      :: else ->
           do :: j < 2 -> x = mem[ST(j)];
                 if
                 :: x % 4 != 0 && GONE(x/4) && !KEPT ->
#ifdef BUG_PLAINFREE
                      STORE(i, ST(j), (x/4)*4); DR(i)
#else
                      atomic { DR(i) -> if :: mem[ST(j)] == x -> mem[ST(j)] = (x/4)*4 :: else fi }
#endif
#ifdef EVICT
                 :: x % 4 == 2 -> atomic { DR(i) -> if :: mem[ST(j)] == x -> mem[ST(j)] = x+1 :: else fi }
#endif
                 :: else fi; j++
            :: else -> break od;
           drop(gl); drop(pl); atomic { t=0; g=0; m=0; j=0; x=0 } goto again
      fi
   :: else fi;
   STORE(i, RING(t), t+1); STORE(i, TAIL, t+1);
   drop(pl); atomic { t=0; g=0; m=0; j=0; x=0 } goto again;
   fin: skip
 } unless { atomic { mortal && canDie[i] -> canDie[i] = false; dead[i] = true } }
}

proctype Sub(byte i; byte j; bool now; bool mortal) { byte c, v;
 { atomic { adm == 0 && (mem[ST(j)] % 4 == 0 || GONE(mem[ST(j)]/4)) -> adm = i+1 }
#ifdef NAMED
   if :: mem[ST(j)] % 4 >= 2 && mem[ST(j)]/4 != 0 && GONE(mem[ST(j)]/4) ->
#ifdef BUG_REATTACH
        STORE(i, ST(j), i*4+1); DR(i);
#endif
        take(gl); c = mem[CUR(j)];
#ifndef EVICT
        assert(mem[GATE] <= c);                                           /* a named subscription loses nothing */
#endif
        if :: mem[GATE] > c -> drop(gl); adm = 0; goto fin :: else fi;     /* demoted and passed: stays ended */
        STORE(i, ST(j), i*4+2); drop(gl); adm = 0; goto joined
      :: else -> skip fi;
#endif
   STORE(i, ST(j), i*4+1); DR(i);
#ifndef BUG_NOJLOCK
   take(gl);
#endif
   if :: now -> c = mem[TAIL] :: else -> c = mem[GATE] fi;
   STORE(i, CUR(j), c);
#ifdef BUG_EARLYJ
   drop(gl); STORE(i, ST(j), i*4+2); DR(i);
#else
   STORE(i, ST(j), i*4+2);
#ifdef BUG_NOJLOCK
   DR(i);
#else
   drop(gl);
#endif
#endif
   adm = 0;
   joined: do
   :: c < MAXT ->
#ifdef EVICT
        atomic { mem[RING(c)] >= c+1 -> v = mem[RING(c)] }        /* copy (it may be the next lap's) */
#ifndef BUG_NOCHECK
        if :: mem[GATE] > c -> atomic { v = 0; goto out } :: else fi;   /* passed: SubscriberDisconnected */
#endif
        atomic { assert(v == c+1); c++; v = 0 }
        STORE(i, CUR(j), c)
#else
        if
        :: atomic { mem[RING(c)] == c+1 -> skip }
           atomic { assert(mem[RING(c)] == c+1); c++ }
           STORE(i, CUR(j), c)
        :: atomic { mem[RING(c)] > c+1 -> assert(false) }
        fi
#endif
   :: c >= MAXT -> break
   od;
   out: STORE(i, ST(j), i*4); DR(i);
   fin: c = 0
 } unless { atomic { mortal && canDie[i] -> canDie[i] = false; dead[i] = true } }
}
proctype Killer(byte i) { if :: canDie[i] = true :: skip fi }
init { atomic {
  run Flush(0); run Pub(0, PMORTAL); if :: PMORTAL -> run Killer(0) :: else fi;
#ifdef TWOPUB
  run Flush(1); run Pub(1, 0);
#endif
  run Flush(2); run Sub(2, 0, NOW0, SMORTAL); if :: SMORTAL -> run Killer(2); run Reaper(2) :: else fi;
#ifdef SUB2
  run Flush(3); run Sub(3, SLOT2, NOW1, 0);
#endif
} }
