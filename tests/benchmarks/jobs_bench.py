#!/usr/bin/env python3
"""Measures what a training job costs requests, and what it gets done beside them. Run by `make bench`.

The job trains the acoustic model at the shipped voice's size (hidden: 128) with one thread, on tones that this
script writes; a step takes some 100 ms. Rounds of four windows, so that a machine that changes its speed does so
to all of them; reported is the median over rounds:
  load        open loop (Poisson) at 20 % of the capacity that a short saturation has shown, 100 characters as
              16-bit PCM, the job paused: first audio, and the part of the time that the device is idle
  alone       `m2tts-trainer train` of the same config, nothing else: steps a second
  job         the job in the daemon, nobody asks for speech: steps a second
  job, load   the requests of the first window again while the job runs flat out: first audio, steps a second;
              the share of the idle time may exceed 100 %, since the last step goes on beside a request
Then, over and over:
  pause       from the start of `m2tts train pause` until the job is PAUSED and its last micro-step has ended;
              then the same from a faked heat wave on. The governor looks every 50 ms here, not every second,
              and acts on the second look
  resume      from the start of `m2tts train resume` until the job is RUNNING, and until its next step is done
Steps and their times are those of the run's log.jsonl. The load generator runs on the same machine and takes its
share of it. Measure when nothing else runs. Exits with 1 when a goal is missed, unless told --no-goals.
"""

import argparse
import json
import os
import pathlib
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time

from bench import Client, Daemon
from goals import Row, add_no_goals, exit_code, missed, print_missed, print_table
from training_job import Job, TrainerAlone, Training

SPEECH = ("--lengths", 100, "--encoding", "pcm16")
LOAD = 0.2  # of the capacity


def measure_round(client, job, alone, rate, seconds, seed):
    """Begins and ends with the job paused."""
    def load():
        return client.bench("-r", rate, "-d", 2 * seconds, "--load-seed", seed, *SPEECH)

    result = {"load": load(), "alone_steps_per_s": alone.speed(seconds)}
    job.resume()
    result["job_steps_per_s"], _ = job.run.speed_while(lambda: time.sleep(seconds))
    result["job_and_load_steps_per_s"], result["job_and_load"] = job.run.speed_while(load)
    job.pause()
    return result


def measure_pauses(job, count):
    """Begins with the job paused."""
    chance = random.Random(1)
    results = {}
    job.resume()
    for way in job.ways:
        pauses, resumes = [], []
        for _ in range(count):
            time.sleep(chance.uniform(0.4, 0.8))  # to come at any place of a step
            pauses.append(job.pause(way))
            time.sleep(chance.uniform(0.4, 0.8))  # the checkpoint is written meanwhile
            resumes.append(job.resume(way))
        running, step = zip(*resumes)
        results[way] = {"pause_ms": pauses, "resume_ms": running, "resume_step_ms": step}
    return results


def measure(daemon_binary, client_binary, trainer_binary, arguments):
    with tempfile.TemporaryDirectory() as name:
        training = Training(pathlib.Path(name))
        with (TrainerAlone(trainer_binary, training) as alone,
              Daemon(daemon_binary, training.folder, settings=training.settings) as daemon):
            alone.freeze()
            client = Client(client_binary, daemon.address)
            # Heat waves are warnings, and no news here.
            subprocess.run([*client.command, "log-level", "error"], stdout=subprocess.DEVNULL, check=True)
            full = client.bench("-c", 8, "-d", arguments.seconds / 2, *SPEECH)
            rate = LOAD * full["requests_per_s"]
            job = Job(client, training)
            job.pause()
            rounds = [measure_round(client, job, alone, rate, arguments.seconds, seed)
                      for seed in range(1, arguments.rounds + 1)]
            return {"saturation": full, "requests_per_s": rate, "rounds": rounds,
                    "pauses": measure_pauses(job, arguments.pauses)}


def rows(results):
    rounds = results["rounds"]

    def median(figure):
        return statistics.median(map(figure, rounds))

    def first_audio(load, percentile):
        return median(lambda r: r[load]["ttfa_ms"][percentile])

    def idle_share(r):
        return 1 - r["load"]["rtf"] * r["load"]["audio_seconds"] / r["load"]["seconds"]

    requests = sum(r["load"]["ttfa_ms"]["count"] for r in rounds)
    for name in ("p50", "p99"):
        ratio = median(lambda r: r["job_and_load"]["ttfa_ms"][name] / r["load"]["ttfa_ms"][name])
        yield Row(f"first audio with a job, {name}", ratio, "{:.2f} x", "<=", 1.3, "without",
                  f"{first_audio('job_and_load', name):.1f} ms with, {first_audio('load', name):.1f} ms without; "
                  f"{results['requests_per_s']:.1f} requests/s, {requests} each")
    job, loaded, alone = (median(lambda r: r[f"{name}_steps_per_s"]) for name in ("job", "job_and_load", "alone"))
    share = median(lambda r: r["job_steps_per_s"] / r["alone_steps_per_s"])
    yield Row("speed of the job, no load", 100 * share, "{:.0f} %", ">=", 90, "of alone",
              f"{job:.2f} steps/s, m2tts-trainer alone {alone:.2f}")
    share = median(lambda r: r["job_and_load_steps_per_s"] / r["job_steps_per_s"] / idle_share(r))
    yield Row("speed of the job, under load", 100 * share, "{:.0f} %", ">=", 60, "of idle time",
              f"{loaded:.2f} steps/s, {100 * loaded / job:.0f} % of no load; "
              f"the device is idle {100 * median(idle_share):.0f} % of the time")
    user, heat = results["pauses"]["user"], results["pauses"]["heat"]
    for label, times, limit in (("pause by m2tts, longest", user["pause_ms"], 250),
                                ("pause by heat, longest", heat["pause_ms"], 250),
                                ("resume until RUNNING, longest", user["resume_ms"], 1000),
                                ("resume until the next step, longest", user["resume_step_ms"], 1000)):
        yield Row(label, max(times), "{:.0f} ms", "<=", limit,
                  note=f"median {statistics.median(times):.0f} ms of {len(times)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build-dir", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--json", action="store_true", help="print all that was measured, as JSON")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10, help="length of a window; with load twice that")
    parser.add_argument("--pauses", type=int, default=8, help="pauses of each kind")
    add_no_goals(parser)
    arguments = parser.parse_args()
    binaries = [arguments.build_dir / path for path in ("server/m2ttsd", "client/m2tts", "trainer/m2tts-trainer")]
    for binary in binaries:
        if not binary.exists():
            sys.exit(f"jobs_bench: {binary} is missing; `make bench` builds it")

    results = {"machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
               "load_before": os.getloadavg()[0], **measure(*binaries, arguments)}
    goals = list(rows(results))
    if arguments.json:
        print(json.dumps({**results, "missed": missed(goals)}, indent=2))
    else:
        print_table(results, goals)
    print_missed("jobs_bench", goals)
    errors = sum(r[load]["errors"] for r in results["rounds"] for load in ("load", "job_and_load"))
    if errors:
        sys.exit(f"jobs_bench: {errors} requests failed that should not")
    sys.exit(exit_code(goals, arguments.no_goals))


if __name__ == "__main__":
    main()
