"""How the compiled modules take arrays; what each function does is said in kernels.pyx."""

cimport numpy as cnp
from libc.stdint cimport int8_t, int32_t, int64_t


cdef void *data(cnp.ndarray array, int kind, str name) except? NULL
cdef const int32_t *ints(cnp.ndarray array, str name) except? NULL
cdef const int64_t *longs(cnp.ndarray array, str name) except? NULL
cdef const float *floats(cnp.ndarray array, str name) except? NULL
cdef const double *doubles(cnp.ndarray array, str name) except? NULL
cdef const int8_t *levels_in(cnp.ndarray array, str name) except? NULL
cdef cnp.ndarray zeros(Py_ssize_t n, int kind)
