"""What the figures of a benchmark should be: a row for people, and whether the goal is missed."""

import sys


class Row:
    """`measured` and `limit` are shown as `form` says, with `beside` after the limit: "1.21 x", "<= 1.30 x without".
    Without `sign` and `limit` it is a figure that has no goal."""

    def __init__(self, label, measured, form, sign="", limit=None, beside="", note=""):
        assert sign in ("<=", ">=") if limit is not None else sign == ""
        self.label, self.note = label, note
        self.value = form.format(measured)
        if limit is None:
            self.goal, self.met = "", True
        else:
            self.goal = f"{sign} {form.format(limit)} {beside}".rstrip()
            # What is no number meets no goal.
            self.met = measured <= limit if sign == "<=" else measured >= limit

    def __str__(self):
        return f"{self.label:<40} {self.value:>9}  {self.goal:<22} {'' if self.met else 'MISSED  '}{self.note}".rstrip()


def missed(rows):
    return [row.label for row in rows if not row.met]


def print_table(results, rows):
    """`results` has the `machine` and its `load_before`."""
    print(f"\n{results['machine']}, load average before {results['load_before']:.2f}\n")
    print(f"{'':<40} {'':>9}  goal")
    print(*rows, sep="\n")


def add_no_goals(parser):
    parser.add_argument("--no-goals", action="store_true", help="exit with 0 also when a goal is missed")


def print_missed(bench, rows):
    """Once more what the table says: it is long, and --json has none."""
    sys.stdout.flush()
    for row in rows:
        if not row.met:
            print(f"{bench}: missed: {row.label}: {row.value}, goal {row.goal}", file=sys.stderr)


def exit_code(rows, no_goals):
    """1 when a goal is missed that counts."""
    return 1 if missed(rows) and not no_goals else 0
