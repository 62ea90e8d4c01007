#!/usr/bin/env python3
"""What the benchmarks make of their figures: which goals are missed, and the exit code. Measures nothing."""

import contextlib
import copy
import io
import math
import re
import socket
import threading
import unittest

import bench
import jobs_bench
import load_bench
from goals import Row, exit_code, missed, print_missed
from hostile_clients import OPENING, RawConnections


class GoalsOf:
    """A benchmark whose figures in `good` just meet its goals; lists of figures are rounds, and change together."""

    def missed_with(self, path, value):
        def change(place, path):
            if isinstance(place, list):
                for one in place:
                    change(one, path)
            elif len(path) == 1:
                place[path[0]] = value
            else:
                change(place[path[0]], path[1:])

        results = copy.deepcopy(self.good)
        change(results, path)
        return missed(self.rows(results))

    def test_all_met(self):
        self.assertEqual(missed(self.rows(self.good)), [])

    def test_each_goal_can_be_missed(self):
        for path, value, *labels in self.misses:
            with self.subTest(labels[0]):
                self.assertEqual(self.missed_with(path, value), labels)
        goals = {row.label for row in self.rows(self.good) if row.goal}
        self.assertEqual({label for _, _, *labels in self.misses for label in labels}, goals)


class BenchGoals(GoalsOf, unittest.TestCase):
    rows = staticmethod(bench.rows)
    good = {
        "speed": {"real_time_factor": 0.0065, "cpu_seconds": 0.5, "audio_seconds": 80},
        "flite": {"real_time_factor": 0.0130, "cpu_seconds": 1, "audio_seconds": 80},
        "latency": {name: {"characters": 44, "client_ms": 15, "server_ms": 4} for name in ("short", "long")},
        "memory": {"one_voice_mb": 250, "idle_mb": 270, "after_mb": 300, "requests": 200},
        "start_seconds": 1.5, "cli_ms": 9,
    }
    misses = (
        (("speed",), {**good["speed"], "real_time_factor": 0.0066},
         "real-time factor, m2ttsd, one thread", "real-time factor, beside flite slt"),
        (("flite", "real_time_factor"), 0.0129, "real-time factor, beside flite slt"),
        (("memory", "one_voice_mb"), 251, "resident memory, idle, one voice"),
        (("start_seconds",), 1.51, "start-up of m2ttsd to ready"))


def first_audio(p50, p99):
    return {"p50": p50, "p90": p99, "p99": p99, "p99_9": p99, "count": 100}


def overhead(bare, served):
    return {"bare_ms": bare, "served_ms": served, "device_ms": bare, "bare_rtf": 0.0035, "added_ms": served - bare,
            "added_share": (served - bare) / bare, "beside_device_ms": served - bare}


def saturated(audio):
    return {"ttfa_ms": first_audio(50, 100), "throughput_audio_s_per_s": audio, "requests_per_s": audio / 6,
            "refused": 0, "cpu_cores": 1.9, "lane_cores": 1.8, "device_cores": 1.8, "rss_bytes": 300e6,
            "peak_rss_bytes": 400e6, "seconds": 10, "cpu_seconds": 0}


