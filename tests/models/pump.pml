/* pump.pml - a member of a domain of Jakarta Messaging: Pump, Domain.folding, Domain.hasUrgent. Two sessions wait, each for the messages of
   its own queue; one leads and sleeps in the log's reader, the other is parked. One that got something may not come back. Another process
   sends K messages, each to one of the queues.  fold, take, keep, listen, sleep.  No slices: a lost wake-up is a message that was sent to
   a session that waits, and not delivered when nothing can move any more.
   ASKER         a third thread: 1 folds for a question, 2 looks for urgent messages beside what it has buffered, 3 makes a turn; 0: none
   The log wakes a sleeper as LogReader.await promises: at once if there is a record that was not read when it begins, else for a record
   that rings (a TAKE does not); wake ends the await under way, or the next one.
   BUG_KEEP      what the keeper folds is not offered          BUG_HAND      nor what came before the TAKE, or is folded with it
   BUG_FOLDING   a question's fold does not wake the leader    BUG_URGENT    who looks for urgent messages does not ask who else waits
   BUG_NOTURN    a thread parks without a turn of its own      BUG_PARKFIRST it asks whether somebody leads before it can be found
   BUG_HANDOVER  a leader that leaves wakes none that is parked  BUG_RAISE   a leader that is handed something by another is not woken
   BUG_WAKELOST  a wake that finds nobody asleep is forgotten  BUG_LISTENFIRST  sleeps for what comes, though something may be unread */
#ifndef K
#define K 2
#endif
#ifndef ASKER
#define ASKER 0
#endif
#define NOBODY 2
#define TAKE 2
#define MOST 12
byte log[MOST]; byte end, folded, sent;
bit foldLock, leadLock; byte leader = NOBODY;
byte avail[2], buf[2], got[2], to[2];
bit hungry[2], raised[2], waiting[2], parked[2], permit[2];
bit asleep, rung, woken;                          /* of the reader */

/* of one turn, with the fold lock */
byte offered, pick[2]; bit ask[2], gone[2];

/* until the end of the log; the lock is for one thread at a time, so what is between two steps under it is for the sender alone */
inline fold() {
   do :: folded < end -> if :: log[folded] < 2 -> avail[log[folded]]++ :: else fi; folded++
      :: else -> break od }
inline lockAndFold() { atomic { !foldLock -> foldLock = 1; fold() } }
inline wake() { atomic {
#ifdef BUG_WAKELOST
   if :: asleep -> woken = 1 :: else fi
#else
   woken = 1
#endif
   } }
inline raise(c, holds) {
   atomic { raised[c] = 1; if :: waiting[c] -> permit[c] = 1 :: else fi };
#ifndef BUG_RAISE
   if :: leader == c && !(holds) -> wake() :: else fi
#else
   skip
#endif
   }
inline choose() {
   offered = folded; pick[0] = (ask[0] -> avail[0] : 0); pick[1] = (ask[1] -> avail[1] : 0) }
inline hand(c, holds) {
   if :: pick[c] -> atomic { avail[c] = avail[c] - pick[c]; buf[c] = buf[c] + pick[c]; pick[c] = 0; ask[c] = 0 } raise(c, holds) :: else fi }
/* Pump.offer, after choose */
inline offer(holds) {
   do :: pick[0] || pick[1] ->
            atomic { log[end] = TAKE; end++ };
            atomic { fold(); offered++ };
            hand(0, holds); hand(1, holds);
#ifdef BUG_HAND
            break
#else
            atomic { if :: folded != offered -> choose() :: else -> break fi }
#endif
      :: else -> break od }
inline turn(holds) {
   atomic { lockAndFold(); ask[0] = hungry[0]; ask[1] = hungry[1]; choose() };
   offer(holds);
#ifdef BUG_HAND
   offered = folded;
#endif
   if :: skip
      :: atomic { fold();                                                  /* the keeper */
#ifndef BUG_KEEP
                  if :: folded != offered -> choose() :: else fi
#endif
                }
         offer(holds)
   fi;
   atomic { ask[0] = 0; ask[1] = 0; offered = 0; foldLock = 0 } }
inline handOver(c) {
#ifndef BUG_HANDOVER
   if :: parked[1-c] -> atomic { if :: waiting[1-c] -> permit[1-c] = 1 :: else fi } :: else fi
#else
   skip
#endif
   }

proctype Session(byte c) { bit led;
   do
   :: raised[c] = 0;                                                       /* Listening.deliverOrWait */
      if
      :: atomic { buf[c] > 0 -> buf[c]--; got[c]++ } if :: skip :: gone[c] = 1; break fi
      :: buf[c] == 0 ->
           atomic { hungry[c] = 1; waiting[c] = 1 }
           do
           :: raised[c] -> break
           :: else ->
                atomic { if :: !leadLock -> leadLock = 1; led = 1 :: else -> led = 0 fi };
                if
                :: led ->
                     leader = c;
                     do
                     :: turn(true);
                        if :: raised[c] -> break :: else fi;
                        atomic { rung = 0;
#ifdef BUG_LISTENFIRST
                                 asleep = 1
#else
                                 asleep = (folded == end)
#endif
                               };
                        endSleep: atomic { !asleep || rung || woken -> asleep = 0; woken = 0; rung = 0 }
                     od;
                     leader = NOBODY; leadLock = 0; handOver(c)
                :: else ->
#ifndef BUG_NOTURN
                     turn(false);
#endif
#ifdef BUG_PARKFIRST
                     led = leadLock; parked[c] = 1;
#else
                     parked[c] = 1; led = leadLock;
#endif
                     if :: led && !raised[c] ->
                          endPark: atomic { permit[c] -> permit[c] = 0 }
                        :: else fi;
                     parked[c] = 0; led = 0
                fi
           od;
           waiting[c] = 0;
           if :: !leadLock -> handOver(c) :: else fi;
           hungry[c] = 0
      fi
   od
}
proctype Asker() { bit tells;
   if
   :: ASKER == 1 ->                                                        /* Domain.folding */
         atomic { !foldLock -> foldLock = 1; tells = folded < end; fold(); foldLock = 0 }
#ifndef BUG_FOLDING
         if :: tells && leader != NOBODY -> wake() :: else fi
#endif
   :: ASKER == 2 ->                                                        /* Domain.hasUrgent */
         atomic { !foldLock -> foldLock = 1; tells = folded < end; fold() };
         atomic { tells = tells && (hungry[0] || hungry[1]); foldLock = 0 };
#ifndef BUG_URGENT
         if :: tells -> turn(false) :: else fi
#endif
   :: ASKER == 3 -> turn(false)
   :: ASKER == 0
   fi
}
proctype Sender() { byte c;
   do
   :: sent == K -> break
   :: else -> if :: c = 0 :: c = 1 fi;
      atomic { log[end] = c; end++; to[c]++; sent++; rung = asleep; c = 0 }
   od
}
proctype Watch() {
   timeout -> assert(sent == K && (gone[0] || got[0] == to[0]) && (gone[1] || got[1] == to[1]))
}
init { atomic { run Session(0); run Session(1); run Asker(); run Sender(); run Watch() } }
