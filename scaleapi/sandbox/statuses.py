"""The statuses of tasks, and the types of those that v2 shows."""

#: The statuses that the API documents.
STATUSES = ("pending", "completed", "canceled", "error")
#: Statuses seen in documents beyond those. The sandbox sets them only if a test asks
#: for it. api-notes: statuses
FURTHER_STATUSES = ("expired", "unassigned", "submitted")
#: The types of the projects and tasks that v2 shows.
#: api-notes: v2-worlds
CHAT_TYPES = ("chat", "chatexperimental", "chatlite", "multichat", "multistage")