class LoadBenchGoals(GoalsOf, unittest.TestCase):
    rows = staticmethod(load_bench.rows)
    good = {
        "cores": 2,
        "idle": {"ttfa_ms": first_audio(15, 30)},
        "overhead": overhead(20, 21),
        "lengths": {kind: {"50": [{"ttfa_ms": first_audio(10, 20)}] * 3, "5000": [{"ttfa_ms": first_audio(12, 20)}] * 3}
                    for kind in ("prose", "plain")},
        "saturation": {1: saturated(300), 8: saturated(520), 64: saturated(510)},
        "busy": {"ttfa_ms": first_audio(30, 90), "offered_per_s": 70},
        "overload": [{"most": saturated(520),
                      "beyond": {"ttfa_ms": first_audio(100, 150), "throughput_audio_s_per_s": 494, "requests": 900,
                                 "ok": 100, "seconds": 10, "cpu_seconds": 2, "refused": 800, "errors": 0,
                                 "refusal_ms": first_audio(1, 8), "rss_bytes": 300e6}}] * 3,
        "cancelled": {"cancel_to_stop_ms": first_audio(1, 20)},
        "idle_streams": {"idle_streams": {"count": 1000, "bytes_each": 100e3}, "rss_bytes": 330e6,
                         "ttfa_ms": first_audio(5, 10)},
        "hostile": [{"without": {"ttfa_ms": first_audio(5, 10)}, "beside": {"ttfa_ms": first_audio(8, 20)},
                     "flood": {"cancelled": 900, "seconds": 10}, "closed": 70}] * 3,
    }
    misses = (
        (("idle", "ttfa_ms", "p50"), 15.1, "first audio, idle, p50"),
        (("idle", "ttfa_ms", "p99"), 30.1, "first audio, idle, p99"),
        (("overhead",), overhead(10, 10.6), "overhead of the daemon"),
        (("overhead",), overhead(40, 41.1), "overhead of the daemon, in time"),
        (("lengths", "prose", "5000", "ttfa_ms", "p50"), 12.1, "first audio of 5000 characters, prose"),
        (("lengths", "plain", "5000", "ttfa_ms", "p50"), 12.1, "first audio of 5000 characters, plain"),
        (("saturation", 64), saturated(509), "audio a second, 64 beside 1"),
        (("saturation", 64, "device_cores"), 0, "useful computing, 64 clients"),
        (("saturation", 64, "lane_cores"), 1.79, "useful computing, 64 clients"),
        (("saturation", 64, "peak_rss_bytes"), 401e6, "resident memory, 64 clients, peak"),
        (("busy", "ttfa_ms", "p99"), 90.1, "first audio at 80 % of capacity, p99"),
        (("overload", "beyond", "ttfa_ms", "p99"), 151, "first audio at 10 x capacity, p99"),
        (("overload", "beyond", "throughput_audio_s_per_s"), 493, "audio a second at 10 x capacity"),
        (("overload", "beyond", "refused"), 799, "neither done nor refused at 10 x"),
        (("cancelled", "cancel_to_stop_ms", "p99"), 20.1, "cancel to stop, p99"),
        (("idle_streams", "idle_streams", "bytes_each"), 101e3, "memory of each of 1000 idle streams"),
        (("hostile", "beside", "ttfa_ms", "p99"), 20.1, "first audio beside hostile clients, p99"))

    def test_useful_computing_without_the_times_of_threads(self):
        self.assertEqual(self.missed_with(("saturation", 64, "lane_cores"), math.inf), [])

    def test_failures_of_all_loads_count(self):
        results = {"idle": {"errors": 1}, "saturation": {1: {"errors": 2}, 64: {"errors": 0}},
                   "hostile": [{"without": {"errors": 4}}, {"beside": {"errors": 8}}], "machine": "errors"}
        self.assertEqual(load_bench.failures(results), 15)

    def test_texts_of_all_lengths_begin_alike(self):
        for plain in (False, True):
            for short, long in zip(load_bench.texts(50, plain), load_bench.texts(5000, plain), strict=True):
                self.assertTrue(long.startswith(short))
                self.assertTrue(35 <= len(short) <= 50 and 4900 < len(long) <= 5000, (short, len(long)))
                self.assertEqual(bool(re.search(r"[^a-z ]", long)), not plain)
                self.assertEqual(short[-1] == ".", not plain)


