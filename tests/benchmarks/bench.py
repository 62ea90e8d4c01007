#!/usr/bin/env python3
"""Measures the built m2ttsd from outside, as its users meet it. Run by `make bench`.

Workloads (Python's standard library and the m2tts command line only):
  speed    the sentences of sentences.txt one after another through a daemon with one thread: CPU
           seconds of the whole daemon process per second of audio; then flite -voice slt on the same
           sentences: CPU seconds of its processes, each minus the start-up of flite itself.
  latency  time from starting the client to the first byte of audio on its standard output, and the
           server's own figure, for a short text and for one of 2000 characters; medians.
  memory   resident size of the daemon when idle, with one voice and with all, and after 200 mixed requests.
  start    from starting the daemon to "grpc listening"; from starting m2tts --version to its end.
Many clients at a time are the matter of load_bench.py.

Measure on an idle machine: nothing may compile or train meanwhile. The load average is printed.
Exits with 1 when a goal is missed, unless told --no-goals.
"""

import argparse
import contextlib
import http.client
import json
import os
import pathlib
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from goals import Row, add_no_goals, exit_code, missed, print_missed, print_table

HERE = pathlib.Path(__file__).resolve().parent
SHORT_TEXT = "The quick brown fox jumps over the lazy dog."


def proc_cpu_seconds(stat):
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Daemon:
    """m2ttsd with one thread on a free port; stopped and waited for at the end of its `with`."""

    def __init__(self, binary, folder, threads=1, settings=""):
        config = folder / "m2ttsd.yaml"
        config.write_text(f"device: {{device: cpu, threads: {threads}}}\nworker_threads: 1\nlog_level: warning\n"
                          f"{settings}\n")
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads))
        started = time.perf_counter()
        self.process = subprocess.Popen(
            [binary, "--config", config, "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, text=True, env=environment)
        self.address = self.metrics_address = None
        for line in self.process.stdout:
            if line.startswith("http listening on "):
                self.metrics_address = line.split()[-1]
            if line.startswith("grpc listening on "):
                self.address = line.split()[-1]
                break
        self.start_seconds = time.perf_counter() - started
        if self.address is None:
            sys.exit(f"bench: m2ttsd did not start (exit code {self.process.wait()}); its log is above")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        if self.process.wait(timeout=60) != 0:
            sys.exit(f"bench: m2ttsd ended with {self.process.returncode}")

    def cpu_seconds(self):
        if sys.platform == "linux":
            return proc_cpu_seconds(pathlib.Path(f"/proc/{self.process.pid}/stat"))
        clock = subprocess.check_output(["ps", "-o", "time=", "-p", str(self.process.pid)], text=True)
        seconds = 0.0
        for part in clock.strip().replace("-", ":").split(":"):
            seconds = seconds * 60 + float(part)
        return seconds

    def thread_seconds(self):
        """CPU seconds of each thread; none where the system does not tell."""
        seconds = {}
        for stat in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/stat"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it ended meanwhile
                seconds[stat.parent.name] = proc_cpu_seconds(stat)
        return seconds

    def metrics(self):
        """The figures of /metrics that have no labels, by name."""
        connection = http.client.HTTPConnection(self.metrics_address, timeout=60)
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
        connection.close()
        pairs = (line.split(" ") for line in lines if line and "{" not in line and line[0] != "#")
        return {name: float(value) for name, value in pairs}

    def resident_mb(self):
        kilobytes = subprocess.check_output(["ps", "-o", "rss=", "-p", str(self.process.pid)], text=True)
        return int(kilobytes) * 1024 / 1e6


class Client:
    def __init__(self, binary, address, *options):
        self.command = [str(binary), "--address", address, *map(str, options)]

    def say(self, text, *options):
        """The JSON result of a request."""
        output = subprocess.run(self.command + ["say", "-o", "/dev/null", "--json", *options],
                                input=text, text=True, stdout=subprocess.PIPE, check=True)
        return json.loads(output.stdout)

    def bench(self, *options):
        """The JSON result of `m2tts bench`."""
        output = subprocess.run(self.command + ["--timeout", "60", "bench", "--json", *map(str, options)],
                                stdout=subprocess.PIPE, check=True)
        return json.loads(output.stdout)

    def first_byte_seconds(self, text):
        started = time.perf_counter()
        with subprocess.Popen(self.command + ["say", "-o", "-"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as process:
            process.stdin.write(text.encode())
            process.stdin.close()
            # 44 bytes are the WAV header, which is no audio yet.
            if len(process.stdout.read(46)) < 46:
                sys.exit("bench: the client made no audio")
            elapsed = time.perf_counter() - started
            while process.stdout.read(1 << 16):
                pass
        return elapsed


def children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure_speed(daemon, client, sentences):
    for sentence in sentences[:3]:  # warm-up
        client.say(sentence)
    before = daemon.cpu_seconds()
    audio = sum(client.say(sentence)["seconds"] for sentence in sentences)
    cpu = daemon.cpu_seconds() - before
    return {"audio_seconds": audio, "cpu_seconds": cpu, "real_time_factor": cpu / audio}


def flite_run(text, output):
    before = children_cpu()
    subprocess.run(["flite", "-voice", "slt", "-t", text, "-o", str(output)], check=True,
                   stdout=subprocess.DEVNULL)
    return children_cpu() - before


def measure_flite(sentences, folder):
    if shutil.which("flite") is None:
        sys.exit("bench: flite is missing; deploy/setup.sh test installs it")
    wav = folder / "flite.wav"
    # flite starts anew for every sentence: what an empty one costs is not synthesis.
    start = statistics.median(flite_run("", wav) for _ in range(10))
    cpu = audio = 0.0
    for sentence in sentences:
        cpu += max(0.0, flite_run(sentence, wav) - start)
        audio += (wav.stat().st_size - 44) / 2 / 16000  # slt speaks at 16 kHz
    return {"audio_seconds": audio, "cpu_seconds": cpu, "real_time_factor": cpu / audio}


def measure_latency(client, text, rounds):
    client.first_byte_seconds(text)
    outside = [client.first_byte_seconds(text) for _ in range(rounds)]
    inside = [client.say(text)["timings"]["first_audio_seconds"] for _ in range(rounds)]
    return {"characters": len(text), "client_ms": 1e3 * statistics.median(outside),
            "server_ms": 1e3 * statistics.median(inside)}


def run_mixed_requests(client, sentences, long_text, count):
    kinds = [(), ("--encoding", "flac"), ("--speed", "1.5"), ("--rate", "8000"), ("--pitch", "3")]
    for i in range(count):
        text = long_text if i % 20 == 19 else sentences[i % len(sentences)]
        client.say(text, *kinds[i % len(kinds)])


def measure_cli(binary, rounds):
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        subprocess.run([str(binary), "--version"], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - started)
    return 1e3 * statistics.median(times)


def one_voice(folder):
    """Settings of a daemon that has the default voice and no other."""
    voices = HERE.parents[1] / "voices"
    name = (voices / "DEFAULT").read_text().strip()
    shutil.copytree(voices / name, folder / "voices" / name)
    return f"voices: {{folder: {folder / 'voices'}}}"


def rows(results):
    speed, flite, latency, memory = (results[key] for key in ("speed", "flite", "latency", "memory"))

    def cpu(figures):
        return f"{figures['cpu_seconds']:.2f} CPU s for {figures['audio_seconds']:.1f} s of audio"

    yield Row("real-time factor, m2ttsd, one thread", speed["real_time_factor"], "{:.4f}", "<=", 0.0065,
              note=cpu(speed))
    yield Row("real-time factor, beside flite slt", speed["real_time_factor"] / flite["real_time_factor"], "{:.2f} x",
              "<=", 0.5, "flite", f"{flite['real_time_factor']:.4f}; {cpu(flite)}")
    for name in ("short", "long"):
        row = latency[name]
        yield Row(f"first audio, {name} text", row["client_ms"], "{:.0f} ms",
                  note=f"{row['characters']} characters; {row['server_ms']:.0f} ms inside the daemon, the rest is "
                       "m2tts")
    yield Row("resident memory, idle, one voice", memory["one_voice_mb"], "{:.0f} MB", "<=", 250)
    yield Row("resident memory, idle, all voices", memory["idle_mb"], "{:.0f} MB")
    yield Row("resident memory, after requests", memory["after_mb"], "{:.0f} MB",
              note=f"{memory['requests']} mixed requests")
    yield Row("start-up of m2ttsd to ready", results["start_seconds"], "{:.2f} s", "<=", 1.5, note="median of 3")
    yield Row("start-up of m2tts", results["cli_ms"], "{:.0f} ms", note="m2tts --version, median")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build-dir", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--requests", type=int, default=200, help="mixed requests of the memory workload")
    parser.add_argument("--rounds", type=int, default=9, help="repetitions of what is timed")
    add_no_goals(parser)
    arguments = parser.parse_args()
    daemon_binary = arguments.build_dir / "server" / "m2ttsd"
    client_binary = arguments.build_dir / "client" / "m2tts"
    for binary in (daemon_binary, client_binary):
        if not binary.exists():
            sys.exit(f"bench: {binary} is missing; `make bench` builds it")

    sentences = (HERE / "sentences.txt").read_text().splitlines()
    long_text = " ".join(sentences * 2)[:2000].rpartition(" ")[0]
    results = {"machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
               "load_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        starts = []
        for _ in range(3):
            with Daemon(daemon_binary, folder) as daemon:
                starts.append(daemon.start_seconds)
                idle_mb = daemon.resident_mb()
        results["start_seconds"] = statistics.median(starts)
        with Daemon(daemon_binary, folder, settings=one_voice(folder)) as daemon:
            one_voice_mb = daemon.resident_mb()
        results["cli_ms"] = measure_cli(client_binary, 2 * arguments.rounds + 1)
        with Daemon(daemon_binary, folder) as daemon:
            client = Client(client_binary, daemon.address)
            results["speed"] = measure_speed(daemon, client, sentences)
            results["flite"] = measure_flite(sentences, folder)
            results["latency"] = {"short": measure_latency(client, SHORT_TEXT, arguments.rounds),
                                  "long": measure_latency(client, long_text, arguments.rounds)}
            run_mixed_requests(client, sentences, long_text, arguments.requests)
            results["memory"] = {"one_voice_mb": one_voice_mb, "idle_mb": idle_mb, "after_mb": daemon.resident_mb(),
                                 "requests": arguments.requests}
    goals = list(rows(results))
    if arguments.json:
        print(json.dumps({**results, "missed": missed(goals)}, indent=2))
    else:
        print_table(results, goals)
    print_missed("bench", goals)
    sys.exit(exit_code(goals, arguments.no_goals))


if __name__ == "__main__":
    main()
