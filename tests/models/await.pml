/* await.pml - awaitAcknowledged(1, N): each slot is read between two looks at its state; what was seen acknowledged once counts for good.
   x86-TSO buffers. Position 1 is in the log, position 2 comes next.
   slot 0: subscription A began at 1; it acknowledges or not, and leaves or dies. Then the slot is taken again:
     default  by an anonymous joiner B that begins at 2 (its ackPos is 1 at once: it has acknowledged nothing)
     NAMED    A is named, and B attaches to it again: one subscription, whatever its incarnation
   ALONE    nobody takes it again
   THIRD: slot 1: subscription C began at 1, gates, and acknowledges, leaves or dies when it likes.
   Claim: true means that N different subscriptions had begun at or before 1 and acknowledged it, and that none which gates, lives, and
   was there all the while is still behind.
   BUG_NOSTART  startPos not asked      BUG_ONELOOK  no second look at the state    BUG_LATESTATE  joiner stores its fields before JOINING
   BUG_BYINC    counted by incarnation, not by birth                                BUG_NOHOLD     does not ask who is behind
   BUG_POSFIRST (not NAMED) ackPos before startPos, and JOINING not looked for                                              */
#ifndef N
#define N 1
#endif
#ifdef NAMED
#define NAMED0 true
#else
#define NAMED0 false
#endif
#define FREE 0
#define JOINING 1
#define ACTIVE 2
#define DETACHED 3
#define PHASE(s) ((s) % 4)
#define INC(s) ((s) / 8)
#define STATE(inc,phase) ((inc) * 8 + 4 + (phase))      /* 4: acknowledging */
#define S(j) (5*(j))
#define START(j) (5*(j)+1)
#define POS(j) (5*(j)+2)
#define BIRTH(j) (5*(j)+3)
#define OWNER(j) (5*(j)+4)
byte mem[10]; chan sb[4] = [8] of { byte, byte };         /* cpu 0 awaiter, 1 A, 2 B, 3 C */
bool dead[4], canDie[4];
bool acked[2];              /* ghosts: subscription of slot j acknowledged position 1; */
bool behind[2];             /* lives, gates, began at 1, has not acknowledged (nor begun to leave) */
#define STORE(i,a,v) sb[i]!a,v
#define DR(i) empty(sb[i])
proctype Flush(byte i) { byte a; byte v;
end: do :: atomic { sb[i]?a,v -> mem[a] = v; a=0; v=0 } od }

proctype First(byte i; byte j; bool named) {                              /* A and C */
 { if :: atomic { acked[j] = true; behind[j] = false } STORE(i, POS(j), 1); DR(i)         /* ShmSubscriber.set */
      :: skip fi;
   atomic { behind[j] = false };
   atomic { DR(i) -> mem[S(j)] = STATE(INC(mem[S(j)]), (named -> DETACHED : FREE)) }      /* Subscriptions.leave */
 } unless { atomic { canDie[i] -> canDie[i] = false; dead[i] = true; behind[j] = false } }
}
proctype Second() { byte s;                                               /* B, slot 0 */
#ifdef NAMED
   PHASE(mem[S(0)]) == DETACHED || (dead[1] && DR(1));                    /* attachAgain */
   s = mem[S(0)];
   if :: acked[0] -> STORE(2, POS(0), 1) :: else fi;                      /* what the stamp at ackOff says (ack.pml) */
   STORE(2, OWNER(0), 3);
   atomic { DR(2) -> mem[S(0)] = STATE(INC(s) + 1, ACTIVE) };
   if :: atomic { acked[0] = true } STORE(2, POS(0), 1) :: skip fi
#else
   if :: PHASE(mem[S(0)]) == FREE                                         /* joinNew, freeSlot */
      :: atomic { dead[1] && DR(1) && PHASE(mem[S(0)]) == ACTIVE -> mem[S(0)] = STATE(INC(mem[S(0)]), FREE) }
   fi; s = mem[S(0)];
   STORE(2, OWNER(0), 3);
#ifndef BUG_LATESTATE
   STORE(2, S(0), STATE(INC(s) + 1, JOINING)); DR(2);
#endif
   STORE(2, BIRTH(0), INC(s) + 1);
#ifdef BUG_POSFIRST
   STORE(2, POS(0), 1);
#else
   STORE(2, START(0), 255);
   STORE(2, POS(0), 1);
#endif
   STORE(2, START(0), 2);
   STORE(2, S(0), STATE(INC(s) + 1, ACTIVE))
#endif
}
proctype Awaiter() { byte j, s, a, b, o, id, open, seen; bool was[2];
   atomic { was[0] = behind[0]; was[1] = behind[1] }                      /* those that are behind when it is called */
   again: atomic { j = 0; open = 0 }
   do
   :: j < 2 ->
      s = mem[S(j)]; a = mem[POS(j)]; b = mem[START(j)]; o = mem[OWNER(j)]; id = mem[BIRTH(j)];
#ifndef BUG_ONELOOK
      if :: mem[S(j)] != s -> goto next :: else fi;                       /* this slot again */
#endif
#ifdef BUG_BYINC
      id = INC(s);
#endif
#ifndef BUG_POSFIRST
      if :: PHASE(s) == JOINING -> j++; goto next :: else fi;
#endif
#ifdef BUG_NOSTART
      b = 1;
#endif
      if :: b <= 1 && 1 <= a -> seen = seen | (1 << (4*j + id)) :: else fi;
      if :: PHASE(s) >= ACTIVE && b <= 1 && a < 1 ->
           if :: dead[o] && DR(o) && !(j == 0 && NAMED0) ->               /* reclaim: a CAS on the state that was read */
                atomic { DR(0) -> if :: mem[S(j)] == s -> mem[S(j)] = STATE(INC(s), FREE) :: else fi }
              :: else -> open++ fi
         :: else fi;
      j++;
      next: atomic { s = 0; a = 0; b = 0; o = 0; id = 0 }
   :: else -> break
   od;
#ifdef BUG_NOHOLD
   open = 0;
#endif
   /* how many bits of seen: slot 0 has births 0..3, slot 1 too */
   if :: open == 0 && ((seen & 15) != 0) + ((seen & 240) != 0) + ((seen & 15) & ((seen & 15) - 1) && (seen & 15) != 0) >= N ->
        atomic { assert(acked[0] + acked[1] >= N);
                 assert(!was[0] || !behind[0]); assert(!was[1] || !behind[1]) }
      :: else -> end: skip; goto again fi
}
proctype Killer(byte i) { if :: canDie[i] = true :: skip fi }
init { atomic {
  mem[S(0)] = STATE(1, ACTIVE); mem[START(0)] = 1; mem[BIRTH(0)] = 1; mem[OWNER(0)] = 1; behind[0] = true;
  mem[S(1)] = STATE(1, ACTIVE); mem[START(1)] = 1; mem[BIRTH(1)] = 1; mem[OWNER(1)] = 3; behind[1] = true;
  run Flush(0); run Flush(1); run First(1, 0, NAMED0); run Awaiter(); run Killer(1);
#ifdef THIRD
  run Flush(3); run First(3, 1, false); run Killer(3);
#else
  mem[S(1)] = STATE(1, FREE); mem[START(1)] = 255; behind[1] = false;
#endif
#ifndef ALONE
  run Flush(2); run Second()
#endif
} }
