"""Responses of chat tasks and their variants.

api-notes: chat
"""

from __future__ import annotations

from typing import Any, Dict

from scaleapi.sandbox.labeler.job import Job


def converse(job: Job) -> Dict[str, Any]:
    """Answer with one message of a person."""
    said = {"type": "PromptInput", "output": job.sentence()}
    return {"response": {"responses": [said]}}
