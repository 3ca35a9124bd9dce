"""What a run against a service costs beside a bare client loop: python -m perf_checks.service."""
