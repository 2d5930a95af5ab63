"""Which sums over groups of people may be shown, so that none over fewer than five can be worked out from them.

Statistical disclosure control calls it primary suppression (small groups are not shown) and secondary suppression (nor
is what gives them away by subtraction); see Hundepool et al., Statistical Disclosure Control (Wiley 2012), chapter 4.
Both are one rule here, after Gusfield, A Graph Theoretic Approach to Statistical Data Security, SIAM J. Comput. 17 (1988).

People stand in the cells of a table with two ways, say department and role. Each way is a tree of groups: a group is
shown, or is part of the rest of the group above it. Make a graph of it: a node for each group shown (standing for what
its own shown parts leave of it), a node for the rest of each way, and an edge for each person, from where they stand in
the rows to where they stand in the columns. A sum that can be derived from those shown gives each edge the difference of
the potentials of its two ends. It is free of everybody but the people of a set S if and only if S cuts the graph. So
nothing can be derived about fewer than five people exactly if every cut has at least five edges, and hiding a group,
which contracts its node into the one above, never makes a cut smaller.

Counts say more: who is counted adds 1, so that a total at its end (all, or none) tells of each. A person who is counted
is therefore an arc one way and one who is not an arc the other way; with at least five arcs out of every set of nodes, no
five people less one can be pinned down from what is shown and from 0 ≤ x ≤ 1 either (proof in ADR 21).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import NONE, BoolArray, IntArray, LongArray

LEAST = 5
"""The smallest group anything is shown of."""
ROWS, COLUMNS = 0, 1
"""The nodes at the top of the two ways: everybody."""


@dataclass(frozen=True)
class Margins:
    """The groups of a table with two ways.

    Parameters
    ----------
    parent
        The group each is part of, (n_groups,); `NONE` for `ROWS` and `COLUMNS`, which are the first two.
    rank
        Which are given up first where one must be, (n_groups,): those of the lowest rank, of these the smallest.
    row, column
        The smallest group each cell is in, both (n_cells,).
    """

    parent: IntArray
    rank: IntArray
    row: IntArray
    column: IntArray

    def __len__(self) -> int:
        return len(self.parent)

    @cached_property
    def within(self) -> BoolArray:
        """Whether each cell is in each group, (n_groups, n_cells)."""
        found = np.zeros((len(self), len(self.row)), dtype=np.bool_)
        cells = np.arange(len(self.row))
        for leaf in (self.row, self.column):
            at = leaf
            while (at != NONE).any():
                found[at[at != NONE], cells[at != NONE]] = True
                at = np.where(at != NONE, self.parent[at], NONE)
        return found

    @cached_property
    def is_undivided(self) -> BoolArray:
        """Whether a group has no parts, (n_groups,)."""
        found = np.ones(len(self), dtype=np.bool_)
        found[self.parent[self.parent != NONE]] = False
        return found

    def standing(self, shown: BoolArray) -> IntArray:
        """Return for which node each group stands: itself if shown, else the nearest above that is, (n_groups,)."""
        at = np.arange(len(self))
        while (hidden := ~shown[at] & (self.parent[at] != NONE)).any():
            at = np.where(hidden, self.parent[at], at)
        return at.astype(np.int32)


def protected(
    margins: Margins,
    people: LongArray,
    *,
    counted: LongArray | None = None,
    shown: BoolArray | None = None,
    least: int = LEAST,
) -> BoolArray:
    """Return of which groups a sum may be shown, (n_groups,): of none at all if not of everybody.

    Parameters
    ----------
    people
        How many stand in each cell, (n_cells,).
    counted
        How many of them a count counts, (n_cells,); None: the sum is no count, and what is shown of it is rounded and
        kept from its ends.
    shown
        Which groups to begin from; all unless said.
    """
    n_groups = len(margins)
    shown = np.ones(n_groups, dtype=np.bool_) if shown is None else shown.copy()
    there = people > 0
    row, column, people = margins.row[there], margins.column[there], people[there]
    more, less = (people, people) if counted is None else (people - counted[there], counted[there])
    if not shown[ROWS] or min(int(more.sum()), int(less.sum())) < least:
        return np.zeros(n_groups, dtype=np.bool_)
    size = (margins.within[:, there] * people).sum(axis=1)
    while True:
        at = margins.standing(shown)
        arcs = _Arcs(at[row], at[column], more, less)
        small = shown & margins.is_undivided & (margins.parent != NONE) & (arcs.degree(n_groups) < least)
        if small.any():
            shown[small] = False
            continue
        side = light_side(arcs.tail, arcs.head, more, less, n_nodes=n_groups, least=least)
        if side is None:
            return shown
        above = at[np.where(margins.parent == NONE, 0, margins.parent)]
        given_up = np.flatnonzero(shown & (margins.parent != NONE) & (side != side[above]))
        empty = arcs.degree(n_groups)[given_up] == 0
        shown[given_up[np.lexsort((size[given_up], margins.rank[given_up], empty))[0]]] = False


@dataclass(frozen=True, slots=True)
class _Arcs:
    """Arcs from `tail` to `head`, `more` of them, and `less` back; all (n,)."""

    tail: IntArray
    head: IntArray
    more: LongArray
    less: LongArray

    def degree(self, n_nodes: int) -> NDArray[np.float64]:
        """Return the fewer of the arcs that leave each node and those that enter it."""
        leave = np.bincount(self.tail, self.more, n_nodes) + np.bincount(self.head, self.less, n_nodes)
        enter = np.bincount(self.tail, self.less, n_nodes) + np.bincount(self.head, self.more, n_nodes)
        return np.asarray(np.minimum(leave, enter))


def light_side(
    tail: IntArray, head: IntArray, more: LongArray, less: LongArray, *, n_nodes: int, least: int
) -> BoolArray | None:
    """Return nodes that fewer than `least` arcs leave, and that some edge leads out of, (n_nodes,); None if there are none.

    Edge i stands for `more[i]` arcs from `tail[i]` to `head[i]` and `less[i]` arcs back.
    """
    label = np.arange(n_nodes, dtype=np.int32)
    while True:
        a, b = label[tail], label[head]
        apart = a != b
        arcs = _merged(a[apart], b[apart], more[apart], less[apart])
        strong = (arcs.more >= least) & (arcs.less >= least)  # no light side parts what so many arcs join
        if not strong.any():
            break
        label = _joined(label, arcs.tail[strong], arcs.head[strong])
    capacity: dict[int, dict[int, int]] = {}
    for u, v, there, back in zip(*(one.tolist() for one in (arcs.tail, arcs.head, arcs.more, arcs.less)), strict=True):
        capacity.setdefault(u, {})[v] = there
        capacity.setdefault(v, {})[u] = back
    for component in _components(capacity):
        root, *others = component
        for other in others:
            for source, sink in ((root, other), (other, root)):
                side = _kept_apart(capacity, source, sink, least=least)
                if side is not None:
                    return np.isin(label, sorted(side))
    return None


def _merged(a: IntArray, b: IntArray, more: LongArray, less: LongArray) -> _Arcs:
    """Return one edge for each pair of nodes."""
    turned = a > b
    low, high = np.where(turned, b, a).astype(np.int64), np.where(turned, a, b).astype(np.int64)
    width = int(high.max(initial=0)) + 1
    keys, pair = np.unique(low * width + high, return_inverse=True)
    there = np.bincount(pair, np.where(turned, less, more), len(keys)).astype(np.int64)
    back = np.bincount(pair, np.where(turned, more, less), len(keys)).astype(np.int64)
    return _Arcs((keys // width).astype(np.int32), (keys % width).astype(np.int32), there, back)


def _joined(label: IntArray, a: IntArray, b: IntArray) -> IntArray:
    """Return labels in which the nodes labelled a[i] and b[i] have one label, for every i."""
    of = np.arange(len(label), dtype=np.int32)
    while True:
        low = np.minimum(of[a], of[b])
        now = of.copy()
        np.minimum.at(now, of[a], low)
        np.minimum.at(now, of[b], low)
        now = now[now]
        if np.array_equal(now, of):
            return now[label]
        of = now


def _components(capacity: dict[int, dict[int, int]]) -> Iterator[list[int]]:
    """Yield the nodes of each connected part, edges without an arc left included."""
    seen: set[int] = set()
    for start in sorted(capacity):
        if start in seen:
            continue
        found, waiting = [start], [start]
        seen.add(start)
        while waiting:
            for node in capacity[waiting.pop()]:
                if node not in seen:
                    seen.add(node)
                    found.append(node)
                    waiting.append(node)
        yield found


def _kept_apart(capacity: dict[int, dict[int, int]], source: int, sink: int, *, least: int) -> set[int] | None:
    """Return the nodes on the side of `source` of a cut of fewer than `least` arcs; None if there is no such cut."""
    used: dict[tuple[int, int], int] = {}
    flow = 0
    while True:
        came: dict[int, int] = {source: source}
        waiting = deque([source])
        while waiting and sink not in came:
            u = waiting.popleft()
            for v, there in capacity[u].items():
                if v not in came and there - used.get((u, v), 0) > 0:
                    came[v] = u
                    waiting.append(v)
        if sink not in came:
            return set(came)
        route = [sink]
        while route[-1] != source:
            route.append(came[route[-1]])
        steps = [(u, v) for v, u in pairwise(route)]
        width = min(capacity[u][v] - used.get((u, v), 0) for u, v in steps)
        for u, v in steps:
            used[u, v] = used.get((u, v), 0) + width
            used[v, u] = used.get((v, u), 0) - width
        flow += width
        if flow >= least:
            return None
