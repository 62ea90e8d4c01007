#!/usr/bin/env python3
"""Measures the text front end through `m2tts analyze --offline --stage phonemes`. Run by `make bench`.

The text is the sentences of the voice's recipe with everyday numbers, dates and names between them, to the size
wanted. Reported: bytes a second (user and system CPU of the whole process, its start subtracted), the same for
`espeak-ng -q -x` on the same file in the same run, the time to the first line of a long text, the cost of an
empty input (start-up), and the largest resident size.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
EVERYDAY = ["Dr. Smith paid $20.50 on July 25, 2012.", "Call (800) 555-1234 before 5:30 p.m. EST.",
            "It is 72°F, with winds of 5-10 mph.", "See www.example.com/help or e-mail info@example.org.",
            "Send it to 1428 Elm St., Springfield, IL 62704."]


def make_text(size):
    recipe = HERE.parents[1] / "trainer" / "recipes" / "en_US-slt" / "sentences.csv"
    sentences = [line.split("|", 1)[1] for line in recipe.read_text().splitlines()]
    lines = []
    length = 0
    i = 0
    while length < size:
        line = sentences[i % len(sentences)] if i % 4 else EVERYDAY[i // 4 % len(EVERYDAY)]
        lines.append(line)
        length += len(line.encode()) + 1
        i += 1
    return "\n".join(lines) + "\n"


def run(command, text_file):
    """CPU seconds and largest resident bytes of one run."""
    with open(text_file, "rb") as text, open(os.devnull, "wb") as nothing:
        process = subprocess.Popen(command, stdin=text, stdout=nothing, stderr=nothing)
        _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"bench: {command[0]} failed with status {status}")
    scale = 1 if sys.platform == "darwin" else 1024
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * scale


def first_line_seconds(command, text_file):
    started = time.perf_counter()
    with open(text_file, "rb") as text:
        process = subprocess.Popen(command, stdin=text, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        process.stdout.read(1)
        elapsed = time.perf_counter() - started
        process.kill()
        process.wait()
    return elapsed


def measure(client, rounds):
    command = [str(client), "analyze", "--offline", "--stage", "phonemes"]
    results = {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        files = {}
        for label, size in (("empty", 0), ("small", 128 << 10), ("1mb", 1_000_000), ("10mb", 10_000_000)):
            files[label] = folder / f"{label}.txt"
            files[label].write_text(make_text(size) if size else "")
        start = statistics.median(run(command, files["empty"])[0] for _ in range(rounds))
        results["start_ms"] = 1e3 * start
        for label in ("1mb", "10mb"):
            seconds, resident = min(run(command, files[label]) for _ in range(3))
            results[f"mb_per_second_{label}"] = files[label].stat().st_size / 1e6 / max(seconds - start, 1e-6)
            results[f"resident_mb_{label}"] = resident / 1e6
        results["first_line_ms"] = 1e3 * statistics.median(
            first_line_seconds(command, files["10mb"]) for _ in range(rounds))
        small, _ = min(run(command, files["small"]) for _ in range(3))
        results["cpu_seconds_small"] = small
        if shutil.which("espeak-ng"):
            peer, _ = run(["espeak-ng", "-q", "-x", "-f", str(files["small"])], files["empty"])
            results["espeak_cpu_seconds_small"] = peer
            results["times_espeak"] = peer / small
    return results


def rows(results):
    out = [
        ("text to phonemes", f"{results['mb_per_second_1mb']:.1f} MB/s",
         f"of CPU time, 1 MB; {results['mb_per_second_10mb']:.1f} MB/s for 10 MB"),
        ("first line of 10 MB", f"{results['first_line_ms']:.0f} ms", "from starting m2tts"),
        ("start-up of the front end", f"{results['start_ms']:.0f} ms", "whole m2tts process, empty input, CPU"),
        ("resident memory, 10 MB of text", f"{results['resident_mb_10mb']:.0f} MB", "whole m2tts process"),
    ]
    if "times_espeak" in results:
        out.append(("against espeak-ng -q -x", f"{results['times_espeak']:.0f} times",
                    f"{results['cpu_seconds_small']:.2f} and {results['espeak_cpu_seconds_small']:.2f} CPU s for 128 KiB"))
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build-dir", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--rounds", type=int, default=9, help="repetitions of what is timed")
    arguments = parser.parse_args()
    client = arguments.build_dir / "client" / "m2tts"
    if not client.exists():
        sys.exit(f"bench: {client} is missing; `make bench` builds it")
    results = measure(client, arguments.rounds)
    if arguments.json:
        print(json.dumps(results, indent=2))
    else:
        for label, value, note in rows(results):
            print(f"{label:<38} {value:>9}   {note}")


if __name__ == "__main__":
    main()
