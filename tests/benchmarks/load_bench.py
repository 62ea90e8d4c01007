#!/usr/bin/env python3
"""Puts loads on the built m2ttsd and prints how it bears them. Run by `make bench`.

All by `m2tts bench`, with requests of 100 characters as 16-bit PCM unless said otherwise:
  idle        one client, one request after the other: first audio
  overhead    the same, one sentence again and again, beside the bare synthesizer of synthesis_bench with the same
              sentence, in turns: from the request to its last sample. The device's own time for it is told, too
  lengths     one client, texts of 50 and of 5000 characters, in turns: first audio. Once as prose, the long ones
              beginning with the sentence that the short ones are; once as words without any punctuation
  saturation  1 to 64 clients in a closed loop: audio seconds and complete requests a second; the most of
              these is the capacity. Useful computing is the device's time of /metrics, or the processor time of
              its lanes where that is less: lanes that wait for a processor have windows in hand, too
  80 %        independent users (Poisson, open loop) who ask for 80 % of the capacity: first audio
  overload    ten times the capacity, and the number of clients that had the most audio a second, in turns: first
              audio of what is accepted, what is completed, what is refused
  idle streams  so many live answers that say nothing, beside one client: what each costs in the daemon
  cancelled   requests of 1000 characters that are cancelled after a few chunks: from the cancellation to the
              end of the last window that the device computed, as the daemon measures it
  hostile     users (open loop) who ask for 20 % of the capacity, without and beside hostile clients, in turns: first
              audio. The hostile ones are 1000 TCP connections that say nothing, some that dribble bytes, some that
              say anything, and 8 requests at a time under a name of their own, cancelled as above, the next at once
The load generator runs on the same machine and takes its share of it: goals are of all cores, and beside them
stands what comes of those that it leaves. Measure when nothing else runs. Exits with 1 when a goal is
missed, unless told --no-goals.
"""

import argparse
import json
import math
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import threading

from bench import HERE, Client, Daemon
from goals import Row, add_no_goals, exit_code, missed, print_missed, print_table
from hostile_clients import CancelFlood, RawConnections, allow_files

CLIENTS = (1, 2, 4, 8, 16, 64)
SPEECH = ("--lengths", 100, "--encoding", "pcm16")
SHORT, LONG = 50, 5000  # characters
HOSTILE_LOAD = 0.2  # of the capacity, by the others


class PeakMemory:
    """The largest resident size that the daemon shows during its `with`."""

    def __init__(self, daemon, every_seconds=0.2):
        self.daemon, self.every_seconds, self.bytes = daemon, every_seconds, 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def look(self):
        self.bytes = max(self.bytes, self.daemon.metrics()["m2tts_resident_memory_bytes"])

    def watch(self):
        while not self.stop.wait(self.every_seconds):
            self.look()

    def __enter__(self):
        self.look()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def measure_saturation(daemon, client, clients, seconds):
    """A closed loop, and how much of the machine the daemon used in it."""
    cpu, threads = daemon.cpu_seconds(), daemon.thread_seconds()
    device = daemon.metrics()["m2tts_device_seconds_total"]
    with PeakMemory(daemon) as peak:
        result = client.bench("-c", clients, "-d", seconds, "--warm-up", 0, *SPEECH)
    # The lanes are the threads that compute most: one a core.
    busy = sorted(end - threads.get(thread, 0) for thread, end in daemon.thread_seconds().items())
    result["lane_cores"] = sum(busy[-os.cpu_count():]) / result["seconds"] if busy else math.inf
    result["cpu_cores"] = (daemon.cpu_seconds() - cpu) / result["seconds"]
    result["device_cores"] = (daemon.metrics()["m2tts_device_seconds_total"] - device) / result["seconds"]
    result["peak_rss_bytes"] = peak.bytes
    return result


def texts(characters, plain):
    """A text a line, of so many characters at most; the lines begin as those of any other length do."""
    prose = (HERE / "sentences.txt").read_text()
    sentences = (re.sub(r"[^\w\s]", "", prose).lower() if plain else prose).splitlines()
    for i, sentence in enumerate(sentences):
        text = sentence[:SHORT].rpartition(" ")[0].rstrip(",") + ("" if plain else ".")
        if characters > SHORT:
            text = " ".join([text, *(sentences[i + 1:] + sentences[:i + 1]) * 5])[:characters].rpartition(" ")[0]
        yield text


