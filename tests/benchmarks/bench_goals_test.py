#!/usr/bin/env python3
"""What jobs_bench.py makes of its figures: which goals are missed, and the exit code. Measures nothing."""

import copy
import math
import unittest

from goals import Row, exit_code, missed
from jobs_bench import rows


def load(p50, p99):
    return {"ttfa_ms": {"p50": p50, "p99": p99, "count": 100}, "rtf": 0.01, "audio_seconds": 400, "seconds": 20}


# Each figure just meets its goal.
GOOD = {
    "requests_per_s": 10,
    "rounds": [{"load": load(10, 20), "job_and_load": load(12.9, 25.9), "alone_steps_per_s": 10,
                "job_steps_per_s": 9.1, "job_and_load_steps_per_s": 4.5}] * 3,
    "pauses": {"user": {"pause_ms": [100, 249], "resume_ms": [10, 20], "resume_step_ms": [500, 999]},
               "heat": {"pause_ms": [200, 250], "resume_ms": [5000], "resume_step_ms": [5000]}},
}


class JobsBenchGoals(unittest.TestCase):
    def missed_with(self, path, value):
        results = copy.deepcopy(GOOD)
        if path[0] == "rounds":
            places, path = [copy.deepcopy(r) for r in results["rounds"]], path[1:]
            results["rounds"] = places
        else:
            places = [results]
        for place in places:
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = value
        return missed(rows(results))

    def test_all_met(self):
        self.assertEqual(missed(rows(GOOD)), [])

    def test_each_goal_can_be_missed(self):
        for path, value, label in (
                (("rounds", "job_and_load", "ttfa_ms", "p50"), 13.1, "first audio with a job, p50"),
                (("rounds", "job_and_load", "ttfa_ms", "p99"), 26.1, "first audio with a job, p99"),
                (("rounds", "alone_steps_per_s"), 10.2, "speed of the job, no load"),
                (("rounds", "job_and_load_steps_per_s"), 4.3, "speed of the job, under load"),
                (("pauses", "user", "pause_ms"), [1, 251], "pause by m2tts, longest"),
                (("pauses", "heat", "pause_ms"), [251, 1], "pause by heat, longest"),
                (("pauses", "user", "resume_ms"), [1001], "resume until RUNNING, longest"),
                (("pauses", "user", "resume_step_ms"), [1001], "resume until the next step, longest")):
            with self.subTest(label):
                self.assertEqual(self.missed_with(path, value), [label])

    def test_one_odd_round_of_three_is_no_miss(self):
        results = copy.deepcopy(GOOD)
        results["rounds"] = [*GOOD["rounds"][:2], {**GOOD["rounds"][2], "job_and_load": load(100, 100)}]
        self.assertEqual(missed(rows(results)), [])


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

    def test_exit_code(self):
        self.assertEqual(exit_code([self.row(1)], False), 0)
        self.assertEqual(exit_code([self.row(1), self.row(11)], False), 1)
        self.assertEqual(exit_code([self.row(1), self.row(11)], True), 0)


if __name__ == "__main__":
    unittest.main()
