"""Answers in files: segmentation and lidar."""

from __future__ import annotations

import io
import json
import math
import time
from typing import Any, Dict, List, Optional, Tuple

import pytest
from PIL import Image

from scaleapi.sandbox.labeler import LabelerContext, respond

Size = Tuple[int, int]


class Answer:
    """The response to a task, and the files that it names."""

    def __init__(
        self,
        task_type: str,
        params: Dict[str, Any],
        size: Optional[Size] = None,
        results: Optional[Dict[str, Any]] = None,
        task_id: str = "60cbc3fc",
    ) -> None:
        self._files: Dict[str, Tuple[bytes, str]] = {}
        place = LabelerContext(lambda _: size, self._publish, (results or {}).get)
        task = {"task_id": task_id, "type": task_type, "params": params}
        self.response = respond(task, place)["response"]

    def _publish(self, name: str, content: bytes, mime_type: str) -> str:
        url = f"https://sandbox/{len(self._files)}/{name}"
        self._files[url] = (content, mime_type)
        return url

    def file(self, key: str) -> Any:
        content, mime_type = self._files[self.response[key]["url"]]
        assert mime_type == "application/json"
        return json.loads(content.decode())

    def sizes(self) -> List[int]:
        return [len(content) for content, _ in self._files.values()]

    def image(self, url: str) -> Image.Image:
        content, mime_type = self._files[url]
        assert mime_type == "image/png"
        image = Image.open(io.BytesIO(content))
        image.load()
        assert image.format == "PNG"
        return image


LABELS = ["sky", {"choice": "person", "instance_label": True}, "road"]


@pytest.fixture(name="segmented", scope="module")
def _segmented() -> Answer:
    params = {"attachment": "scaledata://1/2", "labels": LABELS}
    return Answer("segmentannotation", params, (60, 40))


def described(segmented: Answer) -> List[Tuple[str, Dict[str, Any], str]]:
    """Return label, description and mask of each region."""
    labeled = segmented.response["annotations"]["labeled"]
    found = []
    for label, mapping in segmented.response["labelMapping"].items():
        if isinstance(mapping, dict):
            found.append((label, mapping, labeled[label]))
        else:
            found += [(label, *pair) for pair in zip(mapping, labeled[label])]
    return found


def test_an_instance_label_maps_to_a_list_and_any_other_to_an_object(
    segmented: Answer,
) -> None:
    mapping = segmented.response["labelMapping"]
    assert list(mapping) == ["sky", "person", "road"]
    assert set(mapping["sky"]) == {"index", "color", "numPixels"}
    assert len(mapping["person"]) == 2
    assert set(mapping["person"][0]) == {"index", "color", "numPixels"}
    labeled = segmented.response["annotations"]["labeled"]
    assert isinstance(labeled["sky"], str)
    assert len(labeled["person"]) == 2


def test_labels_with_instance_label_have_one_region_for_each_instance() -> None:
    tree = [
        {"choice": "animal", "subchoices": [{"choice": "cow"}], "instance_label": True}
    ]
    found = Answer("segmentannotation", {"labels": tree})
    mapping = found.response["labelMapping"]["cow"]
    assert sorted(instance["index"] for instance in mapping) == [1, 2]


def test_indices_of_regions_are_the_numbers_from_one(segmented: Answer) -> None:
    indices = [mapping["index"] for _, mapping, _ in described(segmented)]
    assert sorted(indices) == [1, 2, 3, 4]


def test_a_label_has_another_index_in_another_task() -> None:
    params = {"labels": ["sky", "road", "car"]}
    found = {
        tuple(
            mapping["index"]
            for mapping in Answer("segmentannotation", params, task_id=str(number))
            .response["labelMapping"]
            .values()
        )
        for number in range(40)
    }
    # These ids give every possible order.
    assert len(found) == 6


def test_all_images_have_the_size_of_the_attachment(segmented: Answer) -> None:
    combined = segmented.response["annotations"]["combined"]
    masks = [mask for _, _, mask in described(segmented)]
    unlabeled = segmented.response["annotations"]["unlabeled"]
    sizes = {
        segmented.image(url).size for url in [*combined.values(), *masks, unlabeled]
    }
    assert sizes == {(60, 40)}


def test_the_images_agree_pixel_by_pixel(segmented: Answer) -> None:
    annotations = segmented.response["annotations"]
    combined = annotations["combined"]
    image = segmented.image(combined["image"])
    indexed = segmented.image(combined["indexedImage"])
    extended = segmented.image(combined["extendedIndexedImage"])
    unlabeled = segmented.image(annotations["unlabeled"])
    assert (image.mode, indexed.mode, extended.mode) == ("RGBA", "L", "RGBA")
    seen = 0
    for _, mapping, url in described(segmented):
        mask = segmented.image(url)
        assert mask.mode == "RGBA"
        red, green, blue = bytes.fromhex(mapping["color"][1:])
        assert {color for _, color in mask.getcolors()} == {
            (red, green, blue, 255),
            (0, 0, 0, 0),
        }
        opaque = mask.getchannel("A")
        pixels = [
            (x, y) for x in range(60) for y in range(40) if opaque.getpixel((x, y))
        ]
        assert pixels
        assert mapping["numPixels"] == len(pixels)
        for pixel in pixels:
            assert indexed.getpixel(pixel) == mapping["index"]
            assert extended.getpixel(pixel) == (mapping["index"], 0, 0, 255)
            assert image.getpixel(pixel) == (red, green, blue, 255)
            assert unlabeled.getpixel(pixel) == 0
        seen += len(pixels)
    assert unlabeled.histogram()[255] == indexed.histogram()[0] == 60 * 40 - seen > 0


