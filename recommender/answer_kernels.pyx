# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The inner loops of what is said of the few courses an answer shows, compiled: what NumPy needs many small calls for.

They read the arrays of `recommender.sparse` and `recommender.catalog` and give plain Python values; answer_kernels.pyi says
shapes and types. Types and order are checked, positions are not: they come from the model.
"""

cimport numpy as cnp
from cpython.dict cimport PyDict_Next, PyDict_SetItem
from cpython.ref cimport PyObject
from libc.math cimport fabs, rint
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc

from recommender.kernels cimport data, doubles, floats, ints, levels_in, longs

cnp.import_array()

cdef double LARGEST = 2.0 ** 38  # scaled numbers up to here are known to 2⁻¹⁵ (half a unit in the last place)
cdef double DOUBT = 1e-4  # how near to the middle of two roundings a scaled number may be for `round` to be asked


def strongest_of(cnp.ndarray indptr, cnp.ndarray indices, cnp.ndarray weights,
                 cnp.ndarray rows, cnp.ndarray slot, cnp.ndarray courses):
    """Return of each course the first row with the largest weight above 0 there, and that weight; −1 and 0 without one."""
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *columns = ints(indices, "indices")
    cdef const float *values = floats(weights, "weights")
    cdef const int32_t *which = ints(rows, "rows")
    cdef const int32_t *places = ints(slot, "slot")
    cdef const int32_t *asked = ints(courses, "courses")
    cdef Py_ssize_t n_rows = cnp.PyArray_SIZE(indptr) - 1, n = cnp.PyArray_SIZE(courses), j, k
    cdef int32_t row, place
    cdef float *best = <float *> malloc((n + 1) * sizeof(float))
    cdef int32_t *by = <int32_t *> malloc((n + 1) * sizeof(int32_t))
    try:
        if best == NULL or by == NULL:
            raise MemoryError
        for j in range(n):
            best[j], by[j] = 0, -1
        for j in range(cnp.PyArray_SIZE(rows)):
            row = which[j]
            if not 0 <= row < n_rows:
                continue
            for k in range(begins[row], begins[row + 1]):
                place = places[columns[k]]
                if place >= 0 and values[k] > best[place]:
                    best[place], by[place] = values[k], row
        return {asked[j]: (by[j], best[j]) for j in range(n)}
    finally:
        free(best)
        free(by)


def row_of(cnp.ndarray indptr, cnp.ndarray indices, cnp.ndarray weights, Py_ssize_t row,
           cnp.ndarray slot, cnp.ndarray courses):
    """Return the weight of a row at each course, 0 where it has none or does not exist."""
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *columns = ints(indices, "indices")
    cdef const float *values = floats(weights, "weights")
    cdef const int32_t *places = ints(slot, "slot")
    cdef const int32_t *asked = ints(courses, "courses")
    cdef Py_ssize_t k
    cdef dict found = {asked[k]: 0.0 for k in range(cnp.PyArray_SIZE(courses))}
    if 0 <= row < cnp.PyArray_SIZE(indptr) - 1:
        for k in range(begins[row], begins[row + 1]):
            if places[columns[k]] >= 0:
                found[columns[k]] = values[k]
    return found


def lifts(type kind, cnp.ndarray indptr, cnp.ndarray skill_idx, cnp.ndarray level, cnp.ndarray courses,
          cnp.ndarray have, cnp.ndarray needed, cnp.ndarray importance):
    """Return of each course the needed skills it raises, as a kind of tuple: (skill, level had, level taught, level needed).

    The largest step, weighted by importance, stands first; of equal ones the lowest skill.
    """
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *skills = ints(skill_idx, "skill_idx")
    cdef const int8_t *taught = levels_in(level, "level")
    cdef const int32_t *which = ints(courses, "courses")
    cdef const int8_t *mine = levels_in(have, "have")
    cdef const int8_t *wanted = levels_in(needed, "needed")
    cdef const float *matters = floats(importance, "importance")
    cdef Py_ssize_t i, k
    cdef int32_t skill, reached
    cdef double step
    cdef dict found = {}
    cdef list some
    for i in range(cnp.PyArray_SIZE(courses)):
        some = []
        for k in range(begins[which[i]], begins[which[i] + 1]):
            skill = skills[k]
            reached = min(taught[k], wanted[skill])
            if reached > mine[skill]:
                step = <double> matters[skill] * (reached - mine[skill])
                some.append((-step, skill, mine[skill], taught[k], wanted[skill]))
        if len(some) > 1:
            some.sort()
        found[which[i]] = tuple([tuple.__new__(kind, one[1:]) for one in some]) if some else ()
    return found


def met(cnp.ndarray indptr, cnp.ndarray skill_idx, cnp.ndarray entry_level, cnp.ndarray entry_declared,
        cnp.ndarray courses, cnp.ndarray have):
    """Return of each course the declared entry levels above 0 that are met: (skill, level asked, level had)."""
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *skills = ints(skill_idx, "skill_idx")
    cdef const int8_t *entry = levels_in(entry_level, "entry_level")
    cdef const uint8_t *declared = <const uint8_t *> data(entry_declared, cnp.NPY_BOOL, "entry_declared")
    cdef const int32_t *which = ints(courses, "courses")
    cdef const int8_t *mine = levels_in(have, "have")
    cdef Py_ssize_t i, k
    cdef dict found = {}
    cdef list some
    for i in range(cnp.PyArray_SIZE(courses)):
        some = []
        for k in range(begins[which[i]], begins[which[i] + 1]):
            if declared[k] and 0 < entry[k] <= mine[skills[k]]:
                some.append((skills[k], entry[k], mine[skills[k]]))
        found[which[i]] = some
    return found


def shown(cnp.ndarray courses, cnp.ndarray score, cnp.ndarray goal_gain, cnp.ndarray parts, tuple names, list places):
    """Return of the columns at some places: course, score, its parts by name, and goal gain."""
    cdef const int32_t *which = ints(courses, "courses")
    cdef const double *scores = doubles(score, "score")
    cdef const float *gains = floats(goal_gain, "goal_gain")
    cdef const double *all_parts = doubles(parts, "parts")
    cdef Py_ssize_t n = cnp.PyArray_SIZE(courses), place, j
    cdef list found = []
    cdef dict named
    for place in places:
        named = {}
        for j in range(len(names)):
            PyDict_SetItem(named, names[j], all_parts[j * n + place])
        found.append((which[place], scores[place], named, gains[place]))
    return found


def largest_first(dict parts, tuple names):
    """Return those of the names whose part is above 0, the largest part first, equal ones in the order given."""
    cdef list found = []
    cdef double size
    cdef Py_ssize_t at
    for name in names:
        size = parts.get(name, 0.0)
        if size > 0:
            at = len(found)
            while at > 0 and <double> parts[found[at - 1]] < size:
                at -= 1
            found.insert(at, name)
    return found


def rounded(double value, int digits):
    """Return what `round` makes of a number."""
    return _rounded(value, digits, 10.0 ** digits)


def all_rounded(dict numbers, int digits):
    """Return the numbers under the same names, each as `rounded`."""
    cdef dict found = numbers.copy()
    cdef double scale = 10.0 ** digits
    cdef Py_ssize_t at = 0
    cdef PyObject *name
    cdef PyObject *value
    while PyDict_Next(numbers, &at, &name, &value):
        PyDict_SetItem(found, <object> name, _rounded(<object> value, digits, scale))
    return found


cdef object _rounded(double value, int digits, double scale):
    # Scaled by 10^digits and rounded to a whole number n, then n / 10^digits: division is correctly rounded (IEEE 754), so it
    # gives the float nearest to the decimal number, as `round` does. Where scaling could have crossed the middle of two
    # roundings, or the number is large, infinite or NaN, `round` itself is asked.
    cdef double scaled = value * scale
    cdef double whole = rint(scaled)
    if fabs(scaled) < LARGEST and fabs(fabs(scaled - whole) - 0.5) > DOUBT:
        return whole / scale
    return round(<object> value, digits)
