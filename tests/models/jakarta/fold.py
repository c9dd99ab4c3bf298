"""The log, the records, the fold rules and the bootstrap, as dev.belfry.jakarta.fold has them. No clock, no scheduler.

`cfg.holes` re-opens a rule as the first form of the design had it; `cfg.bugs` plants a mistake.
"""
SH = 1 << 16


def al(n):
    return (n + 7) & ~7


class M:
    """One message: immutable."""
    __slots__ = ('dest', 'serial', 'body', 'prio', 'exp', 'dtime', 'prod', 'color')

    def __init__(self, dest, serial, body, prio, exp, dtime, prod, color):
        self.dest, self.serial, self.body, self.prio = dest, serial, body, prio
        self.exp, self.dtime, self.prod, self.color = exp, dtime, prod, color

    def size(self):
        return 8 + 24 + 8 + al(self.body)


def is_temp(d):
    return d[1] == 't'


def is_topic(d):
    return d[0] == 't'


def op_size(op, cfg):
    k = op[0]
    if k == 'MSG':
        return op[1].size()
    if k in ('TAKE', 'ACK', 'COUNT', 'DROP'):
        return 16 + al(1 + 2 * len(op[2]))
    if k == 'RETURN':
        return 24 + al(1 + 2 * len(op[4]))
    if k == 'SUB':
        return 72
    if k in ('DEFINE', 'CLIENT', 'UNSUB'):
        return 40
    if k in ('DELETE', 'ATTACH', 'DETACH', 'LEAVE', 'FORGET'):
        return 16
    if k == 'APPLY':
        return 24
    if k == 'STAGE':
        return 32 + sum(m.size() for m in op[5])
    if k == 'PUT':
        return put_size(op[1], cfg)
    if k == 'CKPT':
        s = op[1]
        return 16 + 72 * len(s['subs']) + sum(8 * len(x['att']) for x in s['subs'].values()) + 32 * len(s['temps']) \
            + 32 * len(s['clients']) + sum(8 + 8 * len(a) for a in s['atts'].values())
    raise AssertionError(k)


