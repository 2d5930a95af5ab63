"""Circles among prerequisites, or among courses that supersede each other: tables must have none, nor may a write make one.

The edges of course i are `[neighbours(cell, ids) …]` of `recommender.assembly`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np


def find_cycles(edges: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return cycles of a directed graph, each from its smallest node; none exactly if the graph has none.

    Depth-first search from every node in order; each edge back into the current path closes one cycle. `edges[i]` are
    the nodes that node i points to.
    """
    cycles, done = [], np.zeros(len(edges), dtype=np.bool_)
    for start in range(len(edges)):
        path: list[int] = []
        depth: dict[int, int] = {}
        open_edges: list[Iterator[int]] = []
        step: int | None = None if done[start] else start
        while step is not None or path:
            if step is not None:
                depth[step] = len(path)
                path.append(step)
                open_edges.append(iter(edges[step]))
            step = next(open_edges[-1], None)
            if step is None:
                open_edges.pop()
                done[path[-1]] = True
                del depth[path.pop()]
            elif step in depth:
                cycle = path[depth[step] :]
                turn = cycle.index(min(cycle))
                cycles.append(cycle[turn:] + cycle[:turn])
                step = None
            elif done[step]:
                step = None
    return cycles
