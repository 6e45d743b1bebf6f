"""What is measured, beside others in the same run: ``python -m tests.benchmarks [NAME...]``."""
