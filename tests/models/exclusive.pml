/* exclusive.pml - createPublisher raises its handle's flag under the admin byte, where it looks at the flags of all living handles: an exclusive
   publisher is refused beside any other, and any other one beside an exclusive one.  Closing lowers the flag.  Process 0 may be killed at any step.
   Claim: never an exclusive publisher beside another one of a living process.
   BUG_NOADMIN flags are looked at without the admin byte   BUG_EARLY   the admin byte is given back before the flag is up   */
#define N 3
byte flag[N];                   /* of the handle: 0 none, 1 publishing, 2 exclusive */
byte adm;                       /* process + 1 */
bool gone;                      /* process 0: the kernel has dropped its bytes */
#define DEAD(j) (j == 0 && gone)
#define ALIVE(i,j) (j != i && !DEAD(j) && flag[j] != 0)
inline alone(i) { assert(DEAD(i) || flag[i] == 0 || !(ALIVE(i,0) && (flag[i] == 2 || flag[0] == 2) || ALIVE(i,1) && (flag[i] == 2 || flag[1] == 2)
                         || ALIVE(i,2) && (flag[i] == 2 || flag[2] == 2))) }
proctype Process(byte i; byte kind) { byte j, rounds; bool refused;
 { do
   :: rounds == 2 -> break
   :: else -> rounds++; refused = false;
#ifndef BUG_NOADMIN
      atomic { adm == 0 -> adm = i + 1 }
#endif
      j = 0;
      do :: j < N -> if :: ALIVE(i,j) && (kind == 2 || flag[j] == 2) -> refused = true :: else fi; j++
         :: else -> break od;
#ifdef BUG_EARLY
      adm = 0;
#endif
      if :: refused :: else -> flag[i] = kind fi;
#if !defined(BUG_NOADMIN) && !defined(BUG_EARLY)
      adm = 0;
#endif
      if :: refused :: else -> alone(i); flag[i] = 0 fi
   od
 } unless { DEAD(i) }
}
proctype Killer() { if :: atomic { gone = true; if :: adm == 1 -> adm = 0 :: else fi } :: skip fi }
init { atomic { run Process(0, 2); run Process(1, 1); run Process(2, 2); run Killer() } }
