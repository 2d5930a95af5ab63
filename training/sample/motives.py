"""What pulls people towards courses: their job, the one they want, interests and habits; and what holds them back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.sample.market import Market
from training.sample.people import People, Roles
from training.sample.timeline import FloatArray, IntArray

OPEN, SIBLING, DONE = 0, 1, 2
CLOSED = np.float32(-1e9)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each motive counts, in natural logarithms of the odds of choosing a course.

    They are chosen, not measured: a course that serves the job is to be a few times as likely as one that does not, the
    next part of a series several times, while popularity and fashion together still explain more than any of these.
    """

    role: float = 1.1
    target: float = 1.9
    interest: float = 0.9
    sequence: float = 1.5
    too_hard: float = 1.1
    known_already: float = 1.0
    missing_prerequisite: float = 3.5


@dataclass(frozen=True, slots=True)
class World:
    """Who is there, what roles need, what is on offer, and how much of all choice is chance (`noise`, 0-1)."""

    people: People
    roles: Roles
    market: Market
    noise: float


@dataclass(slots=True)
class State:
    """What changes from week to week; one row an employee."""

    levels: FloatArray
    taken: NDArray[np.int8]
    role: IntArray
    target: IntArray
    plan_start: IntArray
    plan_end: IntArray
    momentum: FloatArray
    recent: IntArray
    last_week: IntArray


def personal_motives(
    who: IntArray, courses: IntArray, week: int, world: World, state: State
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return what role, target role, interest and recent courses add, each of shape (people, courses)."""
    weights = Weights()
    role = weights.role * need_met(state.role[who], who, courses, world, state)
    role = role + world.market.peer_taste[state.role[who][:, None], courses]
    aims = state.target[who]
    urgency = _urgency(state, who, week)[:, None]
    target = weights.target * urgency * need_met(np.maximum(aims, 0), who, courses, world, state)
    target = target + 0.7 * urgency * world.market.peer_taste[np.maximum(aims, 0)[:, None], courses]
    # Not `@`: its library may add in another order with other threads, and choices would differ.
    liking = np.einsum("pk,ck->pc", world.people.tastes[who], world.market.flavour[courses])
    fading = np.exp(-(week - state.last_week[who]) / 26).astype(np.float32)[:, None]
    steps = sum(
        share * world.market.leads_to[state.recent[who, k]][:, courses] for k, share in enumerate((1.0, 0.55, 0.3))
    )
    return role, target, weights.interest * liking, weights.sequence * fading * steps


def _urgency(state: State, who: IntArray, week: int) -> FloatArray:
    """Return how much the target role counts: nothing without one, more as the move comes near."""
    length = np.maximum(state.plan_end[who] - state.plan_start[who], 1)
    passed = np.clip((week - state.plan_start[who]) / length, 0, 1)
    return np.where(state.target[who] >= 0, 0.6 + 0.4 * passed, 0).astype(np.float32)


def need_met(role: IntArray, who: IntArray, courses: IntArray, world: World, state: State) -> FloatArray:
    """Return how much of what a role asks for each course would give, saturating at 1.8; shape (people, courses)."""
    gain = np.zeros((len(who), len(courses)), dtype=np.float32)
    for slot in (0, 1):
        skill = world.market.skill[courses, slot]
        reached = np.minimum(world.roles.needed[role][:, skill], world.market.level[courses, slot])
        gain += np.maximum(reached - state.levels[who][:, skill], 0) * world.roles.importance[role][:, skill]
    return np.asarray(1.8 * (1 - np.exp(-gain)), dtype=np.float32)


def fit_of(who: IntArray, courses: IntArray, world: World, state: State) -> FloatArray:
    """Return the penalty of courses that are too hard or hold nothing new, shape (people, courses)."""
    weights = Weights()
    have = state.levels[who][:, world.market.skill[courses, 0]]
    too_hard = np.maximum(world.market.entry[courses, 0] - have - 0.25, 0)
    known = (have >= world.market.level[courses, 0]).astype(np.float32)
    return np.asarray(-weights.too_hard * too_hard - weights.known_already * known, dtype=np.float32)


def limits_of(who: IntArray, courses: IntArray, world: World, state: State) -> FloatArray:
    """Return 0 for what a person may take, a penalty for missing prerequisites, and a bar for all that is closed."""
    taken = state.taken[who][:, courses]
    open_to = world.market.speaks[world.people.language[who]][:, courses]
    open_to &= (
        world.market.admits_role[state.role[who]][:, courses]
        & world.market.admits_location[world.people.location[who]][:, courses]
    )
    unmet = state.taken[who[:, None], world.market.prerequisite[courses][None, :]] == OPEN
    limits = np.where(unmet, np.float32(-Weights().missing_prerequisite), np.float32(0))
    limits = np.where(taken == SIBLING, np.float32(-3.5), limits)
    return np.asarray(np.where((taken == DONE) | ~open_to, CLOSED, limits), dtype=np.float32)
