# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The rules of `recommender.eligibility` that every question is put to, compiled: each has a bit and is stated once.

The arrays are those of `recommender.catalog`; eligibility_kernels.pyi says their shapes and types. Those of the catalogue are
checked once, when they are given, those of a question each time; the positions in the catalogue's own are not.
"""

cimport numpy as cnp
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t

from recommender.kernels cimport data, ints, levels_in, longs, zeros

from recommender import arrays

cnp.import_array()

cdef enum:
    UNPUBLISHED = 1
    SUPERSEDED = 2
    NOT_AVAILABLE = 4
    COMPLETED = 8
    REQUIRED = 16
    IN_PROGRESS = 32
    AUDIENCE = 64
    PREREQUISITE = 128
    ENTRY_LEVEL = 256
    TAKEN = 512  # no rule: completed, due again or not
    BROKEN = UNPUBLISHED | COMPLETED | REQUIRED | IN_PROGRESS  # whatever else there is
    OF_THE_PERSON = COMPLETED | REQUIRED | IN_PROGRESS | TAKEN
    BLOCK = 256

BITS = {
    "unpublished": UNPUBLISHED,
    "superseded": SUPERSEDED,
    "not_available": NOT_AVAILABLE,
    "completed": COMPLETED,
    "required": REQUIRED,
    "in_progress": IN_PROGRESS,
    "audience": AUDIENCE,
    "prerequisite": PREREQUISITE,
    "entry_level": ENTRY_LEVEL,
}

cdef int64_t EARLIEST = arrays.EARLIEST, LATEST = arrays.LATEST


cdef struct Rows:
    const int64_t *begins
    const int32_t *values


cdef struct Some:
    const int32_t *courses
    Py_ssize_t n


cdef class Rules:
    """The rules over the courses of one catalogue.

    `doubts` has a bit of a course for each rule that it breaks or may break: those of the catalogue for good, those of a
    person from `note` to `forget`. No Python runs in between and the interpreter's lock is held, so no other question is.
    """

    cdef tuple kept
    cdef dict codes
    cdef Py_ssize_t n
    cdef uint16_t *doubts
    cdef int32_t *next_version
    cdef uint8_t *addressed
    cdef const int64_t *opens
    cdef const int64_t *closes
    cdef Rows newer, audience, before, entry
    cdef const int8_t *entry_level

    def __init__(self, cnp.ndarray published, cnp.ndarray available_from, cnp.ndarray available_to, cnp.ndarray version_group,
                 tuple superseded_by, tuple audience, dict audience_codes, tuple prerequisites, tuple entry_levels):
        cdef Py_ssize_t n = cnp.PyArray_SIZE(published)
        cdef cnp.ndarray doubts = zeros(n, cnp.NPY_UINT16), ring = zeros(n, cnp.NPY_INT32)
        cdef cnp.ndarray addressed = zeros(len(audience_codes), cnp.NPY_BOOL)
        given = (published, available_from, available_to, version_group,
                 superseded_by, audience, audience_codes, prerequisites, entry_levels)
        if {len(one) for one in given[1:4]} != {n}:
            raise ValueError(f"available_from, available_to, version_group: found another number of courses; expected {n}")
        self.kept, self.n, self.codes = (given, doubts, ring, addressed), n, audience_codes
        self.doubts = <uint16_t *> cnp.PyArray_DATA(doubts)
        self.next_version = <int32_t *> cnp.PyArray_DATA(ring)
        self.addressed = <uint8_t *> cnp.PyArray_DATA(addressed)
        self.opens, self.closes = longs(available_from, "available_from"), longs(available_to, "available_to")
        self.newer, self.audience = rows_of(superseded_by, n, "superseded_by"), rows_of(audience, n, "audience")
        self.before, self.entry = rows_of(prerequisites, n, "prerequisites"), rows_of(entry_levels[:2], n, "entry_levels")
        self.entry_level = levels_in(entry_levels[2], "entry_levels")
        if len(entry_levels[2]) != len(entry_levels[1]):
            raise ValueError(f"entry_levels: found {len(entry_levels[2])} levels of {len(entry_levels[1])} skills; expected one each")
        self._doubt(<const uint8_t *> data(published, cnp.NPY_BOOL, "published"), ints(version_group, "version_group"))

    cdef void _doubt(self, const uint8_t *published, const int32_t *group) noexcept:
        """Note what has to be looked at of each course, and chain the versions of each into a ring."""
        cdef Py_ssize_t i
        for i in range(self.n):
            self.doubts[i] = (
                (0 if published[i] else UNPUBLISHED)
                | (SUPERSEDED if self.newer.begins[i] < self.newer.begins[i + 1] else 0)
                | (NOT_AVAILABLE if self.opens[i] > EARLIEST or self.closes[i] < LATEST else 0)
                | (AUDIENCE if self.audience.begins[i] < self.audience.begins[i + 1] else 0)
                | (PREREQUISITE if self.before.begins[i] < self.before.begins[i + 1] else 0)
                | (ENTRY_LEVEL if self.entry.begins[i] < self.entry.begins[i + 1] else 0)
            )
            self.next_version[i] = <int32_t> i
            if group[i] != i:  # the first of the group has been seen: it is the smallest position
                self.next_version[i] = self.next_version[group[i]]
                self.next_version[group[i]] = <int32_t> i

    def __reduce__(self):
        """Say how another process makes the same of the arrays: where they lie is different there."""
        return Rules, self.kept[0]

    def kept_by(self, int rules, cnp.ndarray courses, int64_t moment, cnp.ndarray history, cnp.ndarray due_again,
                cnp.ndarray required, cnp.ndarray in_progress, tuple words, cnp.ndarray levels):
        """Tell of each course whether it keeps every rule whose bit is set; without `levels` none asks for an entry level."""
        cdef Some asked = self.some(courses, "courses"), done = self.some(history, "history")
        cdef Some again = self.some(due_again, "due_again"), must = self.some(required, "required")
        cdef Some begun = self.some(in_progress, "in_progress")
        cdef list here = [self.codes[word] for word in words if word and word in self.codes] if rules & AUDIENCE else []
        cdef cnp.ndarray found = zeros(asked.n, cnp.NPY_BOOL)
        cdef const int8_t *mine = NULL
        if levels is None:
            rules &= ~ENTRY_LEVEL
        else:
            mine = levels_in(levels, "levels")
        self.note(done, again, must, begun, here)
        self.judge(rules, asked, moment, mine, <uint8_t *> cnp.PyArray_DATA(found))
        self.forget(done, must, begun, here)
        return found

    def entry_levels_met(self, cnp.ndarray courses, cnp.ndarray levels not None):
        """Tell of each course whether the levels it declares to ask for at the start are there."""
        cdef Some asked = self.some(courses, "courses")
        cdef cnp.ndarray found = zeros(asked.n, cnp.NPY_BOOL)
        self.judge(ENTRY_LEVEL, asked, 0, levels_in(levels, "levels"), <uint8_t *> cnp.PyArray_DATA(found))
        return found

    def superseded_at(self, int64_t moment):
        """Tell of each course of the catalogue whether one that supersedes it is published and available."""
        cdef cnp.ndarray found = zeros(self.n, cnp.NPY_BOOL)
        cdef uint8_t *old = <uint8_t *> cnp.PyArray_DATA(found)
        cdef int32_t i
        for i in range(<int32_t> self.n):
            old[i] = self.superseded(i, moment)
        return found

    cdef void note(self, Some done, Some again, Some must, Some begun, list here) noexcept:
        self.mark(done, COMPLETED | TAKEN)
        self.unmark(again, COMPLETED)
        self.mark(must, REQUIRED)
        self.mark(begun, IN_PROGRESS)
        for code in here:
            self.addressed[<Py_ssize_t> code] = True

    cdef void forget(self, Some done, Some must, Some begun, list here) noexcept:
        self.unmark(done, OF_THE_PERSON)
        self.unmark(must, OF_THE_PERSON)
        self.unmark(begun, OF_THE_PERSON)
        for code in here:
            self.addressed[<Py_ssize_t> code] = False

    cdef void mark(self, Some some, int bits) noexcept:
        """Set bits of every version of some courses."""
        cdef Py_ssize_t i
        cdef int32_t one
        for i in range(some.n):
            one = some.courses[i]
            while self.doubts[one] & bits != bits:
                self.doubts[one] |= bits
                one = self.next_version[one]

    cdef void unmark(self, Some some, int bits) noexcept:
        cdef Py_ssize_t i
        cdef int32_t one
        for i in range(some.n):
            one = some.courses[i]
            while self.doubts[one] & bits:
                self.doubts[one] &= ~bits
                one = self.next_version[one]

    cdef void judge(self, int rules, Some asked, int64_t moment, const int8_t *mine, uint8_t *keeps) noexcept:
        """Say of each course whether it keeps the rules, one rule after another over the courses of a block in doubt of it.

        Asking course after course instead would leave the processor guessing which rules each is in doubt of.
        """
        cdef Py_ssize_t first = 0, n, i
        cdef uint16_t doubts[BLOCK]
        cdef Py_ssize_t left[BLOCK]
        cdef const int32_t *courses
        cdef int doubted
        while first < asked.n:  # a range with a step that C does not know the sign of would be Python's
            courses, doubted = asked.courses + first, 0
            n = min(<Py_ssize_t> BLOCK, asked.n - first)
            for i in range(n):
                doubts[i] = self.doubts[courses[i]] & rules
                doubted |= doubts[i]
                keeps[i] = not doubts[i] & BROKEN
            for i in range(in_doubt(doubted & NOT_AVAILABLE, doubts, n, keeps, left)):
                keeps[left[i]] = self.available(courses[left[i]], moment)
            for i in range(in_doubt(doubted & SUPERSEDED, doubts, n, keeps, left)):
                keeps[left[i]] = not self.superseded(courses[left[i]], moment)
            for i in range(in_doubt(doubted & AUDIENCE, doubts, n, keeps, left)):
                keeps[left[i]] = self.meant(courses[left[i]])
            for i in range(in_doubt(doubted & PREREQUISITE, doubts, n, keeps, left)):
                keeps[left[i]] = self.prepared(courses[left[i]])
            for i in range(in_doubt(doubted & ENTRY_LEVEL, doubts, n, keeps, left)):
                keeps[left[i]] = self.ready(courses[left[i]], mine)
            keeps += n
            first += n

    cdef inline bint available(self, int32_t course, int64_t moment) noexcept:
        return (self.opens[course] <= moment) & (moment < self.closes[course])

    cdef inline bint meant(self, int32_t course) noexcept:
        cdef Py_ssize_t k
        cdef bint found = False
        for k in range(self.audience.begins[course], self.audience.begins[course + 1]):
            found |= self.addressed[self.audience.values[k]]
        return found

    cdef inline bint prepared(self, int32_t course) noexcept:
        cdef Py_ssize_t k
        cdef bint found = True
        for k in range(self.before.begins[course], self.before.begins[course + 1]):
            found &= (self.doubts[self.before.values[k]] & TAKEN) != 0
        return found

    cdef inline bint ready(self, int32_t course, const int8_t *mine) noexcept:
        cdef Py_ssize_t k
        cdef bint found = True
        for k in range(self.entry.begins[course], self.entry.begins[course + 1]):
            found &= mine[self.entry.values[k]] >= self.entry_level[k]
        return found

    cdef bint superseded(self, int32_t course, int64_t moment) noexcept:
        cdef Py_ssize_t k
        cdef int32_t newer
        for k in range(self.newer.begins[course], self.newer.begins[course + 1]):
            newer = self.newer.values[k]
            if not self.doubts[newer] & UNPUBLISHED and self.available(newer, moment):
                return True
        return False

    cdef Some some(self, cnp.ndarray positions, str name) except *:
        """Return positions, after making sure that each is one of a course."""
        cdef Some found
        cdef Py_ssize_t i
        cdef uint32_t last = 0  # what is below 0 is beyond all
        found.courses, found.n = ints(positions, name), cnp.PyArray_SIZE(positions)
        for i in range(found.n):
            last = max(last, <uint32_t> found.courses[i])
        if found.n and last >= self.n:
            raise ValueError(f"{name}: found {<int32_t> last}; expected positions below {self.n}")
        return found


cdef inline Py_ssize_t in_doubt(int rule, const uint16_t *doubts, Py_ssize_t n, const uint8_t *keeps, Py_ssize_t *left) noexcept:
    """Find the courses that are in doubt of a rule and have broken no other, and return how many; none where that is no rule."""
    cdef Py_ssize_t found = 0, i
    if rule == 0:
        return 0
    for i in range(n):
        left[found] = i
        found += keeps[i] & ((doubts[i] & rule) != 0)
    return found


cdef Rows rows_of(tuple given, Py_ssize_t n, str name) except *:
    """Return where rows of positions lie, after making sure that each course has one."""
    cdef Rows found
    begins, values = given
    found.begins, found.values = longs(begins, name), ints(values, name)
    if len(begins) != n + 1 or begins[n] != len(values):
        raise ValueError(f"{name}: found {len(begins) - 1} rows; expected one for each of {n} courses")
    return found
