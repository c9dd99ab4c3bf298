/* hold.pml - an open claim (OpenClaim: one number, odd while it is open) and the publish lock beside an error in a process that lives. T opens a
   claim; one error may strike at any step until it is committed, and in the rescue from it as well. Then T ends, or claims again. W is the
   watch of T's process: it ends the claim of a thread that has ended, and gives up the handle of one that could not be mended. U is another
   thread of that handle, V another process; each takes the lock N times. A handle that is given up writes to nothing more, and its lock is
   taken over. Stores are in order: threads of one process, and the lock's atomics.
   FAVOURED: T begins as the thread that the lock favours: it goes in by ins and not by the word, and its claim stays there (PublishLock).
   Claim: two are never inside, T's claim is whole when it commits, and nobody waits for ever.
   BUG_NOEND     the rescue does not end the claim               BUG_ANYWORD  a release puts 0 over any word
   BUG_PLUSONE   begin adds one to whatever was before           BUG_UNMARKED a rescue that fails leaves no mark
   BUG_NESTED    a favoured thread that finds itself inside takes its own claim for what an error left (FAVOURED)
   ALONE         two other processes, and no U: then NOEND alone frees no lock that is another's
   Not in it: one thread claims, by one publisher, and at most one error strikes beside the one in its rescue. There is no batch (its two
   fields: OpenClaim.begin), no gate lock (gatelock.pml), and the log that a rescue or a takeover mends is whole in one step (lock.pml).
   Store buffers, and how a thread comes to be favoured, are in bias.pml.                                                               */
#ifndef N
#define N 2
#endif
#define FREE 0
#define OURS 1     /* T's and U's handle: its threads share the word */
#define THEIRS 2   /* and 3 */
#define ASKED 2    /* of bias; 1: T's */
byte word, inside, turn, bias; bool ins, within, biased;   /* within, biased: the handle's own fields, as PublishLock.inside and .biased */
bool alive = true, unfinished, poisoned, lost, struck, again;
#define OPEN (turn & 1)
#define GONE(w) (w == OURS && poisoned)
inline take(me) {
   if :: atomic { word == FREE -> word = me }
      :: atomic { me != OURS && GONE(word) -> word = me; inside = 0 }                  /* from the dead: what it left is repaired */
      :: me == OURS && poisoned -> goto fin fi;
   if :: bias == 0                                                                     /* PublishLock.endBias */
      :: bias != 0 -> bias = ASKED;
         if :: atomic { !ins -> bias = 0 }
            :: atomic { ins && me != OURS && poisoned -> inside = 0; bias = 0 }
            :: me == OURS && poisoned -> goto fin fi fi
}
inline goOut() { within = false; atomic { if :: poisoned :: else -> ins = false fi } }
inline comeIn() {                                                                      /* T: PublishLock.enter, or by the word */
   if :: biased -> atomic { if :: poisoned :: else -> ins = true fi };
         if :: atomic { bias == 1 && !poisoned -> within = true }
            :: bias != 1 || poisoned -> goOut(); biased = false; take(OURS) fi
      :: else -> take(OURS) fi
}
inline release(me) {
   if :: me == OURS && within -> goOut() :: else -> giveBack(me) fi
}
inline giveBack(me) {
#ifdef BUG_ANYWORD
   atomic { if :: me == OURS && poisoned :: else -> word = FREE fi }
#else
   atomic { if :: me == OURS && poisoned :: !(me == OURS && poisoned) && word == me -> word = FREE :: else -> lost = true fi }
#endif
}
inline enter(me) { atomic { assert(inside == 0 || (me == OURS && poisoned)); if :: me == OURS && poisoned :: else -> inside = me fi } }
inline out(me) { atomic { if :: inside == me && !(me == OURS && poisoned) -> inside = 0 :: else fi } }
inline mayFail() { if :: !struck -> struck = true; goto rescue :: skip fi }            /* once */
inline mayFailAgain() { if :: !again -> again = true; goto failed :: skip fi }

proctype T() { byte n;
   do
   :: n < N -> n++;
      comeIn(); enter(OURS);
      mayFail();                                                                       /* ShmPublisher.claim: the try begins */
#ifdef BUG_PLUSONE
      turn = turn + 1;
#else
      turn = (turn + 1) | 1;
#endif
      mayFail();
      if :: n == N && !struck -> alive = false; goto fin :: skip fi;                    /* ends with its claim open */
      if :: within ->                                                                  /* it publishes: refuseToWaitForItself */
#ifdef BUG_NESTED
           lost = true
#else
           if :: OPEN :: !OPEN -> lost = true fi
#endif
         :: skip fi;
      assert(!lost || struck);
      assert(OPEN && inside == OURS || poisoned);                                      /* ShmClaim.commit: isMine */
      turn = turn + 1;
      mayFail();
      out(OURS); release(OURS);
      goto next;
rescue:
#ifndef BUG_UNMARKED
      unfinished = true;
#endif
      mayFailAgain();
#ifndef BUG_NOEND
      if :: OPEN -> turn = turn + 1 :: else fi;
#endif
      mayFailAgain();
      out(OURS); release(OURS);
      unfinished = false;
      if :: alive = false; goto fin :: skip fi;
      goto next;
failed:
      if :: unfinished -> atomic { poisoned = true; unfinished = false } :: skip fi;      /* its next call: Handle.check */
      alive = false; goto fin;
next: skip
   :: n == N -> break
   od;
   alive = false;
   fin: skip
}
proctype W() { byte t;
end: do
   :: unfinished && !alive -> atomic { poisoned = true; unfinished = false }
   :: lost -> atomic { poisoned = true; lost = false }
   :: OPEN && !alive && !poisoned -> atomic { t = turn };
      atomic { if :: turn == t -> turn = turn + 1 :: else -> t = 0 fi };
      if :: t != 0 -> out(OURS); release(OURS) :: else fi; t = 0
   od
}
proctype Other(byte me) { byte n;
   do :: n < N -> n++; take(me); enter(me); out(me); release(me) :: n == N -> break od;
   fin: skip
}
init { atomic {
#ifdef FAVOURED
   bias = 1; biased = true;
#endif
   run T(); run W(); run Other(THEIRS);
#ifdef ALONE
   run Other(THEIRS + 1)
#else
   run Other(OURS)
#endif
} }
