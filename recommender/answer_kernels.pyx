# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The inner loops of what is said of the few courses an answer shows, compiled: what NumPy needs many small calls for.

They read the arrays of `recommender.sparse` and `recommender.catalog` and give plain Python values; answer_kernels.pyi says
shapes and types. Types and order are checked, positions are not: they come from the model.
"""

cimport numpy as cnp
from cpython.dict cimport PyDict_Next, PyDict_SetItem
from cpython.ref cimport Py_INCREF, PyObject
from cpython.tuple cimport PyTuple_GET_SIZE, PyTuple_SET_ITEM
from libc.math cimport fabs, rint
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc

from recommender.kernels cimport data, fetch_line, floats, ints, levels_in, longs
from recommender.question cimport Places

cnp.import_array()

cdef double LARGEST = 2.0 ** 38  # scaled numbers up to here are known to 2⁻¹⁵ (half a unit in the last place)
cdef double DOUBT = 1e-4  # how near to the middle of two roundings a scaled number may be for `round` to be asked


cdef extern from *:
    """
    static PyObject *empty_of(PyTypeObject *kind, Py_ssize_t n) {
        PyObject *made = kind->tp_alloc(kind, n);
        #if PY_VERSION_HEX >= 0x030E0000
        if (made != NULL) ((PyTupleObject *) made)->ob_hash = -1;  /* not known yet */
        #endif
        return made;
    }
    """
    object empty_of(type kind, Py_ssize_t n)


cdef tuple of_kind(type kind, tuple values):
    """Return a tuple of some kind, such as that of a `NamedTuple`, with these values."""
    cdef object made = empty_of(kind, PyTuple_GET_SIZE(values))
    cdef Py_ssize_t i
    for i in range(PyTuple_GET_SIZE(values)):
        value = values[i]
        Py_INCREF(value)
        PyTuple_SET_ITEM(made, i, value)
    return <tuple> made


cdef enum:
    BLOCK = 256


cdef inline Py_ssize_t among(const int32_t *slot, const int32_t *columns, Py_ssize_t n, int32_t *kept) noexcept nogil:
    """Keep which of n ≤ `BLOCK` columns are asked about, and return how many: no branch, as there is no guessing which."""
    cdef Py_ssize_t found = 0, k
    for k in range(n):
        kept[found] = <int32_t> k
        found += slot[columns[k]] >= 0
    return found


cdef class Strongest:
    """Of each course asked about the row that speaks loudest for it, and how loud; −1 and 0 where none does."""

    def __cinit__(self, Py_ssize_t n):
        cdef Py_ssize_t i
        self.n = n
        self.rows, self.weights = <int32_t *> malloc((n + 1) * sizeof(int32_t)), <float *> malloc((n + 1) * sizeof(float))
        if self.rows == NULL or self.weights == NULL:
            raise MemoryError
        for i in range(n):
            self.rows[i], self.weights[i] = -1, 0

    def __dealloc__(self):
        free(self.rows)
        free(self.weights)

    def __iter__(self):
        """Yield row and weight of each course."""
        return iter([(self.rows[i], self.weights[i]) for i in range(self.n)])


cdef struct Hit:
    const float *weight
    int32_t row
    int32_t place


cdef inline void weigh(Strongest best, const Hit *hits, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        if hits[i].weight[0] > best.weights[hits[i].place]:
            best.weights[hits[i].place], best.rows[hits[i].place] = hits[i].weight[0], hits[i].row


cpdef Strongest strongest_of(cnp.ndarray indptr, cnp.ndarray indices, cnp.ndarray weights, cnp.ndarray rows, Places asked):
    """Return of each course the first row with the largest weight above 0 there, and that weight; −1 and 0 without one."""
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *columns = ints(indices, "indices")
    cdef const float *values = floats(weights, "weights")
    cdef const int32_t *which = ints(rows, "rows")
    cdef Py_ssize_t n_rows = cnp.PyArray_SIZE(indptr) - 1, n = 0, j, k, i, found, end
    cdef Strongest best = Strongest(asked.n)
    cdef int32_t kept[BLOCK]
    cdef Hit hits[2 * BLOCK]
    for j in range(cnp.PyArray_SIZE(rows)):
        if not 0 <= which[j] < n_rows:
            continue
        k, end = begins[which[j]], begins[which[j] + 1]
        while k < end:  # a range in steps of `BLOCK` would be one of Python's
            found = among(asked.slot, columns + k, min(end - k, <Py_ssize_t> BLOCK), kept)
            if n + found > 2 * BLOCK:
                weigh(best, hits, n)
                n = 0
            for i in range(found):  # weights lie far apart: all are asked for before the first is read
                hits[n] = Hit(values + k + kept[i], which[j], asked.slot[columns[k + kept[i]]])
                fetch_line(hits[n].weight)
                n += 1
            k += BLOCK
    weigh(best, hits, n)
    return best


cpdef cnp.ndarray row_of(cnp.ndarray indptr, cnp.ndarray indices, cnp.ndarray weights, Py_ssize_t row, Places asked):
    """Return the weight of a row at each course, (n,) float32, 0 where it has none or does not exist."""
    cdef const int64_t *begins = longs(indptr, "indptr")
    cdef const int32_t *columns = ints(indices, "indices")
    cdef const float *values = floats(weights, "weights")
    cdef cnp.npy_intp shape = asked.n
    cdef cnp.ndarray there = cnp.PyArray_ZEROS(1, &shape, cnp.NPY_FLOAT32, 0)
    cdef float *at = <float *> cnp.PyArray_DATA(there)
    cdef int32_t kept[BLOCK]
    cdef Py_ssize_t k, i, found, end
    if 0 <= row < cnp.PyArray_SIZE(indptr) - 1:
        k, end = begins[row], begins[row + 1]
        while k < end:
            found = among(asked.slot, columns + k, min(end - k, <Py_ssize_t> BLOCK), kept)
            for i in range(found):
                at[asked.slot[columns[k + kept[i]]]] = values[k + kept[i]]
            k += BLOCK
    return there


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
    cdef Py_ssize_t n = cnp.PyArray_SIZE(courses), longest = 0, i, k, at, end
    cdef dict found = {}
    cdef Rise one
    for i in range(n):
        longest = max(longest, begins[which[i] + 1] - begins[which[i]])
    cdef Rise *steps = <Rise *> malloc((longest + 1) * sizeof(Rise))
    if steps == NULL:
        raise MemoryError
    try:
        for i in range(n):
            end = 0
            for k in range(begins[which[i]], begins[which[i] + 1]):
                one.skill, one.taught = skills[k], taught[k]
                one.height = min(one.taught, wanted[one.skill]) - mine[one.skill]
                if one.height <= 0:
                    continue
                one.height *= matters[one.skill]
                at = end
                while at > 0 and stands_before(one, steps[at - 1]):
                    steps[at] = steps[at - 1]
                    at -= 1
                steps[at] = one
                end += 1
            found[which[i]] = tuple([
                of_kind(kind, (steps[at].skill, mine[steps[at].skill], steps[at].taught, wanted[steps[at].skill]))
                for at in range(end)
            ]) if end else ()
        return found
    finally:
        free(steps)


cdef struct Rise:
    double height
    int32_t skill
    int8_t taught


cdef inline bint stands_before(Rise one, Rise other) noexcept nogil:
    return one.height > other.height or (one.height == other.height and one.skill < other.skill)


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


cpdef double rounded(double value, int digits) except? -1:
    """Return what `round` makes of a number."""
    return _rounded(value, digits, 10.0 ** digits)


cpdef dict all_rounded(dict numbers, int digits):
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
