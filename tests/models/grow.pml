/* grow.pml - growth: base (255 = not in use) is the only fact, HOP commits it, readers look the region up; the gate walks through HOPs under
   the gate lock; repair after a publisher died before any store. x86-TSO buffers; publisher 0 may die, publisher 1 goes on.
   Records of one word; word = pos*4 + type (0 empty with stamp, 1 DATA, 2 HOP). Regions: capacity 3, 4, 4 words, offsets contiguous.
   region of an offset = the last one whose base is at or below it.   CUR(j): ackOff, here the cursor.
   NOW0          subscriber 0 joins at NOW, else at the oldest     OBS=1  subscriber 0 is an observer: no lock, copies, may be passed, jumps
   BUG_HOPFIRST  HOP before base and first word                   BUG_STALEBASE  repair leaves the base of a half-made region
   BUG_STALELIMIT repair leaves current and limit as they are
   BUG_CURRENT   readers go on in the current region, not in the one that begins behind the HOP
   BUG_NOLOOK    (OBS) no second look at the gate: the word of a later lap is believed                                             */
#ifndef K
#define K 3
#endif
#ifndef OBS
#define OBS 0
#endif
#ifndef NOW0
#define NOW0 0
#endif
#define BASE(r) (r)
#define CURRENT 3
#define TAIL 4
#define COUNT 5
#define GATE 6
#define LIMIT 7
#define CUR(j) (8+(j))
#define ST(j) (10+(j))
#define RB(r) ((r)==0 -> 12 : ((r)==1 -> 15 : 19))
#define CAP(r) ((r)==0 -> 3 : 4)
#define NM 23
#define NP 4
byte mem[NM]; chan sb[NP] = [6] of { byte, byte };
bool dead0; bool can0; byte pl, gl;
#define STORE(i,a,v) sb[i]!a,v
#define FENCE(i) empty(sb[i])
#define GONE (dead0 && FENCE(0))
#define AT(r,o) (RB(r) + (((o) - mem[BASE(r)]) % CAP(r)))
proctype Flush(byte i) { byte a; byte v;
end: do :: atomic { sb[i]?a,v -> mem[a] = v; a=0; v=0 } od }
inline lookup(o, r) { if :: mem[BASE(2)] <= o -> r = 2 :: else -> if :: mem[BASE(1)] <= o -> r = 1 :: else -> r = 0 fi fi }
inline takeGate(i) { if :: atomic { gl == 0 && FENCE(i) -> gl = i+1 } :: atomic { gl == 1 && GONE && i != 0 && FENCE(i) -> gl = i+1 } fi }
inline dropGate(i) { atomic { FENCE(i) -> gl = 0 } }
inline unlock(i) { atomic { FENCE(i) -> pl = 0; t=0;f=0;m=0;r=0;q=0;w=0;c=0 } }
#define max(a,b) ((a) > (b) -> (a) : (b))

