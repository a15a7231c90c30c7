"""A job's parts tagged by the workers of a Ray cluster, through Ray Data."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from data.errors import InputError
from model import engines
from model.job import Counts, Job

LOCAL_WORKERS = 2


def run(
    job: Job, parts: Sequence[int], run: Path, engine: str, address: str | None, workers: int | None
) -> Iterator[Counts]:
    """Tag parts of a job; what came of each, as they get done.

    A worker is a process with one processor. It takes a part, tags it and writes it, as a single process would. A part
    is written whole or not at all; so that of a worker that died is simply done anew, which Ray Data sees to.

    Args:
        job: whose input and folder every machine of the cluster sees under the same path.
        parts: to be done, at least one.
        run: the run's folder, seen by all as well.
        engine: that the job began with.
        address: of a cluster; None starts one on this machine.
        workers: their number; None is 2 on this machine, or as many as the cluster has processors.

    Raises:
        InputError: Ray is not installed, or no cluster answers.
        DataError: as of `Job.run_part`.
    """
    # Before ray is imported, which reads them: no word to anybody, and no remarks of its own on our progress.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_DATA_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        import ray
    except ImportError:
        raise InputError("Ray is not installed; install it with: pip install -r requirements-ray.txt") from None
    _start(address, workers)
    try:
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        logging.getLogger("ray.data").setLevel(logging.WARNING)
        size = workers or (LOCAL_WORKERS if address is None else _processors())
        items = ray.data.from_items([{"part": number} for number in parts], override_num_blocks=len(parts))
        done = items.map_batches(
            _Worker, batch_size=1, num_cpus=1,
            compute=ray.data.ActorPoolStrategy(size=min(size, len(parts))),
            fn_constructor_kwargs={"job": job, "run": run, "engine": engine, "folder": Path.cwd()},
        )  # fmt: skip
        for row in done.iter_rows():
            if row["error"]:
                raise InputError(row["error"])
            yield Counts(row["articles"], row["broken"])
    finally:
        ray.shutdown()


def _start(address: str | None, workers: int | None) -> None:
    import ray

    # The workers import this package from where it is, installed or not.
    environment = {"env_vars": {"PYTHONPATH": os.pathsep.join((str(Path(__file__).parents[1]), *_python_path()))}}
    try:
        if address is None:
            ray.init(
                num_cpus=workers or LOCAL_WORKERS, include_dashboard=False, log_to_driver=False,
                logging_level=logging.ERROR, runtime_env=environment, _node_ip_address="127.0.0.1",
            )  # fmt: skip
        else:
            ray.init(address, log_to_driver=False, logging_level=logging.ERROR, runtime_env=environment)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise InputError(f"no Ray cluster at {address or 'this machine'}: {error}") from None


def _processors() -> int:
    import ray

    resources: Any = ray.cluster_resources  # ray has no type for it
    return max(1, int(resources().get("CPU", 1)))


def _python_path() -> list[str]:
    return [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]


class _Worker:
    """Tags parts. One for each process of the cluster."""

    def __init__(self, job: Job, run: Path, engine: str, folder: Path) -> None:
        os.chdir(folder)  # the paths of the job are the user's, relative to where predict.py was started
        self._job = job
        self._tagger = engines.load(run, engine, threads=1)
        self._tagger.thresholds = job.thresholds

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        rows: dict[str, list[Any]] = {"articles": [], "broken": [], "error": []}
        for number in batch["part"]:
            error, counts = "", Counts()
            try:
                counts = self._job.run_part(int(number), self._tagger)
            except InputError as found:  # the user's to mend: no retry would help
                error = str(found)
            rows["articles"].append(counts.articles)
            rows["broken"].append(counts.broken)
            rows["error"].append(error)
        return rows
