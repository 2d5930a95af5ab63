"""The hybrid scorers of several moments, fitted in the background while the rest of the fit goes on."""

from __future__ import annotations

import threading
import time
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from types import TracebackType

from recommender.company import Completions, Dataset
from recommender.sparse import SparseRows
from training.config import FitConfig
from training.progress import Progress
from training.scorers.hybrid import HybridFit, fit_hybrid, later_epochs

SECONDS_BETWEEN_LOOKS = 0.5


class HybridFits:
    """Fits side by side, each on one thread, no more at once than there are threads: LightFM works outside Python's lock.

    Two threads make two fits at once, not one fit on two: what several threads of LightFM learn depends on chance.
    """

    def __init__(self, config: FitConfig, *, most: int) -> None:
        self._config = config
        # A fit that waits for another one has a thread but no turn, so that it keeps none from working.
        self._pool = ThreadPoolExecutor(most)
        self._turns = threading.Semaphore(config.threads)
        self._epochs = 0
        self._epochs_done = 0
        self._seconds: dict[str, float] = {}
        self._lock = threading.Lock()
        self._given_up = False

    def __enter__(self) -> HybridFits:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._given_up = kind is not None
        self._pool.shutdown(cancel_futures=True)

    def begin(
        self, of: str, data: Dataset, past: Completions, terms: SparseRows, *, after: Future[HybridFit] | None = None
    ) -> Future[HybridFit]:
        """Fit the hybrid scorer as soon as `after`, if given, has ended and a thread is free.

        `after` is where it starts, the fit of an earlier moment; `of` names it among the seconds.
        """
        self._epochs += self._config.hybrid.epochs if after is None else later_epochs(self._config.hybrid)
        return self._pool.submit(self._fit, of, data, past, terms, after)

    @property
    def seconds(self) -> dict[str, float]:
        """How long each fit that ended took, by what it was named."""
        with self._lock:
            return dict(self._seconds)

    def wait(self, fit: Future[HybridFit], progress: Progress) -> None:
        """Return when a fit has ended, telling how many epochs of all fits begun are done; its error is raised."""
        while not fit.done():
            progress("hybrid", self._epochs_done, self._epochs)
            wait([fit], timeout=SECONDS_BETWEEN_LOOKS)
        fit.result()
        progress("hybrid", self._epochs_done, self._epochs)

    def _fit(
        self, of: str, data: Dataset, past: Completions, terms: SparseRows, after: Future[HybridFit] | None
    ) -> HybridFit:
        start = None if after is None else after.result()
        with self._turns:
            began = time.perf_counter()
            config = self._config
            found = fit_hybrid(
                data, past, terms, config=config.hybrid, seed=config.seed, after=start, epoch_done=self._count
            )
        with self._lock:
            self._seconds[f"{of}: hybrid"] = round(time.perf_counter() - began, 2)
        return found

    def _count(self) -> None:
        if self._given_up:
            raise CancelledError("the fit was given up")
        with self._lock:
            self._epochs_done += 1