proctype Pub(byte i; bool mortal) { byte t, f, m, r, q, w, c;
 { skip;
   again: if
   :: atomic { pl == 0 && FENCE(i) -> pl = i+1 }
   :: atomic { pl == 1 && GONE && i == 1 && FENCE(1) -> pl = 2 }           /* from the dead: RingRepair.run */
      t = mem[TAIL]; lookup(t, r); w = mem[AT(r,t)];
      do :: w & 3 -> t++; lookup(t, r); w = mem[AT(r,t)] :: else -> break od;
#ifndef BUG_STALEBASE
      if :: mem[BASE(1)] > t -> STORE(i, BASE(1), 255) :: else fi; if :: mem[BASE(2)] > t -> STORE(i, BASE(2), 255) :: else fi;
#endif
      STORE(i, COUNT, (w >> 2) - 1);
#ifndef BUG_STALELIMIT
      STORE(i, CURRENT, r); STORE(i, LIMIT, max(mem[GATE], mem[BASE(r)]) + CAP(r));
#endif
      STORE(i, TAIL, t); FENCE(i)
   fi;
   atomic { t = mem[TAIL]; c = mem[COUNT] + 1; r = mem[CURRENT] }
   if :: c > K -> unlock(i); goto fin :: else fi;
   if
   :: t + 2 > mem[LIMIT] ->                                                /* Room.make */
        takeGate(i); f = mem[GATE]; m = t;
        if :: mem[ST(0)] == 1 -> w = mem[CUR(0)]; if :: w >= f && w < m -> m = w :: else fi :: else fi;
        if :: mem[ST(1)] == 1 -> w = mem[CUR(1)]; if :: w >= f && w < m -> m = w :: else fi :: else fi;
        if :: f < m -> lookup(f, q); assert(mem[AT(q,f)] & 3);             /* walks one record or HOP; the position is exact: gatepos.pml */
                STORE(i, GATE, f+1);
                STORE(i, LIMIT, max(f+1, mem[BASE(r)]) + CAP(r));
                FENCE(i); dropGate(i); unlock(i); goto again
           :: f >= m && r < 2 -> dropGate(i); goto hop
           :: f >= m && r == 2 -> dropGate(i); unlock(i); goto again
        fi
   :: t + 2 <= mem[LIMIT] -> goto put
   :: t + 2 <= mem[LIMIT] && r < 2 -> hop:                 /* LogEnd.hop; also for a record that does not fit */
#ifdef BUG_HOPFIRST
        STORE(i, AT(r,t), c*4+2);
#endif
        STORE(i, RB(r+1), c*4); STORE(i, BASE(r+1), t+1);
#ifndef BUG_HOPFIRST
        STORE(i, AT(r,t), c*4+2);
#endif
        STORE(i, CURRENT, r+1); STORE(i, LIMIT, t+1 + CAP(r+1)); STORE(i, TAIL, t+1);
        unlock(i); goto again
   fi;
   put: STORE(i, AT(r,t+1), (c+1)*4);                      /* LogEnd.commit */
   STORE(i, AT(r,t), c*4+1);
   STORE(i, COUNT, c); STORE(i, TAIL, t+1);
   unlock(i); goto again;
   fin: skip
 } unless { atomic { mortal && can0 -> can0 = false; dead0 = true } }
}

proctype Sub(byte i; byte j; byte kind; bool now) { byte c, r, w, p; bool first = true;
   if :: kind == 1 -> takeGate(i);                         /* Joining.enter */
        if :: now -> c = mem[TAIL] :: else -> c = mem[GATE] fi;
        lookup(c, r);
        STORE(i, CUR(j), c); STORE(i, ST(j), 1); dropGate(i)
      :: else ->
   jump: if :: now && first -> c = mem[TAIL] :: else -> c = mem[GATE] fi;                   /* LogPlace.oldest, newest */
        lookup(c, r); w = mem[AT(r,c)];
#ifndef BUG_NOLOOK
        if :: mem[GATE] > c -> goto jump :: else fi
#else
        skip
#endif
   fi;
   if :: kind == 1 -> w = mem[AT(r,c)] :: else fi; p = (w >> 2) - 1;      /* the position by the stamp */
   first = false;
   do
   :: p == K -> break
   :: else ->
      w = mem[AT(r,c)];
#ifndef BUG_NOLOOK
      if :: kind == 2 && mem[GATE] > c -> w = 0; goto jump :: else fi;
#endif
      assert(w == 0 || (w >> 2) == p + 1);                 /* Reader.skips: the stamp of DATA, HOP, and of the empty word */
      if
      :: (w & 3) == 1 -> p++; c++; if :: kind == 1 -> STORE(i, CUR(j), c) :: else fi
      :: (w & 3) == 2 -> c++;
#ifdef BUG_CURRENT
           r = mem[CURRENT];
#else
           lookup(c, r); assert(mem[BASE(r)] == c);        /* Regions.behindHop */
#endif
           if :: kind == 1 -> STORE(i, CUR(j), c) :: else fi
      :: (w & 3) == 0 -> w = 0;
           /* wait for a change */ if :: mem[GATE] > c && kind == 2 -> skip :: (mem[AT(r,c)] & 3) != 0 -> skip fi
      fi; w = 0
   od;
   if :: kind == 1 -> STORE(i, ST(j), 0); FENCE(i) :: else fi
}
proctype Killer() { if :: can0 = true :: skip fi }
init { atomic {
  mem[BASE(1)] = 255; mem[BASE(2)] = 255; mem[12] = 4; mem[LIMIT] = 3;
  run Flush(0); run Flush(1); run Pub(0, 1);
#ifdef DIE
  run Pub(1, 0); run Killer();
#endif
  run Flush(2); run Sub(2, 0, OBS+1, NOW0);
#ifdef SUB2
  run Flush(3); run Sub(3, 1, 1, 0)
#endif
} }
