"""v2 of the API: conversations, their annotations, and what surrounds them.

``client.v2`` has the calls, and ``scaleapi.api_client.v2`` the names of the classes.
Nothing here is imported before it is used.
"""
