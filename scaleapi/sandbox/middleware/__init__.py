"""Plain ASGI middlewares, one class a module."""
