"""Columnar kernels: an indicator of all symbols in a few array operations, with the same bits as TA-Lib.

A kernel is here because it is many times faster than TA-Lib's handles and can be proven to do TA-Lib's operations in
TA-Lib's order (``docs/decisions/0013-columnar-kernels.md``).
"""
