/* exclusive.pml - an exclusive publisher keeps publishLock for life: its fast path says "inside" in a plain field and looks at `closed`
   without a fence between; close asks the kernel for one (membarrier) before it believes that nobody is inside, then gives the lock back.
   Creating one looks, under the admin byte, for living handles that are flagged.  x86-TSO buffers.
   cpu 0: the publisher's thread, cpu 1: the closer, of one process (0), which may be killed; cpu 2, 3: other processes, the first of which
   wants to publish, the second to be exclusive.
   Claim: never two inside; never an exclusive one beside another publisher, except for one that is closing.
   BUG_NOMB    close does not call membarrier             BUG_NOLOOK  the thread does not look at `closed` once it is inside
   BUG_NOADMIN flags are looked at without the admin byte     */
#define CLOSED 0
#define USER 1
#define LOG 2
byte mem[3]; chan sb[4] = [4] of { byte, byte };
byte pl = 1;                    /* publishLock: process + 1 */
byte flag[4];                   /* of the handle: 0 none, 1 publishing, 2 exclusive */
bool dead, canDie, gone; byte adm; byte inside;
#define STORE(i,a,v) sb[i]!a,v
#define DR(i) empty(sb[i])
#define GONE gone
proctype Flush(byte i) { byte a; byte v;
end: do :: atomic { sb[i]?a,v -> mem[a] = v; a=0; v=0 } od }
inline work(i) { atomic { assert(inside == 0); inside = i+1 } atomic { if :: inside == i+1 -> inside = 0 :: else fi } }
proctype User() { byte n;
 { do
   :: n == 2 -> break
   :: else -> n++;
      STORE(0, USER, 1);                                  /* enterExclusive; compiler barrier */
#ifndef BUG_NOLOOK
      if :: mem[CLOSED] -> STORE(0, USER, 0); break :: else fi;
#endif
      work(0);
      STORE(0, USER, 0)
   od
 } unless { dead }
}
proctype Closer() {
 { STORE(1, CLOSED, 1); DR(1);
#ifndef BUG_NOMB
   DR(0);                                                 /* membarrier */
#endif
   if :: mem[USER] == 0 ->                                /* else it waits, and in the end leaves the lock to the one inside */
        atomic { DR(1) -> pl = 0 } flag[0] = 0
   fi
 } unless { dead }
}
/* another process: createPublisher, then one publish; exclusive or not */
proctype Other(byte i; byte kind) { byte j; bool busy;
#ifndef BUG_NOADMIN
   atomic { adm == 0 -> adm = i }
#endif
   j = 0;
   do :: j < 4 -> if :: j != i && !(j == 0 && GONE) && (flag[j] == 2 || (kind == 2 && flag[j] == 1)) -> busy = true :: else fi; j++
      :: else -> break od;
   if :: busy -> goto out :: else -> flag[i] = kind fi;
#ifndef BUG_NOADMIN
   adm = 0;
#endif
   if :: atomic { pl == 0 && DR(i) -> pl = i+1 } :: atomic { pl == 1 && GONE && DR(i) -> pl = i+1; inside = 0 } fi;
   assert(kind != 2 || (flag[2] == 0 || i == 2) && (flag[3] == 0 || i == 3));
   work(i);
   atomic { DR(i) -> pl = 0 } flag[i] = 0;
   goto fin;
   out: if :: adm == i -> adm = 0 :: else fi;
   fin: skip
}
proctype Killer() { if :: canDie -> dead = true; atomic { DR(0) && DR(1) -> gone = true } :: skip fi }
init { atomic { flag[0] = 2; canDie = true;
  run Flush(0); run Flush(1); run Flush(2); run Flush(3); run User(); run Closer(); run Other(2, 1); run Other(3, 2); run Killer() } }
