# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""What proposes the courses worth scoring for a person, compiled; proposals.pyi says what each adds."""

cimport numpy as cnp
from libc.stdint cimport int8_t, int32_t, int64_t, uint64_t
from libc.stdlib cimport calloc, free

from recommender.kernels cimport bits_in, ints, levels_in, longs, lowest_bit, zeros
from recommender.question cimport LONGEST, OF_GOAL, OF_MISSING, OF_ROLE, Person, fetch

cnp.import_array()


cdef class Proposal:
    """Proposes courses for a person; made again in another process of what it was made of."""

    cdef tuple made_of

    def __init__(self, *made_of):
        self.made_of = made_of

    def __reduce__(self):
        return type(self), self.made_of

    cdef int propose(self, Person person, uint64_t *words) except -1:
        raise NotImplementedError


cdef int put(uint64_t *words, const int32_t *values, Py_ssize_t n, Py_ssize_t n_courses) except -1:
    cdef Py_ssize_t i
    for i in range(n):
        if not 0 <= values[i] < n_courses:
            raise ValueError(f"values: found {values[i]}; expected positions below {n_courses}")
        words[values[i] >> 6] |= (<uint64_t> 1) << (values[i] & 63)
    return 0


cdef class These(Proposal):
    """The same courses for everybody."""

    cdef const int32_t *courses
    cdef Py_ssize_t n

    def __init__(self, cnp.ndarray courses not None):
        Proposal.__init__(self, courses)
        self.courses, self.n = ints(courses, "courses"), cnp.PyArray_SIZE(courses)

    cdef int propose(self, Person person, uint64_t *words) except -1:
        return put(words, self.courses, self.n, person.n_courses)


cdef class Heads(Proposal):
    """The first columns of the rows of a history, of a role, or of the skills missing for the goal."""

    cdef const int64_t *begins
    cdef const int32_t *columns
    cdef Py_ssize_t n_rows, most, of_head, courses
    cdef int who

    def __init__(self, rows, int who, Py_ssize_t most=0, Py_ssize_t of_head=0, Py_ssize_t courses=LONGEST):
        Proposal.__init__(self, rows, who, most, of_head, courses)
        self.begins, self.columns = longs(rows.indptr, "indptr"), ints(rows.indices, "indices")
        self.n_rows, self.who, self.most, self.of_head, self.courses = len(rows), who, most, of_head, courses

    cdef int propose(self, Person person, uint64_t *words) except -1:
        cdef Py_ssize_t most = max(self.most, person.head // self.of_head if self.of_head else 0), first, last, j
        if self.who == OF_GOAL or self.who == OF_ROLE:
            return self.of_row(person.row(self.who), most, words, person.n_courses)
        if self.who == OF_MISSING:
            return self.of_missing(person, most, words)
        first, last = person.span(self.who)
        last = min(last, first + self.courses)
        for j in range(first, last):
            if 0 <= person.history[j] < self.n_rows:
                fetch(self.columns, self.begins[person.history[j]],
                      min(self.begins[person.history[j]] + most, self.begins[person.history[j] + 1]))
        for j in range(first, last):
            self.of_row(person.history[j], most, words, person.n_courses)
        return 0

    cdef int of_row(self, int32_t row, Py_ssize_t most, uint64_t *words, Py_ssize_t n_courses) except -1:
        if not 0 <= row < self.n_rows:
            return 0
        return put(words, self.columns + self.begins[row], min(most, self.begins[row + 1] - self.begins[row]), n_courses)

    cdef int of_missing(self, Person person, Py_ssize_t most, uint64_t *words) except -1:
        if person.standing is None:
            return 0
        cdef cnp.ndarray levels = person.standing.levels, needed = person.standing.needs.of(person.goal).level
        cdef const int8_t *mine = levels_in(levels, "levels")
        cdef const int8_t *wanted = levels_in(needed, "level")
        cdef Py_ssize_t skill
        for skill in range(min(cnp.PyArray_SIZE(levels), cnp.PyArray_SIZE(needed))):
            if mine[skill] < wanted[skill]:
                self.of_row(<int32_t> skill, most, words, person.n_courses)
        return 0


def proposed(tuple proposals not None, Person person not None):
    """Return the positions of what some proposals propose, ascending, each once, (m,) int32."""
    cdef Py_ssize_t n_words = (person.n_courses + 63) // 64, count = 0, i
    cdef uint64_t word
    cdef uint64_t *words = <uint64_t *> calloc(n_words + 1, sizeof(uint64_t))
    cdef Proposal proposal
    cdef cnp.ndarray found
    cdef int32_t *out
    if words == NULL:
        raise MemoryError
    try:
        for proposal in proposals:
            proposal.propose(person, words)
        for i in range(n_words):
            count += bits_in(words[i])
        found = zeros(count, cnp.NPY_INT32)
        out, count = <int32_t *> cnp.PyArray_DATA(found), 0
        for i in range(n_words):
            word = words[i]
            while word:
                out[count] = <int32_t> (i * 64 + lowest_bit(word))
                count += 1
                word &= word - 1
        return found
    finally:
        free(words)
