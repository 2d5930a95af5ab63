"""The compiled part of the project; everything else about it is in pyproject.toml."""

from pathlib import Path

import numpy as np
from setuptools import Extension, setup


def compiled(name: str) -> Extension:
    """Return a compiled module of the recommender."""
    return Extension(
        f"recommender.{name}",
        [f"recommender/{name}.pyx"],
        depends=sorted(map(str, Path("recommender").glob("*.pxd"))),
        include_dirs=[np.get_include()],
        define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")],
        # No fused multiply-add: the same model and question give the same list on every machine.
        # Nobody reads errno: roots are taken several at a time.
        extra_compile_args=["-O3", "-ffp-contract=off", "-fno-math-errno"],
    )


MODULES = ("kernels", "question", "steps", "proposals", "eligibility_kernels", "answer_kernels", "evidence", "reasons")
setup(ext_modules=[compiled(name) for name in MODULES])
