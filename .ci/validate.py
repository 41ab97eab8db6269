"""Validates the starter records and the JSON outputs against their schemas. Prints what was validated; fails on the first error."""

import datetime
import glob
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import jsonschema

root = pathlib.Path(__file__).resolve().parent.parent


def validator(path):
    schema = json.loads(path.read_text())
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def check(checker, document, name):
    errors = sorted(checker.iter_errors(document), key=lambda it: list(it.path))
    if errors:
        sys.exit(f"{name}: {errors[0].json_path}: {errors[0].message}")


osv = root / "../shared/data/schemas/osv-schema-1.7.4.json"
if osv.exists():
    checker = validator(osv)
    records = sorted(glob.glob(str(root / "crates/fixloop-feed/starter/**/*.json"), recursive=True))
    for path in records:
        check(checker, json.loads(pathlib.Path(path).read_text()), path)
    print(f"{len(records)} starter records are valid under OSV schema 1.7.4")
else:
    print("SKIPPED: the OSV schema is not beside this checkout", file=sys.stderr)

checker = validator(root / "docs/schema/scan-1.json")
fixloop = root / os.environ.get("CARGO_TARGET_DIR", "target") / "debug/fixloop"
for folder in ["crates/fixloop/fixtures/old-project", "crates/fixloop-manifest/fixtures", "docs"]:
    run = subprocess.run(
        [fixloop, "scan", root / folder, "--format", "json", "--all-components"], capture_output=True
    )
    if run.returncode not in (0, 1, 2):
        sys.exit(f"scan {folder}: exit {run.returncode}: {run.stderr.decode()}")
    document = json.loads(run.stdout)
    check(checker, document, folder)
    print(f"fixloop.scan/1 of {folder} is valid: {len(document['findings'])} findings")

# This checkout's own history: as real as any.
checker = validator(root / "docs/schema/history-1.json")
run = subprocess.run([fixloop, "history", root, "--no-cache", "--format", "json"], capture_output=True)
if run.returncode not in (0, 2):
    sys.exit(f"history: exit {run.returncode}: {run.stderr.decode()}")
document = json.loads(run.stdout)
check(checker, document, "history")
commits = document["repositories"][0]["commits"]
print(f"fixloop.history/1 of this checkout is valid: {commits} commits, {len(document['exposures'])} exposures")

# Two arms with teams, delayed entry, a competing end, and a row that cannot be used.
checker = validator(root / "docs/schema/analyze-1.json")
table = """entry,time,status,arm,team
0,4,1,a,web
0,9,1,a,web
0,12,0,a,api
2,35,2,a,api
0,3,1,b,shop
0,5,soon,b,shop
0,20,1,b,pay
0,40,0,b,pay
"""
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "table.csv"
    path.write_text(table)
    for more in [[], ["--arm", "arm"], ["--arm", "arm", "--team", "team", "--stratum", "arm", "--horizon", "30"]]:
        run = subprocess.run([fixloop, "analyze", path, "--format", "json", *more], capture_output=True)
        if run.returncode != 2:
            sys.exit(f"analyze: exit {run.returncode}: {run.stderr.decode()}")
        document = json.loads(run.stdout)
        check(checker, document, "analyze")
print(f"fixloop.analyze/1 is valid: {document['rows']} rows, {document['n_skipped']} not used")

# What is asked of that history.
deadline = (datetime.date.today() + datetime.timedelta(days=80)).isoformat()
asked = {
    "okr-baseline-1": ["okr", "baseline", root, "--target", "-20%", "--by", deadline],
    "evidence-1": ["evidence", "known-at-introduction", root],
}
for name, arguments in asked.items():
    run = subprocess.run([fixloop, *arguments, "--no-cache", "--format", "json"], capture_output=True)
    if run.returncode not in (0, 1, 2) or not run.stdout:
        sys.exit(f"{name}: exit {run.returncode}: {run.stderr.decode()}")
    check(validator(root / f"docs/schema/{name}.json"), json.loads(run.stdout), name)
    print(f"{name} of this checkout is valid")

