/* sleep.pml - who sleeps and who wakes: subscribers by asleep flag, group words and semaphores; publishers that wait for room by the
   event count `room`. x86-TSO. No slices: a lost wake-up is a deadlock ("invalid end state"), except that slices are allowed once a
   waker has died (MORTAL).  Publishers publish K messages, at most CAP ahead of the slowest acknowledgement; subscribers read and acknowledge.
   FAVOURED      one publisher that keeps the lock, as a favoured thread does: its publish has no unlock that would be a fence
   MODE 0        full fence in publish (shared: the unlock) and acknowledge     MODE 1  none in either (must fail)
   MODE 2        a compiler barrier in publish and acknowledge; whoever goes to sleep calls membarrier after it has armed, but a subscriber
                 that finds the publish lock free does not: who publishes takes it later, and unlocks before it looks
   MIXED         (MODE 2) subscriber 1 cannot call membarrier: it fences in its own acknowledge, and raises the sticky word `fence` before
                 its first sleep; who finds that beside asleep or room fences and looks again.  It may lose its first slice, in which every
                 store that was on its way arrives
   BUG_NOWORD    (MIXED) it does not raise it                       BUG_LATE      (MODE 2) who is not registered yet does not fence either
   BUG_ACKNOFENCE (MODE 0) acknowledge without fence                 BUG_NORECHECK no look at the log after arming
   BUG_ANYLOCK   (FAVOURED, MODE 2) a subscriber calls membarrier never, not even while the lock is held
   BUG_FLAGFIRST  the flag before the bit                            BUG_ROOMNOMB  (MODE 2) who waits for room does not call membarrier       */
#ifndef K
#define K 3
#endif
#ifndef CAP
#define CAP 2
#endif
#ifndef NS
#define NS 2
#endif
#ifndef NPUB
#define NPUB 1
#endif
#ifndef MODE
#define MODE 0
#endif
#ifdef FAVOURED
#define UNFENCED true
#else
#define UNFENCED false
#endif
#ifdef MIXED
#define CANMB(i) ((i) != 3)
#else
#define CANMB(i) true
#endif
#define H 0
#define ACK(j) (1+(j))
#define NM 3
#define NP 4            /* cpu 0,1 publishers; 2,3 subscribers */
byte mem[NM];
chan sb[NP] = [3] of { byte, byte };
/* words changed by atomics only */
bit asleep; bit grp[2]; bit fence; byte room;
byte sem[2]; byte waiting;      /* waiting: publishers inside FUTEX_WAIT */
byte lck; bool reg[NP]; bool canDie; bool slice;
#define STORE(i,a,v) sb[i]!a,v
#define DR(i) empty(sb[i])
#define ALLDR (DR(0) && DR(1) && DR(2) && DR(3))
inline membarrier(i) { DR(i); (!reg[0] || DR(0)); (!reg[1] || DR(1)); (!reg[2] || DR(2)); (!reg[3] || DR(3)) }
proctype Flush(byte i) { byte a; byte v;
end: do :: atomic { sb[i]?a,v -> mem[a] = v; a=0; v=0 } od }

#if MODE == 0
#define look(i) DR(i)
#endif
#if MODE == 1
#define look(i) skip
#endif
#if MODE == 2
#ifdef BUG_LATE
#define look(i) skip
#else
#define look(i) if :: reg[i] :: !reg[i] -> DR(i) fi             /* Handshake.look: who is not registered fences */
#endif
#endif
inline wakeSleepers(i) {                                        /* Sleepers.wake */
   atomic { DR(i) -> tk = asleep; asleep = 0 }
   if :: tk -> j = 0;
        do :: j < NS -> if :: grp[j] -> atomic { DR(i) -> tk = grp[j]; grp[j] = 0 }
                                if :: tk -> atomic { sem[j]++; assert(sem[j] < 6) } :: else fi
                           :: else fi; j++
           :: else -> break od
      :: else fi; atomic { j = 0; tk = 0 } }
inline minAck() { m = mem[ACK(0)]; if :: NS > 1 && mem[ACK(1)] < m -> m = mem[ACK(1)] :: else fi }

