"""The second version of the API, over the same worlds as the first."""
