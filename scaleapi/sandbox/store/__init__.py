"""State of the sandbox in SQLite; the only package that contains SQL."""

from scaleapi.sandbox.store.database import Database, World
from scaleapi.sandbox.store.filters import TaskFilter
from scaleapi.sandbox.store.store import Store

__all__ = ["Store", "Database", "TaskFilter", "World"]
