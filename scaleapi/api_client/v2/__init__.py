"""All names under which the official client offers v2, in the same modules.

The modules are registered when this package is imported, and have no files. What is
behind a name is imported when the name is first used.
"""

from __future__ import annotations

import importlib
import re
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any, Dict, List, Tuple

if TYPE_CHECKING:  # all that these modules define
    from scaleapi.v2.annotations import *  # noqa: F403
    from scaleapi.v2.answers import *  # noqa: F403
    from scaleapi.v2.calls import *  # noqa: F403
    from scaleapi.v2.connection import *  # noqa: F403
    from scaleapi.v2.conversations import *  # noqa: F403
    from scaleapi.v2.enums import *  # noqa: F403
    from scaleapi.v2.errors import *  # noqa: F403
    from scaleapi.v2.requests import *  # noqa: F403
    from scaleapi.v2.resources import *  # noqa: F403

__version__ = "1.0.0"

#: Module of `scaleapi.v2` -> the models that it defines. Each also has a module of its
#: own here.
_MODELS = {
    "annotations": """
        Annotation AnnotationBoolean AnnotationCategory
        AnnotationCategoryMultiple AnnotationFile AnnotationInteger
        AnnotationLabeledText AnnotationMetadata AnnotationRankedChoices
        AnnotationRankedGroups AnnotationRubricCriteria AnnotationRubricRating
        AnnotationText AnnotationWorkspaceContainer AudioFile BaseAnnotation
        BasicFile ContentAndUrl DetailedFile ImageFile LabeledTextValue
        RubricCriteriaValue RubricRatingValue WorkspaceContainerConfig
        WorkspaceContainerValue WorkspaceFile
    """,
    "answers": """
        CancelBatch200Response GetBatchesResponse GetDatasetDeliveriesResponse
        GetDatasetDeliveryResponse GetDatasetTasksResponse GetDatasetsResponse
        GetDeliveredTasksResponse GetDeliveriesResponse GetDeliveryTasksResponse
        GetDeliveryTasksResponseDocsInner GetProjectsResponse GetSchemaResponse
        GetTasksResponse PauseBatch200Response ResumeBatch200Response
    """,
    "conversations": """
        Chunk ChunkText CriterionDefinition CriterionEvaluation ErrorDetail
        Message MessageContent ModelParameters Reasoning ReferenceText Rubric
        RubricEvaluation SensitiveContentReport Submission Task Thread Turn
    """,
    "enums": """
        AnnotationType BatchStatus ErrorType Expandable ExpandableEnumBatch
        ExpandableEnumDatasetTask ExpandableEnumDatasetsDeliveries
        ExpandableEnumDeliveries ExpandableEnumDelivery ExpandableEnumTask
        GenAIProjectType MessageRole Option TaskStatus
    """,
    "requests": """
        BatchOperationRequest CreateBatchRequest CreateChatTaskRequest
        FinalizeBatchRequest SetBatchMetadataRequest SetTaskMetadataRequest
    """,
    "resources": """
        Batch Dataset DatasetDelivery DatasetDeliveryMetadata DatasetTask
        Delivery GetSchemaResponseSchema Project
    """,
}
#: Models that no call returns, so that they are names and nothing else.
_BARE = """
        AnnotationBooleanProperties AnnotationCategoryMultipleProperties
        AnnotationCategoryProperties AnnotationFileProperties
        AnnotationFilePropertiesValue AnnotationIntegerProperties
        AnnotationLabeledTextProperties AnnotationRankedChoicesProperties
        AnnotationRankedGroupsProperties AnnotationRubricCriteriaProperties
        AnnotationRubricRatingProperties AnnotationTextProperties
        AnnotationWorkspaceContainerProperties ChunkTextProperties
        CreateBatchRequestProject DatasetDeliveryDataset ExpandableAnnotation
        ExpandableBatch ExpandableDataset ExpandableDatasetDelivery
        ExpandableDelivery ExpandableProject V1TaskTaskIdGet200Response
        V1TaskTaskIdGet200ResponseResponse WorkspaceExecutionData
        WorkspaceExecutionDataResult WorkspaceExecutionDataResultStatus
"""
#: Model -> the class that it is another name for.
_ALIASES = {
    "BaseChunk": ("conversations", "Chunk"),
    "GetBatch500Response": ("errors", "ErrorAnswer"),
    "GetDatasetTaskResponseUrl404Response": ("errors", "ErrorAnswer"),
    "GetSchema400Response": ("errors", "ErrorAnswer"),
    "GetSchema404Response": ("errors", "ErrorAnswer"),
    "GetTask500Response": ("errors", "ErrorAnswer"),
}
_EXCEPTIONS = """
    OpenApiException ApiTypeError ApiValueError ApiAttributeError ApiKeyError
    ApiException
"""
_EXCEPTIONS_OF_STATUS = """
    BadRequestException NotFoundException UnauthorizedException ForbiddenException
    ServiceException ConflictException UnprocessableEntityException
"""
#: Models that have a module, but are not names of this package.
_NOT_HERE = """
    CreateBatchRequestProject FinalizeBatchRequest GenAIProjectType GetTask500Response
"""

