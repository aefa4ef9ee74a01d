"""儿童福利 · 留守和困境儿童: the list service behind a province's gateway."""

from connectors.child_welfare.client import ChildWelfare

__all__ = ["ChildWelfare"]
