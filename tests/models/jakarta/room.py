#!/usr/bin/env python3
"""python3 room.py: a full domain must always drain. Scripted worst cases, each with and without its rule."""
import random
from fold import M, rec_size
from sim import Cfg, World, Violation


def world(ring, holes):
    w = World(Cfg(ring=ring, holes=holes, tight=True, members=2))
    x = w.members[0]
    w.fold(x)
    w.serial = 1        # odd: drain the newest first, so that the oldest statement stays
    return w, x


def msg(w, dest, body=16):
    w.serial += 2
    return M(dest, w.serial, body, 4, 0, 0, (1, 1), 0)


def fill(w, x, dest, body, n):
    """Commits of n messages until a send is refused."""
    while True:
        ops = [('MSG', msg(w, dest, body)) for _ in range(n)]
        if w.append(x, ops, 'NORMAL') is None:
            if n == 1:
                return
            n = 1


def chatter(w, x):
    """TAKE and RETURN until small operations are refused: garbage up to seven eighths."""
    w.fold(x)
    ms = sorted(m for m, e in w.S.msgs.items() if 'q0' in e[3])[-1:]
    while ms and w.append(x, [('TAKE', 'q0', ms)]) and w.append(x, [('RETURN', 'q0', 0, 0, ms)]):
        pass


def registry(holes):
    w, x = world(16384, holes)
    fill(w, x, 'q0', 40, 1)
    r = 'SMALL' if 'REGROOM' in holes else 'NORMAL'
    i = 0
    while rec_size([('CKPT', w.S.registry())], w.cfg) < w.cfg.ring // 8 - 80 and \
            w.append(x, [('SUB', 't.0', True, True, ('s%d' % i, True), None)], r):
        i += 1
    chatter(w, x)
    return w


def bigrec(holes):
    w, x = world(16384, holes)
    n = (16384 // 4 if 'BIGREC' in holes else 16384 // 16) // 64 - 1
    fill(w, x, 'q0', 16, n)
    chatter(w, x)
    return w


def fat(holes):
    """Every second message of large commits held by a living member."""
    w, x = world(32768, holes)
    fill(w, x, 'q0', 1, 38)
    ms = sorted(w.S.msgs)[::2]
    while ms and w.append(x, [('TAKE', 'q0', ms[:60])]):
        ms = ms[60:]
    chatter(w, x)
    return w


def checkpoints(holes):
    w, x = world(16384, holes)
    for i in range(12):
        w.append(x, [('SUB', 't.0', True, True, ('s%d' % i, True), None)], 'NORMAL')
    fill(w, x, 'q0', 40, 1)
    while True:
        w.fold(x)
        if not w.do_ckpt(x, 0, 0, 0, force=True):
            break
    return w


def matrix(holes, subs=40, seed=1):
    """A topic with many durable subscriptions that have acknowledged at random."""
    r = random.Random(seed)
    w, x = world(32768, holes)
    for i in range(subs):
        w.append(x, [('SUB', 't.0', True, True, ('s%d' % i, True), None)], 'NORMAL')
    fill(w, x, 't.0', 40, 1)
    w.fold(x)
    for v in list(w.S.subs):
        ms = [m for m, e in w.S.msgs.items() if v in e[3] and r.random() < 0.5]
        for ops in ([('TAKE', v, ms)], [('ACK', v, ms, False)]):
            keys = [(v, w.S.msgs[m][0].serial) for m in ms] if ops[0][0] == 'ACK' else []
            if w.append(x, ops, 'SMALL', keys) is None:
                if not w.keep(x, rec_size(ops, w.cfg), 'SMALL'):
                    raise Violation('no room while acknowledging')
                w.fold(x)
                if w.append(x, ops, 'SMALL', keys) is None:
                    raise Violation('refused')
            w.fold(x)
    return w


def verdict(f, holes):
    try:
        w = f(set(holes))
        u, n = w.log.used(), len(w.log.recs)
        w.drain()
        return 'drained (%d bytes of %d used, %d records to drain)' % (u, w.cfg.ring, len(w.log.recs) - n)
    except Violation as e:
        return 'STUCK: ' + str(e)[:110]


if __name__ == '__main__':
    for f, hs in ((registry, ['REGROOM', 'REGLIMIT']), (bigrec, ['BIGREC']), (fat, ['PUTFAT']), (fat, ['PUTRULE']), (checkpoints, ['CKPTALL']),
                  (matrix, ['PUTFAT']), (matrix, [])):
        if hs:
            print('%-12s %-20s %s' % (f.__name__, '+'.join(hs), verdict(f, hs)), flush=True)
        print('%-12s %-20s %s' % (f.__name__, 'mended', verdict(f, [])), flush=True)
