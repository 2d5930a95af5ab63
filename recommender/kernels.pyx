# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The inner loops of an answer, compiled: what NumPy would need dozens of small calls for."""

cimport numpy as cnp
from libc.stdint cimport int32_t, int64_t

cnp.import_array()


cdef void *_data(cnp.ndarray array, int kind, str name) except NULL:
    """Return where the values of an array begin, after making sure they are what the loop reads."""
    if cnp.PyArray_TYPE(array) != kind or not cnp.PyArray_IS_C_CONTIGUOUS(array):
        raise TypeError(f"{name}: found another type or order than the compiled loop reads")
    return cnp.PyArray_DATA(array)


def weighted_sum(cnp.ndarray indptr, cnp.ndarray indices, cnp.ndarray weights,
                 cnp.ndarray rows, cnp.ndarray row_weights, cnp.ndarray slot, cnp.ndarray out):
    """Add row_weights[j] · (row rows[j]) into `out` where `slot` gives a column a place; in the order of `rows`."""
    cdef const int64_t *begins = <const int64_t *> _data(indptr, cnp.NPY_INT64, "indptr")
    cdef const int32_t *columns = <const int32_t *> _data(indices, cnp.NPY_INT32, "indices")
    cdef const float *values = <const float *> _data(weights, cnp.NPY_FLOAT32, "weights")
    cdef const int32_t *which = <const int32_t *> _data(rows, cnp.NPY_INT32, "rows")
    cdef const float *factors = <const float *> _data(row_weights, cnp.NPY_FLOAT32, "row_weights")
    cdef const int32_t *places = <const int32_t *> _data(slot, cnp.NPY_INT32, "slot")
    cdef float *sums = <float *> _data(out, cnp.NPY_FLOAT32, "out")
    cdef Py_ssize_t n_rows = cnp.PyArray_SIZE(indptr) - 1, j, k
    cdef int32_t row, place
    for j in range(cnp.PyArray_SIZE(rows)):
        row = which[j]
        if row >= n_rows:
            continue
        for k in range(begins[row], begins[row + 1]):
            place = places[columns[k]]
            if place >= 0:
                sums[place] += values[k] * factors[j]
