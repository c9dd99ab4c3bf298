/* del.pml - open / last close / unlink of a deleteOnLastClose queue. Inodes 1..; name -> inode or 0.
   Correct: admin byte of the inode (OFD lock, dropped by the kernel at death) around {take token, fstat nlink} and around
   {probe the others, unlink, drop own token}.
   Claims: nobody is ever a member of two different inodes at one time with another member (no split queue);
   when all have closed in good order the name is gone.
   BUG_NOADMIN  no admin byte (token, then fstat nlink)
   BUG_DROPLATE own token dropped after the admin byte was given back                                            */
#define NPR 3
#ifndef LEFTOK
#define LEFTOK 0   /* 1: look for the split queue only */
#endif
byte name; byte nextIno = 1;
bool linked[8]; byte tok[8]; byte admin[8];     /* tok: bit mask of holders */
byte member[NPR]; bool died; bool can[NPR]; byte done;
inline ADMIN(n)  {
#ifndef BUG_NOADMIN
  atomic { admin[n] == 0 -> admin[n] = i+1 }
#else
  skip
#endif
}
inline UNADMIN(n) {
#ifndef BUG_NOADMIN
  atomic { admin[n] = 0 }
#else
  skip
#endif
}
proctype P(byte i) { byte n; bool last;
 { skip; again: skip;
   if
   :: atomic { name != 0 -> n = name }                          /* open the existing one */
      ADMIN(n);
      tok[n] = tok[n] | (1 << i);
      if :: !linked[n] -> tok[n] = tok[n] & (255 - (1<<i)); UNADMIN(n); n = 0; goto again :: else fi;
      if :: tok[n] == (1 << i) ->                                  /* all others were killed: a left-over, Opening.isStillWanted */
           if :: name == n -> atomic { name = 0; linked[n] = false } :: else fi;
           tok[n] = 0; UNADMIN(n); n = 0; goto again
         :: else fi;
      UNADMIN(n)
   :: atomic { name == 0 -> n = nextIno; nextIno++ ; assert(nextIno < 8); tok[n] = 1 << i }    /* O_TMPFILE, token before link */
      if :: atomic { name == 0 -> name = n; linked[n] = true }   /* linkat */
         :: atomic { name != 0 -> tok[n] = 0; n = 0 } goto again fi
   fi;
   atomic { member[i] = n;
     assert(member[0] == 0 || member[0] == n); assert(member[1] == 0 || member[1] == n); assert(member[2] == 0 || member[2] == n) }
   /* use, then close */
   ADMIN(n);
   atomic { member[i] = 0; last = (tok[n] == (1 << i)) }         /* probe the other bytes */
   if :: last ->
        if :: name == n -> atomic { name = 0; linked[n] = false } :: else fi   /* inode compared, then unlink */
      :: else fi;
#ifdef BUG_DROPLATE
   UNADMIN(n);
   tok[n] = tok[n] & (255 - (1<<i));
#else
   tok[n] = tok[n] & (255 - (1<<i));
   UNADMIN(n);
#endif
   atomic { done++; assert(LEFTOK || !(done == NPR && !died && name != 0)) }
 } unless { atomic { can[i] -> can[i] = false; died = true; member[i] = 0; done++;
      if :: n != 0 -> tok[n] = tok[n] & (255 - (1<<i)); if :: admin[n] == i+1 -> admin[n] = 0 :: else fi :: else fi } }
}
proctype Killer(byte i) { if :: can[i] = true :: skip fi }
init { atomic { run P(0); run P(1); run P(2);
#ifdef MORTAL
 run Killer(0); run Killer(1)
#endif
} }