# Pilots: offered, refused, and of a part of what there is.
checker = validator(root / "docs/schema/experiment-plan-1.json")
rows = ["team,day,time,status,severity,known"]
for team in range(9):
    for day in range(team % 4, 300, 4):
        time = min(5 + (day * 7 + team * 3) % 25 + team, 300 - day)
        rows.append(f"t{team},{day},{time},{int(day + time < 300)},high,{int(day % 3 == 0)}")
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "past.csv"
    path.write_text("\n".join(rows) + "\n")
    more = ["--runs", "40", "--format", "json"]
    for treatment, teams, scope in [("hint", 9, "at-introduction"), ("build-warn", 12, "all"), ("build-break", 6, "all")]:
        asked = ["--treatment", treatment, "--teams", str(teams), "--scope", scope]
        run = subprocess.run([fixloop, "experiment", "plan", "--from", path, *asked, *more], capture_output=True)
        if run.returncode not in (0, 1):
            sys.exit(f"experiment plan: exit {run.returncode}: {run.stderr.decode()}")
        document = json.loads(run.stdout)
        check(checker, document, "experiment plan")
        print(f"fixloop.experiment-plan/1 is valid: {document['design']}, {len(document['cannot_show'])} sentences")


# Eight teams with their history; three against three, which no result could settle; and nothing fixed.
def pilot(n_teams, fixed):
    lines = ["team,arm,stratum,entry,time,status,period,limit"]
    for team in range(n_teams):
        for at in range(8):
            time = 2 + (at * 5 + team * 3) % 17 + 6 * (team % 2)
            status = fixed if at % 4 else 0
            for period in ["before", "during"]:
                lines.append(f"team {team},{team % 2},high,0,{time},{status},{period},40")
    return "\n".join(lines) + "\n"


checker = validator(root / "docs/schema/experiment-1.json")
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "pilot.csv"
    for n_teams, fixed in [(8, 1), (6, 1), (8, 0)]:
        path.write_text(pilot(n_teams, fixed))
        run = subprocess.run([fixloop, "experiment", "analyze", path, "--format", "json"], capture_output=True)
        if run.returncode != 0:
            sys.exit(f"experiment analyze: exit {run.returncode}: {run.stderr.decode()}")
        document = json.loads(run.stdout)
        check(checker, document, "experiment analyze")
        print(f"fixloop.experiment/1 of {document['teams']} teams is valid: {document['verdict']}")

# A spool with every kind of event of an editor, and one that a gate wrote.
def events_of(more, environment=None):
    run = subprocess.run([fixloop, "telemetry", "show", "--format", "json", *more], capture_output=True, env=environment)
    if run.returncode != 0:
        sys.exit(f"telemetry show: exit {run.returncode}: {run.stderr.decode()}")
    document = json.loads(run.stdout)
    check(validator(root / "docs/schema/events-1.json"), document, "telemetry show")
    checker = validator(root / "docs/schema/event-1.json")
    for event in document["events"]:
        check(checker, event, f"event {event['seq']}")
    return document["events"]


events = events_of(["--spool", root / "crates/fixloop/fixtures/spool"])
with tempfile.TemporaryDirectory() as home:
    environment = {"HOME": home, "PATH": os.environ["PATH"]}
    run = subprocess.run([fixloop, "gate", root / "crates/fixloop/fixtures/old-project"], capture_output=True, env=environment)
    if run.returncode != 0:
        sys.exit(f"gate: exit {run.returncode}: {run.stderr.decode()}")
    events += events_of([], environment)
kinds = {event["kind"] for event in events}
if kinds != set(json.loads((root / "docs/schema/event-1.json").read_text())["properties"]["kind"]["enum"]):
    sys.exit(f"telemetry show: only {sorted(kinds)}")
print(f"fixloop.events/1 is valid: {len(events)} events of {len(kinds)} kinds")