class RawConnectionsTest(unittest.TestCase):
    def test_slow_ones_say_http2_and_come_back(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(60)
            address = "127.0.0.1:%d" % server.getsockname()[1]
            heard = []

            def serve():
                for _ in range(2):
                    connection, _ = server.accept()
                    with connection:
                        heard.append(connection.recv(4096))

            thread = threading.Thread(target=serve)
            thread.start()
            with RawConnections(address, idle=0, slow=1, noisy=0) as raw:
                thread.join()
            self.assertEqual([OPENING[:len(words)] for words in heard], heard)
            self.assertTrue(all(heard))
            self.assertGreaterEqual(raw.closed, 1)


def load(p50, p99):
    return {"ttfa_ms": {"p50": p50, "p99": p99, "count": 100}, "rtf": 0.01, "audio_seconds": 400, "seconds": 20}


class JobsBenchGoals(GoalsOf, unittest.TestCase):
    rows = staticmethod(jobs_bench.rows)
    good = {
        "requests_per_s": 10,
        "rounds": [{"load": load(10, 20), "job_and_load": load(12.9, 25.9), "alone_steps_per_s": 10,
                    "job_steps_per_s": 9.1, "job_and_load_steps_per_s": 4.5}] * 3,
        "pauses": {"user": {"pause_ms": [100, 249], "resume_ms": [10, 20], "resume_step_ms": [500, 999]},
                   "heat": {"pause_ms": [200, 250], "resume_ms": [5000], "resume_step_ms": [5000]}},
    }
    misses = (
        (("rounds", "job_and_load", "ttfa_ms", "p50"), 13.1, "first audio with a job, p50"),
        (("rounds", "job_and_load", "ttfa_ms", "p99"), 26.1, "first audio with a job, p99"),
        (("rounds", "alone_steps_per_s"), 10.2, "speed of the job, no load"),
        (("rounds", "job_and_load_steps_per_s"), 4.3, "speed of the job, under load"),
        (("pauses", "user", "pause_ms"), [1, 251], "pause by m2tts, longest"),
        (("pauses", "heat", "pause_ms"), [251, 1], "pause by heat, longest"),
        (("pauses", "user", "resume_ms"), [1001], "resume until RUNNING, longest"),
        (("pauses", "user", "resume_step_ms"), [1001], "resume until the next step, longest"))

    def test_one_odd_round_of_three_is_no_miss(self):
        results = copy.deepcopy(self.good)
        results["rounds"] = [*self.good["rounds"][:2], {**self.good["rounds"][2], "job_and_load": load(100, 100)}]
        self.assertEqual(missed(self.rows(results)), [])


class Goals(unittest.TestCase):
    def row(self, measured, sign="<="):
        return Row("label", measured, "{:.1f} ms", sign, 10, "beside", "note")

    def test_rows_say_what_is_missed(self):
        self.assertEqual(str(self.row(10)).split(), "label 10.0 ms <= 10.0 ms beside note".split())
        self.assertEqual(str(self.row(10.1)).split(), "label 10.1 ms <= 10.0 ms beside MISSED note".split())

    def test_both_directions_and_no_number(self):
        for measured, sign, met in ((10, "<=", True), (11, "<=", False), (10, ">=", True), (9, ">=", False),
                                    (math.nan, "<=", False), (math.nan, ">=", False)):
            self.assertEqual(self.row(measured, sign).met, met, (measured, sign))

    def test_a_figure_without_goal(self):
        row = Row("label", 10, "{} ms", note="note")
        self.assertEqual(str(row).split(), "label 10 ms note".split())
        self.assertTrue(row.met)

    def test_misses_are_said_with_figure_and_goal(self):
        with contextlib.redirect_stderr(io.StringIO()) as said:
            print_missed("bench", [self.row(1), self.row(11)])
        self.assertEqual(said.getvalue(), "bench: missed: label: 11.0 ms, goal <= 10.0 ms beside\n")

    def test_exit_code(self):
        self.assertEqual(exit_code([self.row(1)], False), 0)
        self.assertEqual(exit_code([self.row(1), self.row(11)], False), 1)
        self.assertEqual(exit_code([self.row(1), self.row(11)], True), 0)


if __name__ == "__main__":
    unittest.main()
