"""Runs the steps of action.yml as a runner does: inputs and outputs in expressions, files for outputs, bash for scripts.

action.py WHEELS FOLDER: the folder has the datasets. Steps that use other actions are noted, not run.
"""

import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]
# What must never be run of an input: each is a command where it is read as text of a script in another way.
HOSTILE = ["$(touch stolen)", "`touch stolen`", "; touch stolen", '"; touch stolen; "', "'; touch stolen; '", "x) ; touch stolen; (x"]


class Run:
    """A run of the action in a folder."""

    def __init__(self, folder, temp, inputs):
        self.folder, self.temp = pathlib.Path(folder), pathlib.Path(temp)
        unknown = inputs.keys() - ACTION["inputs"].keys()
        assert not unknown, unknown
        self.inputs = {name: it["default"] for name, it in ACTION["inputs"].items()} | inputs
        self.outputs, self.used, self.log, self.status = {}, {}, "", 0

    def value(self, expression):
        """The value of `a || b`, where each is an input, an output or a text."""
        for part in expression.split("||"):
            part = part.strip()
            if literal := re.fullmatch(r"'(.*)'", part):
                value = literal[1]
            elif name := re.fullmatch(r"inputs\.([\w-]+)", part):
                value = self.inputs[name[1]]
            else:
                step, name = re.fullmatch(r"steps\.([\w-]+)\.outputs\.([\w-]+)", part).groups()
                value = self.outputs.get(step, {}).get(name, "")
            if value:
                return value
        return ""

    def text(self, text):
        return re.sub(r"\$\{\{(.*?)\}\}", lambda it: self.value(it[1].strip()), str(text))

    def is_due(self, step):
        if "if" not in step:
            return True
        return self.value(re.fullmatch(r"(\S+) != ''", step["if"])[1]) != ""

    def script(self, step):
        assert "${{" not in step["run"], "an expression within a script is a way in"
        with tempfile.TemporaryDirectory() as place:
            file, output = pathlib.Path(place, "script.sh"), pathlib.Path(place, "output")
            file.write_text(step["run"], encoding="utf-8")
            output.touch()
            variables = {name: self.text(value) for name, value in step.get("env", {}).items()}
            variables |= {"RUNNER_TEMP": str(self.temp), "GITHUB_OUTPUT": str(output)}
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(file)],
                cwd=self.folder, env=os.environ | variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )
            lines = output.read_text(encoding="utf-8").splitlines()
        self.log += done.stdout
        return done.returncode, dict(line.split("=", 1) for line in lines)

    def go(self, steps=STEPS):
        for step in filter(self.is_due, steps):
            found = {}
            if "uses" in step:
                name = step["uses"].split("@")[0]
                self.used[name] = {key: self.text(value) for key, value in step["with"].items()}
                if name == "actions/setup-python":
                    found = {"python-path": sys.executable}
            else:
                self.status, found = self.script(step)
            self.outputs[step.get("id")] = found
            if self.status:
                break
        return self


def check(is_right, what, run):
    if not is_right:
        sys.exit(f"action.yml: {what}; status {run.status}, outputs {run.outputs}, uses {run.used}; it printed:\n{run.log}")


def check_install(datasets, temp, wheels):
    """The whole action, its installation included. Returns what was installed."""
    run = Run(datasets / "good", temp, {"find-links": str(wheels)}).go()
    check(run.status == 0, "a good dataset passes", run)
    check(run.used.keys() == {"actions/setup-python"}, "nothing is uploaded unless it is asked for", run)
    program = run.outputs["install"]["program"]
    check(pathlib.Path(program).is_relative_to(temp), "it is installed aside", run)
    bad = Run(datasets / "good", temp, {"find-links": str(wheels), "version": HOSTILE[3]}).go()
    check(bad.status != 0, "a version that is none fails", bad)
    return {"install": {"program": program}}


def judged(datasets, temp, installed, name, **inputs):
    """The action from where it is installed."""
    run = Run(datasets / name, temp, {key.replace("_", "-"): value for key, value in inputs.items()})
    run.outputs |= installed
    at = [step.get("id") for step in STEPS].index("judge")
    return run.go(STEPS[at:])


def check_verdicts(judge):
    for inputs, status in [({}, 1), ({"fail_on": "never"}, 0), ({"args": "--select=geometry\n"}, 0)]:
        run = judge("bad", **inputs)
        check(run.status == status, f"expected status {status} with {inputs}", run)
        check(run.outputs["judge"]["status"] == str(status), "the status is an output", run)
    annotation = r"^::error .*file=labels/Fractured/BONE0001\.txt,line=1,"
    check(re.search(annotation, judge("bad").log, re.MULTILINE), "the finding is an annotation", run)
    several = judge("bad", path="annotations.json\nimages\n")
    check(several.status == 0, "paths stand on a line each", several)
    trainer = judge("good", **{"for": "detectron2"}, fail_on="never")
    check("trainer" in trainer.log, "the trainer's rules are applied", trainer)


def check_sarif(judge):
    upload = "github/codeql-action/upload-sarif"
    run = judge("bad", sarif="true")
    check(run.status == 1 and upload in run.used, "findings are uploaded before the job fails", run)
    path = run.used[upload]["sarif_file"]
    check(path == run.outputs["judge"]["sarif"], "its path is an output", run)
    log = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    check(log["version"] == "2.1.0" and log["runs"][0]["results"], "it is SARIF with results", run)
    nothing = judge("good", path="missing", sarif="true")
    check(nothing.status == 2 and not nothing.used, "where nothing is judged, nothing is uploaded", nothing)


def check_hostile(judge, temp):
    for name, text in itertools.product(["path", "args", "for", "fail-on", "sarif"], HOSTILE):
        run = judge("good", **{name: text})
        check(run.status == (0 if name == "sarif" else 2), f"{name} is never a command: {text}", run)
    stolen = [*temp.rglob("stolen"), *run.folder.parent.rglob("stolen")]
    check(not stolen, f"an input was run: {stolen}", run)
    option = judge("good", path="--help")
    check(option.status == 2, "a path is never an option", option)


def main():
    wheels, datasets = (pathlib.Path(it).resolve() for it in sys.argv[1:])
    with tempfile.TemporaryDirectory() as temp:
        temp = pathlib.Path(temp)
        installed = check_install(datasets, temp, wheels)

        def judge(name, **inputs):
            return judged(datasets, temp, installed, name, **inputs)

        check_verdicts(judge)
        check_sarif(judge)
        check_hostile(judge, temp)
    print("action.yml: its steps install, judge, annotate and write SARIF; inputs are never commands")


main()
