#!/usr/bin/env python3
"""python3 histories.py SEED STEPS RING [SEED STEPS RING ...]: random histories of sim.py as text, for the Java fold to agree with.

    history SEED
    r AUTHOR CRC OPERATION;OPERATION...     one record, positions from 1; the checksum is of the full fold's state after it
    m MARK AT                               the mark moved to MARK when AT records were in the log
    s LINE                                  the last state, whole, to look at when a checksum differs

A message is told whole where it comes first, SERIAL:DEST:BODY:PRIORITY:EXPIRY:DELIVERY, and by its serial later.
"""
import sys
import zlib
import fold
from fold import State
from sim import Cfg, World, make_steps


def joined(xs):
    return ','.join(str(x) for x in xs)


def state(s):
    return '%s.%d.%d' % s


def lines(s):
    """The state as text; Digest.java writes the same."""
    out = ['M %d %d %s' % (m, x[2], joined(sorted('%s=%s' % (v, state(t)) for v, t in x[3].items()))) for m, x in sorted(s.msgs.items())]
    for v, y in sorted(s.subs.items()):
        out.append('S %d %s %d %d %s %s %d %s' % (v, y['topic'], y['durable'], y['shared'], y['key'][0] if y['key'] else '-',
                                                  '-' if y['sel'] is None else y['sel'], y['cur'], joined(sorted(y['att']))))
    out += ['D %s %d %d' % ((d,) + t) for d, t in sorted(s.temps.items())]
    out += ['C %s %d' % c for c in sorted(s.clients.items())]
    out += ['Q %s %s' % (q, joined(sorted(a))) for q, a in sorted(s.atts.items()) if a]
    out += ['G %d %d %d %d %d' % (k[0], k[1], k[2], len(x[1]), x[2]) for k, x in sorted(s.staged.items())]
    return out + ['P %d' % s.P, 'K %d' % s.K()]


class Told:
    """Operations as text."""

    def __init__(self):
        self.known = set()

    def message(self, m):
        if m.serial in self.known:
            return str(m.serial)
        self.known.add(m.serial)
        return '%d:%s:%d:%d:%d:%d' % (m.serial, m.dest, m.body, m.prio, m.exp, m.dtime)

    def entry(self, e):
        mid, author, m, need, st = e
        return '%d/%d/%s/%s/%s' % (mid, author, self.message(m), joined(need[1]), joined('%s=%s' % (v, state(t)) for v, t in st.items()))

    def registry(self, r):
        out = ['S/%d/%s/%d/%d/%s/%s/%d/%s' % (v, y['topic'], y['durable'], y['shared'], y['key'][0] if y['key'] else '-',
                                              '-' if y['sel'] is None else y['sel'], y['cur'], joined(sorted(y['att']))) for v, y in sorted(r['subs'].items())]
        out += ['D/%s/%d/%d' % ((d,) + t) for d, t in sorted(r['temps'].items())]
        out += ['C/%s/%d' % c for c in sorted(r['clients'].items())]
        return out + ['Q/%s/%s' % (q, joined(sorted(a))) for q, a in sorted(r['atts'].items()) if a]

    def op(self, op):
        k = op[0]
        if k == 'MSG':
            return [k, self.message(op[1])]
        if k == 'ACK':
            return [k, op[1], int(op[3])] + sorted(op[2])
        if k in ('TAKE', 'COUNT', 'DROP'):
            return [k, op[1]] + sorted(op[2])
        if k == 'RETURN':
            return [k, op[1], op[2], op[3]] + sorted(op[4])
        if k == 'SUB':
            return [k, op[1], int(op[2]), int(op[3]), op[4][0] if op[4] else '-', '-' if op[5] is None else op[5]]
        if k == 'UNSUB':
            return [k, op[1][0]]
        if k == 'CLIENT':
            return [k, op[1], int(op[2])]
        if k == 'STAGE':
            return [k, op[1], op[2], op[4]] + [self.message(m) for m in op[5]]
        if k == 'PUT':
            return [k] + [self.entry(e) for e in op[1]]
        if k == 'CKPT':
            return [k] + self.registry(op[1])
        return list(op)     # DEFINE, DELETE, ATTACH, DETACH, LEAVE, APPLY, FORGET


def history(seed, steps, ring):
    w = World(Cfg(ring=ring, steps=steps))
    for s in make_steps(seed, steps):
        w.step(s)
    told, full, text = Told(), State(w.cfg), ['history %d' % seed]
    for r in w.log.recs:
        full.apply(r)
        crc = zlib.crc32('\n'.join(lines(full)).encode())
        text.append('r %d %08x %s' % (r.author, crc, ';'.join(' '.join(str(f) for f in told.op(op)) for op in r.ops)))
    text += ['m %d %d' % m for m in w.marksat[1:]]
    return text + ['s ' + line for line in lines(full)]


if __name__ == '__main__':
    args = [int(a) for a in sys.argv[1:]]
    for i in range(0, len(args), 3):
        print('\n'.join(history(*args[i:i + 3])))