def put_size(entries, cfg):
    if 'PUTFAT' in cfg.holes:       # first form: everything said once per message
        return sum(24 + 8 + 8 * len(e[3][1]) + 28 * len(e[4]) + e[2].size() for e in entries)
    n, last, states, but = 16, None, {}, {}
    for mid, author, m, need, st in entries:
        if last is None or last[0] != author or mid != last[1] + 1:
            n += 16                             # a new run: author, first mid, length
        last = (author, mid)
        for v in need[1]:
            but.setdefault(v, []).append(mid)   # one bitmap over the record for each view that is done with some of it
        n += m.size()
        for v, s in st.items():
            states.setdefault((v,) + s, []).append(mid)
    return n + al(len(but) * (4 + (len(entries) + 7) // 8)) + sum(24 + al(2 * len(x)) for x in states.values())


def rec_size(ops, cfg):
    return 32 + sum(op_size(o, cfg) for o in ops)


class Rec:
    __slots__ = ('pos', 'author', 'ops', 'size', 'off')


class Log:
    """Positions from 1; `off` counts bytes for ever. Bytes before the mark may be overwritten by later laps."""

    def __init__(self, ring):
        self.ring, self.recs, self.tail, self.mark, self.marks = ring, [], 0, 1, [1]

    def off(self, pos):
        return self.recs[pos - 1].off if pos <= len(self.recs) else self.tail

    def used(self):
        return self.tail - self.off(self.mark)

    def intact(self, pos):
        return pos > len(self.recs) or self.recs[pos - 1].off >= self.tail - self.ring

    def limit(self, reserve, cfg):
        if 'NORMALALL' in cfg.bugs:
            return self.ring
        return self.ring - {'NORMAL': self.ring // 4, 'SMALL': self.ring // 8, 'ALL': 0}[reserve]

    def room(self, size, reserve, cfg):
        return self.used() + size <= self.limit(reserve, cfg)

    def append(self, author, ops, reserve, cfg):
        size = rec_size(ops, cfg)
        if not self.room(size, reserve, cfg):
            return None
        r = Rec()
        r.pos, r.author, r.ops, r.size, r.off = len(self.recs) + 1, author, ops, size, self.tail
        self.recs.append(r)
        self.tail += size
        return r.pos

    def advance(self, pos):
        if pos > self.mark:
            self.mark = pos
            self.marks.append(pos)


class State:
    def __init__(self, cfg):
        self.cfg, self.pos, self.P = cfg, 0, 0
        self.msgs = {}      # mid -> [M, author, statement, {view: state}]
        self.subs = {}      # view id -> dict
        self.temps = {}     # dest -> (owner, defid)
        self.clients = {}   # id -> member
        self.atts = {}      # queue -> set of members
        self.staged = {}    # (owner, tx, seq) -> (base, [M], statement)
        self.left = set()   # only used by a planted mistake
        self.out = None

    # ---- what others ask
    def K(self):
        k = self.P or 1
        if 'KNOCKPT' in self.cfg.bugs:
            k = self.pos + 1
        for x in self.msgs.values():
            if x[2] < k:
                k = x[2]
        if 'KNOSTAGE' not in self.cfg.bugs:
            for x in self.staged.values():
                if x[2] < k:
                    k = x[2]
        return k

    def digest(self):
        return (tuple(sorted((m, x[2], tuple(sorted((repr(v), s) for v, s in x[3].items()))) for m, x in self.msgs.items())),
                tuple(sorted((v, repr(sorted((k, sorted(y) if isinstance(y, set) else y) for k, y in s.items()))) for v, s in self.subs.items())),
                tuple(sorted(self.temps.items())), tuple(sorted(self.clients.items())),
                tuple(sorted((q, tuple(sorted(a))) for q, a in self.atts.items() if a)),
                tuple(sorted((k, x[0], len(x[1]), x[2]) for k, x in self.staged.items())), self.P)

    def find(self, key):
        for v in self.subs:
            if self.subs[v]['key'] == key:
                return v
        return None

    def exclusive(self, v):
        return v in self.subs and not self.subs[v]['durable'] and not self.subs[v]['shared']

    # ---- helpers
    def gone(self, v, mid):
        x = self.msgs.get(mid)
        if x and v in x[3]:
            del x[3][v]
            if not x[3]:
                del self.msgs[mid]

    def end_view(self, v):
        self.subs.pop(v, None)
        for mid in [m for m, x in self.msgs.items() if v in x[3]]:
            self.gone(v, mid)

    def drop_dest(self, d):
        for mid in [m for m, x in self.msgs.items() if x[0].dest == d]:
            del self.msgs[mid]

    def end_temp(self, d):
        self.temps.pop(d, None)
        self.drop_dest(d)
        for v in [v for v, s in self.subs.items() if s['topic'] == d]:
            self.end_view(v)

    def views_for(self, mid, m):
        d = m.dest
        if is_temp(d):
            t = self.temps.get(d)
            if not t or (t[1] > mid and 'TEMPDEF' not in self.cfg.holes):
                return {}
        if not is_topic(d):
            return {d: ('A', 0, 0)}
        return {v: ('A', 0, 0) for v in self.subs if self.wants(v, mid, d) or
                ('LATESUB' in self.cfg.bugs and m.dtime and self.subs[v]['topic'] == d)}

    def wants(self, v, mid, d):
        """Subscribed before, and the cursor of the newest checkpoint is not beyond it."""
        s = self.subs[v]
        return s['topic'] == d and v < mid and s['cur'] < mid

    def add(self, mid, m, author, st):
        views = self.views_for(mid, m)
        if views:
            self.msgs[mid] = [m, author, st, views]

    # ---- the fold
    def apply(self, rec, reg=True):
        """reg False: before the checkpoint P of a bootstrap: operations have only their effect on messages."""
        self.pos, x, cfg = rec.pos, rec.author, self.cfg
        self.out = []
        idx, opi = 0, 0
        if 'LEFTSET' in cfg.bugs and x in self.left:
            return
        for op in rec.ops:
            opi += 1
            k = op[0]
            # An id that is made after APPLY could be below the mids of its messages: such a record is damaged.
            assert k not in ('SUB', 'DEFINE') or 'APPLY' not in [o[0] for o in rec.ops[:opi]]
            if k == 'MSG':
                self.add(rec.pos * SH + idx, op[1], x, rec.pos)
                idx += 1
            elif k in ('TAKE', 'ACK', 'COUNT', 'DROP', 'RETURN'):
                self.message_op(op, k, x)
            elif k == 'DEFINE':
                if reg and op[1] not in self.temps:
                    self.temps[op[1]] = (x, rec.pos * SH + opi)
            elif k == 'DELETE':
                d = op[1]
                if not is_temp(d):
                    self.drop_dest(d)
                elif reg and d in self.temps and self.temps[d][0] == x:
                    self.end_temp(d)
            elif k == 'SUB':
                if reg:
                    self.out.append(self.subscribe(op, x, rec.pos * SH + opi))
            elif k == 'ATTACH':
                if reg:
                    self.atts.setdefault(op[1], set()).add(x)
            elif k == 'DETACH':
                if reg:
                    self.detach(op[1], x)
            elif k == 'UNSUB':
                if reg:
                    v = self.find(op[1])
                    s = self.subs.get(v)
                    held = 'UNSUB' in cfg.holes and any(y[3].get(v, 'A')[0] == 'T' for y in self.msgs.values())
                    if s and s['durable'] and not s['att'] and not held:
                        self.end_view(v)
            elif k == 'CLIENT':
                if reg:
                    if op[2]:
                        self.clients.setdefault(op[1], x)
                    elif self.clients.get(op[1]) == x:
                        del self.clients[op[1]]
            elif k == 'LEAVE':
                self.leave(op[1], reg)
            elif k == 'STAGE':
                self.staged[(op[1], op[2], op[3])] = (op[4], op[5], rec.pos)
            elif k == 'APPLY':
                keys = sorted(q for q in self.staged if q[0] == x and q[1] == op[1])
                for q in keys:
                    base, ms, st = self.staged.pop(q)
                    for i, m in enumerate(ms):
                        at = idx + i if 'STAGEIDX' in cfg.holes else base + i
                        self.add(rec.pos * SH + at, m, x, st)
                    if 'STAGEIDX' in cfg.holes:
                        idx += len(ms)
                if 'STAGEIDX' not in cfg.holes:
                    idx = op[2]
            elif k == 'FORGET':
                for q in [q for q in self.staged if q[0] == x and q[1] == op[1]]:
                    del self.staged[q]
            elif k == 'PUT':
                for e in op[1]:
                    self.put(e, rec.pos)
            elif k == 'CKPT':
                self.P = rec.pos
                for v, s in op[1]['subs'].items():
                    if v in self.subs:
                        self.subs[v]['cur'] = s['cur']
            else:
                raise AssertionError(k)

    def message_op(self, op, k, x):
        v, bugs = op[1], self.cfg.bugs
        if k == 'ACK' and op[3]:        # up to: exclusive views only
            if self.exclusive(v) and x in self.subs[v]['att']:
                for mid in [m for m, y in self.msgs.items() if v in y[3] and m <= op[2][0]]:
                    self.gone(v, mid)
            return
        for mid in (op[4] if k == 'RETURN' else op[2]):
            e = self.msgs.get(mid)
            s = e and e[3].get(v)
            if not s:
                continue
            mine = s[0] == 'T' and s[1] == x
            if k == 'TAKE':
                if s[0] == 'A':
                    e[3][v] = ('T', x, s[1])
            elif k == 'ACK':
                if mine or (self.exclusive(v) and x in self.subs[v]['att']) or 'ACKANY' in bugs:
                    self.gone(v, mid)
            elif k == 'COUNT':
                if mine:
                    e[3][v] = ('T', x, s[2] + 1)
            elif k == 'RETURN':
                if mine:
                    e[3][v] = ('A', s[2] + op[3], op[2])
            elif k == 'DROP':
                if s[0] == 'A' or 'DROPANY' in bugs:
                    self.gone(v, mid)

    def subscribe(self, op, x, vid):
        _, topic, durable, shared, key, sel = op
        v = self.find(key) if key else None
        new = dict(topic=topic, durable=durable, shared=shared, key=key, sel=sel, att={x}, cur=0)
        if is_temp(topic) and topic not in self.temps:
            return ('INVALID', None)
        if v is None:
            self.subs[vid] = new
            return ('CREATED', vid)
        s = self.subs[v]
        if s['shared'] != shared:
            return ('MISMATCH', v)
        if (s['topic'], s['sel']) == (topic, sel):
            if shared or not s['att']:
                s['att'].add(x)
                return ('ATTACHED', v)
            return ('IN_USE', v)
        if s['att']:
            return ('IN_USE', v)
        self.end_view(v)
        self.subs[vid] = new
        return ('CREATED', vid)

    def detach(self, v, x):
        if not isinstance(v, int):
            self.atts.get(v, set()).discard(x)
            return
        s = self.subs.get(v)
        if s and x in s['att']:
            s['att'].discard(x)
            if not s['att'] and not s['durable']:
                self.end_view(v)

    def leave(self, y, reg):
        bugs = self.cfg.bugs
        if 'LEFTSET' in bugs:
            self.left.add(y)
        if 'LEAVEHOLDS' not in bugs:
            for e in self.msgs.values():
                for v, s in e[3].items():
                    if s[0] == 'T' and s[1] == y:
                        e[3][v] = ('A', s[2] + (0 if 'DEATHNOCOUNT' in bugs else 1), 0)
        if 'LEAVESTAGE' not in bugs:
            for q in [q for q in self.staged if q[0] == y]:
                del self.staged[q]
        if not reg:
            return
        if 'LEAVEATT' not in bugs:
            for v in list(self.subs):
                self.detach(v, y)
            for a in self.atts.values():
                a.discard(y)
        if 'LEAVETEMP' not in bugs:
            for d in [d for d, t in self.temps.items() if t[0] == y]:
                self.end_temp(d)
        if 'LEAVECLIENT' not in bugs:
            for c in [c for c, m in self.clients.items() if m == y]:
                del self.clients[c]

    def put(self, e, pos):
        mid, author, m, need, st = e
        if is_topic(m.dest):
            alls = {v for v in self.subs if self.wants(v, mid, m.dest)}
            named = alls - set(need[1]) if need[0] == 'but' else alls & set(need[1])
        else:
            named = {m.dest}
            if is_temp(m.dest) and m.dest not in self.temps and 'PUTTEMP' not in self.cfg.holes:
                named = set()
        if not named:
            self.msgs.pop(mid, None)
            return
        self.msgs[mid] = [m, author, pos, {v: st.get(v, ('A', 0, 0)) for v in named}]

    # ---- restating: what a keeper writes of this state
    def entry(self, mid):
        m, author, _, views = self.msgs[mid]
        need = ('these', ())
        if is_topic(m.dest):
            alls = {v for v in self.subs if self.wants(v, mid, m.dest)}
            need = ('but', tuple(sorted(alls - set(views))))
        return (mid, author, m, need, {v: s for v, s in views.items() if s != ('A', 0, 0)})

    def registry(self):
        cp = lambda d: {k: (set(v) if isinstance(v, set) else v) for k, v in d.items()}
        r = dict(subs={v: cp(s) for v, s in self.subs.items()}, temps=dict(self.temps), clients=dict(self.clients),
                 atts={} if 'CKPTATT' in self.cfg.holes else {q: set(a) for q, a in self.atts.items() if a})
        for v, s in r['subs'].items():      # all of the topic up to here is done
            s['cur'] = min([m for m, e in self.msgs.items() if v in e[3]], default=(self.pos + 1) * SH) - 1
        if 'CKPTWEAK' in self.cfg.bugs:
            r['clients'] = {}
        return r

    def load(self, r):
        cp = lambda d: {k: (set(v) if isinstance(v, set) else v) for k, v in d.items()}
        self.subs = {v: cp(s) for v, s in r['subs'].items()}
        self.temps, self.clients = dict(r['temps']), dict(r['clients'])
        self.atts = {q: set(a) for q, a in r['atts'].items()}


def full(log, p, cfg):
    s = State(cfg)
    for r in log.recs[:p]:
        s.apply(r)
    return s


def bootstrap(log, mark, p, cfg, start2=None):
    """Pass 1 finds the last checkpoint P in [mark, p]; pass 2 folds from the same mark."""
    P = 0
    for pos in range(p, mark - 1, -1):
        if log.recs[pos - 1].ops[0][0] == 'CKPT':
            P = pos
            break
    s = State(cfg)
    if P:
        s.load(log.recs[P - 1].ops[0][1])
    elif mark != 1 and 'KNOCKPT' not in cfg.bugs:
        raise AssertionError('no checkpoint after the mark')
    for pos in range(start2 or mark, p + 1):
        s.apply(log.recs[pos - 1], reg=pos > P)
    s.pos = p
    return s