def measure_lengths(client, folder, rounds=5):
    """The first audio of all rounds, by kind of text and by its length."""
    results = {}
    for _ in range(rounds):
        for kind in ("prose", "plain"):
            for characters in (SHORT, LONG):
                file = folder / "lengths.txt"
                file.write_text("\n".join(texts(characters, kind == "plain")) + "\n")
                # Cancelled after a few chunks: the rest of a long text would only take time.
                result = client.bench("-c", 1, "-n", 80, "-f", file, "--cancel", 1, "--encoding", "pcm16")
                results.setdefault(kind, {}).setdefault(str(characters), []).append(result)
    return results


def measure_overhead(client, bare_binary, folder, rounds=41):
    """Milliseconds of a whole sentence, by the daemon and by the bare synthesizer: medians of the rounds. What the
    daemon adds is compared within a round, as machines change their speed between two: many short ones."""
    bare, served, device, factors = [], [], [], []
    text = folder / "overhead.txt"
    for _ in range(rounds):
        output = subprocess.run([bare_binary, "--json", "--first", "--seconds", "0.3"], stdout=subprocess.PIPE, check=True)
        sentence = json.loads(output.stdout)["sentences"][0]
        factors.append(sentence["rtf"])
        bare.append(1e3 * sentence["rtf"] * sentence["audio_seconds"])
        text.write_text(sentence["text"] + "\n")
        result = client.bench("-c", 1, "-n", 15, "-f", text, "--encoding", "pcm16")
        served.append(result["total_ms"]["p50"])
        device.append(1e3 * result["rtf"] * sentence["audio_seconds"])
    return {"bare_ms": statistics.median(bare), "served_ms": statistics.median(served),
            "device_ms": statistics.median(device), "bare_rtf": statistics.median(factors),
            "added_ms": statistics.median(map(lambda s, b: s - b, served, bare)),
            "added_share": statistics.median(map(lambda s, b: (s - b) / b, served, bare)),
            "beside_device_ms": statistics.median(map(lambda s, d: s - d, served, device))}


def cores_left(result, cores):
    """To the daemon, by the load generator."""
    return cores - result["cpu_seconds"] / result["seconds"]


def measure(daemon, client, seconds):
    results = {"idle": client.bench("-c", 1, "-n", 300, *SPEECH),
               "saturation": {n: measure_saturation(daemon, client, n, seconds) for n in CLIENTS}}
    capacity = max(result["requests_per_s"] for result in results["saturation"].values())
    results["capacity_requests_per_s"] = capacity
    results["busy"] = client.bench("-r", 0.8 * capacity, "-d", 2 * seconds, *SPEECH)
    results["overload"] = measure_overload(client, results["saturation"], 10 * capacity, seconds)
    results["cancelled"] = client.bench("-c", 4, "-n", 400, "--cancel", 1, "--lengths", 1000, "--encoding", "pcm16",
                                        "--metrics", daemon.metrics_address)
    return results


def audio_per_second(result):
    return result["throughput_audio_s_per_s"]


def measure_overload(client, saturation, rate, seconds, rounds=3):
    """Rounds of the most that the daemon computes, and of many more requests: machines change their speed."""
    best = max(saturation, key=lambda clients: audio_per_second(saturation[clients]))
    return [{"most": client.bench("-c", best, "-d", seconds, "--warm-up", 0, *SPEECH),
             "beyond": client.bench("-r", rate, "-d", seconds, "--connections", 4, *SPEECH)} for _ in range(rounds)]


def measure_idle_streams(client, count):
    return client.bench("-c", 1, "-n", 100, "--idle-streams", count, "--connections", 4, *SPEECH)


def measure_hostile(daemon_binary, client_binary, folder, rate, seconds, rounds=3):
    """Rounds of the others' load, without and beside."""
    tokens = folder / "tokens"
    with open(tokens, "wb") as lines:
        for name in ("others", "hostile"):
            subprocess.run([daemon_binary, "hash-token", name, "--generate", folder / name], stdout=lines, check=True)
    allow_files(4096)
    results = []
    with Daemon(daemon_binary, folder, settings=f"auth: {{tokens: {tokens}}}") as daemon:
        others, hostile = (Client(client_binary, daemon.address, "--token-file", folder / name)
                           for name in ("others", "hostile"))
        for seed in range(1, rounds + 1):
            def load():
                return others.bench("-r", rate, "-d", 2 * seconds, "--load-seed", seed, *SPEECH)

            without = load()  # in turns: machines change their speed
            with (RawConnections(daemon.address, idle=1000, slow=8, noisy=4) as raw,
                  CancelFlood(hostile, "-c", 8, "--lengths", 1000, "--encoding", "pcm16") as flood):
                beside = load()
            results.append({"without": without, "beside": beside, "flood": flood.result, "closed": raw.closed})
    return results


