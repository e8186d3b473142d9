"""Realistic documents for tests, with no server and no network.

::

    from scaleapi.sandbox import factories

    task = Task(factories.task("polygons", "completed"), client)
    client.create_task("textcollection", **factories.parameters("ranking"))

Each function returns plain data, as the API sends it. The same arguments
give the same document every time; another `seed` gives another one.

A type of task is named as the API names it (``"imageannotation"``, or
``TaskType.ImageAnnotation``), or by one of the shorter names in `KINDS`, such as
``"ellipses"`` or ``"respondents"``, each for one kind of work. Documents of the second
version of the API are made by the same functions of `factories.v2`.
"""

from scaleapi.sandbox.factories import v2
from scaleapi.sandbox.factories.documents import (
    KINDS,
    batch,
    completed_response,
    file,
    parameters,
    project,
    result_files,
    task,
)

__all__ = [
    "KINDS",
    "batch",
    "completed_response",
    "file",
    "parameters",
    "project",
    "result_files",
    "task",
    "v2",
]
