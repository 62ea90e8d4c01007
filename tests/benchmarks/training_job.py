"""A training job in m2ttsd, and the same training by m2tts-trainer alone, for jobs_bench.py."""

import array
import json
import math
import os
import signal
import subprocess
import sys
import time
import wave

WORDS = "one two three four five six seven eight nine ten zero hello".split()
SAMPLE_RATE = 22050
CLIPS = 48
COOL, HOT = 50, 95  # degrees
JOB = "benchmark"
PATIENCE = 60  # seconds, for anything that is waited for

# The sizes of trainer/recipes/en_US-slt. An aligner that has learned nothing will do: the steps that are
# timed cost the same. They do not end, and nothing is validated between.
CONFIG = """
name: benchmark
licence: CC0
threads: 1
data: {{root: {corpus}, cache: {cache}, validation: 4}}
model: {{hidden: 128, heads: 2, encoder_layers: 4, decoder_layers: 3, ffn_multiplier: 4, decoder_attention: 7,
  predictor_hidden: 128, predictor_layers: 2}}
aligner: {{steps: 2, frames_per_batch: 500}}
acoustic: {{steps: 1000000, frames_per_batch: 1000, log_every: 1, validate_every: 1000000,
  checkpoint_every: 1000000, samples_every: 0}}
protection: {{enabled: false}}
"""
SETTINGS = """
state_dir: {state}
jobs: {{data_roots: [{corpus}], min_free_mb: 0, release_seconds: 3600}}
governor: {{sensors: {sensors}, sample_seconds: 0.05, min_dwell_seconds: 0.2, recovery_seconds: 0.05}}
"""


def write_corpus(folder):
    """Clips of ten words, each letter a tone of 60 ms: about 3 s of what can be learned."""
    length = SAMPLE_RATE * 60 // 1000
    tones = {" ": bytes(2 * length)}
    for letter in set("".join(WORDS)):
        step = 2 * math.pi * (120 + 8 * (ord(letter) - ord("a"))) / SAMPLE_RATE
        tones[letter] = array.array("h", (
            int(9000 * math.sin(math.pi * (i + 0.5) / length) * (math.sin(step * i) + 0.5 * math.sin(2 * step * i)))
            for i in range(length))).tobytes()
    (folder / "wavs").mkdir(parents=True)
    lines = []
    for clip in range(CLIPS):
        text = " ".join(WORDS[(clip * (5 + 2 * i) + i) % len(WORDS)] for i in range(10))
        with wave.open(str(folder / "wavs" / f"clip-{clip:03}.wav"), "wb") as file:
            file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
            file.writeframes(b"".join(tones[letter] for letter in text))
        lines.append(f"clip-{clip:03}|{text}|{text}\n")
    (folder / "metadata.csv").write_text("".join(lines))


def wait_for(what, look):
    """The first result of `look` that is true."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if result := look():
            return result
        time.sleep(0.01)
    sys.exit(f"bench: waited {PATIENCE} s for {what}")


class Training:
    """Corpus, config and the daemon's settings, all below one folder; cool at first."""

    def __init__(self, folder):
        self.folder = folder
        self.corpus, self.state, self.sensors = folder / "corpus", folder / "state", folder / "sensors.yaml"
        self.config = folder / "train.yaml"
        write_corpus(self.corpus)
        self.config.write_text(CONFIG.format(corpus=self.corpus, cache=folder / "cache"))
        self.settings = SETTINGS.format(corpus=self.corpus, state=self.state, sensors=self.sensors)
        self.heat(COOL)

    def heat(self, celsius):
        new = self.sensors.with_suffix(".new")
        new.write_text(f"thermal: {{celsius: {celsius}}}\n")
        new.replace(self.sensors)


class Run:
    """The steps of a run of the trainer, as its log has them."""

    def __init__(self, folder):
        self.log = folder / "log.jsonl"

    def steps(self, begin=0.0):
        """When the steps of the acoustic model since then ended (Unix seconds)."""
        if not self.log.exists():
            return []
        lines = [json.loads(line) for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]
        return [line["time"] for line in lines
                if line["event"] == "step" and line["stage"] == "acoustic" and line["time"] >= begin]

    def wait_for_step(self, begin=0.0):
        return wait_for(f"a step in {self.log}", lambda: self.steps(begin))[0]

    def speed_while(self, work):
        """Steps a second while `work` is done, and its result."""
        begin = time.time()
        result = work()
        steps = self.steps(begin)
        if len(steps) < 2:
            sys.exit(f"bench: {len(steps)} steps in {time.time() - begin:.0f} s; is the machine busy?")
        return (len(steps) - 1) / (steps[-1] - steps[0]), result


class TrainerAlone:
    """`m2tts-trainer train`, from `freeze` on frozen but for `speed`; killed at the end of its `with`."""

    def __init__(self, binary, training):
        folder = training.folder / "alone"
        self.run = Run(folder)
        environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        with open(training.folder / "alone.txt", "wb") as output:
            self.process = subprocess.Popen([binary, "train", training.config, "--run", folder],
                                            stdout=output, stderr=output, env=environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def freeze(self):
        self.run.wait_for_step()
        self.process.send_signal(signal.SIGSTOP)

    def speed(self, seconds):
        self.process.send_signal(signal.SIGCONT)
        speed, _ = self.run.speed_while(lambda: time.sleep(seconds))
        self.process.send_signal(signal.SIGSTOP)
        return speed


class Job:
    """The same in the daemon, by the client's `train`. Submitted, and at its first step, when made."""

    def __init__(self, client, training):
        self.client = client
        self.run = Run(training.state / "jobs" / JOB / "run")
        # What pauses it, and what lets it go on.
        self.ways = {"user": (lambda: self.call("pause", JOB), lambda: self.call("resume", JOB)),
                     "heat": (lambda: training.heat(HOT), lambda: training.heat(COOL))}
        self.call("submit", training.config, "--dataset", training.corpus, "--id", JOB, "--detach")
        self.run.wait_for_step()

    def call(self, *words):
        return subprocess.run([*self.client.command, "--json", "train", *map(str, words)],
                              stdout=subprocess.PIPE, check=True).stdout

    def wait_for_state(self, state, since):
        """When it came to be in `state`, after the time `since`."""
        def look():
            job = json.loads(self.call("show", JOB))
            if job["state"] in ("FAILED", "SUCCEEDED", "CANCELLED"):
                sys.exit(f"bench: the job is {job['state']}: {job['reason']}")
            return [change["time"] for change in job["history"] if change["to"] == state and change["time"] >= since]
        return wait_for(f"the job to be {state}", look)[0]

    def pause(self, way="user"):
        """Milliseconds from its cause to the later of PAUSED and the end of the last step."""
        begin = time.time()
        self.ways[way][0]()
        paused = self.wait_for_state("PAUSED", begin)
        return 1e3 * (max([paused, *self.run.steps(begin)]) - begin)

    def resume(self, way="user"):
        """Milliseconds from its cause to RUNNING, and to the end of the next step."""
        begin = time.time()
        self.ways[way][1]()
        running = self.wait_for_state("RUNNING", begin)
        return 1e3 * (running - begin), 1e3 * (self.run.wait_for_step(begin) - begin)
