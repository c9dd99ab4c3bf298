/* mark.pml - a domain's mark: (ackOff, ackPos) of a slot that no subscriber has, moved by any process under the gate lock, read by any
   without a lock; a publisher whose gate follows it and who writes over what lies below; a reader that the gate may pass, which goes on
   at the mark then. x86-TSO buffers. One mover may die anywhere: its stores still drain, then the lock falls. Offset o holds position o+1;
   a word is 2 * position while it is empty, one more as a record; stamp = position mod 4 (24 bits in real life); a step of the mark covers
   1 record (2^22 in real life). Claim: whoever asks the mark knows its exact position, the mark is never below the gate, and a reader
   takes each record for what it is.
   BUG_NOLOCK    the mark is moved without the gate lock         BUG_NOHINT   ackPos is not brought up before the first step
   BUG_NOREREAD  ackOff is not read again after the word         BUG_NOCHECK  a reader does not ask the gate after the word       */
#ifndef K
#define K 5
#endif
#ifndef R
#define R 3
#endif
#define OFF 0
#define POS 1
#define GATE 2
#define TAIL 3
#define W(o) 4 + (o) % R
byte mem[7] = 0; chan sb[3] = [3] of { byte, byte }; bool dead0, can0; byte owner;
#define STORE(i,a,v) sb[i]!a,v
#define FENCE(i) empty(sb[i])
inline resolve(stamp, hint, r) {
  if :: (hint & 3) == stamp -> r = hint :: ((hint+1) & 3) == stamp -> r = hint+1
     :: ((hint+3) & 3) == stamp -> r = hint-1 :: else -> assert(false) fi
}
inline lock(i) {
  if :: atomic { owner == 0 && FENCE(i) -> owner = i+1 }
     :: atomic { owner == 1 && i != 0 && dead0 && FENCE(0) && FENCE(i) -> owner = i+1 } fi
}
inline unlock(i) { atomic { FENCE(i) -> owner = 0 } }
inline look() { off = mem[OFF]; hint = mem[POS] + 1; w = mem[W(off)] }
inline known() { resolve(((w / 2) & 3), hint, p); assert(p == off + 1); hint = 0; w = 0 }
inline at() {                                                                     /* Marks.at: off, and its position in p */
  do :: look();
#ifndef BUG_NOREREAD
        if :: mem[OFF] != off -> skip :: else -> break fi
#else
        break
#endif
  od;
  atomic { known() }
}
proctype Flush(byte i) { byte a, v;
end: do :: atomic { sb[i]?a,v -> mem[a] = v; a = 0; v = 0 } od }
proctype Mover(byte i) { byte to, off, hint, w, p;
 { skip;
   end: atomic { mem[TAIL] > 0 -> to = mem[TAIL] };                               /* it has folded up to there */
#ifndef BUG_NOLOCK
   lock(i);
#endif
   atomic { look(); known() }                                                     /* with the lock: nothing of it changes */
   if :: atomic { to > off && mem[W(to)] / 2 == to + 1 -> skip }                  /* LogPlace.isThere */
#ifndef BUG_NOHINT
         STORE(i, POS, off);
#endif
         do :: off < to -> off++; STORE(i, OFF, off); STORE(i, POS, off) :: off >= to -> break od
      :: else
   fi;
   atomic { off = 0; p = 0; to = 0 }
#ifndef BUG_NOLOCK
   unlock(i)
#endif
 } unless { atomic { i == 0 && can0 -> can0 = false; dead0 = true } }
}
proctype Pub() { byte o, g, m;                                                    /* LogEnd.commit; Room.make, Gate.advance */
   do
   :: atomic { o < K && o + 2 - g <= R ->
         STORE(2, W(o+1), 2 * (o+2)); STORE(2, W(o), 2 * (o+1) + 1); o++; STORE(2, TAIL, o) }
   :: o < K && o + 2 - g > R -> end: mem[OFF] > g; lock(2); m = mem[OFF]; assert(m >= g);
      if :: m > g -> g = m; STORE(2, GATE, g) :: else fi; m = 0; unlock(2)
   :: o == K -> break
   od
}
proctype Reader() { byte c, p = 1, v, off, hint, w; bool passed;                  /* LogCursor.next; Folded */
   if :: skip :: at(); c = off fi;
   do
   :: c == K -> break
   :: c < K -> v = mem[W(c)];
#ifdef BUG_NOCHECK
      passed = false;
#else
      passed = (mem[GATE] > c);
#endif
      if :: passed -> at(); c = off; v = mem[W(c)]; assert(v / 2 == p || mem[GATE] > c)       /* moveTo: mayBe */
         :: !passed && (v & 1) == 0                                               /* nothing yet */
         :: !passed && (v & 1) && ((v / 2) & 3) == (p & 3) -> assert(v / 2 == c + 1 && p == c + 1); c++; p++
         :: !passed && (v & 1) && ((v / 2) & 3) != (p & 3) -> assert(false)
      fi; atomic { v = 0; off = 0; passed = false }
   od
}
proctype Killer() { can0 = true }
init { atomic { mem[W(0)] = 2; run Flush(0); run Flush(1); run Flush(2); run Mover(0); run Mover(1); run Pub(); run Reader();
#ifdef MORTAL
   run Killer()
#endif
} }
