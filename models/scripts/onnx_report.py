"""Verdicts over a runner's results, and the page and the summary written from them."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx_cases
import quantised_cases
import sklearn_cases
from onnx_cases import Tensor

VERDICTS = ("passed", "refused", "wrong", "failed", "differs", "missing")
"""From best to worst."""

NEVER = ("differs", "missing")
"""What no record excuses."""

STATUS_OK, STATUS_REFUSED = 0, 1

REASON_LENGTH = 160

MODEL_SPECIFIC = (
    (r"^the model is refused[^:]*: ", ""),
    (r" for inputs of shapes \[.*?\]:", ":"),
    (r"[`'\"][^`'\"]*[`'\"]", "…"),
    (r"\bnode \S+ \(", "node … ("),
    (r"\b\d+\b", "N"),
)
"""What to take out of a guest's message, in order, and what to write in its place."""

MACHINE_KEYS = ("outcome", "status", "output_root", "load_steps", "infer_steps", "fuel_left", "output")
"""What both engines must agree on, bit for bit; everything else in a record may differ."""


@dataclass(frozen=True)
class Verdict:
    """What became of one case."""

    name: str
    operator: str
    opset: int
    group: str
    plain: bool
    kind: str
    detail: str

    @property
    def exported(self) -> bool:
        """Whether it is a test of an operator as exporters would write it."""
        return self.group == onnx_cases.EXPORTED

    def line(self) -> str:
        """Verdict and detail in one string, as the summary keeps it."""
        return f"{self.kind}: {self.detail}" if self.detail else self.kind


def reason_of(message: str) -> str:
    """A refusal without what belongs to one model only: the first sentence, names and numbers left out."""
    first = re.split(r"(?<=[.;])\s|\n", message.strip(), maxsplit=1)[0].rstrip(".;")
    for pattern, replacement in MODEL_SPECIFIC:
        first = re.sub(pattern, replacement, first)
    return (first if len(first) <= REASON_LENGTH else first[:REASON_LENGTH] + " …") or "no message"


def judge(expect: dict[str, Any], result: dict[str, Any] | None) -> Verdict:
    """Compares one record of the runner with what the case expects."""

    def verdict(kind: str, detail: str = "") -> Verdict:
        about = (expect[key] for key in ("name", "operator", "opset", "group", "plain"))
        return Verdict(*about, kind, detail)

    if result is None:
        return verdict("missing", "the runner wrote no result")
    engines = [{key: result[engine].get(key) for key in MACHINE_KEYS} for engine in ("wasmtime", "wasmi")]
    if engines[0] != engines[1]:
        keys = [key for key in MACHINE_KEYS if engines[0][key] != engines[1][key]]
        return verdict("differs", f"wasmtime and wasmi disagree on {', '.join(keys)}")
    if engines[0]["outcome"] != "finished":
        return verdict("failed", "trap, out of fuel or a limit")
    if engines[0]["status"] == STATUS_REFUSED:
        return verdict("refused", reason_of(result.get("message") or ""))
    if engines[0]["status"] != STATUS_OK:
        why = expect["unencodable"] or f"input: {reason_of(result.get('message') or '')}"
        return verdict("refused", why)
    wrong = compare(expect, result["outputs"])
    return verdict("wrong", wrong) if wrong else verdict("passed")


def compare(expect: dict[str, Any], outputs: list[dict[str, Any]]) -> str | None:
    """How the outputs of a finished run differ from the expected ones, or None."""
    if expect["unencodable"]:
        return f"ran although {expect['unencodable']}"
    if len(outputs) != len(expect["outputs"]):
        return f"outputs: expected {len(expect['outputs'])}, got {len(outputs)}"
    for got, want in zip(outputs, expect["outputs"], strict=True):
        if got["dtype"] != want["dtype"]:
            return f"dtype of {want['name']}: expected {want['dtype']}, got {got['dtype']}"
        difference = onnx_cases.mismatch(Tensor(**got).array(), Tensor(**want).array(), expect["atol"], expect["rtol"])
        if difference:
            return f"{want['name']}: {difference}"
    return None


def judge_folder(folder: Path) -> list[Verdict]:
    """Verdicts on all cases of a folder the runner has gone through."""
    with (folder / "results.jsonl").open() as lines:
        results = {record["name"]: record for record in map(json.loads, lines)}
    expectations = (json.loads(path.read_text()) for path in sorted(folder.glob("cases/*/expect.json")))
    return [judge(expect, results.get(expect["name"])) for expect in expectations]


