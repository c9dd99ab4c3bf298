/* jump.pml - a named OVERRUN subscription that was passed jumps to the gate: startPos, ackPos, ackOff; its owner may die between any two,
   and the next one attaches again: jumps again if ackOff is below the gate, else takes the position from the stamp at ackOff.
   Program order of one owner = order in memory (all release). Offset k holds position k+1.
   Claim: what awaitAcknowledged counts (startPos <= q <= ackPos, ackPos read first) was delivered; nothing is delivered twice unless
   it was not acknowledged.     BUG_POSFIRST  ackPos before startPos       BUG_OFFFIRST  ackOff before both                    */
#define K 4
byte gate, start = 1, pos, off; bool die; byte delivered;
inline jump() {
   e = gate;
#ifdef BUG_POSFIRST
   pos = e; start = e + 1; off = e;
#else
#ifdef BUG_OFFFIRST
   off = e; start = e + 1; pos = e;
#else
   start = e + 1; pos = e; off = e;
#endif
#endif
   c = e }
inline life() {
   do
   :: c < K && gate > c -> jump()
   :: c < K && gate <= c -> atomic { gate <= c -> c++; delivered = delivered | (1 << c) } unless { gate > c }   /* copied, then the gate */
   :: off < c -> off = c; pos = c                                                                               /* acknowledge */
   :: c == K && off == c -> break
   od }
proctype Owner() { byte c, e;
   { life() } unless { die };
   c = off;                                                                                                      /* Joining.resume */
   if :: gate > off -> jump() :: else -> pos = off fi;
   life()
}
active proctype Gate() { do :: gate < K -> gate++ :: break od }
active proctype Await() { byte a, b, q; end: do :: a = pos; b = start; q = b;
   do :: q <= a -> assert(delivered & (1 << q)); q++ :: else -> break od; atomic { a = 0; b = 0; q = 0 } od }
active proctype Killer() { die = true }
init { run Owner() }
