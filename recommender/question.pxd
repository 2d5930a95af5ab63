"""What the compiled steps of scorers read of a question; what it is is said in question.pyx."""

cimport numpy as cnp
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t

from recommender.kernels cimport fetch_line

cdef enum:
    LONGEST = 50
    AHEAD = 8  # courses whose rows are asked for before they are read
    OF_ALL = 0
    OF_LATEST = 1
    OF_BEFORE = 2
    OF_GOAL = 3
    OF_ROLE = 4
    OF_MISSING = 5


ctypedef fused number:
    int32_t
    float


cdef inline void fetch(const number *values, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    """Ask for numbers that are read soon, so that their waits overlap; it makes no difference but to the time."""
    cdef Py_ssize_t at
    for at in range(start, stop, 16):  # a line of memory holds sixteen of four bytes
        fetch_line(values + at)


cdef inline Py_ssize_t asked(const int32_t *columns, const float *values, Py_ssize_t n, const int32_t *slot,
                             int32_t *places, float *kept, Py_ssize_t ahead) noexcept nogil:
    """Keep those of n entries that have a place, and return how many: without a branch, as there is no guessing which.

    `places` and `kept` have room for all. Entries that stand so far `ahead` are fetched meanwhile, a line at a time: fetched
    all at once they would be waited for one after another.
    """
    cdef Py_ssize_t found = 0, line, k
    cdef int32_t place
    for line in range(0, n, 16):  # as many numbers as a line of memory holds
        fetch_line(columns + line + ahead)
        fetch_line(values + line + ahead)
        for k in range(line, min(line + 16, n)):
            place = slot[columns[k]]
            places[found], kept[found] = place, values[k]
            found += place >= 0
    return found


cdef class Places:
    cdef readonly cnp.ndarray columns
    cdef int32_t *which
    cdef int32_t *slot
    cdef Py_ssize_t n, n_columns


cdef class Taught:
    cdef object rows
    cdef const int64_t *begins
    cdef const int32_t *skills
    cdef const int8_t *levels
    cdef const int8_t *entry
    cdef const uint8_t *declared


cdef class Person:
    cdef readonly object query, standing
    cdef readonly Py_ssize_t n_courses, newest, head
    cdef readonly double days_since
    cdef readonly cnp.ndarray recent, recent_at
    cdef object places, decay
    cdef int32_t *history
    cdef float by_recency[LONGEST]
    cdef float by_share[LONGEST]
    cdef Py_ssize_t n_recent, before_stop
    cdef int32_t goal, role
    cdef list gains
    cdef (Py_ssize_t, Py_ssize_t) span(self, int over) noexcept
    cdef int32_t row(self, int who) noexcept


cdef void fill_strain(Taught taught, const int32_t *which, Py_ssize_t n, const int8_t *mine, float *out) noexcept
