"""Who may import whom: the contracts in setup.cfg, and what they cannot express."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Set

import pytest

import scaleapi
from tests.docs.blocks import ROOT

PACKAGE = Path(scaleapi.__file__).parent

#: Modules that decide and do not act, so that a test can go through all cases. They
#: do no I/O; time and chance are passed in.
PURE = [
    "_core/enums.py",
    "_core/notebook.py",
    "_core/paging.py",
    "_core/params.py",
    "_transport/decoding.py",
    "_transport/encoding.py",
    "_transport/endpoint.py",
    "_transport/file_address.py",
    "_transport/response_checks.py",
    "_transport/rate_limiter.py",
    "_transport/recovery.py",
    "_transport/redact.py",
    "_transport/retry.py",
    "annotations/answers.py",
    "annotations/captions.py",
    "annotations/drawing.py",
    "annotations/elements.py",
    "annotations/escaping.py",
    "annotations/forms.py",
    "annotations/lidar.py",
    "annotations/marks.py",
    "annotations/reading.py",
    "annotations/response.py",
    "annotations/segmentation.py",
    "annotations/shape_lists.py",
    "annotations/shapes.py",
    "annotations/svg_text.py",
    "annotations/text.py",
    "annotations/video.py",
    "annotations/views.py",
    "bulk/keys.py",
    "callbacks/event.py",
    "callbacks/verify.py",
    "download/names.py",
    "download/plan.py",
    "exceptions.py",
    "prelabels/coco.py",
    "prelabels/cvat.py",
    "prelabels/cvat_xml.py",
    "prelabels/labels.py",
    "prelabels/result.py",
    "prelabels/shapes.py",
    "prelabels/yolo.py",
    "export/lines.py",
    "export/names.py",
    "export/pages.py",
    "export/report.py",
    "export/windows.py",
    "tasks/enums.py",
    "tasks/filters.py",
    "tasks/parameters.py",
]
IMPURE = {"os", "random", "requests", "socket", "ssl", "threading", "time", "urllib3"}


def imports(path: Path) -> Set[str]:
    """Return the top-level names of the packages that a module imports."""
    found: Set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.skipif(sys.version_info < (3, 11), reason="import-linter needs 3.11")
def test_the_import_contracts_in_setup_cfg_are_kept() -> None:
    command = "from importlinter.cli import lint_imports_command as run; run()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=str(ROOT),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert " kept, 0 broken" in done.stdout


@pytest.mark.parametrize("module", PURE)
def test_a_pure_module_imports_nothing_that_does_io(module: str) -> None:
    assert not imports(PACKAGE / module) & IMPURE


def test_only_the_store_contains_sql() -> None:
    statement = re.compile(
        r"\b(SELECT\b.+\bFROM|INSERT\b.+\bINTO|UPDATE\b.+\bSET|DELETE\s+FROM)\b", re.S
    )
    containing = {
        path.relative_to(PACKAGE).parent.as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and statement.search(node.value)
    }
    assert containing == {"sandbox/store"}
