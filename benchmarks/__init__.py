"""Programs that the performance figures come from: ``python -m benchmarks NAME``."""
