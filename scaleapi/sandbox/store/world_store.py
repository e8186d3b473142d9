"""`Store`: all repositories of one world, for one transaction."""

from __future__ import annotations

from scaleapi.sandbox.store.batches import BatchRepository
from scaleapi.sandbox.store.database import Connection, World
from scaleapi.sandbox.store.deliveries import DeliveryRepository
from scaleapi.sandbox.store.files import FileRepository
from scaleapi.sandbox.store.outbox import OutboxRepository
from scaleapi.sandbox.store.people import PeopleRepository
from scaleapi.sandbox.store.projects import ProjectRepository
from scaleapi.sandbox.store.tasks import TaskRepository


class Store:
    """The repositories of one world, over one connection."""

    def __init__(self, connection: Connection, world: World) -> None:
        self.world = world
        self.projects = ProjectRepository(connection, world.id)
        self.batches = BatchRepository(connection, world.id)
        self.tasks = TaskRepository(connection, world.id)
        self.deliveries = DeliveryRepository(connection, world.id)
        self.files = FileRepository(connection, world.id)
        self.outbox = OutboxRepository(connection, world.id)
        self.people = PeopleRepository(connection, world.id)
