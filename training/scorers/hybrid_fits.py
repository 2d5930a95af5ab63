"""The hybrid scorers of several moments, fitted in the background while the rest of the fit goes on."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType

from recommender.company import Dataset
from recommender.scorers.hybrid import Hybrid
from recommender.sparse import SparseRows
from training.config import FitConfig
from training.progress import Progress
from training.scorers.histories import Histories
from training.scorers.hybrid import fit_hybrid

SECONDS_BETWEEN_LOOKS = 0.5


class HybridFits:
    """Fits side by side, each on its share of the threads: LightFM works outside Python's lock.

    Two threads make two fits at once, not one fit on two: LightFM gains little from a second thread, and with one its
    result does not depend on chance.
    """

    def __init__(self, config: FitConfig) -> None:
        self._config = config
        self._pool = ThreadPoolExecutor(config.threads)
        self._n_fits = 0
        self._epochs_done = 0
        self._seconds: dict[str, float] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> HybridFits:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def begin(self, of: str, data: Dataset, rows: Histories, terms: SparseRows) -> Future[Hybrid]:
        """Fit the hybrid scorer on `rows` as soon as a thread is free; `of` names it among the seconds."""
        self._n_fits += 1
        return self._pool.submit(self._fit, of, data, rows, terms)

    @property
    def seconds(self) -> dict[str, float]:
        """How long each fit that ended took, by what it was named."""
        with self._lock:
            return dict(self._seconds)

    def wait(self, fit: Future[Hybrid], progress: Progress) -> None:
        """Return when a fit has ended, telling how many epochs of all fits begun are done; its error is raised."""
        total = self._n_fits * self._config.hybrid.epochs
        while not fit.done():
            progress("hybrid", self._epochs_done, total)
            wait([fit], timeout=SECONDS_BETWEEN_LOOKS)
        fit.result()
        progress("hybrid", self._epochs_done, total)

    def _fit(self, of: str, data: Dataset, rows: Histories, terms: SparseRows) -> Hybrid:
        began = time.perf_counter()
        config = self._config
        found = fit_hybrid(data, rows, terms, config=config.hybrid, seed=config.seed, epoch_done=self._count)
        with self._lock:
            self._seconds[f"{of}: hybrid"] = round(time.perf_counter() - began, 2)
        return found

    def _count(self) -> None:
        with self._lock:
            self._epochs_done += 1