def test_the_files_of_a_huge_image_are_smaller_with_the_same_proportions() -> None:
    found = Answer(
        "segmentannotation", {"attachment": "a", "labels": ["x"]}, (30000, 10000)
    )
    url = found.response["annotations"]["combined"]["indexedImage"]
    width, height = found.image(url).size
    assert width * height <= 25_000_000
    assert width / height == pytest.approx(3, rel=0.01)


@pytest.mark.parametrize("regions", [1, 50])
def test_the_images_of_a_photo_have_its_size(regions: int) -> None:
    labels = [str(number) for number in range(regions)]
    begun = time.perf_counter()
    found = Answer(
        "segmentannotation", {"attachment": "a", "labels": labels}, (4000, 3000)
    )
    assert time.perf_counter() - begun < 5
    url = found.response["annotations"]["combined"]["image"]
    assert found.image(url).size == (4000, 3000)


def test_the_files_of_large_images_are_small_and_made_quickly() -> None:
    labels = [{"choice": str(number), "instance_label": True} for number in range(50)]
    params = {"attachment": "a", "labels": labels}
    begun = time.perf_counter()
    found = Answer("segmentannotation", params, (6000, 4000))
    assert time.perf_counter() - begun < 5
    assert sum(found.sizes()) < 6_000_000


def test_more_regions_than_pixels_still_make_images() -> None:
    labels = [str(number) for number in range(50)]
    found = Answer("segmentannotation", {"attachment": "a", "labels": labels}, (2, 2))
    assert len(found.response["annotations"]["labeled"]) == 50


FRAMES = [f"https://example.com/{number}.jpg" for number in range(4)]
GEOMETRIES = {
    kind: {"objects_to_annotate": ["person", "car"]}
    for kind in ("box", "polygon", "line", "point", "cuboid", "ellipse")
}
ALL_ATTRIBUTES = {"moving": {"type": "category", "choices": ["yes"]}}


CUBOID_KEYS = [
    "uuid",
    "label",
    "camera_used",
    "position",
    "dimensions",
    "yaw",
    "distance_to_device",
    "numberOfPoints",
    "stationary",
    "attributes",
]


@pytest.mark.parametrize("attachments", [FRAMES, FRAMES[:1]])
def test_a_lidar_answer_has_cuboids_for_each_frame(attachments: List[str]) -> None:
    params = {
        "attachments": attachments,
        "labels": ["Car", {"choice": "Animal", "subchoices": ["Cow"]}],
        "annotation_attributes": ALL_ATTRIBUTES,
    }
    frames = Answer("lidarannotation", params).file("annotations")
    assert len(frames) == len(attachments)
    for frame in frames:
        assert [cuboid["label"] for cuboid in frame["cuboids"]] == ["Car", "Cow"]
        for cuboid in frame["cuboids"]:
            assert sorted(cuboid) == sorted(CUBOID_KEYS)
            assert cuboid["attributes"] == {"moving": "yes"}


def test_a_lidar_segmentation_gives_each_point_a_known_object() -> None:
    labels = ["Car", {"choice": "Animal", "instance_label": True}]
    answer = Answer("lidarsegmentation", {"attachments": FRAMES, "labels": labels})
    assert set(answer.response) == {"point_segmentations"}
    content = answer.file("point_segmentations")
    assert content["objects"] == [
        {"label": "Car", "index": 1},
        {"label": "Animal", "index": 2, "instance": True},
    ]
    assert len(content["point_objects"]) == len(FRAMES)
    assert {point for frame in content["point_objects"] for point in frame} <= {0, 1, 2}


def test_a_lidar_segmentation_of_an_earlier_task_has_its_cuboids() -> None:
    answer = Answer("lidarsegmentation", {"lidar_task": "1", "labels": ["Car"]})
    assert answer.file("annotations")[0]["cuboids"]


def test_lidarlinking_sets_not_in_lidar_only_where_it_is_true() -> None:
    frames = Answer("lidarlinking", {"lidar_task": "1"}).file("annotations")
    assert [len(frame["camera_responses"]) for frame in frames] == [1] * len(frames)
    boxes = frames[0]["camera_responses"][0]["annotations"]
    assert {box["type"] for box in boxes} == {"box"}
    assert [box.get("not_in_lidar") for box in boxes] == [None, None, True]


def cuboids(*names: str) -> Dict[str, Any]:
    return {"cuboids": [{"uuid": name, "label": f"a {name}"} for name in names]}


