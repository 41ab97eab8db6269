#!/usr/bin/env python3
"""Recomputes the p-value and the interval of an experiment from data.csv, by their definition.

Python 3.9 or later, nothing but its standard library. Reads data.csv, expected.json and, if there is one, draws.csv
beside this file. Exit code: 0 if the numbers are those of expected.json, 1 if not.
"""

import csv
import itertools
import json
import math
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TIE = 1e-9


def read_rows():
    with open(os.path.join(HERE, "data.csv"), newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["arm"] = int(row["arm"])
        row["cause"] = int(row["cause"])
        row["time"] = float(row["time"])
        row["entry"] = float(row["entry"]) if row["entry"] else -math.inf
        row["limit"] = float(row["limit"]) if row["limit"] else None
        row["within_day"] = float(row["within_day"])
    return rows


def observed_and_expected(rows, teams):
    """O and E of each team: E sums d * n_team / n over the times of fixes, inside strata; at risk: entry < t <= time."""
    observed = dict.fromkeys(teams, 0.0)
    expected = dict.fromkeys(teams, 0.0)
    n_events = 0
    strata = {}
    for row in rows:
        strata.setdefault(row["stratum"], []).append(row)
    for stratum in sorted(strata):
        of = strata[stratum]
        for time in sorted({row["time"] for row in of if row["cause"] == 1}):
            at_risk = dict.fromkeys(teams, 0)
            n, d = 0, 0
            for row in of:
                if row["entry"] < time <= row["time"]:
                    at_risk[row["team"]] += 1
                    n += 1
                if row["time"] == time and row["cause"] == 1:
                    observed[row["team"]] += 1
                    d += 1
            n_events += d
            for team in teams:
                expected[team] += d * at_risk[team] / n
    return observed, expected, n_events


def scores(observed, expected, theta, teams):
    y = [math.log((observed[team] + 0.5) / (expected[team] + 0.5)) for team in teams]
    h = [1.0 / (theta + 1.0 / max(expected[team], 0.5)) for team in teams]
    return y, h


def adjusted(y, h, x):
    """Residuals of y on the history x, weighted by h, over all teams."""
    total = sum(h)
    mean_x = sum(w * a for w, a in zip(h, x)) / total
    mean_y = sum(w * b for w, b in zip(h, y)) / total
    spread = sum(w * (a - mean_x) ** 2 for w, a in zip(h, x))
    shared = sum(w * (a - mean_x) * (b - mean_y) for w, a, b in zip(h, x, y))
    slope = shared / spread if spread > 0 else 0.0
    return [b - slope * (a - mean_x) for a, b in zip(x, y)]


def differences(rows, teams, assignments, settings, history):
    """The statistic of every assignment, and the number of fixes."""
    observed, expected, n_events = observed_and_expected(rows, teams)
    if settings["statistic"] == "log-rank":
        u = [observed[team] - expected[team] for team in teams]
        return [sum(u[at] for at in treated) for treated in assignments], n_events
    y, h = scores(observed, expected, settings["theta"], teams)
    if history is not None:
        y = adjusted(y, h, history)
    hy = [a * b for a, b in zip(y, h)]
    all_hy, all_h = sum(hy), sum(h)
    found = []
    for treated in assignments:
        top, bottom = sum(map(hy.__getitem__, treated)), sum(map(h.__getitem__, treated))
        if bottom > 0 and len(treated) < len(teams):
            found.append(top / bottom - (all_hy - top) / (all_h - bottom))
        else:
            found.append(math.nan)
    return found, n_events


def p_values(found, of):
    if not math.isfinite(of):
        return None
    n_two = sum(1 for it in found if not math.isfinite(it) or abs(it) >= abs(of) - TIE)
    n_one = sum(1 for it in found if not math.isfinite(it) or it >= of - TIE)
    return n_two / len(found), n_one / len(found)


def all_assignments(teams, data):
    """Every choice of as many units per block as were treated; teams of one platform are one unit."""
    first = {}
    for row in data:
        first.setdefault(row["team"], row)
    units = {}
    for at, team in enumerate(teams):
        platform = first[team]["platform"]
        units.setdefault(("p", platform) if platform else ("t", team), []).append(at)
    blocks = {}
    for members in units.values():
        blocks.setdefault(first[teams[members[0]]]["block"], []).append(members)
    choices = []
    for members in blocks.values():
        k = sum(first[teams[of[0]]]["arm"] for of in members)
        choices.append([sum(it, []) for it in itertools.combinations(members, k)])
    return [tuple(sorted(sum(it, []))) for it in itertools.product(*choices)]


def listed_assignments(teams):
    with open(os.path.join(HERE, "draws.csv"), newline="", encoding="utf-8") as file:
        lines = csv.reader(file)
        header = next(lines)
        assert header == teams, "draws.csv is of other teams"
        return [tuple(at for at, it in enumerate(row) if it == "1") for row in lines]


def rescaled(rows, ratio):
    """Treated ages over the ratio; everybody cut at min(C, C / ratio).

    At a ratio of 1 times are as they were told; else a whole day is spread, or all its ties would break the same way.
    """
    if ratio == 1:
        return rows
    found = []
    for row in rows:
        scale = 1.0 / ratio if row["arm"] == 1 else 1.0
        end = min(row["limit"], row["limit"] / ratio)
        time, entry, cause = (row["time"] - row["within_day"]) * scale, row["entry"] * scale, row["cause"]
        if time > end:
            time, cause = end, 0
        if entry < time or entry == -math.inf:
            found.append(dict(row, time=time, entry=entry, cause=cause))
    return found


def interval(during, settings, p_at, at_1):
    if any(row["limit"] is None for row in during):
        return None, None, None
    low, high, step = settings["ratios"]
    grid = [round((low + at * step) * 1e9) / 1e9 for at in range(round((high - low) / step) + 1)]
    p = [p_at(rescaled(during, ratio)) for ratio in grid]
    inside = [at for at, it in enumerate(p) if it is None or it > settings["alpha"]]
    if not inside:
        return None, None, None
    known = [p[at] for at in inside if p[at] is not None]
    best = [grid[at] for at, it in enumerate(p) if known and it is not None and it == max(known)]
    low = grid[inside[0]] if inside[0] > 0 else None
    high = grid[inside[-1]] if inside[-1] + 1 < len(grid) else None
    point = best[len(best) // 2] if best else None
    return on_one_side(list(zip(grid, p)), settings["alpha"], at_1, (low, high, point))


def on_one_side(tried, alpha, at_1, interval):
    """Where the test rejects, ratios on the other side of 1 are ruled out with it."""
    low, high, point = interval
    p_at_1, statistic = at_1
    if p_at_1 is None or p_at_1[0] > alpha:
        return interval
    is_sooner = statistic > 0
    here = [it for it in tried if it[0] != 1 and (it[0] < 1) == is_sooner]
    inside = [ratio for ratio, p in here if p is None or p > alpha]

    def is_here(ratio):
        return ratio is not None and any(ratio == it[0] for it in here)

    if not is_here(point):
        known = [it for it in here if it[1] is not None]
        point = max(reversed(known), key=lambda it: it[1])[0] if known else None
    if is_sooner:
        if not is_here(high):
            high = inside[-1] if inside else here[-1][0]
        low = low if is_here(low) else (None if low is None else high)
    else:
        if not is_here(low):
            low = inside[0] if inside else here[0][0]
        high = high if is_here(high) else (None if high is None else low)
    return low, high, point


def main():
    with open(os.path.join(HERE, "expected.json"), encoding="utf-8") as file:
        expected = json.load(file)
    settings = expected["settings"]
    data = read_rows()
    teams = expected["teams"]
    during = [row for row in data if row["period"] == "during"]
    before = [row for row in data if row["period"] == "before"]
    history = None
    if before:
        observed, of, n_events = observed_and_expected(before, teams)
        if n_events:
            history = scores(observed, of, settings["theta"], teams)[0]
    if os.path.exists(os.path.join(HERE, "draws.csv")):
        assignments = listed_assignments(teams)
    else:
        assignments = all_assignments(teams, data)
    arm = {row["team"]: row["arm"] for row in data}
    actual = tuple(at for at, team in enumerate(teams) if arm[team] == 1)
    place = assignments.index(actual)

    def tested(rows):
        found, n_events = differences(rows, teams, assignments, settings, history)
        return (p_values(found, found[place]), found[place]) if n_events else (None, math.nan)

    def p_at(rows):
        p = tested(rows)[0]
        return None if p is None else p[0]

    at_1 = tested(during)
    p, difference = at_1
    low, high, point = interval(during, settings, p_at, at_1)
    found = {
        "p_value": p[0] if p else None,
        "p_greater": p[1] if p else None,
        "difference": difference if p else None,
        "assignments": len(assignments),
        "low": low,
        "high": high,
        "time_ratio": point,
    }
    is_same = True
    for name, value in found.items():
        wanted = expected[name]
        same = value == wanted if None in (value, wanted) else abs(value - wanted) <= 1e-9
        is_same = is_same and same
        print(f"{name}: {value} {'=' if same else 'is not'} {wanted}")
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main())
