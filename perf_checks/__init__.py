"""Measurements that a person runs: python -m perf_checks.NAME. Ratios against a limit in the same run, never tests."""
