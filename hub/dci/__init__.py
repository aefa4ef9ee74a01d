"""SPDCI: the interfaces of social registries (DCI 1.0) over the graph (docs/dci.md).

A message of the standard becomes a question in GraphQL, asked by the same viewer; its answer becomes
records of the standard. Nothing here reads a table about people.
"""
