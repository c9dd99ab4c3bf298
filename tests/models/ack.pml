/* ack.pml - acknowledged (position, offset) of a named subscription: owner dies between the two stores, the next one re-attaches.
   Program order of one owner = order in memory (both release). Promise (I13): what awaitAcknowledged may have seen never goes back.
   re-attach: ackPos = position of the word at ackOff - 1 (exact by the stamp; here: offset k holds position k+1).
   OFFFIRST: ackOff, then ackPos. Without it: the other way round, the planted hole.                                     */
byte ackPos, ackOff, seen; bool die;
proctype Owner() { byte p;
 { do :: p < 3 -> p++;
#ifdef OFFFIRST
      ackOff = p; ackPos = p
#else
      ackPos = p; ackOff = p
#endif
   :: p == 3 -> break od
 } unless { die };
   ackPos = ackOff                         /* re-attach */
}
active proctype Await() { do :: atomic { assert(ackPos >= seen); seen = ackPos } od }
active proctype Killer() { die = true }
init { run Owner() }
