"""State of the sandbox in SQLite; the only package that contains SQL."""

from sqlite3 import OperationalError as StoreError

from scaleapi.sandbox.store.database import Database, World
from scaleapi.sandbox.store.filters import TaskFilter
from scaleapi.sandbox.store.world_store import Store

__all__ = ["Store", "StoreError", "Database", "TaskFilter", "World"]
