"""The sandbox's memory, and the only room that speaks SQL."""

from scaleapi.sandbox.store.database import Database, World
from scaleapi.sandbox.store.filters import TaskFilter
from scaleapi.sandbox.store.store import Books

__all__ = ["Books", "Database", "TaskFilter", "World"]