def first_audio(result):
    times = result["ttfa_ms"]
    return (f"p50 {times['p50']:.1f}, p90 {times['p90']:.1f}, p99 {times['p99']:.1f}, "
            f"p99.9 {times['p99_9']:.1f} ms of {times['count']}")


def idle_rows(results):
    idle = results["idle"]["ttfa_ms"]
    yield Row("first audio, idle, p50", idle["p50"], "{:.1f} ms", "<=", 15, note=first_audio(results["idle"]))
    yield Row("first audio, idle, p99", idle["p99"], "{:.1f} ms", "<=", 30)
    overhead = results["overhead"]
    yield Row("overhead of the daemon", 100 * overhead["added_share"], "{:+.1f} %", "<=", 5,
              beside="of bare",
              note=f"{overhead['served_ms']:.2f} ms from request to last sample, of which "
                   f"{overhead['beside_device_ms']:.2f} beside the device; {overhead['bare_ms']:.2f} ms in the bare synthesizer")
    yield Row("overhead of the daemon, in time", overhead["added_ms"], "{:+.2f} ms", "<=", 1)
    for kind, what in (("prose", "prose"), ("plain", "words without punctuation")):
        short, long = ([result["ttfa_ms"]["p50"] for result in results["lengths"][kind][str(characters)]]
                       for characters in (SHORT, LONG))
        yield Row(f"first audio of {LONG} characters, {kind}", statistics.median(map(lambda s, l: l / s, short, long)),
                  "{:.2f} x", "<=", 1.2, f"that of {SHORT}",
                  f"{what}; p50 {statistics.median(long):.1f} and {statistics.median(short):.1f} ms")


def saturation_rows(results):
    saturation = results["saturation"]
    alone, full = (audio_per_second(saturation[clients]) for clients in (CLIENTS[0], CLIENTS[-1]))
    for clients, result in saturation.items():
        yield Row(f"audio a second, {clients} clients", audio_per_second(result), "{:.0f} s",
                  note=f"{result['requests_per_s']:.1f} requests/s, {result['cpu_cores']:.2f} cores, first audio p99 "
                       f"{result['ttfa_ms']['p99']:.0f} ms, {1e-6 * result['rss_bytes']:.0f} MB, "
                       f"{result['refused']} refused")
    yield Row(f"audio a second, {CLIENTS[-1]} beside 1", full / alone, "{:.2f} x", ">=", 1.7, "1 client")
    result = saturation[CLIENTS[-1]]
    device, lanes, daemon = (100 * result[key] / results["cores"]
                             for key in ("device_cores", "lane_cores", "cpu_cores"))
    bare = 100 * full * results["overhead"]["bare_rtf"] / results["cores"]
    left = cores_left(result, results["cores"])
    useful = min(device, lanes)
    yield Row(f"useful computing, {CLIENTS[-1]} clients", useful, "{:.0f} %", ">=", 90,
              f"of {results['cores']} cores",
              f"device's time {device:.0f} %, processor time of its lanes {lanes:.0f} %, of the daemon {daemon:.0f} %; "
              f"the bare synthesizer alone would take {bare:.0f} % for that audio; the load generator leaves "
              f"{left:.2f} cores, of which this is {useful * results['cores'] / left:.0f} %")
    yield Row(f"resident memory, {CLIENTS[-1]} clients, peak", 1e-6 * result["peak_rss_bytes"], "{:.0f} MB", "<=", 400)


def overload_rows(results):
    idle, busy, rounds = (results[key] for key in ("idle", "busy", "overload"))
    beyond = [r["beyond"] for r in rounds]

    def p99(result):
        return result["ttfa_ms"]["p99"]

    def total(key):
        return sum(result[key] for result in beyond)

    share = 100 * statistics.median(audio_per_second(r["beyond"]) / audio_per_second(r["most"]) for r in rounds)
    audio = statistics.median(map(audio_per_second, beyond))
    left, most_left = (statistics.median(cores_left(r[key], results["cores"]) for r in rounds)
                       for key in ("beyond", "most"))
    yield Row("first audio at 80 % of capacity, p99", p99(busy) / p99(idle), "{:.1f} x", "<=", 3, "idle",
              f"{busy['offered_per_s']:.1f} requests/s; {first_audio(busy)}")
    yield Row("first audio at 10 x capacity, p99",
              statistics.median(map(p99, beyond)) / p99(results["saturation"][CLIENTS[-1]]), "{:.2f} x", "<=", 1.5,
              f"{CLIENTS[-1]} clients", first_audio(beyond[-1]))
    yield Row("audio a second at 10 x capacity", share, "{:.0f} %", ">=", 95, "of the most",
              f"{audio:.0f} s; {total('ok')} complete; the load generator leaves {left:.2f} cores, at the most "
              f"{most_left:.2f}: {share * most_left / left:.0f} % per core")
    untold = total("requests") - total("ok") - total("refused")
    yield Row("neither done nor refused at 10 x", untold, "{}", "<=", 0,
              note=f"{total('refused')} of {total('requests')} refused; told after p50 "
                   f"{beyond[-1]['refusal_ms']['p50']:.1f}, p99 {beyond[-1]['refusal_ms']['p99']:.0f} ms; "
                   f"{1e-6 * beyond[-1]['rss_bytes']:.0f} MB")
    stops = results["cancelled"]["cancel_to_stop_ms"]
    yield Row("cancel to stop, p99", stops["p99"], "{:.1f} ms", "<=", 20,
              note=f"p50 {stops['p50']:.1f}, p99.9 {stops['p99_9']:.1f} ms of {stops['count']}")


