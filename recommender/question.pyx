# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""A question as the compiled steps of scorers read it: the person, the courses asked about, and what courses teach.

question.pyi says what each is. Arrays are checked when something is made of them; positions of courses come from the model.
"""

cimport numpy as cnp
from libc.math cimport INFINITY, pow
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from recommender.kernels cimport data, fetch_line, floats, ints, levels_in, longs, zeros

cnp.import_array()

ALL, LATEST, BEFORE, GOAL, ROLE, MISSING = OF_ALL, OF_LATEST, OF_BEFORE, OF_GOAL, OF_ROLE, OF_MISSING
LONGEST_HISTORY = LONGEST

cdef double DAY = 86_400  # seconds


cdef class Places:
    """The columns somebody asks about, and where each stands among them."""

    def __cinit__(self, cnp.ndarray columns not None, Py_ssize_t n_columns):
        cdef Py_ssize_t n = cnp.PyArray_SIZE(columns)
        self.which = <int32_t *> malloc((n + 1) * sizeof(int32_t))
        if self.which == NULL:
            raise MemoryError
        memcpy(self.which, ints(columns, "columns"), n * sizeof(int32_t))  # its own: the slots are taken back by it
        self.columns, self.n, self.n_columns, self.slot = columns, n, n_columns, slots_of(n_columns)

    def __init__(self, cnp.ndarray columns, Py_ssize_t n_columns):
        cdef Py_ssize_t i
        for i in range(self.n):
            if not 0 <= self.which[i] < n_columns or self.slot[self.which[i]] >= 0:
                raise ValueError(f"columns: found {self.which[i]} twice or beyond {n_columns}; expected each once")
            self.slot[self.which[i]] = <int32_t> i

    def __len__(self):
        return self.n

    def __dealloc__(self):
        cdef Py_ssize_t i
        if self.slot != NULL:
            for i in range(self.n):
                if 0 <= self.which[i] < self.n_columns:
                    self.slot[self.which[i]] = -1
            put_back(self.slot, self.n_columns)
        free(self.which)


# One spare table of slots, every slot −1: clearing a new one for each question would take longer the more courses there are.
cdef int32_t *spare = NULL
cdef Py_ssize_t n_spare = -1


cdef int32_t *slots_of(Py_ssize_t n) except NULL:
    """Return n slots, −1 each."""
    global spare
    cdef int32_t *found = spare
    if found != NULL and n_spare == n:
        spare = NULL
        return found
    found = <int32_t *> malloc((n + 1) * sizeof(int32_t))
    if found == NULL:
        raise MemoryError
    memset(found, 0xff, (n + 1) * sizeof(int32_t))
    return found


cdef void put_back(int32_t *slots, Py_ssize_t n) noexcept:
    global spare, n_spare
    free(spare)
    spare, n_spare = slots, n


cdef class Taught:
    """What courses teach and ask for at the start: the arrays of `recommender.catalog.SkillRows`."""

    def __init__(self, rows):
        self.rows = rows
        self.begins, self.skills = longs(rows.indptr, "indptr"), ints(rows.skill_idx, "skill_idx")
        self.levels, self.entry = levels_in(rows.level, "level"), levels_in(rows.entry_level, "entry_level")
        self.declared = <const uint8_t *> data(rows.entry_declared, cnp.NPY_BOOL, "entry_declared")

    def __reduce__(self):
        return Taught, (self.rows,)


cdef class Person:
    """One question as the steps read it."""

    def __init__(self, query, Py_ssize_t n_courses, standing, cnp.ndarray recent, cnp.ndarray recent_at, cnp.ndarray places,
                 double decay, Py_ssize_t head):
        cdef const int64_t *at = longs(recent_at, "recent_at")
        cdef const double *after = <const double *> data(places, cnp.NPY_FLOAT64, "places")
        cdef Py_ssize_t n = cnp.PyArray_SIZE(recent), j
        cdef float total = 0
        if n > LONGEST or cnp.PyArray_SIZE(recent_at) != n or cnp.PyArray_SIZE(places) != n:
            raise ValueError(f"recent: found {n} courses or as many times as fit to others; expected at most {LONGEST} of each")
        self.query, self.n_courses, self.standing, self.head = query, n_courses, standing, head
        self.recent, self.recent_at, self.places, self.decay = recent, recent_at, places, decay
        self.history, self.n_recent = <int32_t *> ints(recent, "recent"), n
        self.role = query.role_idx
        self.goal = query.target_role_idx
        self.goal = self.role if self.goal < 0 else self.goal
        self.days_since = max(<int64_t> query.as_of - at[0], 0) / DAY if n else INFINITY
        self.newest = 0
        while self.newest < n and at[self.newest] == at[0]:
            self.newest += 1
        self.before_stop = self.newest
        while self.before_stop < n and at[self.before_stop] == at[self.newest]:
            self.before_stop += 1
        for j in range(n):
            self.by_recency[j] = <float> pow(decay, after[j])
            total += self.by_recency[j]
        for j in range(n):  # behind a thousand courses of one moment all weights are 0 in single precision
            self.by_share[j] = self.by_recency[j] / total if total > 0 else <float> (1.0 / n)
        self.gains = []

    def __reduce__(self):
        made_of = (self.query, self.n_courses, self.standing, self.recent, self.recent_at, self.places, self.decay, self.head)
        return type(self), made_of

    @property
    def recency(self):
        """Weight of each course of `recent`: the decay to the number of courses completed after it, (m,)."""
        cdef cnp.ndarray found = zeros(self.n_recent, cnp.NPY_FLOAT32)
        memcpy(cnp.PyArray_DATA(found), self.by_recency, self.n_recent * sizeof(float))
        return found

    cdef (Py_ssize_t, Py_ssize_t) span(self, int over) noexcept:
        """Return from where to where in `recent` some of the courses stand."""
        if over == OF_ALL:
            return 0, self.n_recent
        if over == OF_LATEST:
            return 0, self.newest
        return self.newest, self.before_stop

    cdef int32_t row(self, int who) noexcept:
        """Return the row of one of the two roles."""
        return self.goal if who == OF_GOAL else self.role

    def gain(self, need, Places courses):
        """Return by how much each course raises the coverage of a need now, (len(courses),): `recommender.skills.goal_gain`."""
        for known, asked, found in self.gains:
            if known is need and asked is courses:
                return found
        found = gain(self.standing.catalog.taught, courses.columns, self.standing.levels, need)
        self.gains.append((need, courses, found))
        return found


cdef inline void ask_for(Taught taught, const int32_t *which, Py_ssize_t i, Py_ssize_t n) noexcept:
    """Ask for what the courses soon to be read teach, so that their waits overlap."""
    cdef int64_t begin
    if i + 2 * AHEAD < n:
        fetch_line(taught.begins + which[i + 2 * AHEAD])
    if i + AHEAD < n:
        begin = taught.begins[which[i + AHEAD]]
        fetch_line(taught.skills + begin)
        fetch_line(taught.levels + begin)
        fetch_line(taught.entry + begin)
        fetch_line(taught.declared + begin)


def gain(Taught taught, cnp.ndarray courses, cnp.ndarray levels, need):
    """Return what `recommender.skills.goal_gain` says."""
    cdef const int32_t *which = ints(courses, "courses")
    cdef const int8_t *mine = levels_in(levels, "levels")
    cdef const int8_t *wanted = levels_in(need.level, "level")
    cdef const float *matters = floats(need.importance, "importance")
    cdef double total = need.total
    cdef Py_ssize_t n = cnp.PyArray_SIZE(courses), i, k
    cdef cnp.ndarray found = zeros(n, cnp.NPY_FLOAT32)
    cdef float *gains = <float *> cnp.PyArray_DATA(found)
    cdef int32_t skill, reached
    cdef float sum_
    if total == 0:
        return found
    for i in range(n):
        ask_for(taught, which, i, n)
        sum_ = 0
        for k in range(taught.begins[which[i]], taught.begins[which[i] + 1]):
            skill = taught.skills[k]
            if taught.declared[k] and mine[skill] < taught.entry[k]:
                sum_ = 0
                break
            reached = min(taught.levels[k], wanted[skill])
            if reached > mine[skill]:
                sum_ += (reached - mine[skill]) * matters[skill]
        gains[i] = sum_ / <float> total
    return found


def strain(Taught taught, cnp.ndarray courses, cnp.ndarray levels):
    """Return what `recommender.skills.strain` says."""
    cdef Py_ssize_t n = cnp.PyArray_SIZE(courses)
    cdef cnp.ndarray found = zeros(n, cnp.NPY_FLOAT32)
    fill_strain(taught, ints(courses, "courses"), n, levels_in(levels, "levels"), <float *> cnp.PyArray_DATA(found))
    return found


cdef void fill_strain(Taught taught, const int32_t *which, Py_ssize_t n, const int8_t *mine, float *out) noexcept:
    cdef Py_ssize_t i, k
    cdef int32_t missing
    for i in range(n):
        ask_for(taught, which, i, n)
        missing = 0
        for k in range(taught.begins[which[i]], taught.begins[which[i] + 1]):
            missing += max(taught.entry[k] - mine[taught.skills[k]], 0)
        out[i] = missing