# A campaign on two repositories: its targets, and the message of the team that has one.
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"], "FIXLOOP_DATA": str(folder / "data"), "FIXLOOP_ACTOR": "Laura"}

    def run_in(*arguments, exits=(0,)):
        run = subprocess.run(list(arguments), capture_output=True, env=environment, cwd=folder)
        if run.returncode not in exits:
            sys.exit(f"{arguments}: exit {run.returncode}: {run.stderr.decode()}")
        return run.stdout

    for name, version in [("shop", "1.4.1"), ("till", "2.0.0")]:
        tree = folder / name
        tree.mkdir()
        (tree / "requirements.txt").write_text(f"left=={version}\n")
        run_in("git", "init", "-q", "-b", "main", name)
        run_in("git", "-C", name, "add", ".")
        run_in("git", "-C", name, "-c", "user.name=L", "-c", "user.email=l@git.example", "commit", "-q", "-m", "Begin")
    (folder / "list.csv").write_text(f"url,team\n{folder}/shop,payments\n{folder}/till,stores\n")
    run_in(fixloop, "start", "list.csv")
    about = ["--package", "pkg:pypi/left", "--range", "<2.0.0", "--deadline", "2099-01-01"]
    run_in(fixloop, "campaign", "create", "--title", "left is taken over", "--contact", "#security", *about)
    run_in(fixloop, "campaign", "open", "campaign-1")
    document = json.loads(run_in(fixloop, "campaign", "affected", "campaign-1", "--format", "json", exits=(1,)))
    check(validator(root / "docs/schema/campaign-targets-1.json"), document, "campaign affected")
    run_in(fixloop, "campaign", "messages", "campaign-1", "--into", "messages")
    messages = sorted((folder / "messages").glob("*.json"))
    for path in messages:
        check(validator(root / "docs/schema/campaign-message-1.json"), json.loads(path.read_text()), path.name)
    if [it["target"] for it in document["targets"]] != ["shop:requirements.txt"] or len(messages) != 1:
        sys.exit(f"campaign: {document['targets']}, {len(messages)} messages")
    print("fixloop.campaign-targets/1 and fixloop.campaign-message/1 are valid")

# A gate's outputs: one report with everything in it, a clean one, a hostile one, one that is too much. Its tests write them.
outputs = root / os.environ.get("CARGO_TARGET_DIR", "target") / "tmp/gate"
run = subprocess.run(
    ["cargo", "test", "--locked", "--quiet", "-p", "fixloop-report", "--test", "gate", "outputs_for_validators"],
    cwd=root,
    capture_output=True,
)
if run.returncode != 0:
    sys.exit(f"gate: {run.stdout.decode()}{run.stderr.decode()}")
checker = validator(root / "docs/schema/gate-1.json")
names = sorted(it.stem for it in outputs.glob("*.json"))
n_findings = 0
for name in names:
    document = json.loads((outputs / f"{name}.json").read_text())
    check(checker, document, f"gate {name}")
    n_findings += len(document["findings"])
print(f"fixloop.gate/1 is valid: {len(names)} reports with {n_findings} findings")

n_cases = 0
for name in names:
    suite = xml.etree.ElementTree.parse(outputs / f"{name}.junit").getroot().find("testsuite")
    cases = suite.findall("testcase")
    for attribute, element in [("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]:
        if int(suite.get(attribute)) != len(suite.findall(f"testcase/{element}")):
            sys.exit(f"gate {name}: JUnit counts other {attribute} than it lists")
    if int(suite.get("tests")) != len(cases) or any(not it.get("name") or not it.get("classname") for it in cases):
        sys.exit(f"gate {name}: JUnit counts other cases than it lists, or one has no name")
    n_cases += len(cases)
print(f"JUnit is well-formed and counts right: {len(names)} files with {n_cases} cases")

# SARIF by the validator of those who wrote the standard; it runs offline once it is installed.
sarif = root / ".ci/sarif"
subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=sarif, check=True)
program = sarif / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
program.chmod(0o755)
run = subprocess.run(
    [program, "validate", "--max-file-size-in-kb", "100000", *(outputs / f"{name}.sarif" for name in names)],
    env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
    capture_output=True,
    text=True,
)
said = run.stdout + run.stderr
# That no address of the project is named is the one thing it may warn of; it exits with 0 whatever it found.
wrong = [it for it in said.splitlines() if re.search(r"(: |^)(error|warning) ", it) and "SARIF2005" not in it]
if run.returncode != 0 or wrong or f"{len(names)} files scanned" not in said:
    sys.exit(f"sarif-multitool: exit {run.returncode}\n" + "\n".join(wrong or [said])[:4000])
print(f"SARIF 2.1.0 is valid by sarif-multitool: {len(names)} files")
