"""The sync engine beside a floor and dlt; see ``benchmarks/README.md``."""
