"""The engine: SimPy's clock outside, a compiled kernel over plain arrays inside."""
