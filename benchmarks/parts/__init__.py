"""The parts of the benchmark. Each has `measure(kind, effort)`, which returns lines of the table."""
