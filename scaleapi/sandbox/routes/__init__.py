"""One module a resource: a handler reads a request, asks the store, and answers."""
