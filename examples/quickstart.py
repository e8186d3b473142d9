"""The main job, from nothing to finished annotations, in one script.

Makes a project and a batch for each of two kinds of work, uploads a picture,
creates a task of each kind, releases the batches, waits, reads the answers and
draws them.

    python examples/quickstart.py          # against a sandbox on this machine
    python examples/quickstart.py --live   # against the API, with SCALE_API_KEY
"""

from __future__ import annotations

import argparse
import os
import sys
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Dict, List, Optional

from PIL import Image, ImageDraw

import scaleapi
from scaleapi.tasks import Task, TaskType

HERE = Path(__file__).resolve().parent
PICTURE = HERE / "data" / "street.png"
COLOURS = {"car": "#d7263d", "person": "#1b998b", "building": "#f46036"}


def label_picture(client: scaleapi.ScaleClient, run: str) -> Task:
    """Ask for boxes around what is to be seen in the picture."""
    project = client.create_project(
        f"quick start, boxes ({run})",
        TaskType.ImageAnnotation,
        params={"instruction": "Draw a tight box around each object."},
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
                "objects_to_annotate": list(COLOURS),
                "min_width": 20,
                "min_height": 20,
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
            {"type": "text", "content": "The bus was late, but the driver kind."}
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
    """Wait for a task; end the script if it is not completed in time, or never."""
    try:
        task.wait(timeout=seconds)
    except scaleapi.ScaleException as error:
        sys.exit(f"{error.message}; it stays there: client.get_task({task.id!r})")


def print_table(rows: List[List[Any]]) -> None:
    """Print rows in columns, the first row as a heading."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in texts) for i in range(len(texts[0]))]
    for number, row in enumerate(texts):
        padded = (cell.ljust(width) for cell, width in zip(row, widths))
        print("  " + "  ".join(padded).rstrip())
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))


def draw_boxes(annotations: List[Dict[str, Any]], path: Path) -> None:
    """Save the picture with the boxes drawn into it."""
    with Image.open(PICTURE) as opened:
        picture = opened.convert("RGB")
    pen = ImageDraw.Draw(picture)
    for box in annotations:
        left, top = box["left"], box["top"]
        right, bottom = left + box["width"], top + box["height"]
        colour = COLOURS.get(box["label"], "#000000")
        pen.rectangle((left, top, right, bottom), outline=colour, width=3)
        text = pen.textbbox((left + 4, top + 3), box["label"])
        pen.rectangle(
            (left, top, text[2] + 4, text[3] + 4), fill=colour, outline=colour
        )
        pen.text((left + 4, top + 3), box["label"], fill="white")
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)


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
            print("It costs nothing, and its answers are made up.")
            client = scaleapi.ScaleClient(
                sandbox.api_key, source="quickstart", api_instance_url=sandbox.url
            )
        run_job(client, options.wait, options.out)


def run_job(client: scaleapi.ScaleClient, seconds: float, out: Path) -> None:
    """Create, wait, show."""
    run = uuid.uuid4().hex[:8]
    boxes = label_picture(client, run)
    opinions = collect_opinions(client, run)
    print(f"\nCreated task {boxes.id} (boxes) and task {opinions.id} (questions).")
    for task in (boxes, opinions):
        wait_for(task, seconds)

    annotations = boxes.response["annotations"]
    print(f"\nBoxes in {PICTURE.name}, in pixels:\n")
    rows: List[List[Any]] = [["label", "left", "top", "width", "height"]]
    for box in annotations:
        rows.append(
            [box["label"]]
            + [round(box[key]) for key in ("left", "top", "width", "height")]
        )
    print_table(rows)

    print("\nAnswers about the review:\n")
    rows = [["question", "answer"]]
    for question, answer in opinions.response["annotations"].items():
        rows.append(
            [question, ", ".join(answer) if isinstance(answer, list) else answer]
        )
    print_table(rows)

    draw_boxes(annotations, out)
    print(f"\nThe picture with its boxes: {out}")


if __name__ == "__main__":
    main()