def burden_rows(results):
    streams = results["idle_streams"]["idle_streams"]
    yield Row(f"memory of each of {streams['count']} idle streams", 1e-3 * streams["bytes_each"], "{:.0f} kB", "<=",
              100, note=f"{1e-6 * results['idle_streams']['rss_bytes']:.0f} MB in all; one client beside them: "
                   + first_audio(results["idle_streams"]))
    hostile = results["hostile"]
    ratio = statistics.median(r["beside"]["ttfa_ms"]["p99"] / r["without"]["ttfa_ms"]["p99"] for r in hostile)
    without, beside = (statistics.median(r[key]["ttfa_ms"]["p99"] for r in hostile) for key in ("without", "beside"))
    cancels = sum(r["flood"]["cancelled"] for r in hostile) / sum(r["flood"]["seconds"] for r in hostile)
    yield Row("first audio beside hostile clients, p99", ratio, "{:.2f} x", "<=", 2, "without",
              f"{beside:.1f} ms beside, {without:.1f} ms without; {cancels:.0f} cancels/s, "
              f"{sum(r['closed'] for r in hostile)} connections closed by the daemon")


def rows(results):
    for part in (idle_rows, saturation_rows, overload_rows, burden_rows):
        yield from part(results)


def failures(results):
    """Calls that ended as none should, over all loads."""
    if isinstance(results, list):
        return sum(map(failures, results))
    if isinstance(results, dict):
        own = results["errors"] if isinstance(results.get("errors"), int) else 0
        return own + sum(failures(value) for value in results.values())
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build-dir", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--json", action="store_true", help="print all that m2tts bench said, as JSON")
    parser.add_argument("--seconds", type=float, default=10, help="length of each load")
    parser.add_argument("--idle-streams", type=int, default=1000)
    add_no_goals(parser)
    arguments = parser.parse_args()
    daemon_binary = arguments.build_dir / "server" / "m2ttsd"
    client_binary = arguments.build_dir / "client" / "m2tts"
    bare_binary = arguments.build_dir / "tests" / "benchmarks" / "synthesis_bench"
    for binary in (daemon_binary, client_binary, bare_binary):
        if not binary.exists():
            sys.exit(f"load_bench: {binary} is missing; `make bench` builds it")

    results = {"machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
               "cores": os.cpu_count(), "load_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with Daemon(daemon_binary, folder) as daemon:
            client = Client(client_binary, daemon.address)
            results["overhead"] = measure_overhead(client, bare_binary, folder)
            results["lengths"] = measure_lengths(client, folder)
            results.update(measure(daemon, client, arguments.seconds))
        # A fresh one, whose allocator has nothing left over from the loads.
        settings = f"limits: {{max_live: {arguments.idle_streams}}}"
        with Daemon(daemon_binary, folder, settings=settings) as daemon:
            client = Client(client_binary, daemon.address)
            results["idle_streams"] = measure_idle_streams(client, arguments.idle_streams)
        rate = HOSTILE_LOAD * results["capacity_requests_per_s"]
        results["hostile"] = measure_hostile(daemon_binary, client_binary, folder, rate, arguments.seconds)
    goals = list(rows(results))
    if arguments.json:
        print(json.dumps({**results, "missed": missed(goals)}, indent=2))
    else:
        print_table(results, goals)
    print_missed("load_bench", goals)
    if failures(results):
        sys.exit(f"load_bench: {failures(results)} requests failed that should not")
    sys.exit(exit_code(goals, arguments.no_goals))


if __name__ == "__main__":
    main()
