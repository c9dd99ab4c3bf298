#!/usr/bin/env python3
"""python3 run.py bugs [NAME…] | holes [NAME…] | hunt FROM TO | show NAME SEED     (README.md)"""
import copy
import sys
import time
from sim import Cfg, World, Violation, make_steps, outcome, run, shrink

RINGS = [4096, 8192, 16384, 32768]
BUGS = [    # flag, number of the mistake, what it is
    ('STALE', 1, 'PUT of a state looked at before the lock'),
    ('STALECK', 1, 'CHECKPOINT of a state looked at before the lock'),
    ('KNOSTAGE', 2, 'K without staged operations'),
    ('KNOCKPT', 2, 'K without the checkpoint'),
    ('EARLYMARK', 3, 'mark moved before the PUT is in the log'),
    ('LEAVEHOLDS', 4, 'LEAVE forgets the holds'),
    ('LEAVEATT', 4, 'LEAVE forgets the attachments'),
    ('LEAVETEMP', 4, 'LEAVE forgets temporary destinations'),
    ('LEAVECLIENT', 4, 'LEAVE forgets client ids'),
    ('LEAVESTAGE', 4, 'LEAVE forgets staged operations'),
    ('OWNERSTAGE', 4, 'one that died with staged operations and nothing else is not asked for'),
    ('LEFTSET', 4, 'a rule that remembers who has left'),
    ('ACKANY', 5, 'ACK accepted from one that is not the holder'),
    ('BELIEVE', 8, 'own TAKE believed before it is folded'),
    ('PASSDROP', 9, 'passed: the buffers are thrown away'),
    ('PASSDUP', 9, 'passed: what was delivered is forgotten'),
    ('RETURNLAST', 11, 'a returned message after newer prefetched ones'),
    ('FROMBACK', 11, 'TAKE from the back of the queue'),
    ('PREFETCHCOUNT', 12, 'prefetch counted as delivered on close'),
    ('DEATHNOCOUNT', 12, 'delivered not counted on death'),
    ('TIMEOUT', 13, 'LEAVE on a timeout, not on the lock byte'),
    ('NORMALALL', 14, 'sends may use the last eighth'),
    ('LAZYLOST', 18, 'lazy acknowledgements not flushed on close'),
    ('SPLIT', 19, 'a commit in several records'),
    ('LATESUB', 20, 'a subscriber after the send gets a delayed message'),
    ('DROPANY', 5, 'DROP of a message that is held'),
    ('PASS2', 21, 'bootstrap: pass 2 from a newer mark than pass 1'),
    ('CKPTWEAK', 2, 'CHECKPOINT without the client ids'),
]
HOLES = [
    ('STAGEIDX', 'numbers of staged messages counted from what is still staged'),
    ('UNSUB', 'UNSUBSCRIBE asks for held messages'),
    ('PUTTEMP', 'PUT does not ask whether its temporary destination exists'),
    ('TEMPDEF', 'CHECKPOINT does not say where a temporary destination began'),
    ('CKPTATT', 'CHECKPOINT without queue attachments'),
    ('ANSWER', 'passed before the answer to SUBSCRIBE was folded'),
]


def cfg_of(seed, bugs=(), holes=()):
    return Cfg(bugs=bugs, holes=holes, ring=RINGS[seed % 4], steps=300)


def catch(kind, name, limit, first=0):
    for seed in range(first, first + limit):
        cfg = cfg_of(seed, **{kind: [name]})
        r = outcome(copy.copy(cfg), make_steps(seed, 300))
        if r:
            return seed, r
    return None, None


def table(kind, rows, limit):
    n = 0
    for row in rows:
        t = time.process_time()
        seed, r = catch(kind, row[0], limit)
        n += seed is not None
        steps = ''
        if seed is not None:
            s = shrink(cfg_of(seed, **{kind: [row[0]]}), make_steps(seed, 300), r, 150)
            steps = '%d steps' % len(s)
        print('%-14s %-62s %s  %.1f s' % (row[0], row[-1], 'seed %s, %s: %s' % (seed, steps, r[:90]) if r else 'NOT CAUGHT in %d seeds' % limit,
                                         time.process_time() - t), flush=True)
    print('%d of %d caught' % (n, len(rows)))


def hunt(a, b):
    t, tot, bad = time.process_time(), {}, 0
    for seed in range(a, b):
        n = [150, 300, 600][seed % 3]
        try:
            w = run(cfg_of(seed), make_steps(seed, n), thorough=seed % 10 == 0)
            w.stat['steps'] = n
            for k, v in w.stat.items():
                tot[k] = tot.get(k, 0) + v
        except Violation as e:
            bad += 1
            print('seed %d (%d steps): %s' % (seed, n, e), flush=True)
        if seed % 100 == 99:
            print('%d seeds, %d violations, %.0f s' % (seed + 1 - a, bad, time.process_time() - t), flush=True)
    print('%d seeds, %d violations, %.0f s' % (b - a, bad, time.process_time() - t), {k: tot.get(k) for k in
          ('steps', 'records', 'delivered', 'boot', 'passed', 'boots', 'marks', 'refused', 'put', 'ckpt', 'die', 'stop', 'leave')}, flush=True)


def show(name, seed):
    kind = 'bugs' if name in [b[0] for b in BUGS] else 'holes'
    cfg = cfg_of(seed, **({kind: [name]} if name != '-' else {}))
    steps = make_steps(seed, 300)
    r = outcome(cfg, steps)
    print(r)
    steps = shrink(cfg, steps, r)
    w = World(copy.copy(cfg))
    try:
        for s in steps:
            n0 = len(w.log.recs)
            w.step(s)
            print(s[0])
            for q in w.log.recs[n0:]:
                print('   ', q.pos, 'by', q.author, [(o[0],) + ((o[1].serial, o[1].dest) if o[0] == 'MSG' else
                      tuple(e[0] for e in o[1]) if o[0] == 'PUT' else () if o[0] == 'CKPT' else o[1:]) for o in q.ops])
        import random
        w.check_boot(random.Random(1), True)
        w.drain()
    except Violation as e:
        print(e)


if __name__ == '__main__':
    v = sys.argv[1]
    if v == 'bugs':
        table('bugs', [b for b in BUGS if b[0] in sys.argv[2:] or not sys.argv[2:]], 250)
    elif v == 'holes':
        table('holes', [h for h in HOLES if h[0] in sys.argv[2:] or not sys.argv[2:]], 250)
    elif v == 'hunt':
        hunt(int(sys.argv[2]), int(sys.argv[3]))
    else:
        show(sys.argv[2], int(sys.argv[3]))
