/* lock.pml - futex lock, steal, slot reuse, commit, repair, exact positions; death before any store; x86-TSO buffers.
   Four processes: 0 and 1 may die; 3 may take over slot 0 of a dead 0 (new incarnation).  Each publishes one record
   (length 1 or 2) and leaves.  A process sleeping on the futex wakes by a post, or - its slice - when its own probe of the
   owner says dead, or when the word is free although somebody died between unlock and wake.
   Log words: pos*4+len, len 0 = nothing yet; the stamp pos of the empty word is the position the next record will get.
   A joiner learns (tail, position) without the lock; positions in words are cut to 2 bits (24 in real life).
   BUG_BYTEONLY  liveness = the byte only, incarnation not compared (slot reuse hides a dead owner)
   BUG_NOWAIT    steal drops WAITERS (no error here: costs the others a slice)          BUG_DOUBLE  steal by plain store instead of CAS
   BUG_NOREPAIR  steal without repair               BUG_REREAD  the word is read again after its owner was found dead
   PRED  who wins a dead one's byte takes over the lock that still names it, repairs, and gives it back
   NOSTAMP       empty word is 0; count written before tail;  BUG_TAILFIRST  (NOSTAMP) tail before count
   BUG_NOCLEAR   next word not cleared before commit (ring starts with an old lap)
   BATCH  process 0 publishes two records in a batch, where an old lap's word lies, and a reader walks the log.  One store commits both:
          whoever meets the first meets the second, and nobody meets a record that was not committed
   BUG_BATCHFIRST  the first word before the second       BUG_BATCHCOUNT  count as after one record
   BUG_BATCHCLEAR  the word after the batch not cleared
   BUG_LEFTOVER    the word after a record gets its stamp only if it was 0, so the word of a batch that died stays            */
#define N 4
#define L 8
#define TAIL 0
#define COUNT 1
#define W(o) (2+(o))
#define NM 11
byte mem[NM];
chan sb[N] = [5] of { byte, byte };
byte gpos[L+1];         /* ghost: position of the record that starts (or will start) at this offset */
byte lo, li; bool lw;   /* lock word: owner slot+1, incarnation, WAITERS */
byte tok[3]; byte inc[3];
bool slp[N]; bool dead[N]; bool can[N]; bool anyDead;
#ifdef BATCH
byte real;              /* ghost: where committed records begin, bit mask */
byte pair;              /* ghost: where the committed batch begins, + 1 */
#define MET assert(real & (1 << t)); if :: (w & 3) == 1 -> assert(pair != t+1 || (mem[W(t+1)] & 3)) :: else fi;
#else
#define MET
#endif
byte inside;            /* living processes inside the section, bit mask */
#define STORE(i,a,v) sb[i]!a,v
#define DR(i) empty(sb[i])
proctype Flush(byte i) { byte a; byte v;
end: do :: atomic { sb[i]?a,v -> mem[a] = v; a=0; v=0 } od }
proctype Reaper(byte i; byte s) {
end: do :: atomic { dead[i] && DR(i) && tok[s] == i+1 -> tok[s] = 0; inside = inside & (255 - (1<<i)); break } od }
#ifdef BUG_BYTEONLY
#define ISDEAD(o,x) (tok[(o)-1] == 0)
#else
#define ISDEAD(o,x) (tok[(o)-1] == 0 || inc[(o)-1] != (x))
#endif

inline repair(i) {                                                       /* RingRepair.run */
   t = mem[TAIL]; w = mem[W(t)];
#ifdef NOSTAMP
   if :: w & 3 -> STORE(i, COUNT, w >> 2); t = t + (w & 3) :: else fi;
   STORE(i, TAIL, t); DR(i)
#else
   do :: w & 3 -> MET t = t + (w & 3); w = mem[W(t)] :: else -> break od;
   STORE(i, COUNT, (w >> 2) - 1); STORE(i, TAIL, t); DR(i)
#endif
}
inline unlock(i) {                                                       /* FutexLock.release: exchange, wake one */
   atomic { DR(i) -> inside = inside & (255-(1<<i)); ww = lw; lo = 0; li = 0; lw = false; t = 0; c = 0; w = 0 }
   if :: ww -> if :: atomic { slp[0] -> slp[0] = false } :: atomic { slp[1] -> slp[1] = false }
                  :: atomic { slp[2] -> slp[2] = false } :: atomic { slp[3] -> slp[3] = false } :: else fi
      :: else fi;
   ww = false }

