/* nowobs.pml - a reader that may be passed joins at NOW: (t, count, word(t)) read without a look at the gate afterwards -> wrong position.
   Ring of 2 words, word = position (0 empty). Sequential consistency is enough. CHECK: load gate after the word, gate > t: again.      */
#define C 2
#define K 5
byte ring[C], gate, tail, count;      /* offset o holds position o+1 */
active proctype Pub() { do :: tail < K ->
    if :: tail + 1 > gate + C - 1 -> gate++ :: else fi;
    ring[(tail+1) % C] = 0; ring[tail % C] = tail + 1; count = tail + 1; tail++
  :: else -> break od }
active proctype Observer() { byte t, g, w, pos;
  again: t = gate; if :: gate > t -> goto again :: else fi;                 /* where LogPlace.oldest begins */
  t = tail; w = ring[t % C];
#ifdef CHECK
  g = gate; if :: g > t -> goto again :: else fi;
#endif
  if :: w != 0 -> pos = w :: else -> pos = t + 1 fi;     /* (empty words carry the stamp too: t + 1) */
  assert(pos == t + 1) }