proctype Pub(byte i; bool mortal) { byte n, m, j, w; bit tk, f;
 { skip;
   do
   :: if :: UNFENCED :: else -> atomic { lck == 0 -> lck = i+1 } fi;
      n = mem[H];
      if :: n >= K -> if :: UNFENCED :: else -> atomic { lck = 0 } fi; n = 0; break :: else fi;
      minAck();
      if
      :: n + 1 > m + CAP ->                    /* full: EventCount.await, without the lock */
           if :: UNFENCED :: else -> atomic { DR(i) -> lck = 0 } fi;
           w = room;
           if :: w % 2 == 0 -> if :: atomic { DR(i) && room == w -> room = w+1; w = w+1 } :: atomic { DR(i) && room != w -> w = 0 } goto again fi
              :: else fi;
#ifndef BUG_ROOMNOMB
           if :: MODE == 2 -> membarrier(i) :: else fi;
#endif
           DR(i);
           minAck(); n = mem[H];
           if :: n >= K || n + 1 <= m + CAP
              :: else -> if :: atomic { room == w -> waiting = waiting | (1 << i) }
                               if :: !(waiting & (1 << i)) :: atomic { slice -> waiting = waiting & (255 - (1 << i)) } fi
                            :: atomic { room != w } fi
           fi;
           again: atomic { n = 0; m = 0; w = 0 }
      :: else ->
           STORE(i, H, n+1);                   /* the commit */
           if :: UNFENCED -> look(i)
              :: else -> atomic { DR(i) -> lck = 0 } fi;        /* the unlock is a fence */
           atomic { tk = asleep; f = fence }
           if :: f -> DR(i); tk = asleep :: else fi;
           if :: tk -> wakeSleepers(i) :: else fi;
           atomic { n = 0; m = 0; tk = 0; f = 0 }
      fi
   od
 } unless { atomic { mortal && canDie -> canDie = false; DR(i) -> if :: lck == i+1 -> lck = 0 :: else fi; waiting = waiting & (255 - (1 << i)); slice = true } }
}

proctype Sub(byte i; byte s) { byte c, w; bit f; bool slept;
   do
   :: c >= K -> break
   :: else ->
      if
      :: mem[H] > c ->
           c++; STORE(i, ACK(s), c);           /* acknowledge */
#ifndef BUG_ACKNOFENCE
           look(i);
#endif
           atomic { w = room; f = fence }
           if :: f -> DR(i); w = room :: else fi;
           do :: w % 2 == 1 ->                 /* EventCount.wake */
                   if :: atomic { DR(i) && room == w -> room = w+1 } atomic { waiting = 0 } w = 0
                      :: atomic { DR(i) && room != w -> w = room } fi
              :: else -> break od;
           atomic { w = 0; f = 0 }
      :: else ->
           if :: atomic { sem[s] > 0 -> sem[s] = 0 } :: sem[s] == 0 fi;      /* what posts are owed */
           announce: if :: !grp[s] || !asleep ->
#ifdef BUG_FLAGFIRST
                atomic { DR(i) -> asleep = 1 } grp[s] = 1
#else
                atomic { DR(i) -> grp[s] = 1 } asleep = 1
#endif
              :: else fi;
           atomic { DR(i) -> w = lck }                                /* Sleepers.everyPublisherFences */
#ifdef BUG_ANYLOCK
           w = 0;
#endif
           if :: MODE == 2 && w && CANMB(i) -> membarrier(i)
#ifndef BUG_NOWORD
              :: MODE == 2 && w && !CANMB(i) -> atomic { DR(i) -> fence = 1 }
#endif
              :: else -> skip fi;
           w = 0;
#ifndef BUG_NORECHECK
           if :: mem[H] > c -> goto withdraw :: else fi;
#endif
           if :: atomic { sem[s] > 0 -> sem[s]-- }
              :: slice -> goto announce                          /* looks by itself, announces anew */
              :: atomic { MODE == 2 && !CANMB(i) && !slept && ALLDR -> slept = true } goto announce
           fi;
           withdraw: atomic { DR(i) -> grp[s] = 0 }
      fi
   od
}
proctype Registrar(byte i) { end: reg[i] = true }                 /* a thread of its own: whenever it gets there */
proctype Killer() { if :: canDie = true :: skip fi }
init { atomic {
#ifdef FAVOURED
  lck = 1;                                                     /* for life */
#endif
  run Flush(0); run Flush(2);
#if NPUB == 2
  run Flush(1); run Pub(1, false);
#endif
#ifdef MORTAL
  run Pub(0, true); run Killer();
#else
  run Pub(0, false);
#endif
  run Sub(2, 0);
#if MODE == 2
  run Registrar(0); run Registrar(2);
#if NPUB == 2
  run Registrar(1);
#endif
#if NS == 2 && !defined(MIXED)
  run Registrar(3);
#endif
#endif
#if NS == 2
  run Flush(3); run Sub(3, 1)
#else
  mem[2] = 255
#endif
} }
