"""The statuses of tasks."""

#: The statuses that the API documents.
STATUSES = ("pending", "completed", "canceled", "error")
#: Statuses seen in documents beyond those. The sandbox sets them only if a test asks
#: for it. api-notes: statuses
FURTHER_STATUSES = ("expired", "unassigned", "submitted")
