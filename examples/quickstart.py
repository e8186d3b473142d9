"""The main job in one script: from a new project to finished annotations.

It creates a project and a batch for each of two task types, uploads a picture, creates
a task of each type, finalizes the batches, waits for the responses, prints them, and
draws the boxes into the picture.

    python examples/quickstart.py          # against a sandbox on this machine
    python examples/quickstart.py --live   # against the API, with SCALE_API_KEY

In the sandbox the script also plays the labeler: it completes the tasks with the
responses in ``examples/data/street.json`` and in ``REVIEW`` below.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

import scaleapi
from scaleapi.tasks import Task, TaskType

HERE = Path(__file__).resolve().parent
PICTURE = HERE / "data" / "street.png"
#: The right response to the task about the picture.
BOXES = HERE / "data" / "street.json"
#: The right response to the task about the review.
REVIEW = {"annotations": {"mood": ["both"], "stars": 3}}


def label_picture(client: scaleapi.ScaleClient, run: str) -> Task:
    """Ask for a box around each car and each person in the picture."""
    project = client.create_project(
        f"quick start, boxes ({run})",
        TaskType.ImageAnnotation,
        params={"instruction": "Draw a tight box around each car and person."},
    )
    batch = client.create_batch(project.name, f"street ({run})")
    with PICTURE.open("rb") as picture:
        file = client.upload_file(picture, project_name=project.name)
    task = client.create_task(
        TaskType.ImageAnnotation,
        project=project.name,
        batch=batch.name,
        attachment=file.attachment_url,
        geometries={
            "box": {
                "objects_to_annotate": ["car", "person"],
                "min_width": 10,
                "min_height": 10,
            }
        },
        unique_id=f"street-{run}",
    )
    batch.finalize()
    return task


def collect_opinions(client: scaleapi.ScaleClient, run: str) -> Task:
    """Ask some questions about a text."""
    project = client.create_project(
        f"quick start, questions ({run})", TaskType.TextCollection
    )
    batch = client.create_batch(project.name, f"reviews ({run})")
    task = client.create_task(
        TaskType.TextCollection,
        project=project.name,
        batch=batch.name,
        instruction="Read the review, then answer the questions.",
        attachments=[
            {"type": "text", "content": "The bus was late, but the driver was kind."}
        ],
        fields=[
            {
                "type": "category",
                "field_id": "mood",
                "title": "How does the writer feel?",
                "choices": [
                    {"label": "Pleased", "value": "pleased"},
                    {"label": "Annoyed", "value": "annoyed"},
                    {"label": "Both", "value": "both"},
                ],
            },
            {
                "type": "number",
                "field_id": "stars",
                "title": "Stars",
                "min": 1,
                "max": 5,
            },
        ],
        unique_id=f"review-{run}",
    )
    batch.finalize()
    return task


def wait_for(task: Task, seconds: float) -> None:
    """Wait for a task; end the script if it fails or is not completed in time."""
    try:
        task.wait(timeout=seconds)
    except scaleapi.ScaleException as error:
        sys.exit(f"{error.message}; it stays there: client.get_task({task.id!r})")


def print_table(rows: List[List[Any]]) -> None:
    """Print rows in columns, the first row as a heading."""
    strings = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in strings) for i in range(len(strings[0]))]
    for number, row in enumerate(strings):
        padded = (cell.ljust(width) for cell, width in zip(row, widths))
        print("  " + "  ".join(padded).rstrip())
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))


def main(arguments: Optional[List[str]] = None) -> None:
    """Run the whole job once."""
    parser = argparse.ArgumentParser(description="From nothing to annotations.")
    parser.add_argument(
        "--live",
        action="store_true",
        help="use the API with SCALE_API_KEY; a live key spends money",
    )
    parser.add_argument(
        "--wait", type=float, default=600, help="seconds to wait for a task (600)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=HERE / "out" / "street.png",
        help="where to save the picture with its boxes",
    )
    options = parser.parse_args(arguments)
    complete = None
    with ExitStack() as stack:
        if options.live:
            key = os.environ.get("SCALE_API_KEY")
            if not key:
                sys.exit("--live needs your key in the variable SCALE_API_KEY.")
            print("Using the API of Scale, with the key in SCALE_API_KEY.")
            client = scaleapi.ScaleClient(key, source="quickstart")
        else:
            from scaleapi.sandbox import Sandbox

            sandbox = stack.enter_context(Sandbox())
            print(f"Started a sandbox of the API on this machine: {sandbox.url}")
            print("It costs nothing, and this script plays the labeler.")
            client = scaleapi.ScaleClient(
                sandbox.live_api_key,
                source="quickstart",
                api_instance_url=sandbox.url,
            )
            complete = sandbox.complete
        run_job(client, options.wait, options.out, complete)


def run_job(
    client: scaleapi.ScaleClient,
    seconds: float,
    out: Path,
    complete: Optional[Callable[[str, Dict[str, Any]], Any]] = None,
) -> None:
    """Create the tasks, wait for them, and print their responses.

    Args:
        client: Sends the requests.
        seconds: Seconds to wait for each task.
        out: Path of the picture to save.
        complete: Takes the id of a task and a response, and completes the task with it,
            in place of a labeler. None waits for the labelers of the API.
    """
    run = uuid.uuid4().hex[:8]
    boxes = label_picture(client, run)
    opinions = collect_opinions(client, run)
    print(f"\nCreated task {boxes.id} (boxes) and task {opinions.id} (questions).")
    if complete is not None:
        complete(boxes.id, json.loads(BOXES.read_text(encoding="utf-8")))
        complete(opinions.id, REVIEW)
    for task in (boxes, opinions):
        wait_for(task, seconds)

    print(f"\nBoxes in {PICTURE.name}, in pixels:\n")
    rows: List[List[Any]] = [["label", "left", "top", "width", "height"]]
    for box in boxes.get_annotations().boxes:
        sides = (box.left, box.top, box.width, box.height)
        rows.append([box.label, *map(round, sides)])
    print_table(rows)

    print("\nAnswers about the review:\n")
    rows = [["question", "answer"]]
    for question, answer in opinions.get_annotations().answers.items():
        rows.append([question, ", ".join(map(str, answer.values))])
    print_table(rows)

    out.parent.mkdir(parents=True, exist_ok=True)
    boxes.draw(PICTURE).save(out)
    print(f"\nThe picture with its boxes: {out}")


if __name__ == "__main__":
    main()
