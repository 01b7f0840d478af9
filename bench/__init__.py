"""Our own benchmarks: every figure stands beside its floor, measured in the same run (docs/performance.md)."""
