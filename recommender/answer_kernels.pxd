"""What the compiled modules of reasons share with each other; what each function does is said in answer_kernels.pyx."""

cimport numpy as cnp
from libc.stdint cimport int32_t

from recommender.question cimport Places


cdef class Strongest:
    cdef Py_ssize_t n
    cdef int32_t *rows
    cdef float *weights


cpdef Strongest strongest_of(cnp.ndarray indptr, cnp.ndarray indices, cnp.ndarray weights, cnp.ndarray rows, Places asked)
cpdef cnp.ndarray row_of(cnp.ndarray indptr, cnp.ndarray indices, cnp.ndarray weights, Py_ssize_t row, Places asked)
cpdef double rounded(double value, int digits) except? -1
cpdef dict all_rounded(dict numbers, int digits)
cdef tuple of_kind(type kind, tuple values)
