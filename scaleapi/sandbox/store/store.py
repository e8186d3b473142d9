"""The books of one world, open for one transaction."""

from __future__ import annotations

from scaleapi.sandbox.store.batches import BatchBook
from scaleapi.sandbox.store.database import Connection, World
from scaleapi.sandbox.store.files import FileBook
from scaleapi.sandbox.store.outbox import OutBox
from scaleapi.sandbox.store.people import PeopleBook
from scaleapi.sandbox.store.projects import ProjectBook
from scaleapi.sandbox.store.tasks import TaskBook


class Books:
    """All that is known in one world, through one connection."""

    def __init__(self, connection: Connection, world: World) -> None:
        self.world = world
        self.projects = ProjectBook(connection, world.id)
        self.batches = BatchBook(connection, world.id)
        self.tasks = TaskBook(connection, world.id)
        self.files = FileBook(connection, world.id)
        self.outbox = OutBox(connection, world.id)
        self.people = PeopleBook(connection, world.id)