proctype P(byte i; byte s; byte rl; bool reuse) { byte o, x, k, t, w, c; bool ww, stolen, gone;
 { skip;
  end0: atomic { tok[s] == 0 && (!reuse || dead[0]) -> tok[s] = i+1 }        /* win the byte */
   atomic { inc[s]++; k = inc[s] }                                      /* raise the incarnation at once */
#ifdef PRED
   if :: atomic { lo == s+1 -> li = k; lw = true; assert(inside == 0); inside = inside | (1<<i) }   /* takeOverFromPredecessor */
         repair(i); unlock(i)
      :: else fi;
#endif
   /* ---- lock */
   do
   :: atomic { lo == 0 -> lo = s+1; li = k; lw = (x != 0) } break       /* after a sleep: keep WAITERS */
   :: atomic { lo != 0 -> o = lo; x = li; ww = lw }
      if :: atomic { !ww && lo == o && li == x -> lw = true } :: atomic { ww || lo != o || li != x -> skip } fi;
      if :: atomic { lo == o && li == x && lw -> slp[i] = true }        /* FUTEX_WAIT: compare and sleep */
            if :: !slp[i]
               :: atomic { ISDEAD(o,x) -> slp[i] = false }
               :: atomic { lo == 0 && anyDead -> slp[i] = false }
               :: atomic { lo != o && anyDead -> slp[i] = false }
            fi
         :: atomic { !(lo == o && li == x && lw) -> skip } fi;
      gone = (tok[o-1] == 0);                                           /* the word before the byte before the state */
#ifndef BUG_BYTEONLY
      if :: !gone -> gone = (inc[o-1] != x) :: else fi;
#endif
#ifdef BUG_REREAD
      if :: gone && lo == o -> x = li :: else fi;
#endif
      if :: gone -> gone = false;
#ifdef BUG_DOUBLE
           if :: lo == o && li == x -> lo = s+1; li = k; lw = true; stolen = true; break :: else fi
#else
           if :: atomic { lo == o && li == x -> lo = s+1; li = k;        /* the CAS */
#ifdef BUG_NOWAIT
                  lw = false;
#endif
                  stolen = true } break
              :: else fi
#endif
         :: else fi
   od;
   atomic { assert(inside == 0); inside = inside | (1<<i); o = 0; x = 0; ww = 0 }
   /* ---- repair */
#ifndef BUG_NOREPAIR
   if :: stolen -> repair(i) :: else fi;
#endif
   /* ---- publish */
   t = mem[TAIL]; c = mem[COUNT] + 1; assert(c == gpos[t]);
#ifdef BATCH
   if :: i == 0 ->                                                      /* LogBatch.add, commit */
      atomic { gpos[t+1] = c+1; gpos[t+2] = c+2 };
#ifdef BUG_BATCHFIRST
      atomic { real = real | (3 << t); pair = t+1; STORE(i, W(t), c*4+1) };
#endif
      STORE(i, W(t+1), (c+1)*4+1);
#ifndef BUG_BATCHCLEAR
      STORE(i, W(t+2), (c+2)*4);
#endif
#ifndef BUG_BATCHFIRST
      atomic { real = real | (3 << t); pair = t+1; STORE(i, W(t), c*4+1) };
#endif
#ifdef BUG_BATCHCOUNT
      STORE(i, COUNT, c);
#else
      STORE(i, COUNT, c+1);
#endif
      STORE(i, TAIL, t+2); goto out
      :: else fi;
#endif
#ifdef NOSTAMP
   atomic { gpos[t+rl] = c+1; STORE(i, W(t+rl), 0) }
#else
#ifndef BUG_NOCLEAR
   atomic { gpos[t+rl] = c+1;
#ifdef BUG_LEFTOVER
      if :: mem[W(t+rl)] != 0 -> goto cleared :: else fi;
#endif
      STORE(i, W(t+rl), (c+1)*4) }
#ifdef BUG_LEFTOVER
   cleared: skip;
#endif
#else
   gpos[t+rl] = c+1;
#endif
#endif
#ifdef BATCH
   atomic { real = real | (1 << t); STORE(i, W(t), c*4+rl) };
#else
   STORE(i, W(t), c*4+rl);
#endif
#ifdef BUG_TAILFIRST
   STORE(i, TAIL, t+rl); STORE(i, COUNT, c);
#else
   STORE(i, COUNT, c); STORE(i, TAIL, t+rl);
#endif
#ifdef BATCH
   out: skip;
#endif
   unlock(i);
   atomic { DR(i) -> tok[s] = 0; ww = 0; stolen = 0; k = 0 }
 } unless { atomic { can[i] -> can[i] = false; dead[i] = true; anyDead = true; slp[i] = false } }
}
proctype Killer(byte i) { if :: can[i] = true :: skip fi }

/* NOW joiner: (tail, position) without the lock */
proctype J() { byte t, c, w, t2;
   again: t = mem[TAIL];
   c = mem[COUNT];
   w = mem[W(t)];
#ifdef NOSTAMP
   if :: (w & 3) == 0 -> assert(c + 1 == gpos[t]) :: else -> assert((w >> 2) == gpos[t]) fi;
#else
   t2 = mem[TAIL];
   if :: t2 - t >= 2 -> goto again :: else fi;
   /* position: the number nearest to c+1 whose low 2 bits are those of the word */
   c = c + 1; w = (w >> 2) & 3;
   if :: (c & 3) == w -> skip :: ((c+3) & 3) == w -> c = c - 1 :: ((c+2) & 3) == w -> c = c - 2 :: else -> assert(false) fi;
   assert(c == gpos[t]);
#endif
}
#ifdef BATCH
/* A reader, who may read as often as it likes: InPlaceReader.next */
proctype R() { byte t, w;
   do
   :: t < L -> w = mem[W(t)];
      if :: w & 3 -> MET assert((w >> 2) == gpos[t]); t = t + (w & 3)
         :: else fi
   :: break
   od
}
#endif
init { byte q; atomic {
  gpos[0] = 1;
#ifndef NOSTAMP
  mem[W(0)] = 4;
#endif
#ifdef BUG_NOCLEAR
  mem[W(1)] = 2*4+1; mem[W(2)] = 3*4+1;
#endif
  run Flush(0); run Reaper(0,0); run Killer(0); run P(0, 0, 2, 0);
  run Flush(1); run Reaper(1,1); run Killer(1); run P(1, 1, 1, 0);
#ifdef THREE
  run Flush(2); run P(2, 2, 1, 0);
#endif
#ifdef REUSE
  run Flush(3); run P(3, 0, 1, 1);
#endif
#ifdef BATCH
  mem[W(2)] = 3*4+1;    /* of an old lap */
#endif
#ifdef JOIN
  run J();
#endif
#ifdef BATCH
  run R();
#endif
} }
