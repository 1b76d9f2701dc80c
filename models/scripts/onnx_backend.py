#!/usr/bin/env python3
"""Runs ONNX's backend tests, and models as exporters write them, through the guest and writes what passes.

    onnx_backend.py                    export, run, write docs/onnx-coverage.md and the summary
    onnx_backend.py --check            export, run, fail if a case does worse than the summary says, or the page says otherwise
    onnx_backend.py --only softmax     export, run, print the cases whose name has `softmax`

The runner is a command that gets the work folder as its last argument, runs cases/*/{model.onnx,input.bin} on
both engines and writes one JSON object a line to <folder>/results.jsonl:

    name       the case
    outputs    [{name, dtype, shape, data}] of a run with status 0 (dtype as float32, data hexadecimal), else null
    message    what the guest said with another status, else null
    wasmtime   {outcome: finished|failed, status, output_root, load_steps, infer_steps, fuel_left}
    wasmi      the same
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from itertools import chain
from pathlib import Path

import common
import exporter_cases
import onnx_cases
import onnx_report
import quantised_cases
import sklearn_cases
from onnx_report import Verdict

import onnx

ROOT = common.MODELS.parent
PAGE = ROOT / "docs" / "onnx-coverage.md"
SUMMARY = ROOT / "tests" / "vectors" / "onnx-backend.json"
GUEST = ROOT / "runtime" / "guest" / "guest-ml.json"
RUNNER = "cargo run --release --quiet --package enshrine-tests --bin enshrine-onnx-backend --"


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, default=ROOT / "target" / "onnx-backend", help="work folder")
    parser.add_argument("--runner", default=RUNNER, help="command that runs the cases of a folder")
    parser.add_argument("--only", default="", metavar="TEXT", help="only cases whose name contains TEXT")
    parser.add_argument("--check", action="store_true", help="compare with the recorded summary, write nothing")
    parser.add_argument("--reuse", action="store_true", help="judge the results of the last run again")
    return parser.parse_args()


def run(folder: Path, runner: str, pattern: str) -> None:
    """Exports the cases and calls the runner."""
    (folder / "results.jsonl").unlink(missing_ok=True)
    ours = chain(exporter_cases.collect(), quantised_cases.collect(), sklearn_cases.collect())
    chosen = (case for case in ours if pattern in case.name)
    count = onnx_cases.write(folder, chain(onnx_cases.select(pattern), chosen))
    if count == 0:
        raise SystemExit(f"no case has {pattern!r} in its name")
    print(f"{count} cases written; running them on both engines", file=sys.stderr)
    ended = subprocess.run([*shlex.split(runner), str(folder)], cwd=ROOT, check=False).returncode
    if ended != 0:
        raise SystemExit(f"the runner ended with {ended}: `{runner} {folder}`")


def print_totals(verdicts: list[Verdict]) -> None:
    """One line for each group of cases."""
    for title, group in onnx_report.sets(verdicts).items():
        counts = onnx_report.totals(group)
        print(f"{title:60}", *(f"{count} {kind}" for kind, count in counts.items()), sep="  ")


def check(verdicts: list[Verdict]) -> None:
    """Ends with an error if a case does worse than recorded."""
    if not SUMMARY.exists():
        raise SystemExit(f"{SUMMARY} is not there to compare with: run without --check first")
    recorded = json.loads(SUMMARY.read_text())["cases"]
    worse = onnx_report.regressions(verdicts, recorded)
    if worse:
        raise SystemExit("\n".join([*worse, f"{len(worse)} cases do worse than {SUMMARY.name} says"]))
    program = json.loads(GUEST.read_text())["program_hash"]
    if PAGE.read_text() != onnx_report.page(verdicts, onnx.__version__, program):
        raise SystemExit(f"{PAGE.name} is not what this run says: run onnx_backend.py without --check")


def write(verdicts: list[Verdict]) -> None:
    """Writes the page and the summary, both with the hash of the bundled program."""
    program = json.loads(GUEST.read_text())["program_hash"]
    SUMMARY.parent.mkdir(parents=True, exist_ok=True)
    SUMMARY.write_text(onnx_report.summary(verdicts, onnx.__version__, program))
    PAGE.write_text(onnx_report.page(verdicts, onnx.__version__, program))


def main() -> None:
    """Runs, judges, and prints, checks or writes."""
    arguments = parse_arguments()
    folder = arguments.folder.resolve()
    if not arguments.reuse:
        run(folder, arguments.runner, arguments.only)
    verdicts = onnx_report.judge_folder(folder)
    print_totals(verdicts)
    if arguments.check:
        check(verdicts)
    elif arguments.only:
        print(*(f"{verdict.name}: {verdict.line()}" for verdict in verdicts), sep="\n")
    else:
        write(verdicts)


if __name__ == "__main__":
    main()
