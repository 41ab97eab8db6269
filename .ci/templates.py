"""What no vendor's schema says of the templates: scripts that parse, no expression inside a script, one and the same way to deepen."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

root = pathlib.Path(__file__).resolve().parent.parent
PINNED = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40}$")


def scripts(path):
    """Name, shell and text of each script, and what each step uses."""
    document = yaml.safe_load((root / path).read_text())
    if path == "action.yml":
        steps = document["runs"]["steps"]
    elif "jobs" in document:
        steps = [step for job in document["jobs"].values() for step in job["steps"]]
    elif "steps" in document:
        steps = document["steps"]
    else:
        return [("sh", text) for text in document["fixloop-gate"]["script"]], []
    texts = [("bash", step[key]) for step in steps for key in ("run", "bash") if key in step]
    return texts, [step["uses"] for step in steps if "uses" in step]


def deepening(text):
    """The loop without its first depths and its indentation."""
    found = re.search(r"for more in [\w ]+; do\n(.*?)\n\s*done", text, re.S)
    return [line.strip() for line in found[1].splitlines()] if found else None


def main():
    files = [
        "action.yml",
        "ci/github/required-workflow.yml",
        "ci/gitlab/fixloop.gitlab-ci.yml",
        "ci/azure/fixloop-steps.yml",
        "ci/azure/decorator/fixloop-decorator.yml",
    ]
    loops = set()
    n_scripts = 0
    for path in files:
        texts, uses = scripts(path)
        for it in uses:
            if not PINNED.match(it):
                sys.exit(f"{path}: `{it}` is not pinned to a commit")
        for shell, text in texts:
            n_scripts += 1
            if "${{" in text or re.search(r"\$\([A-Z][\w]*\.[\w.]+\)", text):
                sys.exit(f"{path}: an expression stands inside a script, where a name could be a command")
            check_syntax(path, shell, text)
            if loop := deepening(text):
                loops.add("\n".join(loop))
    if len(loops) != 1:
        sys.exit(f"the templates deepen in {len(loops)} different ways")
    policy = yaml.safe_load((root / "ci/gitlab/pipeline-execution-policy.yml").read_text())
    for it in policy["pipeline_execution_policy"]:
        if {"name", "enabled", "content", "pipeline_config_strategy"} - it.keys():
            sys.exit("the pipeline execution policy lacks a field")
    extension = json.loads((root / "ci/azure/decorator/vss-extension.json").read_text())
    for it in extension["files"]:
        if not (root / "ci/azure/decorator" / it["path"]).exists():
            sys.exit(f"vss-extension.json names `{it['path']}`, which is not there")
    for it in yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text()):
        re.compile(it["files"])
    print(f"{n_scripts} scripts of {len(files)} templates parse and hold no expression; all deepen alike")


def check_syntax(path, shell, text):
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as file:
        file.write(text)
        file.flush()
        commands = [[shell, "-n", file.name]]
        if shutil.which("shellcheck"):
            commands.append(["shellcheck", "--shell", shell, "--severity", "warning", file.name])
        for command in commands:
            run = subprocess.run(command, capture_output=True, text=True)
            if run.returncode != 0:
                sys.exit(f"{path}: {command[0]}\n{run.stdout}{run.stderr}")


main()