def test_lidarlinking_has_the_cuboids_of_its_lidar_task() -> None:
    earlier = [cuboids("x", "y"), cuboids("y"), cuboids()]
    answer = Answer("lidarlinking", {"lidar_task": "1"}, results={"1": earlier})
    found = [
        {
            box["cuboid_uuid"]: box["label"]
            for box in frame["camera_responses"][0]["annotations"]
            if not box.get("not_in_lidar")
        }
        for frame in answer.file("annotations")
    ]
    assert found == [{"x": "a x", "y": "a y"}, {"y": "a y"}, {}]


def test_lidarlinking_has_each_cuboid_in_the_camera_that_saw_it() -> None:
    seen = [
        {"uuid": "x", "label": "a", "camera_used": 4},
        {"uuid": "y", "label": "b", "camera_used": 2},
        {"uuid": "z", "label": "c", "camera_used": 4},
    ]
    earlier = {"1": [{"cuboids": seen}]}
    answer = Answer("lidarlinking", {"lidar_task": "1"}, results=earlier)
    (frame,) = answer.file("annotations")
    found = {
        camera["camera_used"]: [
            box["cuboid_uuid"]
            for box in camera["annotations"]
            if not box.get("not_in_lidar")
        ]
        for camera in frame["camera_responses"]
    }
    assert found == {2: ["y"], 4: ["x", "z"]}


@pytest.mark.parametrize("task_type", ["lidarannotation", "sensorfusion"])
@pytest.mark.parametrize(
    ("asked", "given"),
    [(True, True), ("true", True), (False, False), ("false", False), (None, False)],
)
def test_cuboids_are_tilted_only_with_pitch_and_roll_enabled(
    task_type: str, asked: Any, given: bool
) -> None:
    params = {
        "attachments": FRAMES,
        "labels": ["Car"],
        "pitch_and_roll_enabled": asked,
    }
    for frame in Answer(task_type, params).file("annotations"):
        for cuboid in frame["cuboids"]:
            angles = [cuboid[name] for name in ("pitch", "roll") if name in cuboid]
            assert len(angles) == (2 if given else 0)
            assert all(-math.pi <= angle <= math.pi for angle in angles)


def test_global_attributes_of_a_frame_are_beside_its_cuboids() -> None:
    asked = {**ALL_ATTRIBUTES, "night": {"choices": ["no"], "global": True}}
    params = {
        "attachments": FRAMES,
        "labels": ["Car"],
        "annotation_attributes": asked,
    }
    for frame in Answer("lidarannotation", params).file("annotations"):
        assert frame["global_attributes"] == {"night": "no"}
        assert all(c["attributes"] == {"moving": "yes"} for c in frame["cuboids"])
    params["geometries"] = GEOMETRIES
    answer = Answer("lidartopdown", params)
    assert answer.response["global_attributes"] == {"night": "no"}
    assert isinstance(answer.file("annotations"), list)


def test_neighboring_cuboids_are_seen_by_different_cameras() -> None:
    params = {"attachments": FRAMES, "labels": ["Car"]}
    firsts = set()
    for number in range(20):
        answer = Answer("lidarannotation", params, task_id=str(number))
        used = [
            [cuboid["camera_used"] for cuboid in frame["cuboids"]]
            for frame in answer.file("annotations")
        ]
        # A cuboid keeps its camera.
        assert used == [used[0]] * len(FRAMES)
        one, two = used[0]
        assert one != two and type(one) is int and one >= 0
        firsts.add(one)
    assert len(firsts) > 1


def test_a_lidar_segmentation_has_the_frames_of_its_lidar_task() -> None:
    earlier = [cuboids("x"), cuboids("x"), cuboids("x")]
    params = {"lidar_task": "1", "labels": LABELS}
    answer = Answer("lidarsegmentation", params, results={"1": earlier})
    assert answer.file("annotations") == earlier
    assert len(answer.file("point_segmentations")["point_objects"]) == 3


@pytest.mark.parametrize(
    "odd",
    [5, "x", [], [5], [{}], [{"cuboids": [5]}], [{"annotations": [{"label": "a"}]}]],
)
@pytest.mark.parametrize("task_type", ["lidarlinking", "lidarsegmentation"])
def test_a_lidar_task_that_has_no_lidar_result_is_ignored(
    task_type: str, odd: Any
) -> None:
    answer = Answer(task_type, {"lidar_task": "1"}, results={"1": odd})
    assert answer.file("annotations")


def test_a_map_from_above_is_annotated_like_an_image_but_in_a_file() -> None:
    params = {"attachment": "a", "geometries": GEOMETRIES}
    found = Answer("lidartopdown", params).file("annotations")
    assert {each["type"] for each in found} == set(GEOMETRIES)


@pytest.mark.parametrize("task_type", ["sensorfusion", "federal2dvideoannotation"])
def test_an_undocumented_type_has_a_file_of_frames(task_type: str) -> None:
    assert isinstance(Answer(task_type, {}).file("annotations"), list)
