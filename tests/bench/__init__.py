"""Benchmarks: what Kho Mở costs beside a plain script, in one run. Not tests."""
