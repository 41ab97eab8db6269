"""Runs the scripts of the templates as a runner would, on repositories made here: ci/run-templates.py FIXLOOP [github] [gitlab] [azure]

What is run is what stands in the YAML files. Only the expressions and variables that they use are known here; another one is an error.
Needs git, bash and PyYAML.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

root = pathlib.Path(__file__).resolve().parent.parent
# What git lets a branch be called, and a shell would obey.
HOSTILE = "feature/$(touch${IFS}pwned)-`touch${IFS}pwned`;touch${IFS}pwned;'\"&"

OLD = {"name": "shop", "version": "1.0.0", "dependencies": {"left-pad": "1.3.0"}}
NEW = {"name": "shop", "version": "1.0.0", "dependencies": {"left-pad": "1.3.0", "lodash": "4.17.15"}}


def run(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def lock(package):
    entries = {"": package}
    for name, version in package["dependencies"].items():
        entries[f"node_modules/{name}"] = {"version": version}
    return {"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "packages": entries}


class Server:
    """A default branch, and a branch that brings a vulnerable package in, or nothing; further apart than a first deepening reaches."""

    def __init__(self, folder, package):
        self.server = folder
        environment = {
            **os.environ,
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@a.example",
            "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@a.example",
        }
        self.git = lambda *a, at=self.server: run(["git", *a], cwd=at, env=environment)
        self.server.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "uploadpack.allowAnySHA1InWant", "true")
        self.commit(OLD)
        self.git("checkout", "--quiet", "-b", HOSTILE)
        for at in range(60):
            self.git("commit", "--quiet", "--allow-empty", "-m", f"work {at}")
        self.before = self.git("rev-parse", "HEAD")
        self.commit(package)
        self.git("checkout", "--quiet", "main")

    def commit(self, package):
        (self.server / "package.json").write_text(json.dumps(package, indent=2))
        (self.server / "package-lock.json").write_text(json.dumps(lock(package), indent=2))
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", "packages")


class Repository:
    """A shallow clone, as runners make one."""

    def __init__(self, folder, server):
        self.folder = folder
        self.before = server.before
        self.clone = folder / "clone"
        server.git("clone", "--quiet", "--depth=1", "--branch", HOSTILE, server.server.as_uri(), str(self.clone), at=folder)


class Runner:
    """What all runners have: an environment without what this machine says, a folder for files, a log."""

    def __init__(self, repository, fixloop):
        self.repository = repository
        self.temp = repository.folder / "temp"
        self.temp.mkdir()
        home = repository.folder / "home"
        home.mkdir()
        self.environment = {
            "PATH": f"{fixloop.parent}:{os.environ['PATH']}",
            "HOME": str(home),
            "GIT_CONFIG_GLOBAL": "/dev/null",
            # No feed is asked for: an address that refuses.
            "FIXLOOP_FEED_URL": "http://127.0.0.1:9",
            "FIXLOOP_KEV_URL": "",
            "FIXLOOP_EPSS_URL": "",
        }
        self.log = ""

    def script(self, shell, text, environment):
        done = subprocess.run(
            [*shell, text],
            cwd=self.repository.clone,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        self.log += done.stdout
        if (self.repository.clone / "pwned").exists():
            sys.exit(f"the name of the branch was run as a command\n{self.log}")
        return done.returncode


def github(repository, fixloop, event, more=None):
    """The composite action, step by step. Returns exit code, log, outputs and summary."""
    runner = Runner(repository, fixloop)
    action = yaml.safe_load((root / "action.yml").read_text())
    inputs = {name: it.get("default", "") for name, it in action["inputs"].items()}
    inputs["binary"] = str(fixloop)
    context = {
        "inputs": inputs,
        "github": {"event_name": event, "base_ref": "", "ref_name": HOSTILE, "ref_type": "branch"},
        "event": {"before": repository.before, "repository": {"default_branch": "main"}},
        "runner": {"temp": str(runner.temp), "os": "Linux"},
        "steps": {},
    }
    if event == "pull_request":
        context["github"] |= {"base_ref": "main", "ref_name": "7/merge"}
        context["event"].pop("before")
    summary = runner.temp / "summary"
    code = 0
    for step in action["runs"]["steps"]:
        condition = step.get("if")
        if condition and not all(holds(it, context) for it in condition.split("&&")):
            continue
        if "run" not in step:
            continue
        output = runner.temp / "output"
        output.write_text("")
        environment = {name: expression(it, context) for name, it in step.get("env", {}).items()}
        environment |= {
            "RUNNER_TEMP": str(runner.temp),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            **(more or {}),
        }
        code = runner.script(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"], step["run"], environment)
        outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
        context["steps"][step.get("id", "")] = outputs
        if code != 0:
            break
    outputs = {name: expression(it["value"], context) for name, it in action["outputs"].items()}
    return code, runner.log, outputs, summary.read_text() if summary.exists() else ""


def expression(text, context):
    return re.sub(r"\$\{\{\s*([\w.-]+)\s*\}\}", lambda it: value(it[1], context), str(text))


def value(path, context):
    parts = path.split(".")
    if parts[:2] == ["github", "event"]:
        at, parts = context["event"], parts[2:]
    else:
        at, parts = context[parts[0]], parts[1:]
    for part in parts:
        # What a context does not have is empty, as on the runner.
        at = at.get(part, "") if isinstance(at, dict) and part != "outputs" else at
    return str(at)


def holds(condition, context):
    left, operator, right = condition.split()
    is_equal = value(left, context) == right.strip("'")
    return is_equal if operator == "==" else not is_equal


def gitlab(repository, fixloop, event, more=None):
    runner = Runner(repository, fixloop)
    template = yaml.safe_load((root / "ci/gitlab/fixloop.gitlab-ci.yml").read_text())
    job = template["fixloop-gate"]
    environment = {
        **{name: str(it) for name, it in template["variables"].items()},
        "FIXLOOP_INDEX": str(repository.clone / ".fixloop/advisories.index"),
        "CI_PROJECT_DIR": str(repository.clone),
        "CI_DEFAULT_BRANCH": "main",
        "CI_PIPELINE_SOURCE": event,
        "CI_COMMIT_BEFORE_SHA": repository.before,
    }
    if event == "merge_request_event":
        environment |= {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": HOSTILE}
    else:
        environment["CI_COMMIT_BRANCH"] = HOSTILE
    code = runner.script(["sh", "-c"], "\n".join(job["script"]), environment | (more or {}))
    junit = repository.clone / job["artifacts"]["reports"]["junit"]
    return code, runner.log, files(repository.clone / "fixloop-gate"), junit.read_text() if junit.exists() else ""


def azure(repository, fixloop, event, more=None, file="ci/azure/fixloop-steps.yml"):
    runner = Runner(repository, fixloop)
    template = yaml.safe_load((root / file).read_text())
    parameters = {it["name"]: it["default"] for it in template.get("parameters", [])}
    parameters["binary"] = str(fixloop)
    environment = {
        "BUILD_SOURCEBRANCH": f"refs/heads/{HOSTILE}",
        "BUILD_REASON": event,
        "PIPELINE_WORKSPACE": str(repository.folder),
        "AGENT_TEMPDIRECTORY": str(runner.temp),
    }
    if event == "PullRequest":
        environment |= {"BUILD_SOURCEBRANCH": "refs/pull/7/merge", "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"}
    code = 0
    for step in template["steps"]:
        if "bash" not in step or code != 0:
            continue
        own = {}
        for name, it in step.get("env", {}).items():
            own[name] = expression(it, {"parameters": parameters}).replace("$(System.AccessToken)", "secret-token")
        code = runner.script(["bash", "--noprofile", "--norc", "-c"], step["bash"], environment | own | (more or {}))
    if "secret-token" in runner.log:
        sys.exit(f"a secret is in the log\n{runner.log}")
    named = re.search(r"##vso\[task.uploadsummary\](.+)", runner.log)
    return code, runner.log, files(runner.temp / "fixloop-gate"), pathlib.Path(named[1]).read_text() if named else ""


def files(folder):
    names = {"json": "gate.json", "sarif": "gate.sarif", "junit": "gate.junit", "markdown": "gate.markdown"}
    return {name: str(folder / it) for name, it in names.items()}


def decorator(*arguments):
    return azure(*arguments, file="ci/azure/decorator/fixloop-decorator.yml")


def check(what, is_so, log):
    if not is_so:
        sys.exit(f"{what}\n{log}")


KINDS = {
    "github": [(github, "pull_request", "::error "), (github, "push", "::error ")],
    "gitlab": [(gitlab, "merge_request_event", "BREAK"), (gitlab, "push", "BREAK")],
    "azure": [
        (azure, "PullRequest", "##vso[task.logissue type=error;"),
        (azure, "IndividualCI", "##vso[task.logissue type=error;"),
        (decorator, "PullRequest", "##vso[task.logissue type=error;"),
    ],
}


def try_out(kind, event, marker, fixloop, dirty, clean):
    name = f"{kind.__name__} on {event}"
    with tempfile.TemporaryDirectory() as folder:
        code, log, outputs, summary = kind(Repository(pathlib.Path(folder), dirty), fixloop, event)
        check(f"{name}: exit {code}, expected 1", code == 1, log)
        check(f"{name}: no annotation", marker in log and "package-lock.json" in log, log)
        check(f"{name}: no summary", "lodash" in summary, log)
        report = json.loads(pathlib.Path(outputs["json"]).read_text())
        introduced = {it["name"] for it in report["findings"] if it["state"] == "introduced"}
        check(f"{name}: {report['verdict']}", report["verdict"] == "break" and "lodash" in introduced, log)
        json.loads(pathlib.Path(outputs["sarif"]).read_text())
        check(f"{name}: no merge-base", report["base"]["merge_base"], log)
    with tempfile.TemporaryDirectory() as folder:
        code, log, _, _ = kind(Repository(pathlib.Path(folder), clean), fixloop, event)
        check(f"{name}: exit {code} of a change that brings nothing in", code == 0, log)
    with tempfile.TemporaryDirectory() as folder:
        more = {"FIXLOOP_BREAK_GLASS": "OPS-7: the shop is down"}
        code, log, outputs, _ = kind(Repository(pathlib.Path(folder), dirty), fixloop, event, more)
        report = json.loads(pathlib.Path(outputs["json"]).read_text())
        is_so = code == 0 and report["verdict"] == "broken-glass" and report["break_glass"]["ticket"] == "OPS-7"
        check(f"{name}: break-glass, exit {code}, {report['verdict']}", is_so, log)
    print(f"{name}: breaks, passes, and goes on with break-glass")


def main():
    fixloop = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        dirty = Server(pathlib.Path(folder) / "dirty", NEW)
        clean = Server(pathlib.Path(folder) / "clean", {**OLD, "description": "nothing new"})
        for name in sys.argv[2:] or KINDS:
            for kind, event, marker in KINDS[name]:
                try_out(kind, event, marker, fixloop, dirty, clean)


main()
