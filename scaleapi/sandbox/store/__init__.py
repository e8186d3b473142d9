"""The sandbox's memory, and the only room that speaks SQL."""

from scaleapi.sandbox.store.books import Books
from scaleapi.sandbox.store.database import Database, World
from scaleapi.sandbox.store.filters import TaskFilter

__all__ = ["Books", "Database", "TaskFilter", "World"]
