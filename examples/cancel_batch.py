"""Cancel all tasks of a batch on which work has not begun.

    python examples/cancel_batch.py "week 9"          # only counts them
    python examples/cancel_batch.py "week 9" --yes    # cancels them

The script uses the API, with the key in the environment variable SCALE_API_KEY.
``--url`` takes another address, such as that of a sandbox
(``python -m scaleapi.sandbox``).

The script can be run again, after a crash, too. Tasks that are completed or in work
cannot be canceled; it lists them.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import List, Optional

import scaleapi
from scaleapi.tasks import TaskStatus


def cancel(client: scaleapi.ScaleClient, options: argparse.Namespace) -> int:
    """Cancel the tasks; return how many could not be canceled."""
    numbers = client.batch_status(options.batch)
    print(f"Batch {options.batch!r}: {numbers}")
    # Fetch all ids first, because the list gets shorter when tasks are canceled.
    ids = [
        task.id
        for task in client.get_tasks(
            batch_name=options.batch,
            status=TaskStatus.Pending,
            include_attachment_url=False,
            limited_response=True,
            progress=options.progress,
        )
    ]
    if not options.yes:
        print(f"{len(ids)} tasks are pending. With --yes they will be canceled.")
        return 0
    results = client.cancel_tasks(
        ids,
        clear_unique_id=options.clear_unique_ids,
        max_workers=options.workers,
        progress=options.progress,
    )
    with results:
        for result in results:
            if result.error is not None:
                print(f"{result.payload}: {result.error}", file=sys.stderr)
    canceled = results.counts.done - results.counts.failed
    print(f"{canceled} of {len(ids)} tasks are canceled.")
    return results.counts.failed


def main(arguments: Optional[List[str]] = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("batch", help="name of the batch")
    parser.add_argument("--yes", action="store_true", help="really cancel")
    parser.add_argument(
        "--clear-unique-ids",
        action="store_true",
        help="let other tasks use the unique_ids",
    )
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--progress", action="store_true", help="needs tqdm")
    parser.add_argument("--url", help="address of the API, or of a sandbox")
    options = parser.parse_args(arguments)
    if not os.environ.get("SCALE_API_KEY"):
        sys.exit("Your key is needed in the variable SCALE_API_KEY.")
    with scaleapi.ScaleClient(
        source="cancel_batch", api_instance_url=options.url
    ) as client:
        try:
            failed = cancel(client, options)
        except scaleapi.ScaleResourceNotFound as error:
            sys.exit(f"There is no batch {options.batch!r}: {error.message}")
    if failed:
        sys.exit(f"{failed} tasks could not be canceled.")


if __name__ == "__main__":
    main()
