"""Ways to run the queries: views over resolved manifests, one way to ask."""
