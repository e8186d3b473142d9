"""`Task.draw`: annotations on the picture, given or downloaded."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any, Dict, Tuple

import pytest
from PIL import Image

from scaleapi import ScaleClient, ScaleException, Task
from scaleapi.sandbox import Sandbox, factories

GROUND = (10, 90, 30)
BOX = {"type": "box", "label": "cow", "left": 40, "top": 30, "width": 60, "height": 40}


def picture(size: Tuple[int, int] = (200, 100)) -> io.BytesIO:
    content = io.BytesIO()
    Image.new("RGB", size, GROUND).save(content, "PNG")
    content.seek(0)
    content.name = "meadow.png"
    return content


def a_task(**document: Any) -> Task:
    response = {"annotations": [BOX]}
    return Task({"task_id": "1", "response": response, **document}, None)


def test_a_path_bytes_and_an_image_are_drawn_on_alike(tmp_path: Path) -> None:
    content = picture().read()
    path = tmp_path / "meadow.png"
    path.write_bytes(content)
    opened = Image.open(io.BytesIO(content))
    drawn = [a_task().draw(image) for image in (path, str(path), content, opened)]
    for each in drawn:
        assert each.size == (200, 100)
        assert each.getpixel((5, 95)) == GROUND
        # On the edge it has the color of the label, inside a little of it.
        assert each.getpixel((40, 50)) == (0xF4, 0x3F, 0x5E)
        inside = each.getpixel((70, 50))
        assert inside != GROUND and abs(inside[1] - GROUND[1]) < 40
        assert each.tobytes() == drawn[0].tobytes()
    assert opened.getpixel((40, 50)) == GROUND


@pytest.mark.parametrize(
    "annotation",
    [
        {"type": "polygon", "vertices": [{"x": 20, "y": 60}, {"x": 60, "y": 60}]},
        {"type": "line", "vertices": [{"x": 20, "y": 60}, {"x": 60, "y": 60}]},
        {"type": "point", "x": 40, "y": 60},
        {"type": "cuboid", "edges": [{"x1": 20, "y1": 60, "x2": 60, "y2": 60}]},
        {
            "type": "ellipse",
            "vertices": [
                {"x": 40, "y": 60},
                {"x": 60, "y": 75},
                {"x": 40, "y": 90},
                {"x": 20, "y": 75},
            ],
        },
    ],
    ids=lambda annotation: annotation["type"],
)
def test_each_geometry_is_drawn(annotation: Dict[str, Any]) -> None:
    task = a_task(response={"annotations": [{**annotation, "label": "x"}]})
    assert task.draw(picture().read()).getpixel((40, 60)) == (0xF4, 0x3F, 0x5E)


def test_the_attachment_is_downloaded_without_the_key(
    sandbox: Sandbox, live_client: ScaleClient
) -> None:
    attachment = live_client.upload_file(picture()).attachment_url
    task = live_client.create_task(
        "imageannotation",
        attachment=attachment,
        geometries={"box": {"objects_to_annotate": ["cow"]}},
    )
    sandbox.complete(task.id, {"annotations": [BOX]})
    # As the creation answered it, the task has no signed address.
    document = {**task.as_dict(), "response": {"annotations": [BOX]}}
    created = Task(document, live_client)
    assert created.draw().getpixel((40, 50)) == (0xF4, 0x3F, 0x5E)
    fetched = live_client.get_task(task.id)
    assert fetched.draw().size == (200, 100)


def test_an_expired_address_is_renewed_once(
    sandbox: Sandbox, live_client: ScaleClient
) -> None:
    attachment = live_client.upload_file(picture()).attachment_url
    task = live_client.create_task(
        "imageannotation", attachment=attachment, geometries={"box": {}}
    )
    task.refresh()
    for download in task.attachmentS3Downloads:
        download["s3URL"] = download["s3URL"].replace("Expires=", "Expires=1&x=")
    assert task.draw().size == (200, 100)


def test_what_cannot_be_downloaded_says_what_to_do(
    sandbox: Sandbox, live_client: ScaleClient
) -> None:
    missing = f"{sandbox.url}/no.png?Signature=secret"
    task = live_client.create_task(
        "imageannotation", attachment=missing, geometries={"box": {}}
    )
    with pytest.raises(ScaleException) as caught:
        task.draw()
    assert caught.value.code in (401, 404)
    assert "Signature" not in str(caught.value)
    text = live_client.create_task(
        "imageannotation", attachment="s3://bucket/a.png", geometries={"box": {}}
    )
    with pytest.raises(ScaleException):
        text.draw()
    with pytest.raises(ScaleException, match="without a client"):
        a_task(params={"attachment": "https://example.com/1.png"}).draw()


def test_what_is_no_picture_is_an_error_of_ours() -> None:
    with pytest.raises(ScaleException, match="not a picture that Pillow can open"):
        a_task().draw(b"no picture")
    with pytest.raises(TypeError, match="image must be a path, bytes or an image"):
        a_task().draw(5)  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        a_task().draw("nowhere.png")


def test_annotations_in_a_file_are_fetched_unless_they_are_given(
    client: ScaleClient,
) -> None:
    made = client.create_task(
        "lidarannotation", attachments=["https://example.com/1.json"], labels=["Car"]
    )
    made.refresh()
    assert made.draw().getbbox() is not None
    frames = [{"annotations": [BOX]}, {"annotations": []}]
    task = a_task(response={"annotations": {"url": "https://example.com/1"}})
    with pytest.raises(ScaleException, match="made without a client"):
        task.draw(picture().read())
    drawn = task.draw(picture().read(), results={"annotations": frames})
    assert drawn.getpixel((40, 50)) != GROUND
    empty = task.draw(picture().read(), frame=1, results={"annotations": frames})
    assert empty.getpixel((40, 50)) == GROUND


def test_cuboids_are_drawn_from_above_without_a_picture() -> None:
    cuboid = {
        "position": {"x": 9, "y": 0, "z": 0},
        "dimensions": {"x": 2, "y": 4, "z": 1},
    }
    task = a_task(response={"annotations": [{"cuboids": [cuboid]}]})
    assert max(task.draw().size) == 1000


def test_without_pillow_the_error_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ScaleException, match=r"scaleapi\[images\]"):
        Task(factories.task("boxes", "completed"), None).draw(b"")
