"""Where a task can stand."""

#: What the API documents.
STATUSES = ("pending", "completed", "canceled", "error")
#: Met in documents beyond that. The sandbox gives them where a test asks for it,
#: and never by itself.
FURTHER_STATUSES = ("expired", "unassigned", "submitted")
