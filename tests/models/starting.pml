/* starting.pml - a named subscription that is to begin at P, above the oldest: ACTIVE with the flag STARTING gates, but is nobody's
   subscription yet, while its owner walks to P; the owner may die anywhere, and the name is asked for again. x86-TSO buffers.
   The record at offset o has position o+1. state = inc * 8 + STARTING * 4 + phase.   Ring of C words; acknowledgements are the cursor.
   Claim: nothing below P is delivered under that name, nothing from P on is missed; who awaits an acknowledgement of Q >= P is told
   of one only if Q was delivered, and nobody is told of one below P.
   NOAWAIT  nobody asks
   BUG_NOFLAG  without the flag                         BUG_FLAGFIRST  the flag dropped before the fields are final
   BUG_NOGATE  a STARTING one does not gate             BUG_KEEPNAME   its name is attached to again, not reclaimed                                                                      */
#ifndef P
#define P 3
#endif
#ifndef MAXT
#define MAXT 4
#endif
#define C 2
#define NONE 255
#define GATE 0
#define TAIL 1
#define ACKOFF 2
#define ACKPOS 3
#define START 4
#define RING(o) (5+((o)%C))
byte mem[8]; chan sb[4] = [5] of { byte, byte };          /* cpu 0 publisher, 1 and 2 owners, 3 awaiter */
byte state, owner; byte gl, adm; bool dead1, can1;               /* state is changed by atomics and by a drained store only */
byte delivered;                                           /* ghost: bit set of positions */
#define STORE(i,a,v) sb[i]!a,v
#define DR(i) empty(sb[i])
#define GONE (dead1 && DR(1))
#define FREE 0
#define JOINING 1
#define ACTIVE 2
#ifdef BUG_NOFLAG
#define STARTING 0
#else
#define STARTING 4
#endif
#define PHASE(s) ((s) % 4)
#define IS_STARTING(s) ((s) & 4)
#define INC(s) ((s) / 8)
#ifdef BUG_NOGATE
#define GATES(s) (PHASE(s) == ACTIVE && !IS_STARTING(s))
#else
#define GATES(s) (PHASE(s) == ACTIVE)
#endif
proctype Flush(byte i) { byte a; byte v;
end: do :: atomic { sb[i]?a,v -> mem[a] = v; a=0; v=0 } od }
inline take(i) { if :: atomic { gl == 0 && DR(i) -> gl = i+1 } :: atomic { gl == 2 && i != 1 && GONE && DR(i) -> gl = i+1 } fi }
inline drop(i) { atomic { DR(i) -> gl = 0 } }
inline reclaim(i) { atomic { DR(i) -> if :: state == x -> state = INC(x) * 8 :: else fi } }

proctype Pub() { byte t, g, m, x;
   do
   :: t == MAXT -> break
   :: t < MAXT && t + 1 <= g + C -> STORE(0, RING(t), t+1); t++; STORE(0, TAIL, t)
   :: t < MAXT && t + 1 > g + C -> take(0);
        m = t; x = state;
        if :: GATES(x) -> if :: mem[ACKOFF] >= g && mem[ACKOFF] < m -> m = mem[ACKOFF] :: else fi :: else fi;
        if :: m > g -> g++; STORE(0, GATE, g); DR(0)
           :: m == g && IS_STARTING(x) && owner == 1 && GONE -> reclaim(0)
           :: else fi;
        drop(0); m = 0; x = 0
   od }

proctype Owner(byte i; bool mortal) { byte c, x;
 { mem[TAIL] >= P - 1;                                    /* P is the next message or older; else: starts in the future */
   end1: i == 1 || GONE;                      /* the second process comes when the first is gone, however far it got */
   if :: atomic { adm == 0 -> adm = i+1 } :: atomic { adm == 2 && i == 2 && GONE -> adm = i+1 } fi;
   x = state;
#ifdef BUG_KEEPNAME
   if :: PHASE(x) == ACTIVE ->
#else
   if :: PHASE(x) == ACTIVE && IS_STARTING(x) -> reclaim(i); x = state :: else fi;
   if :: PHASE(x) == ACTIVE ->
#endif
        take(i); assert(mem[GATE] <= mem[ACKOFF]);        /* attachAgain: a subscription loses nothing */
        c = mem[ACKOFF]; STORE(i, ACKPOS, c);             /* the position by the stamp */
        atomic { DR(i) -> owner = i; state = (INC(x) + 1) * 8 + ACTIVE };
        drop(i); adm = 0; goto joined
      :: else fi;
   atomic { DR(i) -> owner = i; state = (INC(x) + 1) * 8 + JOINING };  /* joinNew */
   STORE(i, START, NONE);
   take(i); c = mem[GATE];
   STORE(i, ACKPOS, c); STORE(i, ACKOFF, c);
   STORE(i, START, (c + 1 < P -> NONE : c + 1));
   atomic { DR(i) -> state = (INC(state)) * 8 + (c + 1 < P -> STARTING : 0) + ACTIVE };
   drop(i); adm = 0;
   if :: c + 1 < P ->                                     /* ShmSubscriber.begin */
        do :: c + 1 < P -> mem[RING(c)] >= c+1; assert(mem[RING(c)] == c+1); c++;
                if :: STORE(i, ACKOFF, c) :: skip fi      /* every so many records */
           :: else -> break od;
#ifdef BUG_FLAGFIRST
        atomic { DR(i) -> state = state & 251 };
#endif
        STORE(i, ACKOFF, c); STORE(i, ACKPOS, c); STORE(i, START, c + 1);
        atomic { DR(i) -> state = state & 251 }
      :: else fi;
   joined: do
   :: c < MAXT -> mem[RING(c)] >= c+1; assert(mem[RING(c)] == c+1);
        assert(c + 1 >= P);
        atomic { c++; delivered = delivered | (1 << c) }
        STORE(i, ACKOFF, c); STORE(i, ACKPOS, c)
   :: else -> break od;
   end: false                                             /* stays until the end, so that nobody comes after it */
 } unless { atomic { mortal && can1 -> can1 = false; dead1 = true } }
}
proctype Awaiter() { byte s, a, b;
   s = state; a = mem[ACKPOS]; b = mem[START];
   if :: s == state && PHASE(s) >= ACTIVE && !IS_STARTING(s) && b <= a ->
        atomic { assert(b >= P); assert(delivered & (1 << a)) }
      :: else fi }
proctype Killer() { if :: can1 = true :: skip fi }
init { atomic { run Flush(0); run Flush(1); run Flush(2); run Pub(); run Owner(1, true); run Owner(2, false); run Killer();
#ifndef NOAWAIT
  run Awaiter()
#endif
} }