#: Name -> the module of `scaleapi.v2` that defines it, and its name there.
_FOUND_IN: Dict[str, Tuple[str, str]] = {
    "V2Api": ("calls", "V2Api"),
    "ApiClient": ("connection", "ApiClient"),
    "Configuration": ("connection", "Configuration"),
    **{name: ("errors", name) for name in _EXCEPTIONS.split()},
    **{name: ("errors", name) for name in _EXCEPTIONS_OF_STATUS.split()},
    **{name: (mod, name) for mod, names in _MODELS.items() for name in names.split()},
    **_ALIASES,
}
_ALL_MODELS = [*" ".join([*_MODELS.values(), _BARE, *_ALIASES]).split()]
#: Module -> the names in it.
_MODULES = {
    "api": ["V2Api"],
    "api.v2_api": ["V2Api"],
    "api_client": ["ApiClient"],
    "api_response": ["ApiResponse"],
    "configuration": ["Configuration"],
    "exceptions": f"{_EXCEPTIONS} {_EXCEPTIONS_OF_STATUS}".split(),
    "models": _ALL_MODELS,
}
# The exceptions of single statuses are here, too, since type checkers do not know the
# modules without files.
_HERE = sorted(
    {"V2Api", "ApiClient", "ApiResponse", "Configuration", *_MODULES["exceptions"]}
    | {*_ALL_MODELS} - {*_NOT_HERE.split()}
)


def _resolved(name: str) -> Any:
    """Return the class that a name stands for, the same in all modules."""
    if name in _FOUND_IN:
        module, its_name = _FOUND_IN[name]
        return getattr(importlib.import_module(f"scaleapi.v2.{module}"), its_name)
    from scaleapi.v2.records import Record

    # Where pickle looks for it. Another thread may have been faster.
    home = sys.modules[f"{__name__}.models"]
    made = type(name, (Record,), {"__module__": home.__name__})
    return vars(home).setdefault(name, made)


def _offer(module: ModuleType, names: List[str]) -> None:
    """Let a module have names that are resolved when they are used."""

    def lookup(name: str) -> Any:
        if name not in names:
            raise AttributeError(
                f"module {module.__name__!r} has no attribute {name!r}"
            )
        value = vars(module)[name] = _resolved(name)
        return value

    def listed() -> List[str]:
        return sorted({*names, *vars(module)})

    vars(module).update(__getattr__=lookup, __dir__=listed, __all__=names)


def _register(path: str, names: List[str]) -> None:
    """Register a module without a file.

    Args:
        path: Its name after that of this package.
        names: The names in it.
    """
    name = f"{__name__}.{path}"
    module = ModuleType(name)
    is_package = path in ("api", "models")
    module.__spec__ = ModuleSpec(name, None, is_package=is_package)
    if is_package:
        module.__path__ = []
    _offer(module, names)
    sys.modules[name] = module
    parent, _, last = name.rpartition(".")
    setattr(sys.modules[parent], last, module)


def _snake_case(name: str) -> str:
    parts = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", parts).lower()


_offer(sys.modules[__name__], _HERE)
for _path, _names in _MODULES.items():
    _register(_path, _names)
for _name in _ALL_MODELS:
    _register(f"models.{_snake_case(_name)}", [_name])

if TYPE_CHECKING:  # for what is only a name

    def __getattr__(name: str) -> Any: ...
