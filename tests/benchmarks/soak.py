#!/usr/bin/env python3
"""Sends mixed requests to the built m2ttsd for a long time and watches its memory. Run by `make soak`.

The requests: texts of 1 to 5000 characters, most of them short, in all encodings; 10 % are cancelled on
their way and 5 % are invalid. The resident size after the first tenth must not be exceeded by more than
5 % at the end, nothing may fail that should not, and no request may be left inside.

Then a voice is loaded and unloaded 500 times, with the same limit from the first tenth on.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

from bench import Daemon

# Characters; drawn evenly, so that a request in forty is long.
SPARE_VOICE = "en_US-multi"  # not the default
LENGTHS = ([1, 2, 5, 10, 20, 30, 40, 50, 60, 80] * 3 + [100, 120, 150, 200, 250, 300, 500, 800, 2000, 5000])


def run(client, address, requests, seed, concurrency):
    output = subprocess.run(
        [str(client), "--address", address, "--timeout", "600", "bench", "--json", "-c", str(concurrency),
         "-n", str(requests), "--warm-up", "0", "--lengths", ",".join(map(str, LENGTHS)), "--encodings", "all",
         "--cancel", "0.1", "--invalid", "0.05", "--load-seed", str(seed)],
        stdout=subprocess.PIPE, check=True)
    return json.loads(output.stdout)


def load_and_unload(client, address):
    for what in ("load", "unload"):
        subprocess.run([str(client), "--address", address, "voices", what, SPARE_VOICE], stdout=subprocess.DEVNULL,
                       check=True)


def growth(sizes):
    return sizes[-1] / sizes[0] - 1.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build-dir", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--requests", type=int, default=10000)
    parser.add_argument("--loads", type=int, default=500)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--growth", type=float, default=0.05, help="allowed, as a share of the first size")
    arguments = parser.parse_args()
    client = arguments.build_dir / "client" / "m2tts"
    daemon_binary = arguments.build_dir / "server" / "m2ttsd"
    for binary in (client, daemon_binary):
        if not binary.exists():
            sys.exit(f"soak: {binary} is missing; `make soak` builds it")

    steps = 10
    sizes, load_sizes, failures = [], [], 0
    with tempfile.TemporaryDirectory() as name, Daemon(daemon_binary, pathlib.Path(name)) as daemon:
        print(f"idle: {daemon.resident_mb():.1f} MB", flush=True)
        for step in range(steps):
            result = run(client, daemon.address, arguments.requests // steps, step + 1, arguments.concurrency)
            sizes.append(daemon.resident_mb())
            failures += result["errors"]
            print(f"{(step + 1) * arguments.requests // steps:6} requests: {sizes[-1]:.1f} MB; of the last "
                  f"{result['requests']}: {result['ok']} complete, {result['cancelled']} cancelled, "
                  f"{result['invalid']} invalid, {result['refused']} refused, {result['errors']} errors; "
                  f"{result['throughput_audio_s_per_s']:.0f} s of audio a second", flush=True)
        for load in range(arguments.loads):
            load_and_unload(client, daemon.address)
            if (load + 1) % max(1, arguments.loads // steps) == 0:
                load_sizes.append(daemon.resident_mb())
                print(f"{load + 1:6} loads: {load_sizes[-1]:.1f} MB", flush=True)
        status = json.loads(subprocess.check_output([str(client), "--address", daemon.address, "--json", "status"]))
    for what, figures in (("requests", sizes), ("loads", load_sizes)):
        if not figures:
            continue
        print(f"{what}: grown by {100 * growth(figures):+.1f} % since the first tenth")
        if growth(figures) > arguments.growth:
            sys.exit(f"soak: {what}: more than the {100 * arguments.growth:.0f} % that are allowed")
    if failures:
        sys.exit(f"soak: {failures} requests failed")
    if status["queue"]["requests"]:
        sys.exit(f"soak: {status['queue']['requests']} requests are still inside")


if __name__ == "__main__":
    main()
