"""What the figures of a benchmark should be: a row for people, and whether the goal is missed."""


class Row:
    """`measured` and `limit` are shown as `form` says, with `beside` after the limit: "1.21 x", "<= 1.30 x without"."""

    def __init__(self, label, measured, form, sign, limit, beside="", note=""):
        assert sign in ("<=", ">=")
        self.label, self.measured, self.note = label, measured, note
        self.value = form.format(measured)
        self.goal = f"{sign} {form.format(limit)} {beside}".rstrip()
        # What is no number meets no goal.
        self.met = measured <= limit if sign == "<=" else measured >= limit

    def __str__(self):
        return f"{self.label:<36} {self.value:>8}  {self.goal:<22} {'' if self.met else 'MISSED  '}{self.note}".rstrip()


def missed(rows):
    return [row.label for row in rows if not row.met]


def add_no_goals(parser):
    parser.add_argument("--no-goals", action="store_true", help="exit with 0 also when a goal is missed")


def exit_code(rows, no_goals):
    """1 when a goal is missed that counts."""
    return 1 if missed(rows) and not no_goals else 0