def totals(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Number of cases for each verdict."""
    counted = Counter(verdict.kind for verdict in verdicts)
    return {kind: counted[kind] for kind in VERDICTS}


def _table(header: list[str], rows: Iterable[list[Any]]) -> list[str]:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return [*lines, ""]


def sets(verdicts: list[Verdict]) -> dict[str, list[Verdict]]:
    """The verdicts by group, and those on node tests of plain types once more."""
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        groups[verdict.group].append(verdict)
        if verdict.plain and verdict.group == onnx_cases.NODE:
            groups[f"of these, single floats and integers up to opset {onnx_cases.PLAIN_OPSET}"].append(verdict)
    return groups


def _totals_table(verdicts: list[Verdict]) -> list[str]:
    def row(title: str, group: list[Verdict]) -> list[Any]:
        counts = totals(group)
        return [title, len(group), *counts.values(), f"{counts['passed'] / len(group):.1%}"]

    rows = [row(*group) for group in sets(verdicts).items()]
    return _table(["", "cases", *VERDICTS, "share"], rows)


def _operator_table(verdicts: list[Verdict]) -> list[str]:
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        groups[verdict.operator].append(verdict)
    rows = []
    for operator, group in sorted(groups.items()):
        counts = totals(v for v in group if not v.exported)
        forms = totals(v for v in group if v.exported)
        cells = [counts[kind] or "" for kind in VERDICTS[:4]]
        rows.append([operator, sum(counts.values()), *cells, _share(forms)])
    return _table(["operator", "cases", *VERDICTS[:4], "passed as exported"], rows)


def _share(counts: dict[str, int]) -> str:
    return f"{counts['passed']} of {sum(counts.values())}" if sum(counts.values()) else ""


def _reason_table(verdicts: list[Verdict]) -> list[str]:
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.kind in ("refused", "failed", "differs", "missing"):
            groups[verdict.line()].append(verdict)
    rows = []
    for reason, group in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        operators = sorted({verdict.operator for verdict in group})
        shown = ", ".join(operators[:8]) + (f" and {len(operators) - 8} more" if len(operators) > 8 else "")
        rows.append([reason, len(group), shown])
    return _table(["reason", "cases", "operators"], rows)


def _wrong_table(verdicts: list[Verdict]) -> list[str]:
    wrong = [verdict for verdict in verdicts if verdict.kind == "wrong"]
    if not wrong:
        return ["None.", ""]
    return _table(["case", "operator", "difference"], [[v.name, v.operator, v.detail] for v in wrong])


def page(verdicts: list[Verdict], version: str, program: str) -> str:
    """docs/onnx-coverage.md."""
    given = [verdict for verdict in verdicts if verdict.group == onnx_cases.NODE]
    rest = [verdict for verdict in verdicts if verdict.group != onnx_cases.NODE]
    lines = [
        "# ONNX coverage",
        "",
        "<!-- Written by models/scripts/onnx_backend.py. Do not edit. -->",
        "",
        f"The {len(given):,} node tests of the PyPI package `onnx` {version}, its tests of whole models, and small models"
        " of the kinds that exporters write (`models/scripts/exporter_cases.py`, against ONNX Runtime), quantised ones"
        " (`quantised_cases.py`, against ONNX Runtime) and scikit-learn's estimators (`sklearn_cases.py`, against"
        f" scikit-learn itself, within {sklearn_cases.TOLERANCE:g}), run through the guest on both engines"
        f" (rtol {onnx_cases.RTOL:g}, atol {onnx_cases.ATOL:g}, or up to {quantised_cases.ATOL:g} for models that are not ONNX's own; same element type and shape). *Passed*: the expected"
        " outputs, bit-identical steps and outputs on wasmtime and wasmi. *Wrong*: the guest answered, but not that."
        " *Refused*: the guest said why it does not run the model. *Failed*: trap, out of fuel or a limit."
        " *Differs*: the engines disagree. *Missing*: no result.",
        "",
        f"Program `{program}`.",
        "",
        "Many node tests are for operator sets that no exporter writes, and hand over as inputs what real models hold as"
        " constants (axes, shapes, scales). So each is also run *as exported*: marked as opset 21 at most, with inputs of"
        " rank 0 and 1 after the first as initialisers, provided that this changes something and that ONNX's reference"
        " evaluator still gives the expected outputs.",
        "",
        *_totals_table(verdicts),
        "## By operator",
        "",
        *_operator_table(verdicts),
        "## Reasons",
        "",
        "Of the node tests as written:",
        "",
        *_reason_table(given),
        "Of all others:",
        "",
        *_reason_table(rest),
        "## Wrong answers",
        "",
        *_wrong_table(verdicts),
    ]
    return "\n".join(lines)


def summary(verdicts: list[Verdict], version: str, program: str) -> str:
    """tests/vectors/onnx-backend.json: totals, and one line for each case."""
    body = {
        "onnx": version,
        "program": program,
        "rtol": onnx_cases.RTOL,
        "atol": onnx_cases.ATOL,
        "totals": {title: totals(group) for title, group in sets(verdicts).items()},
        "cases": {verdict.name: verdict.line() for verdict in sorted(verdicts, key=lambda v: v.name)},
    }
    return json.dumps(body, indent=1) + "\n"


def regressions(verdicts: list[Verdict], recorded: dict[str, str]) -> list[str]:
    """Cases that do worse than the recorded summary says; a case without a record must pass."""
    ranks = {kind: rank for rank, kind in enumerate(VERDICTS)}
    worse = []
    for verdict in verdicts:
        before = recorded.get(verdict.name, "passed")
        if verdict.kind in NEVER or ranks[verdict.kind] > ranks[before.split(":")[0]]:
            worse.append(f"{verdict.name}: was {before}; now {verdict.line()}")
    return worse
