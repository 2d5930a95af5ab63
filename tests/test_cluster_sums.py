"""The sums of a fit counted on a cluster: those of one process, to the last bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from dask_cluster import cluster
from planted_worlds import Fitted

from training.cluster import DaskEngine
from training.scorers.grams import completed_together, followed
from training.scorers.histories import interactions


def test_sums_of_the_closed_forms_are_those_of_one_process_to_the_last_bit(
    company_model: Fitted, tmp_path: Path
) -> None:
    data, n = company_model.data, len(company_model.data.catalog)
    taken = interactions(data.completions, n_courses=n)
    with cluster(tmp_path, workers=2) as running, DaskEngine(running.address, wait_for=2) as engine:
        pairs = [(completed_together(taken, size=50), completed_together(taken, size=50, engine=engine))]
        here = followed(data.completions, n_courses=n, size=50)
        pairs += zip(here, followed(data.completions, n_courses=n, size=50, engine=engine), strict=True)
    for one, other in pairs:
        assert one.nnz
        assert np.array_equal(one.indptr, other.indptr)
        assert np.array_equal(one.indices, other.indices)
        assert np.array_equal(one.data, other.data)
