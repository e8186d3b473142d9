"""``scaleapi draw``."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

import click

from scaleapi.cli.bulk import each
from scaleapi.cli.inputs import names_argument
from scaleapi.cli.options import Command, not_stdout
from scaleapi.cli.output import Record
from scaleapi.cli.session import Session, pass_session

_SUFFIXES = (".png", ".jpg", ".jpeg", ".svg")


@click.command(cls=Command, features="api records ids limit")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option(
    "-o",
    "--out",
    metavar="PATH",
    required=True,
    callback=not_stdout,
    help="A file for one task, whose name ends in .png, .jpg or .svg; or a folder.",
)
@click.option(
    "--from",
    "source",
    metavar="EXPORT",
    help="Draw the tasks of this export; with ids, only those.",
)
@click.option("--svg", is_flag=True, help="In a folder, write SVG instead of PNG.")
@click.option("--image", metavar="FILE", help="Draw on this picture.")
@click.option("--frame", type=int, metavar="N", help="Frame of a video or of lidar.")
@click.option("--camera", type=int, metavar="N", help="Camera of the frame of lidar.")
@click.option("--page", type=int, metavar="N", help="Page of a document, from 0.")
@pass_session
def command(
    session: Session,
    ids: Tuple[str, ...],
    out: str,
    source: Optional[str],
    svg: bool,
    image: Optional[str],
    **part: Optional[int],
) -> int:
    """Draw the annotations of tasks on their pictures.

    SVG files have the annotations alone, unless --image is given; all others need
    Pillow. - reads ids from standard input.
    """
    tasks: Dict[str, Any] = {}
    chosen = names_argument(ids)
    if source is not None:
        tasks = _tasks_of(session, source, chosen)
        chosen = chosen or list(tasks)
    elif not chosen:
        raise click.UsageError("Give the id of a task, or --from.")
    chosen = chosen[: session.settings.limit]
    is_file = os.path.splitext(out)[1].lower() in _SUFFIXES and not os.path.isdir(out)
    if is_file and len(chosen) > 1:
        raise click.UsageError(f"--out {out} is one file; give a folder.")

    def call(task_id: str) -> Record:
        task = tasks.get(task_id) or session.client.get_task(task_id)
        path = Path(out) if is_file else Path(out) / _file_name(task_id, svg)
        _draw(task, path, image, part)
        return {"task_id": task_id, "path": str(path)}

    columns = ("task_id", "path")
    return each(session, chosen, call, columns, "path", status="drawn")


def _file_name(task_id: str, svg: bool) -> str:
    from scaleapi.download.names import Template

    return Template("{task_id}").path({"task_id": task_id}) + (
        ".svg" if svg else ".png"
    )


def _tasks_of(session: Session, source: str, ids: Any) -> Dict[str, Any]:
    from scaleapi.export import read_tasks
    from scaleapi.tasks import Task

    tasks = (task for task in read_tasks(source) if not ids or task.id in ids)
    return {
        task.id: Task(task.as_dict(), session.client)
        for task in islice(tasks, session.settings.limit)
    }


def _draw(task: Any, path: Path, image: Optional[str], part: Dict[str, Any]) -> None:
    from scaleapi.annotations import svg
    from scaleapi.export.output import make_folder, new_file

    make_folder(path.parent)
    if path.suffix.lower() == ".svg":
        address = Path(image).resolve().as_uri() if image else None
        found = task.get_annotations(load=True)
        with new_file(path) as stream:
            stream.write(svg(found, image=address, **part).encode("utf-8"))
        return
    picture = task.draw(image, **part)
    kind = "PNG" if path.suffix.lower() == ".png" else "JPEG"
    with new_file(path) as stream:
        picture.save(stream, kind)
