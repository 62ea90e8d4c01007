"""Clients that a daemon on an open network gets, for load_bench.py."""

import json
import random
import resource
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time

# The beginning of an HTTP/2 connection: preface, empty SETTINGS, and HEADERS that claim 16 KiB.
OPENING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000" "004000010000000001")
TICK_SECONDS = 0.1


def allow_files(count):
    """To this process and to the daemons that it starts, as deploy/m2ttsd.service does: shells often allow 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < count:
        wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class RawConnections:
    """TCP connections until the end of its `with`: `idle` that say nothing, `slow` that say what HTTP/2 expects, a byte
    each tick, and `noisy` that say 4 KiB of anything at each tick. Those that the daemon closes are opened again."""

    def __init__(self, address, idle, slow, noisy):
        host, _, port = address.rpartition(":")
        self.address = (host.strip("[]"), int(port))
        self.numbers = {"idle": idle, "slow": slow, "noisy": noisy}
        self.random = random.Random(1)
        self.said = {}  # socket -> bytes, of the slow ones
        self.closed = 0
        self.stop = threading.Event()
        self.selector = selectors.DefaultSelector()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        for kind, number in self.numbers.items():
            for _ in range(number):
                self.add(socket.create_connection(self.address, timeout=10), kind)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            self.close(key.fileobj)
        self.selector.close()

    def add(self, connection, kind):
        connection.setblocking(False)
        self.selector.register(connection, selectors.EVENT_READ, kind)

    def close(self, connection):
        self.selector.unregister(connection)
        self.said.pop(connection, None)
        connection.close()

    def open_again(self, connection, kind):
        self.closed += 1
        self.close(connection)
        new = socket.socket(connection.family)
        self.add(new, kind)
        new.connect_ex(self.address)  # what comes of it shows when it is read

    def run(self):
        while not self.stop.is_set():
            began = time.monotonic()
            for key, _ in self.selector.select(timeout=0):
                try:
                    ended = not key.fileobj.recv(1 << 16)
                except BlockingIOError:
                    ended = False
                except OSError:
                    ended = True
                if ended:
                    self.open_again(key.fileobj, key.data)
            for key in list(self.selector.get_map().values()):
                if key.data != "idle":
                    self.talk(key.fileobj, key.data)
            self.stop.wait(max(0.0, began + TICK_SECONDS - time.monotonic()))

    def talk(self, connection, kind):
        if kind == "noisy":
            words = self.random.randbytes(4096)
        else:
            said = self.said[connection] = self.said.get(connection, 0) + 1
            words = OPENING[said - 1:said] or b"\0"
        try:
            connection.send(words)
        except BlockingIOError:
            pass
        except OSError:
            self.open_again(connection, kind)


class CancelFlood:
    """`m2tts bench` that cancels whatever it asks for, until the end of its `with`; then its result."""

    def __init__(self, client, *options):
        self.result = {}
        self.process = subprocess.Popen(client.command + ["bench", "--json", "-d", "3600", "--cancel", "1",
                                                          *map(str, options)], stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, error, *_):
        self.process.send_signal(signal.SIGINT)  # it sums up what it has
        output, _ = self.process.communicate(timeout=60)
        if error is None:
            if self.process.returncode != 0:
                sys.exit(f"load_bench: the flood of cancels ended with {self.process.returncode}")
            self.result = json.loads(output)
