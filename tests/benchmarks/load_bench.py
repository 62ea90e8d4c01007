#!/usr/bin/env python3
"""Puts loads on the built m2ttsd and prints how it bears them. Run by `make bench`.

All by `m2tts bench`, with requests of 100 characters as 16-bit PCM unless said otherwise:
  idle        one client, one request after the other: first audio
  overhead    the same, one sentence again and again, beside the bare synthesizer of synthesis_bench with the same
              sentence, in turns: from the request to its last sample
  saturation  1 to 64 clients in a closed loop: audio seconds and complete requests a second; the most of
              these is the capacity
  80 %        independent users (Poisson, open loop) who ask for 80 % of the capacity: first audio
  overload    ten times the capacity: first audio of what is accepted, what is completed, what is refused
  idle streams  so many live answers that say nothing, beside one client: what each costs in the daemon
  cancelled   requests of 1000 characters that are cancelled after a few chunks: from the cancellation to the
              end of the last window that the device computed, as the daemon measures it
The load generator runs on the same machine and takes its share of it. Measure when nothing else runs.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

from bench import Client, Daemon

CLIENTS = (1, 2, 4, 8, 16, 64)
SPEECH = ("--lengths", 100, "--encoding", "pcm16")


def measure_saturation(daemon, client, clients, seconds):
    """A closed loop, and how much of the machine the daemon used in it, the warm-up included."""
    before = daemon.cpu_seconds()
    result = client.bench("-c", clients, "-d", seconds, *SPEECH)
    result["cpu_cores"] = (daemon.cpu_seconds() - before) / result["seconds"]
    return result


def measure_overhead(client, bare_binary, folder, rounds=5):
    """Milliseconds of a whole sentence, by the daemon and by the bare synthesizer: medians of the rounds."""
    bare, served = [], []
    text = folder / "overhead.txt"
    for _ in range(rounds):
        output = subprocess.run([bare_binary, "--json", "--seconds", "1"], stdout=subprocess.PIPE, check=True)
        sentence = json.loads(output.stdout)["sentences"][0]
        bare.append(1e3 * sentence["rtf"] * sentence["audio_seconds"])
        text.write_text(sentence["text"] + "\n")
        served.append(client.bench("-c", 1, "-n", 100, "-f", text, "--encoding", "pcm16")["total_ms"]["p50"])
    return {"bare_ms": statistics.median(bare), "served_ms": statistics.median(served)}


def measure(daemon, client, seconds):
    results = {"idle": client.bench("-c", 1, "-n", 300, *SPEECH),
               "saturation": {n: measure_saturation(daemon, client, n, seconds) for n in CLIENTS}}
    capacity = max(result["requests_per_s"] for result in results["saturation"].values())
    results["capacity_requests_per_s"] = capacity
    results["busy"] = client.bench("-r", 0.8 * capacity, "-d", 2 * seconds, *SPEECH)
    results["overload"] = client.bench("-r", 10 * capacity, "-d", seconds, "--connections", 4, *SPEECH)
    results["cancelled"] = client.bench("-c", 4, "-n", 400, "--cancel", 1, "--lengths", 1000, "--encoding", "pcm16",
                                        "--metrics", daemon.metrics_address)
    return results


def measure_idle_streams(client, count):
    return client.bench("-c", 1, "-n", 100, "--idle-streams", count, "--connections", 4, *SPEECH)


def row(label, value, goal="", note=""):
    return label, value, goal, note


def first_audio(result):
    times = result["ttfa_ms"]
    return (f"p50 {times['p50']:.1f}, p90 {times['p90']:.1f}, p99 {times['p99']:.1f}, "
            f"p99.9 {times['p99_9']:.1f} ms of {times['count']}")


def load_rows(results):
    idle, busy, overload = (results[key] for key in ("idle", "busy", "overload"))
    rows = [
        row("first audio, idle, p50", f"{idle['ttfa_ms']['p50']:.1f} ms", "<= 15 ms", first_audio(idle)),
        row("first audio, idle, p99", f"{idle['ttfa_ms']['p99']:.1f} ms", "<= 30 ms"),
    ]
    bare, served = results["overhead"]["bare_ms"], results["overhead"]["served_ms"]
    rows.append(row("one sentence, beside the bare synthesizer", f"{served - bare:+.2f} ms", "<= 5 % and 1 ms",
                    f"{100 * (served / bare - 1):+.1f} %; {served:.2f} ms from request to last sample, "
                    f"{bare:.2f} ms in the bare synthesizer"))
    alone = results["saturation"][CLIENTS[0]]["throughput_audio_s_per_s"]
    for clients, result in results["saturation"].items():
        audio = result["throughput_audio_s_per_s"]
        rows.append(row(f"audio a second, {clients} clients", f"{audio:.0f} s",
                        ">= 1.7 x 1 client" if clients == CLIENTS[-1] else "",
                        f"{audio / alone:.2f} x one client; {result['requests_per_s']:.1f} requests/s, "
                        f"{result['cpu_cores']:.2f} cores, first audio p99 {result['ttfa_ms']['p99']:.0f} ms, "
                        f"{1e-6 * result['rss_bytes']:.0f} MB, {result['refused']} refused"))
    full = results["saturation"][CLIENTS[-1]]
    best = max(result["throughput_audio_s_per_s"] for result in results["saturation"].values())
    rows += [
        row("first audio at 80 % of capacity, p99", f"{busy['ttfa_ms']['p99']:.1f} ms", "<= 3 x idle",
            f"{busy['ttfa_ms']['p99'] / idle['ttfa_ms']['p99']:.1f} x idle; {busy['offered_per_s']:.1f} requests/s; "
            + first_audio(busy)),
        row("first audio at 10 x capacity, p99", f"{overload['ttfa_ms']['p99']:.0f} ms", "<= 1.5 x full",
            f"{overload['ttfa_ms']['p99'] / full['ttfa_ms']['p99']:.2f} x that of {CLIENTS[-1]} clients; "
            + first_audio(overload)),
        row("audio a second at 10 x capacity", f"{overload['throughput_audio_s_per_s']:.0f} s", ">= 95 % of the most",
            f"{100 * overload['throughput_audio_s_per_s'] / best:.0f} %; {overload['ok']} complete"),
        row("refused at 10 x capacity", f"{100 * overload['refused'] / overload['requests']:.1f} %", "",
            f"{overload['refused']} of {overload['requests']}, {overload['errors']} errors; told after p50 "
            f"{overload['refusal_ms']['p50']:.1f}, p99 {overload['refusal_ms']['p99']:.0f} ms; "
            f"{1e-6 * overload['rss_bytes']:.0f} MB"),
    ]
    stops = results["cancelled"]["cancel_to_stop_ms"]
    rows.append(row("cancel to stop, p99", f"{stops['p99']:.1f} ms", "<= 20 ms",
                    f"p50 {stops['p50']:.1f}, p99.9 {stops['p99_9']:.1f} ms of {stops['count']}"))
    return rows


def idle_stream_rows(result):
    streams = result["idle_streams"]
    return [row(f"memory of each of {streams['count']} idle streams", f"{1e-3 * streams['bytes_each']:.0f} kB",
                "<= 100 kB", f"{1e-6 * result['rss_bytes']:.0f} MB in all; one client beside them: "
                + first_audio(result))]


def failures(results):
    """Calls that ended as none should, over all loads."""
    if isinstance(results, dict):
        own = results["errors"] if isinstance(results.get("errors"), int) else 0
        return own + sum(failures(value) for value in results.values())
    return 0


def print_table(results):
    print(f"\n{results['machine']}, load average before {results['load_before']:.2f}\n")
    print(f"{'':<42} {'':>9}  {'goal':<19}")
    for label, value, goal, note in load_rows(results) + idle_stream_rows(results["idle_streams"]):
        print(f"{label:<42} {value:>9}  {goal:<19} {note}".rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build-dir", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--json", action="store_true", help="print all that m2tts bench said, as JSON")
    parser.add_argument("--seconds", type=float, default=10, help="length of each load")
    parser.add_argument("--idle-streams", type=int, default=1000)
    arguments = parser.parse_args()
    daemon_binary = arguments.build_dir / "server" / "m2ttsd"
    client_binary = arguments.build_dir / "client" / "m2tts"
    bare_binary = arguments.build_dir / "tests" / "benchmarks" / "synthesis_bench"
    for binary in (daemon_binary, client_binary, bare_binary):
        if not binary.exists():
            sys.exit(f"load_bench: {binary} is missing; `make bench` builds it")

    results = {"machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
               "load_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with Daemon(daemon_binary, folder) as daemon:
            results["overhead"] = measure_overhead(Client(client_binary, daemon.address), bare_binary, folder)
            results.update(measure(daemon, Client(client_binary, daemon.address), arguments.seconds))
        # A fresh one, whose allocator has nothing left over from the loads.
        settings = f"limits: {{max_live: {arguments.idle_streams}}}"
        with Daemon(daemon_binary, folder, settings=settings) as daemon:
            results["idle_streams"] = measure_idle_streams(Client(client_binary, daemon.address), arguments.idle_streams)
    if arguments.json:
        print(json.dumps(results, indent=2))
    else:
        print_table(results)
    if failures(results):
        sys.exit(f"load_bench: {failures(results)} requests failed that should not")


if __name__ == "__main__":
    main()
