/* exclusive.pml - an exclusive publisher keeps publishLock for life: its fast path says "inside" in a plain field and looks at `closed`
   without a fence between; close asks the kernel for one (membarrier) before it believes that nobody is inside, then gives the lock back.
   TWO: a second thread of its program uses it, by mistake. One owns it and says "inside" in a seat of its own, then looks whether it still owns; one
   that does not stores itself as owner under a mutex, has the kernel make a fence, and looks at the seat of the one before.
   Creating one looks, under the admin byte, for living handles that are flagged.  x86-TSO buffers.
   cpu 0, 4: the publisher's threads, cpu 1: the closer, of one process (0), which may be killed; cpu 2, 3: other processes, the first of
   which wants to publish, the second to be exclusive: not with TWO.
   Claim: never two inside; never an exclusive one beside another publisher, except for one that is closing.
   BUG_NOMB    close does not call membarrier             BUG_NOLOOK  the thread does not look at `closed` once it is inside
   BUG_NOADMIN flags are looked at without the admin byte
   BUG_TAKE    a thread that comes does not call membarrier   BUG_STILL   the owner does not look whether it still is
   BUG_BACK    a thread that is refused stays the owner   */
#define CLOSED 0
#define OWNER 1
#define SEATED 2
#define SEAT 3                  /* + number: each owner has one of its own */
byte mem[8]; chan sb[5] = [6] of { byte, byte };
byte whose[5];                  /* whose seat */
byte seats = 1; bool mutex;
byte pl = 1;                    /* publishLock: process + 1 */
byte flag[4];                   /* of the handle: 0 none, 1 publishing, 2 exclusive */
bool dead, canDie, gone; byte adm; byte inside;
#define STORE(i,a,v) sb[i]!a,v
#define DR(i) empty(sb[i])
#define GONE gone
proctype Flush(byte i) { byte a; byte v;
end: do :: atomic { sb[i]?a,v -> mem[a] = v; a=0; v=0 } od }
inline work(i) { atomic { assert(inside == 0); inside = i+1 } atomic { if :: inside == i+1 -> inside = 0 :: else fi } }
proctype User(byte i) { byte n, o, b;
 { do
   :: n == 2 -> break
   :: else -> n++;
      o = mem[OWNER];
      if :: whose[o] == i ->
enter:     STORE(i, SEAT+o, 1);                           /* Section.enterAtOnce; compiler barrier */
#ifndef BUG_STILL
           if :: mem[OWNER] != o -> STORE(i, SEAT+o, 0); goto take :: else fi;
#endif
#ifndef BUG_NOLOOK
           if :: mem[CLOSED] -> STORE(i, SEAT+o, 0); break :: else fi;
#endif
           work(i);
           STORE(i, SEAT+o, 0)
         :: else ->                                       /* OneThread.take */
take:      atomic { !mutex && DR(i) -> mutex = 1 }
           b = mem[SEATED];
           if :: mem[SEAT+b] -> mutex = 0; goto refused :: else fi;
           if :: whose[b] == i -> mutex = 0; o = b; goto enter :: else fi;
           if :: seats == 5 -> mutex = 0; goto refused :: else fi;
           atomic { o = seats; whose[o] = i; seats++ }
           STORE(i, OWNER, o); DR(i);
#ifndef BUG_TAKE
           DR(0) && DR(4);                                /* membarrier */
#endif
           if :: mem[SEAT+b] == 0 -> STORE(i, SEATED, o); atomic { DR(i) -> mutex = 0 } goto enter
              :: else ->
#ifndef BUG_BACK
                 STORE(i, OWNER, b);
#endif
                 atomic { DR(i) -> mutex = 0 }
           fi;
refused:   skip
      fi
   od
 } unless { dead }
}
proctype Closer() {
 { STORE(1, CLOSED, 1); DR(1);
#ifndef BUG_NOMB
   DR(0) && DR(4);                                        /* membarrier */
#endif
   if :: mem[SEAT+mem[SEATED]] == 0 ->                                /* else it waits, and in the end leaves the lock to the one inside */
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
proctype Killer() { if :: canDie -> dead = true; atomic { DR(0) && DR(1) && DR(4) -> gone = true } :: skip fi }
init { atomic { flag[0] = 2; canDie = true; whose[1] = 9; whose[2] = 9; whose[3] = 9; whose[4] = 9;
  run Flush(0); run Flush(1); run User(0); run Closer(); run Killer();
#ifdef TWO
  run Flush(4); run User(4)
#else
  run Flush(2); run Flush(3); run Other(2, 1); run Other(3, 2)
#endif
 } }
