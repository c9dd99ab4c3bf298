#!/usr/bin/env python3
"""Reads queues of Belfry: a pattern for readers in other languages, written from docs/protocol.md, whose words it uses.

    belfry.py               lists the queues of this machine
    belfry.py QUEUE [N]     prints its messages, up to position N or for ever, each as a line of JSON

It has no handle and no slot, and maps all memory read-only. So no process notices it, none waits for it or wakes it: it
polls. Missed messages and growth of the ring are told on stderr. The exit code is 1 if there is no such queue, or it may
not be read or needs a newer reader; 2 if it is damaged, or no queue.

It is for x86-64, which keeps loads in order. On other processors a load fence belongs where a comment says "fence".
"""
import base64, json, mmap, os, re, signal, stat, struct, sys, time

SHM, PREFIX, NAME = "/dev/shm", "belfry.", re.compile(r"(\.file\.)?[A-Za-z0-9_-][A-Za-z0-9._-]*")
MAGIC, VERSION = 0x31_59_52_46_4C_45_42, 3
HEADER_SIZE, REGIONS, REGION_SIZE, REGIONS_END = 4096, 1152, 32, 2176
TAIL, COUNT, GATE_POS, GATE = 384, 392, 512, 520                # words of the header
DOMAIN, HISTORY = 2, 1                                          # a kind of queue; a feature to read
TRAILERS, KNOWN_FLAGS = 4, 31                                   # creation flags
DATA, HOP, FIRST_SKIPPABLE = 1, 2, 8                            # types of records
PROPERTIES, SYSTEM_BLOCK = 1, 2                                 # flags of records
NUMBERS = {1: "<?", 2: "<b", 3: "<h", 4: "<i", 5: "<q", 6: "<f", 7: "<d"}   # types of properties
TEXT = 8
STAMPS, CAPACITIES = 1 << 24, {1 << n for n in range(12, 31)}


class Refused(Exception):
    """It cannot be read, and nothing is wrong with it."""


class Damaged(Exception):
    """Bytes that no release can have written."""


def require(right, what):
    if not right:
        raise Damaged(what)


def tell(what):
    print(what, file=sys.stderr, flush=True)


