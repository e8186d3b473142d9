"""Create a task with pre-labels for each image of a YOLO dataset.

    python examples/create_from_yolo.py examples/data examples/data/labels
    python examples/create_from_yolo.py images/train labels/train \\
        --names cow calf --project cows --live

The images are uploaded, and the boxes of the label files become the ``hypothesis`` of
the tasks: labelers correct them instead of starting with nothing. What cannot be
carried over is printed. Labels that the project does not know stop the script before a
file is uploaded or a task created.

The script writes an SVG picture of each pre-label. Without ``--live`` it uses a sandbox
on this machine, which costs nothing. It needs ``pip install "scaleapi[images]"``.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

import scaleapi
from scaleapi import prelabels
from scaleapi.annotations import svg


def create(client: scaleapi.ScaleClient, options: argparse.Namespace) -> int:
    """Upload the images and create the tasks; return how many failed."""
    labels = sorted(set(options.names))
    geometry = "polygon" if options.kind == "segment" else "box"
    project = client.get_or_create_project(
        options.project,
        scaleapi.TaskType.ImageAnnotation,
        {
            "instruction": "Correct the shapes, and add those that are missing.",
            "geometries": {geometry: {"objects_to_annotate": labels}},
        },
    )
    found = prelabels.from_yolo(
        options.labels,
        options.images,
        options.names,
        kind=options.kind,
        project_params=project.params,
    )
    for problem in found.problems:
        print(f"Not carried over: {problem}")
    files = client.upload_files(
        [options.images / name for name in found], project_name=project.name
    )
    names = list(found)
    failed = 0

    def payloads() -> Iterator[Dict[str, Any]]:
        nonlocal failed
        for uploaded in files:
            if uploaded.file is None:
                failed += 1
                print(f"{names[uploaded.index]}: {uploaded.error}", file=sys.stderr)
                continue
            name = names[uploaded.index]
            yield {
                "project": project.name,
                "unique_id": f"{project.name}/{name}",
                "attachment": uploaded.file.attachment_url,
                "hypothesis": found[name],
                "metadata": {"image": name},
            }

    options.out.mkdir(parents=True, exist_ok=True)
    for result in client.create_tasks("imageannotation", payloads()):
        if result.task is None:
            failed += 1
            print(f"{result.payload}: {result.error}", file=sys.stderr)
            continue
        name = result.task.metadata["image"]
        drawing = options.out / f"{name.replace('/', '_')}.svg"
        drawing.write_text(svg(result.task.params["hypothesis"]), encoding="utf-8")
        count = len(result.task.params["hypothesis"]["annotations"])
        print(f"{result.status}: {name}, {count} shapes, drawn in {drawing}")
    return failed


def main(arguments: Optional[List[str]] = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("images", type=Path, help="the folder of the images")
    parser.add_argument("labels", type=Path, help="the folder of the label files")
    parser.add_argument(
        "--names", nargs="+", default=["car", "person"], help="the classes, in order"
    )
    parser.add_argument("--kind", default="detect", help="detect, segment or obb")
    parser.add_argument("--project", default="street", help="created if it is new")
    parser.add_argument("--out", type=Path, default=Path("pre-labels"))
    parser.add_argument(
        "--live",
        action="store_true",
        help="use the API with SCALE_API_KEY; a live key spends money",
    )
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        if options.live:
            if not os.environ.get("SCALE_API_KEY"):
                sys.exit("--live needs your key in the variable SCALE_API_KEY.")
            client = scaleapi.ScaleClient(source="create_from_yolo")
        else:
            from scaleapi.sandbox import Sandbox

            sandbox = stack.enter_context(Sandbox())
            print("Using a sandbox on this machine, which costs nothing.")
            client = scaleapi.ScaleClient(
                sandbox.live_api_key,
                source="create_from_yolo",
                api_instance_url=sandbox.url,
            )
        failed = create(stack.enter_context(client), options)
    if failed:
        sys.exit(f"{failed} images failed. Run the same command again.")


if __name__ == "__main__":
    main()
