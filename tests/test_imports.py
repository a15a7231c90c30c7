"""Imports go one way (see docs/design.md), and importing does nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = ["prepare.py", "teach.py", "train.py", "evaluate.py", "export.py", "predict.py"]
MODULES = sorted([*Path("data").rglob("*.py"), *Path("model").rglob("*.py")])

FORBIDDEN = {
    # a module: what it must not import, directly or through others
    "data": {"model", "torch", "transformers", "tokenizers"},
    "data.schema": {"numpy", "scipy", "sklearn", "data.files", "data.formats"},
    "data.formats": {"numpy", "scipy", "sklearn"},
    "data.compression": {"numpy", "data.formats"},
    "data.stream": {"numpy", "scipy", "sklearn"},
    "model.tags": {"torch", "transformers", "data.files"},
    "model.encode": {"torch", "transformers"},
    "model.decode": {"torch", "transformers", "tokenizers"},
    "model.thresholds": {"numpy", "torch", "model.decode"},
    "model.timex": {"numpy", "torch", "data.files", "data.schema"},
    "model.countries": {"numpy", "torch", "model.dates", "model.tagger"},
    "model.fragments": {"numpy", "torch", "model.tagger"},
    "model.expressions": {"numpy", "torch", "model.timex", "model.dates"},
    "model.limits": {"numpy", "torch", "data.schema", "model.timex", "model.expressions"},
    "model.zones": {"numpy", "torch", "data.schema", "model.timex", "model.expressions"},
    "model.traits": {"numpy", "torch", "data.schema", "model.timex", "model.dates"},
    "model.context": {"numpy", "torch", "data.schema", "model.expressions", "model.dates"},
    "model.rewording": {"numpy", "torch", "data.schema", "model.timex", "model.dates"},
    "model.placing": {"numpy", "torch", "data.schema", "model.rewording", "model.dates"},
    "model.dates": {"numpy", "torch", "transformers", "sklearn", "model.tagger", "model.links"},
    "model.links": {"torch", "transformers", "sklearn", "model.tagger"},
    "model.records": {"torch", "transformers", "sklearn", "model.tagger"},
    "model.writers": {"torch", "transformers", "sklearn", "model.tagger"},
    "model.scoring": {"torch", "transformers", "model.report"},
    "model.errors": {"torch", "transformers", "model.report"},
    "model.strata": {"torch", "transformers", "model.report"},
    "model.calibration": {"torch", "transformers", "model.report"},
    "model.comparison": {"torch", "transformers", "model.report"},
    "model.runs": {"model.report", "model.card", "model.cli"},
    "model.agreement": {"torch", "transformers", "model.tagger"},
    "model.report": {"torch", "transformers", "model.tagger"},
    "model.review": {"torch", "transformers", "model.tagger"},
    "model.report_pages": {"torch", "transformers", "model.tagger"},
    "model.charts": {"torch", "transformers", "model.tagger", "model.report"},
    "model.render": {"torch", "transformers", "model.tagger"},
    "model.tagger": {"torch", "transformers", "onnxruntime", "model.scoring", "model.report", "argparse"},
    "model.int8": {"torch", "transformers", "onnx", "model.network", "model.scoring"},
    "model.dropout": {"transformers", "numpy", "model.network"},
    "model.network": {"model.scoring", "model.report", "argparse"},
    "model.joint": {"model.scoring", "model.report", "argparse"},
    "model.soft_labels": {"torch", "transformers", "model.tagger", "argparse"},
    "model.time_head": {"torch", "transformers", "sklearn", "model.tagger"},
    "model.outputs": {"torch", "transformers", "sklearn", "model.network", "model.job"},
    "model.forms": {"numpy", "torch", "data.formats", "model.tagger"},
    "model.progress": {"numpy", "torch", "data.schema", "model.tagger"},
    "model.training": {"model.report", "model.cli"},
}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def module_name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def closure(name: str) -> set[str]:
    ours = {module_name(path): path for path in MODULES}
    reached: set[str] = set()
    queue = [name]
    while queue:
        for found in imports(ours[queue.pop()]):
            if found not in reached:
                reached.add(found)
                if found in ours:
                    queue.append(found)
    return reached


@pytest.mark.parametrize("name", [name for name in FORBIDDEN if name not in ("data", "data.formats")])
def test_rooms_know_only_what_they_may(name: str) -> None:
    assert (Path(*name.split(".")).with_suffix(".py")).is_file()
    top = {found.partition(".")[0] for found in closure(name)} | closure(name)
    assert not top & FORBIDDEN[name]


@pytest.mark.parametrize("folder", ["data", "data.formats"])
def test_data_never_knows_models(folder: str) -> None:
    for path in Path(*folder.split(".")).rglob("*.py"):
        reached = closure(module_name(path))
        assert not ({found.partition(".")[0] for found in reached} | reached) & FORBIDDEN[folder], path


def test_nothing_imports_the_scripts() -> None:
    names = {Path(script).stem for script in SCRIPTS}
    for path in MODULES:
        assert not imports(path) & names, path


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_short(script: str) -> None:
    assert len(Path(script).read_text(encoding="utf-8").splitlines()) < 150


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_answers_without_the_network(script: str) -> None:
    code = (
        "import runpy, sys\n"
        f"sys.argv = ['{script}', '--help']\n"
        "try:\n    runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "usage:" in done.stdout