def nearest(stamp, hint):
    """The number nearest to the hint that ends in this stamp."""
    return hint + (stamp - hint + STAMPS // 2) % STAMPS - STAMPS // 2


class Memory:
    """A part of the file. A word is one load of 8 bytes, so it is never torn; struct's "<q" would be eight loads."""

    def __init__(self, fd, place, length, base=0):
        self.bytes = memoryview(mmap.mmap(fd, length, mmap.MAP_SHARED, mmap.PROT_READ, offset=place))
        self.longs, self.base, self.length = self.bytes.cast("Q"), base, length

    def long(self, offset):
        return self.longs[(offset - self.base) % self.length >> 3]

    def int(self, offset):
        return self.long(offset & ~7) >> (offset & 4) * 8 & 0xFFFFFFFF

    def copy(self, offset, length):
        """What wraps is put together. A reader that can map a region twice in a row finds it in one range."""
        begin = (offset - self.base) % self.length
        first = self.bytes[begin:begin + length].tobytes()
        return first + self.bytes[:length - len(first)].tobytes()


class Queue:
    """The file, its header, and those regions that were needed so far."""

    def __init__(self, name):
        self.name = name
        try:
            self.fd = os.open(f"{SHM}/{PREFIX}{name}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as e:
            raise Refused(e.strerror) from None
        status = os.fstat(self.fd)
        require(stat.S_ISREG(status.st_mode) and status.st_size >= HEADER_SIZE, "no queue, or one that was cut off")
        self.header, self.rings = Memory(self.fd, 0, HEADER_SIZE), {}
        require(self.header.long(0) == MAGIC, "no queue: it does not begin as one")
        if self.header.int(8) != VERSION:
            raise Refused(f"has layout {self.header.int(8)}, this program reads {VERSION}")
        self.require_understood()
        self.kind, self.flags, self.first = self.header.int(12), self.header.long(104), self.header.long(56)
        capacity, most = self.header.long(80), self.header.long(88)
        require({capacity, most} <= CAPACITIES and capacity <= most, "impossible capacities")
        require(HEADER_SIZE < self.first <= status.st_size - capacity, "impossible lengths of header and file")
        self.longest = most // 4 + 256                          # of a frame

    def require_understood(self):
        """Asked again with each record: a feature may be raised in a queue that is in use, and nobody counts us."""
        kind, flags, features = self.header.int(12), self.header.long(104), self.header.long(16)
        require(1 <= kind <= 255, f"kind of queue {kind}")
        if kind > DOMAIN or flags & ~KNOWN_FLAGS or features & ~HISTORY:
            raise Refused(f"needs a newer reader: kind {kind}, creation flags {flags:x}, features {features:x}")

    def offset(self, at):
        offset = self.header.long(at)
        require(offset < 1 << 63 and offset % 8 == 0, f"the word at {at} is {offset}")
        return offset

    def ring(self, offset):
        """Of an offset that the log has come to: the last region whose base is at or below it."""
        found = None
        for at in range(REGIONS, REGIONS_END, REGION_SIZE):
            base = self.header.long(at + 16)                    # read before place and capacity, which it makes valid
            if base <= offset:
                found = base, self.header.long(at), self.header.long(at + 8)
        require(found, f"no region holds offset {offset}")
        if found not in self.rings:
            base, place, capacity = found
            size = os.fstat(self.fd).st_size                    # a load beyond it would be SIGBUS
            require(capacity in CAPACITIES and place % 65536 == 0 and self.first <= place <= size - capacity,
                    f"impossible region at {place} of {capacity} bytes")
            self.rings[found] = Memory(self.fd, place, capacity, base)
        return self.rings[found]

    def oldest(self):
        """Where the log begins, and the position there. Believed if the gate has not moved meanwhile."""
        while True:
            hint, gate = self.header.long(GATE_POS), self.offset(GATE)
            position = nearest(self.ring(gate).long(gate) >> 40, hint)
            if self.offset(GATE) == gate and self.header.long(GATE_POS) == hint:    # fence
                require(0 < position <= self.header.long(COUNT) + STAMPS // 2, f"message {position} at the gate")
                return gate, position


class Observer:
    """Reads from the oldest message on. The gate may pass it: then it says so, and goes on at what is the oldest."""

    def __init__(self, queue):
        self.queue = queue
        self.move_to(*queue.oldest())

    def move_to(self, cursor, expected):
        self.cursor, self.expected, self.ring = cursor, expected, self.queue.ring(cursor)

    def step(self, handler):
        """One step in the log, which may give handler a message. False: there is nothing yet."""
        queue, cursor = self.queue, self.cursor
        tail, word = queue.offset(TAIL), self.ring.long(cursor)     # the tail first: it is stored after the word
        length, type, flags, stamp = word & 0xFFFFFFFF, word >> 32 & 15, word >> 36 & 15, word >> 40
        fits = 8 <= length <= queue.longest and length <= self.ring.length - 8
        payload = self.ring.copy(cursor + 8, length - 8) if type == DATA and fits else b""
        queue.require_understood()                                                  # fence
        if queue.offset(GATE) > cursor:                         # all that was read may be of a later lap
            before = self.expected
            self.move_to(*queue.oldest())
            require(self.expected >= before, f"message {self.expected} is at the gate, after {before}")
            tell(f"missed {self.expected - before} messages: overwritten before they were read")
            return True
        if length == 0:
            require(tail <= cursor, f"no message at {cursor}, and the log goes on to {tail}")
            return False
        require(stamp == self.expected % STAMPS, f"the record at {cursor} is not number {self.expected}")
        if type == HOP and length == 8:
            self.move_to(cursor + 8, self.expected)
            require(self.ring.base == cursor + 8, f"a HOP to {cursor + 8}, where no region begins")
            tell(f"the ring has grown to {self.ring.length} bytes")
            return True
        require(fits and (type == DATA or type >= FIRST_SKIPPABLE), f"a record of type {type} and length {length}")
        self.cursor += length + 7 & ~7
        if type == DATA:
            self.expected += 1
            handler(self.expected - 1, flags, payload)
        return True


def decoded(encoded):
    """Properties by name. Names are not judged; a value of a type that is not known is left out."""
    found, at = {}, 2
    for _ in range(struct.unpack_from("<H", encoded)[0]):
        type, length = struct.unpack_from("<BH", encoded, at)
        name, at = encoded[at + 3:at + 3 + length].decode("utf-8", "replace"), at + 3 + length
        if type in NUMBERS:
            value, at = struct.unpack_from(NUMBERS[type], encoded, at)[0], at + struct.calcsize(NUMBERS[type])
            found[name] = value if value - value == 0 else str(value)   # JSON has no NaN, and no infinity
            continue
        require(type >= TEXT, "a property of type 0")
        length, at = struct.unpack_from("<I", encoded, at)[0], at + 4
        if type == TEXT:
            found[name] = encoded[at:at + length].decode("utf-8", "replace")
        at += length
    require(at == len(encoded), "properties that do not fill their block")
    return found


def show(position, flags, payload):
    if flags & ~(PROPERTIES | SYSTEM_BLOCK):                    # where its body begins is not known
        return tell(f"message {position} needs a newer reader: flags {flags:x}")
    message, at = {"position": position}, 0
    try:
        if flags & SYSTEM_BLOCK:
            message["timestamp"], at = struct.unpack_from("<q24x", payload)[0], 32
        if flags & PROPERTIES:
            length, begin = struct.unpack_from("<I", payload, at)[0], at + 8
            at = begin + (length + 7 & ~7)
            message["properties"] = decoded(payload[begin:begin + length]) if length else {}
        require(at <= len(payload), f"message {position} ends before its body")
        message["body"] = payload[at:].decode()
    except struct.error:
        raise Damaged(f"message {position} ends before its properties do") from None
    except UnicodeDecodeError:
        message["bodyBase64"] = base64.b64encode(payload[at:]).decode()
    print(json.dumps(message, separators=(",", ":")), flush=True)


def follow(queue, until):
    if queue.kind == DOMAIN or queue.flags & TRAILERS:
        raise Refused("can be listed only: a domain, or a queue of file:")
    observer = Observer(queue)
    while observer.expected <= until:
        removed = os.fstat(queue.fd).st_nlink == 0              # asked before the last look
        if not observer.step(show):
            if removed:
                raise Refused("was removed")
            time.sleep(0.002)


def describe(queue):
    kind = ("domain" if queue.kind == DOMAIN else "queue") + (" of file:" if queue.flags & TRAILERS else "")
    print(f"{queue.name}: {kind}, newest position {queue.header.long(COUNT)}, "
          f"ring of {queue.ring(queue.offset(TAIL)).length} bytes")


def code(name, action, *more):
    try:
        action(Queue(name), *more)
        return 0
    except Refused as e:
        tell(f"{name}: {e}")
        return 1
    except (Damaged, ValueError, OSError) as e:                 # of mmap: another process has just cut the file
        tell(f"{name}: damaged: {e}")
        return 2


def main(name=None, until=sys.maxsize):
    for end in signal.SIGINT, signal.SIGPIPE:                   # they end it without a trace
        signal.signal(end, signal.SIG_DFL)
    if name:
        return code(name.removeprefix("shm:"), follow, int(until))
    names = [file[len(PREFIX):] for file in sorted(os.listdir(SHM)) if file.startswith(PREFIX)]
    return max([code(name, describe) for name in names if NAME.fullmatch(name)], default=0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
